"""The questions of docs/queries, asked to the warehouse of a real run: each page keeps its word."""

import re
from collections.abc import Iterator

import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.promotion import promoted_file
from pipelines.warehouse.walled import Walled, open_walled
from tests.end_to_end.conftest import Run

FOLDER = PROJECT_ROOT / "docs" / "queries"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
PAGE = re.compile(
    r"# (?P<vi>[^\n]+\?)\n\n(?P<en>[^\n]+\?)\n\n```sql\n(?P<sql>.*?)\n```\n\n"
    r"Columns: (?P<columns>.*?)\n\n## What to mind\n\n(?P<mind>- .+)",
    re.DOTALL,
)


@pytest.fixture(scope="module")
def warehouse(first_run: Run) -> Iterator[Walled]:
    file = promoted_file(first_run.home)
    assert file is not None, first_run.output[-4000:]
    with open_walled(file) as opened:
        yield opened


def page(name: str) -> dict[str, str]:
    found = PAGE.fullmatch((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    assert found, f"{name}.md is not made like the other pages"
    return found.groupdict()


def test_the_index_lists_every_question() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(PAGES) >= 20
    for name in PAGES:
        said = page(name)
        assert f"| [{said['vi']}]({name}.md) | {said['en']} |" in index


@pytest.mark.parametrize("name", PAGES)
def test_a_question_is_answered_as_its_page_says(warehouse: Walled, name: str) -> None:
    said = page(name)
    answer = warehouse.execute(said["sql"])
    columns = [column[0] for column in answer.description or ()]
    assert columns == re.findall(r"`(\w+)`", said["columns"])
    assert answer.fetchall(), f"{name} has no answer"
