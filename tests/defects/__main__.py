"""`make defects`: put every defect in, and print what stopped it.

python -m tests.defects [--write docs/defects.md] [--matrix file.json]
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.defects.model import DEFECTS
from tests.defects.suite import CAUGHT, Suite, verdict
from tests.defects.table import by_stage, page


def main() -> int:
    """Exit code 0 where each defect was caught where expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.defects")
    parser.add_argument("--write", type=Path, help="write the page of docs here")
    parser.add_argument("--matrix", type=Path, help="write check × defect here, as JSON")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="khomo-defects-") as folder:
        suite = Suite(Path(folder))
        matrix = suite.matrix(lambda name, said: print(f"{said:<23}{name}", flush=True))
        if asked.matrix:
            suite.save(asked.matrix)
    if asked.write:
        asked.write.write_text(page(matrix), encoding="utf-8")
    print("\n" + by_stage(matrix))
    wrong = [name for name, defect in DEFECTS.items() if verdict(defect, matrix[name]) != CAUGHT]
    for name in wrong:
        print(f"not caught by {DEFECTS[name].check}: {name}; objected: {dict(matrix[name])}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
