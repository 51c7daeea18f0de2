"""Nothing under another licence is derived from tiles that forbid it, declared or hidden."""

import shutil
from pathlib import Path

import pytest

from pipelines.contracts.licences import allows
from pipelines.contracts.lint import lint_all
from pipelines.settings import OPEN_DATA, SOURCES


@pytest.mark.parametrize(
    ("given", "published", "fits"),
    [
        ("CC-BY-NC-SA-4.0", "CC-BY-4.0", False),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0", True),
        ("CC-BY-SA-4.0", "CC-BY-4.0", False),
        ("ODbL-1.0", "CC0-1.0", False),
        ("CC-BY-ND-4.0", "CC-BY-ND-4.0", False),
        ("", "CC-BY-4.0", False),
        ("CC0-1.0", "CC-BY-4.0", True),
        ("other-pd", "CC-BY-4.0", True),
    ],
)
def test_a_licence_allows_what_its_terms_allow(given: str, published: str, fits: bool) -> None:
    assert allows(given, published) is fits


def test_lint_refuses_a_dataset_under_another_licence_made_from_ookla_tiles(tmp_path: Path) -> None:
    shutil.copytree(OPEN_DATA / "procedures", tmp_path / "procedures")
    contract = tmp_path / "procedures" / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(
        text.replace("value: [procedures]", "value: [procedures, ookla-tiles]"), encoding="utf-8"
    )
    _, problems = lint_all(SOURCES, tmp_path)
    assert any(
        "licence CC-BY-4.0 is not compatible with source 'ookla-tiles' (CC-BY-NC-SA-4.0)" in problem
        for problem in problems
    ), problems
