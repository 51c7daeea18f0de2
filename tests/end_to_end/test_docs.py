"""`khomo docs` beside a real warehouse: the types of its columns are in the page."""

from collections.abc import Callable

from pipelines.settings import Home
from tests.end_to_end.conftest import khomo


def test_the_page_knows_the_types_of_the_warehouse(a_copy: Callable[[], Home]) -> None:
    home = a_copy()
    before = home.promoted.resolve().stat().st_mtime_ns
    done = khomo(home.root, "docs")
    assert done.returncode == 0, done.stdout
    page = home.docs.read_text(encoding="utf-8")
    assert done.stdout.strip() == str(home.docs)
    assert '"type":"DECIMAL(9,4)"' in page.replace('": "', '":"')
    assert home.promoted.resolve().stat().st_mtime_ns == before
