"""The candidate: the exact bytes that would be published, exported from the finished warehouse.

    candidates/<dataset>/<dataset>.csv       UTF-8 without BOM, RFC 4180: CRLF, comma, header;
                                             an empty field means "no value"
    candidates/<dataset>/<dataset>.parquet   the same rows, typed, zstd
    candidates/<dataset>/datapackage.json    see `descriptor`
    candidates/<dataset>/candidate.json      where it came from; outside the digest
    candidates/<dataset>/decision.json       written by `release`, with its signature in
                                             decision.sig; outside the digest

Rows are ordered by primary key, then by every column. The digest stands for the first three files:
the same input gives the same bytes and the same digest on every machine. `candidates/<dataset>` is
a link that is switched when everything is written, so that a kill leaves the last candidate whole.
"""

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.canonical import canonical_json, digest_of, point, sha256_file
from pipelines.contracts import PublishedContract, SourceContract
from pipelines.duck import connect, identifier, literal
from pipelines.province import Province
from pipelines.publish.descriptor import describe, is_synthetic
from pipelines.publish.export import CandidateError, export_tables
from pipelines.settings import Home

DESCRIPTOR = "datapackage.json"
SIDECAR = "candidate.json"
DIGEST_IN_VERSION = 12


@dataclass(frozen=True)
class Candidate:
    """One export of one dataset.

    `relation_digest` is the content digest of the warehouse relation as it was read for the
    export; `inputs` maps each source to the SHA-256 digests of the raw files the build used;
    `files` maps file names to SHA-256 digests; `rows` counts data rows.
    """

    dataset: str
    folder: Path
    digest: str
    version: str
    build_id: str
    contract_digest: str
    relation_digest: str
    code_version: str
    inputs: Mapping[str, Sequence[str]]
    rows: int
    files: Mapping[str, str]

    @property
    def csv(self) -> Path:
        return self.folder / f"{self.dataset}.csv"

    @property
    def parquet(self) -> Path:
        return self.folder / f"{self.dataset}.parquet"

    @property
    def descriptor(self) -> Path:
        return self.folder / DESCRIPTOR


def data_files(dataset: str) -> tuple[str, str, str]:
    """Names of the files a candidate's digest stands for."""
    return (f"{dataset}.csv", f"{dataset}.parquet", DESCRIPTOR)


def file_digests(folder: Path, dataset: str) -> dict[str, str]:
    """SHA-256 of each of these files, recomputed from the bytes on disk.

    Raises:
        FileNotFoundError: one of them is missing.
    """
    return {name: sha256_file(folder / name) for name in data_files(dataset)}


def candidate_digest(folder: Path, dataset: str) -> str:
    """The digest of the bytes that are on disk now."""
    return digest_of(file_digests(folder, dataset))


def version_of(as_of: str, digest: str) -> str:
    """The version a candidate is released as: as-of date and the head of its digest."""
    return f"{as_of}-{digest[:DIGEST_IN_VERSION]}"


def as_of(contract: PublishedContract, sources: Mapping[str, SourceContract]) -> str:
    """The latest as-of date of the sources, `YYYY-MM-DD`.

    Raises:
        CandidateError: a source has no contract, or none of them has an as-of date.
    """
    missing = [name for name in contract.sources if name not in sources]
    if missing:
        raise CandidateError(
            f"{contract.name}: {contract.path} names source(s) without a contract:"
            f" {', '.join(missing)}; correct `sources` or add the source"
        )
    dates = [date for name in contract.sources if (date := sources[name].as_of)]
    if contract.as_of:
        dates.append(contract.as_of)
    if not dates:
        raise CandidateError(
            f"{contract.name}: neither it nor its sources say as of when the data is;"
            " add `asOf` to a source contract"
        )
    return max(dates)


def _latest_day(contract: PublishedContract, folder: Path) -> str:
    """The latest day in the column that `asOfColumn` names, `YYYY-MM-DD`; empty where none is."""
    if contract.as_of_column is None:
        return ""
    file = literal(str(folder / data_files(contract.name)[1]))
    with connect() as connection:
        [(day,)] = connection.execute(
            f"select cast(max({identifier(contract.as_of_column)}) as varchar)"
            f" from read_parquet({file})"
        ).fetchall()
    return str(day or "")


def export_candidate(
    contract: PublishedContract,
    warehouse: Path,
    *,
    build_id: str,
    home: Home,
    province: Province,
    sources: Mapping[str, SourceContract],
    inputs: Mapping[str, Sequence[str]],
    corrections: Sequence[Mapping[str, Any]] = (),
    references: Sequence[Mapping[str, Any]] = (),
    code_version: str,
) -> Candidate:
    """Export one dataset from the warehouse file and replace its candidate.

    `corrections` are those applied to its sources' rows, `references` the releases that its keys
    refer to; both are published with it.

    Raises:
        CandidateError: the model is missing, or it does not have the contract's columns and types.
    """
    date = as_of(contract, sources)
    home.candidates.mkdir(parents=True, exist_ok=True)
    link = home.candidates / contract.name
    folder = home.candidates / f".{contract.name}.{uuid.uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    try:
        synthetic = is_synthetic(contract, [sources[name] for name in contract.sources])
        rows, content = export_tables(contract, warehouse, folder, synthetic=synthetic)
        date = max(date, _latest_day(contract, folder))
        names = data_files(contract.name)[:2]
        files = {
            name: (sha256_file(folder / name), (folder / name).stat().st_size) for name in names
        }
        descriptor = describe(
            contract,
            sources,
            province,
            as_of=date,
            rows=rows,
            files=files,
            corrections=corrections,
            references=references,
        )
        (folder / DESCRIPTOR).write_bytes(canonical_json(descriptor, indent=2))
        digests = file_digests(folder, contract.name)
        digest = digest_of(digests)
        candidate = Candidate(
            dataset=contract.name,
            folder=folder,
            digest=digest,
            version=version_of(date, digest),
            build_id=build_id,
            contract_digest=contract.digest,
            relation_digest=content,
            code_version=code_version,
            inputs={name: tuple(sorted(inputs[name])) for name in sorted(inputs)},
            rows=rows,
            files=digests,
        )
        (folder / SIDECAR).write_bytes(canonical_json(_sidecar(candidate), indent=2))
        point(link, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sweep(link)
    return candidate


def _sidecar(candidate: Candidate) -> dict[str, Any]:
    facts = asdict(candidate)
    del facts["folder"]
    return facts


def _sweep(link: Path) -> None:
    """Remove candidates that `link` has left, and what a killed export left behind."""
    kept = link.readlink().name
    for folder in link.parent.glob(f".{link.name}.*"):
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir() and folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)


def read_candidate(home: Home, dataset: str) -> Candidate | None:
    """The last exported candidate as its sidecar tells it, or None before the first export.

    What the sidecar says is a claim: `gate` recomputes digests from the bytes.

    Raises:
        CandidateError: the sidecar is damaged.
    """
    folder = (home.candidates / dataset).resolve()
    path = folder / SIDECAR
    if not path.exists():
        return None
    try:
        facts = json.loads(path.read_bytes())
        facts["inputs"] = {name: tuple(raw) for name, raw in facts["inputs"].items()}
        return Candidate(folder=folder, **facts)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise CandidateError(f"{path} cannot be read ({error}); export {dataset} again") from error
