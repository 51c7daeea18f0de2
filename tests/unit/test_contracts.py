"""Contracts are complete and consistent, or `khomo lint` says where they are not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import ContractError, load_published, load_sources, references
from pipelines.contracts.lint import lint_all
from tests.conftest import write_contract


def change(path: Path, edit: Any) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def problems(folder: Path) -> str:
    empty = folder / "none"
    empty.mkdir(exist_ok=True)
    return "\n".join(lint_all(folder / "sources", empty)[1])


def test_the_bundled_contracts_have_no_problem() -> None:
    checked, found = lint_all()
    assert found == []
    assert checked == len(load_sources()) + len(load_published())
    assert checked >= 23


def test_a_complete_contract_has_no_problem(things: Path, tmp_path: Path) -> None:
    assert problems(tmp_path) == ""


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (
            lambda data: data["schema"][0]["properties"][0].update(customProperties=[]),
            "things.code: the English title is missing",
        ),
        (
            lambda data: data["schema"][0]["properties"][0].update(physicalType="TEXT"),
            "things.code: physicalType TEXT",
        ),
        (
            lambda data: data["schema"][0]["properties"][0].update(name="MaDonVi"),
            "lower-case English",
        ),
        (
            lambda data: data["schema"][0]["properties"][0].update(primaryKey=False),
            "no primary key",
        ),
        (lambda data: data.pop("team"), "the owner is missing"),
        (lambda data: data.update(slaProperties=[]), "the cadence is missing"),
        (lambda data: data["customProperties"].pop(), "where the data comes from is missing"),
        (lambda data: data.update(apiVersion="v9"), "apiVersion"),
        (lambda data: data.update(suport=[]), "suport"),
    ],
)
def test_lint_names_file_place_and_problem(
    things: Path, tmp_path: Path, edit: Any, complaint: str
) -> None:
    change(things / "contract.yaml", edit)
    found = problems(tmp_path)
    assert complaint in found
    assert "things" in found


def test_a_personal_column_can_never_be_published(tmp_path: Path) -> None:
    path = write_contract(tmp_path / "sources", "things")
    change(
        path,
        lambda data: data["schema"][0]["properties"][0].update(classification="personal"),
    )
    out = write_contract(tmp_path / "open", "open-things", id="khomo-open-things")
    change(
        out,
        lambda data: data["customProperties"][-1].update(value=["things"]),
    )
    found = "\n".join(lint_all(tmp_path / "sources", tmp_path / "open")[1])
    assert "code is classified personal in things.things" in found


def test_a_keyed_hash_of_what_is_personal_can_never_be_published(tmp_path: Path) -> None:
    path = write_contract(tmp_path / "sources", "things")
    hashed = {"property": "pseudonymise", "value": True}
    change(
        path,
        lambda data: data["schema"][0]["properties"][0].update(
            classification="personal",
            customProperties=[*data["schema"][0]["properties"][0]["customProperties"], hashed],
        ),
    )
    out = write_contract(tmp_path / "open", "open-things", id="khomo-open-things")

    def listed(data: dict[str, Any]) -> None:
        data["customProperties"][-1].update(value=["things"])
        data["schema"][0]["properties"][0]["name"] = "code_key"

    change(out, listed)
    found = "\n".join(lint_all(tmp_path / "sources", tmp_path / "open")[1])
    assert "code_key is a keyed hash of what is personal in things.things" in found


def test_a_synthetic_source_makes_a_dataset_synthetic(tmp_path: Path) -> None:
    path = write_contract(tmp_path / "sources", "things")
    change(
        path,
        lambda data: data["customProperties"].extend(
            [
                {"property": "synthetic", "value": True},
                {"property": "generator", "value": "dossiers"},
            ]
        ),
    )
    out = write_contract(tmp_path / "open", "open-things", id="khomo-open-things")
    change(
        out,
        lambda data: data["customProperties"][-1].update(value=["things"]),
    )
    found = "\n".join(lint_all(tmp_path / "sources", tmp_path / "open")[1])
    assert "source 'things' is synthetic, so this dataset must say it is too" in found


ADDRESS = "../{}/contract.yaml#schema/{}/properties/{}"


@pytest.mark.parametrize(
    ("to", "complaint"),
    [
        (ADDRESS.format("open-units", "things", "code"), None),
        (ADDRESS.format("open-towns", "things", "code"), "is no other published dataset"),
        (ADDRESS.format("open-things", "things", "code"), "is no other published dataset"),
        (ADDRESS.format("open-units", "things", "no"), "has no things.no"),
        (ADDRESS.format("open-units", "units", "code"), "has no units.code"),
        (ADDRESS.format("open-units", "things", "amount"), "does not identify its rows"),
        ("things.code", "a relationship leads to the column of another dataset"),
    ],
)
def test_both_sides_of_a_relationship_must_be_there(
    tmp_path: Path, to: str, complaint: str | None
) -> None:
    for name in ("open-things", "open-units"):
        write_contract(tmp_path, name, id=f"khomo-{name}")
    change(
        tmp_path / "open-things" / "contract.yaml",
        lambda data: data["schema"][0]["properties"][0].update(relationships=[{"to": to}]),
    )
    published = load_published(tmp_path)

    found = list(references.problems(published["open-things"], published))

    assert [complaint in problem for problem in found] == ([True] if complaint else [])


def test_two_datasets_cannot_wait_for_each_other(tmp_path: Path) -> None:
    for name, other in (("open-things", "open-units"), ("open-units", "open-things")):
        path = write_contract(tmp_path, name, id=f"khomo-{name}")
        to = ADDRESS.format(other, "things", "code")
        change(
            path,
            lambda data, to=to: data["schema"][0]["properties"][0].update(
                relationships=[{"to": to}]
            ),
        )
    published = load_published(tmp_path)

    (found,) = references.problems(published["open-things"], published)
    assert "neither could be published first" in found


def test_a_contract_named_unlike_its_folder_is_refused(things: Path) -> None:
    change(things / "contract.yaml", lambda data: data.update(name="other"))
    with pytest.raises(ContractError, match="its folder is 'things'"):
        load_sources(things.parent)


def test_yaml_that_cannot_be_read_names_the_file(things: Path) -> None:
    (things / "contract.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ContractError, match=r"things/contract\.yaml: not readable as YAML"):
        load_sources(things.parent)
