"""Every defect we know how to make is caught before publication, by the check that is for it."""

import json
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT
from tests.defects.model import DEFECTS, STAGES
from tests.defects.suite import CAUGHT, PAIRS, Suite, needed, pairs, required, verdict
from tests.defects.table import page

pytestmark = pytest.mark.defects


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    return Suite(tmp_path_factory.mktemp("defects"))


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_caught_where_it_must_be(suite: Suite, name: str) -> None:
    seen = suite.seen(name)
    assert verdict(DEFECTS[name], seen) == CAUGHT, f"{DEFECTS[name].check} expected, saw {seen}"


def test_there_are_enough_of_them() -> None:
    assert len(DEFECTS) >= 80


def test_no_stage_is_without_a_defect() -> None:
    assert {defect.stage for defect in DEFECTS.values()} == set(STAGES)


def test_each_required_check_is_there_for_a_defect_and_is_needed(suite: Suite) -> None:
    """To mend a failure add a defect, in the `in_…` module of its place, that this check alone
    stops; if there is none, the check is not needed.
    """
    alone = needed(suite.matrix())
    wanted = required(suite.shared)
    assert wanted - {defect.check for defect in DEFECTS.values()} == set(), "no defect expects it"
    assert {check for check in wanted if not alone.get(check)} == set(), "stops nothing alone"


@pytest.mark.parametrize("number", range(PAIRS))
def test_without_its_check_a_defect_gets_through(suite: Suite, number: int) -> None:
    check, name = pairs(suite.matrix())[number]
    assert suite.put_in(DEFECTS[name], off=check) == {}, f"{name} is caught without {check}"


def test_the_matrix_is_kept(suite: Suite, tmp_path: Path) -> None:
    suite.save(tmp_path / "matrix.json")
    assert json.loads((tmp_path / "matrix.json").read_bytes()) == suite.matrix()


def test_the_page_says_what_was_seen(suite: Suite) -> None:
    committed = (PROJECT_ROOT / "docs" / "defects.md").read_text(encoding="utf-8")
    if committed != page(suite.matrix()):
        pytest.fail(
            "docs/defects.md is not current; make it again with"
            " `python -m tests.defects --write docs/defects.md`"
        )
