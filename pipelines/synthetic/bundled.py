"""The synthetic inputs of the bundled sources: where they lie and when they must be made anew.

How a row looks is the generators' business. Files are made in a draft folder that replaces the old
one when it is complete; they are made again only when something they depend on changed.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines.canonical import canonical_json, digest_of, sha256_file, write_durably
from pipelines.province import Province
from pipelines.settings import SOURCES, Home
from pipelines.synthetic.common import ProvinceCode, SyntheticError, Written
from pipelines.synthetic.coverage import write_coverage
from pipelines.synthetic.dossiers import write_dossiers

SEED = 2026
DOSSIERS = 100_000
_OF_DOSSIERS = ("dossiers", "dossier-events", "national-dossier-counts")

_UNITS = SOURCES / "admin-units" / "sample" / "admin_units.csv"
_RELATIONS = SOURCES / "admin-units" / "sample" / "admin_unit_relations.csv"
_PROCEDURES = SOURCES / "procedures" / "sample" / "danh-sach-tthc.xlsx"


def _code(province: Province) -> ProvinceCode:
    return ProvinceCode(province.province.scheme, province.province.code)


def write_dossiers_for(
    province: Province,
    out: Path,
    *,
    rows: int,
    form: str = "dossiers",
    seed: int = SEED,
    progress: Callable[[int, int], None] | None = None,
) -> Mapping[str, int]:
    """Write dossiers of `province` into `out`, in the `form` that `write_dossiers` explains.

    Returns `files`, `rows`, `bad_rows` and `bytes`.
    """
    return _summary(
        write_dossiers(
            out,
            rows=rows,
            seed=seed,
            province=_code(province),
            admin_units=_UNITS,
            relations=_RELATIONS,
            procedures=_PROCEDURES,
            agency_code=province.province.agency_code,
            form=form,
            threads=os.cpu_count() or 1,
            progress=progress,
        )
    )


def _write_coverage_for(province: Province, out: Path) -> Mapping[str, int]:
    return _summary(
        write_coverage(
            out, province=_code(province), admin_units=_UNITS, relations=_RELATIONS, seed=SEED
        )
    )


def _summary(written: Written) -> Mapping[str, int]:
    return {
        "files": len(written.files),
        "rows": written.rows,
        "bad_rows": written.bad_rows,
        "bytes": written.bytes,
    }


def _identity(generator: str, province: Province, rows: int) -> str:
    """Stands for everything the files depend on, the generators' own code included."""
    code = {path.name: sha256_file(path) for path in sorted(Path(__file__).parent.glob("*.py"))}
    inputs = {path.name: sha256_file(path) for path in (_UNITS, _RELATIONS, _PROCEDURES)}
    unit = province.province
    return digest_of(
        [generator, rows, SEED, unit.scheme, unit.code, unit.agency_code, inputs, code]
    )


def ensure_sample(
    generator: str,
    home: Home,
    province: Province,
    *,
    report: Callable[[str], None] = lambda _message: None,
) -> Mapping[str, int]:
    """Make the files of a synthetic source under the home, unless they are there already.

    `$KHOMO_SAMPLE_DOSSIERS` sets how many dossiers (default 100,000).

    Raises:
        SyntheticError: there is no such generator.
    """
    of_dossiers = generator in _OF_DOSSIERS
    rows = int(os.environ.get("KHOMO_SAMPLE_DOSSIERS", DOSSIERS)) if of_dossiers else 0
    folder = home.samples / generator
    stamp = folder / "made.json"
    wanted = canonical_json({"identity": _identity(generator, province, rows)})
    if stamp.exists() and stamp.read_bytes() == wanted:
        report(f"synthetic {generator} are up to date")
        return {"made": 0}
    draft = home.samples / f".{generator}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    if of_dossiers:
        summary = write_dossiers_for(province, draft, rows=rows, form=generator)
    elif generator == "coverage":
        summary = _write_coverage_for(province, draft)
    else:
        raise SyntheticError(
            f"there is no generator {generator!r}; the contract may name"
            f" {', '.join(_OF_DOSSIERS)} or coverage"
        )
    write_durably(draft / "made.json", wanted)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    report(f"synthetic {generator}: {summary['rows']:,} rows in {summary['files']} file(s)")
    return {"made": 1, **summary}
