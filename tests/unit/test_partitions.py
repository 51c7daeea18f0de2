"""Sources parted by month: which file is of which month, and pulling some months only."""

from pathlib import Path

import pytest
import yaml

from pipelines.contracts.lint import lint_all
from pipelines.contracts.load import load_sources
from pipelines.ingest import raw
from pipelines.ingest.connectors import PullError
from pipelines.ingest.partitions import address_in, glob_of, month_of, months_between
from pipelines.ledger import Ledger
from pipelines.settings import Home


def test_a_name_says_its_month_and_a_month_its_name() -> None:
    resource = "ho-so/{yyyy}/dossiers_{mm}-*.csv"
    assert glob_of(resource) == "ho-so/[0-9][0-9][0-9][0-9]/dossiers_[0-9][0-9]-*.csv"
    assert month_of(resource, "ho-so/2024/dossiers_07-H27.csv") == "2024-07"
    assert month_of("all.csv", "all.csv") is None
    assert address_in("d-{yyyy}{mm}.csv", "2024-07") == "d-202407.csv"
    assert months_between("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]


@pytest.fixture
def monthly(things: Path) -> Path:
    contract = things / "contract.yaml"
    said = yaml.safe_load(contract.read_text(encoding="utf-8"))
    said["schema"][0]["customProperties"][-1]["value"] = "d-{yyyy}-{mm}.csv"
    said["customProperties"].append(
        {"property": "partition", "value": {"by": "month", "start": "2024-02"}}
    )
    contract.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    for month in ("2024-02", "2024-03", "2024-04"):
        write(things, month, "1")
    return things


def write(folder: Path, month: str, amount: str) -> None:
    (folder / "sample" / f"d-{month}.csv").write_text(
        f"Mã,Số tiền\n00001,{amount}\n", encoding="utf-8"
    )


def pull(folder: Path, home: Home, ledger: Ledger, *months: str) -> raw.Pull:
    return raw.pull(load_sources(folder.parent)["things"], home, ledger, months=months or None)


def test_one_month_pulled_again_leaves_the_others_as_they_are(
    monthly: Path, home: Home, ledger: Ledger
) -> None:
    first = pull(monthly, home, ledger)
    for month in ("2024-03", "2024-04"):
        write(monthly, month, "2")
    second = pull(monthly, home, ledger, "2024-03")
    changed = [a.resource for a, b in zip(first.files, second.files, strict=True) if a != b]
    assert [file.partition for file in second.files] == ["2024-02", "2024-03", "2024-04"]
    assert (changed, second.new) == (["d-2024-03.csv"], 1)


def test_a_month_without_a_file_is_refused_by_name(
    monthly: Path, home: Home, ledger: Ledger
) -> None:
    with pytest.raises(PullError, match=r"nothing is there for 2024-05"):
        pull(monthly, home, ledger, "2024-04", "2024-05")


@pytest.mark.parametrize("name", ["d-2024-01.csv", "d-2024-13.csv"])
def test_a_file_of_a_month_that_cannot_be_is_refused_by_name(
    monthly: Path, home: Home, ledger: Ledger, name: str
) -> None:
    (monthly / "sample" / name).write_text("Mã,Số tiền\n", encoding="utf-8")
    with pytest.raises(PullError, match=name.replace(".", r"\.")):
        pull(monthly, home, ledger)


@pytest.mark.parametrize(
    ("resource", "partition", "problem"),
    [
        ("d-{yyyy}.csv", {"by": "month", "start": "2024-01"}, "must hold {yyyy} and {mm}"),
        ("d-{yyyy}-{mm}.csv", None, "no `partition`"),
        ("d-{yyyy}-{mm}.csv", {"by": "year", "start": "2024-01"}, "partition must be"),
        ("d-{yyyy}-{mm}.csv", {"by": "month", "start": "2024"}, "partition must be"),
    ],
)
def test_lint_names_a_partition_that_cannot_work(
    things: Path, resource: str, partition: object, problem: str
) -> None:
    contract = things / "contract.yaml"
    said = yaml.safe_load(contract.read_text(encoding="utf-8"))
    said["schema"][0]["customProperties"][-1]["value"] = resource
    if partition:
        said["customProperties"].append({"property": "partition", "value": partition})
    contract.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    _, problems = lint_all(things.parent, things.parent / "none")
    assert any(problem in found for found in problems), problems
