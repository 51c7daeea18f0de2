"""The bench of contracts: one dataset and its source, and what `khomo lint` says of them."""

import shutil
from collections.abc import Callable
from typing import Any

import yaml

from pipelines.contracts import Text
from pipelines.contracts.lint import lint_all
from pipelines.settings import OPEN_DATA, SOURCES
from tests.defects.model import REFUSED, Defect, Objections, Workshop, add

Contract = dict[str, Any]
PAIR = ("procedures", "procedures")  # a source, and the dataset that is published from it


def on_contract(
    name: str,
    stage: str,
    vi: str,
    en: str,
    says: str,
    change: Callable[[Contract, Contract], Any],
) -> None:
    """List a defect of contracts: `change` is given the source's and the published one; `says` is
    part of what the lint must say.
    """

    def observe(shop: Workshop) -> Objections:
        sources, published = shop.folder / "sources", shop.folder / "open_data"
        shutil.copytree(SOURCES / PAIR[0], sources / PAIR[0])
        shutil.copytree(OPEN_DATA / PAIR[1], published / PAIR[1])
        paths = (sources / PAIR[0] / "contract.yaml", published / PAIR[1] / "contract.yaml")
        assert lint_all(sources, published) == (2, []), "the contracts are not right to begin with"
        data = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
        change(data[0], data[1])
        for path, contract in zip(paths, data, strict=True):
            path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
        _checked, problems = lint_all(sources, published)
        return {"lint.contracts": REFUSED} if any(says in problem for problem in problems) else {}

    add(Defect(name, stage, "lint.contracts", REFUSED, Text(vi, en), observe))
