"""What a contract says about an API is judged before anybody asks one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import load_sources, rest
from pipelines.contracts.lint import lint_all
from tests.integration.rest_api import GROWS, PAGE, write_api


def problems(folder: Path, change: dict[str, Any], **said: Any) -> list[str]:
    path = write_api(folder, "https://lgsp.example.vn/", **said)
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    contract["schema"][0] |= change
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return list(rest.problems(load_sources(folder)["lgsp"]))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"path": "ho-so?loai=1"}, "rest: path is the part of the address"),
        ({"path": "https://x.vn/ho-so"}, "rest: path is the part of the address"),
        ({"recods": "x"}, "rest: recods is not one of path, params"),
        ({"records": "data"}, "rest: records belongs into the property json"),
        ({"params": {"api_key": "x"}}, "rest: params: api_key looks like a credential"),
        ({"params": ["a"]}, "rest: params is a mapping"),
        ({"errorPath": "a b"}, "rest: errorPath 'a b' is not a dotted path"),
        ({"okValues": ["00"]}, "rest: okValues is the list"),
        ({"paginate": {"kind": "pages"}}, "rest: paginate: must be a mapping with a kind out of"),
        ({"paginate": {**PAGE, "next": "a"}}, "rest: paginate: next is not one of kind, parameter"),
        ({"paginate": {**PAGE, "size": "3"}}, "rest: paginate: size is a whole number of at least"),
        ({"paginate": {**PAGE, "maxPages": 10**6}}, "rest: paginate: maxPages is at most 10000"),
        ({"paginate": {**PAGE, "total": "a..b"}}, "rest: paginate: total 'a..b' is not a dotted"),
        ({"paginate": {"kind": "page", "size": 3}}, "size and sizeParameter belong together"),
        ({"paginate": {"kind": "offset"}}, "rest: paginate: size, how many records"),
        ({"paginate": {"kind": "cursor"}}, "rest: paginate: next, the path at which"),
        ({"incremental": {**GROWS, "overlaps": 1}}, "incremental: overlaps is not one of"),
        ({"incremental": {**GROWS, "watermark": "x"}}, "incremental: watermark 'x' is not a"),
        ({"incremental": {**GROWS, "watermark": "dossier_code"}}, "is VARCHAR; it has to be a day"),
        ({"incremental": {**GROWS, "parameter": ""}}, "incremental: parameter, the name under"),
        ({"incremental": {**GROWS, "overlap": "a day"}}, "incremental: overlap 'a day' is not a"),
        ({"incremental": {**GROWS, "format": "%FT%T%z"}}, "is not a form without a time zone"),
        (
            {"incremental": {"watermark": "fee_vnd", "parameter": "x", "overlap": "1 day"}},
            "incremental: overlap is a whole number where the watermark is one",
        ),
        ({"connector": {"kind": "http"}}, "rest: the contract does not say connector"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, said: dict[str, Any], problem: str) -> None:
    found = problems(tmp_path, {}, **said)
    assert [text for text in found if problem in text], found


def test_a_contract_of_an_api_that_is_complete_has_no_problem(tmp_path: Path) -> None:
    write_api(tmp_path, "https://lgsp.example.vn/", incremental=GROWS, errorPath="status")
    assert lint_all(tmp_path, tmp_path / "none") == (1, [])


def test_a_table_of_an_api_says_what_is_asked(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, {"customProperties": []})
    assert problem == "dossiers: rest: the table does not say what is asked: {path: …}"


def test_a_key_that_is_not_landed_cannot_grow(tmp_path: Path) -> None:
    path = write_api(tmp_path, "https://lgsp.example.vn/", incremental=GROWS)
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    contract["schema"][0]["properties"][0]["classification"] = "personal"
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    [problem] = rest.problems(load_sources(tmp_path)["lgsp"])
    assert "key column dossier_code is not landed" in problem
