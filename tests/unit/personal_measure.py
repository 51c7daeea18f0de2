"""How many personal values the detectors find, and how many look-alikes they take for personal.

python -m tests.unit.personal_measure [--write]

`--write` records the figures that the report shows; `test_personal_values` measures again and
compares. The lists come from `personal_generators`, with a seed that was not used for tuning.
"""

import argparse
from random import Random
from typing import Any

import duckdb

from pipelines.canonical import canonical_json
from pipelines.quality.personal.measured import FORMAT, MEASURED, Measured, parse
from pipelines.quality.personal.scan import scan_texts
from tests.unit.personal_generators import LOOK_ALIKES, PERSONAL, Make, texts

SEED, EACH = 20261201, 500

TITLES = {
    "citizen_id": ("số định danh cá nhân", "citizen id"),
    "old_citizen_id": ("số chứng minh nhân dân", "old citizen id"),
    "mobile phone": ("điện thoại di động", "mobile phone"),
    "landline": ("điện thoại cố định", "landline"),
    "email": ("thư điện tử", "e-mail address"),
    "plate": ("biển số xe", "vehicle plate"),
    "bank_card": ("số thẻ ngân hàng", "bank card number"),
    "tax_code": ("mã số thuế", "tax code"),
    "dossier_code": ("mã hồ sơ", "dossier code"),
    "procedure code": ("mã thủ tục", "procedure code"),
    "agency code": ("mã cơ quan", "agency code"),
    "unit code": ("mã đơn vị hành chính", "unit code"),
    "amount": ("số tiền", "amount"),
    "coordinate": ("toạ độ", "coordinate"),
    "document number": ("số văn bản", "document number"),
    "moment": ("thời điểm", "moment"),
    "measure": ("số đo", "measure"),
    "machine's identifier": ("định danh của máy", "machine's identifier"),
    "words of the law": ("lời văn pháp quy", "words of the law"),
}


def _counted(
    connection: duckdb.DuckDBPyConnection, makers: dict[str, Make], wanted: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Per kind, in how many texts something was found; and texts that are not as `wanted`."""
    made = list(texts(makers, Random(SEED), EACH))
    found = scan_texts(connection, [(str(i), text) for i, (_, text) in enumerate(made)])
    places = {int(finding.place) for finding in found}
    kinds = [
        {
            "title": dict(zip(("vi", "en"), TITLES[name], strict=True)),
            "values": EACH,
            "found": sum(i in places for i, (kind, _) in enumerate(made) if kind == name),
        }
        for name in makers
    ]
    return kinds, [text for i, (_, text) in enumerate(made) if (i in places) != wanted]


def measure(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], list[str]]:
    """The figures as they are recorded, and the texts that were missed or mistaken."""
    personal, missed = _counted(connection, PERSONAL, True)
    alikes, mistaken = _counted(connection, LOOK_ALIKES, False)
    document = {"format": FORMAT, "seed": SEED, "personal": personal, "look_alikes": alikes}
    return document, missed + mistaken


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.unit.personal_measure")
    parser.add_argument("--write", action="store_true", help=f"record in {MEASURED.name}")
    asked = parser.parse_args()
    with duckdb.connect() as connection:
        document, wrong = measure(connection)
    figures: Measured = parse(document)
    print(f"recall {figures.recall:.4f} of {figures.values:,} values")
    print(f"precision {figures.precision:.4f} with {figures.alikes:,} look-alikes")
    for text in wrong:
        print(f"missed or mistaken: {text!r}")
    if asked.write:
        MEASURED.write_bytes(canonical_json(document, indent=1))


if __name__ == "__main__":
    main()
