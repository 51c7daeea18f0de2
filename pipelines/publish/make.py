"""The two steps of publishing, put together for whoever runs them: make a candidate, publish it.

Which build a candidate comes from, and that nothing is made twice, is decided here; how to export,
check, decide and release is the neighbours' business.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines.canonical import digest_of, write_durably
from pipelines.code import code_version
from pipelines.contracts import PublishedContract, SourceContract
from pipelines.contracts.revision import revisions_of
from pipelines.contracts.vocabulary import Severity
from pipelines.contracts.waivers import waivers_of
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province
from pipelines.publish.candidate import (
    Candidate,
    candidate_digest,
    export_candidate,
    read_candidate,
)
from pipelines.publish.decision import Decision
from pipelines.publish.export import CandidateError
from pipelines.publish.gate import decide
from pipelines.publish.references import named_releases
from pipelines.publish.release import Release, latest, release
from pipelines.quality.required import candidate_checks
from pipelines.quality.run import check_candidate
from pipelines.settings import Home
from pipelines.warehouse.build import signature
from pipelines.warehouse.project import load_manifest, sources_of, tests_for
from pipelines.warehouse.promotion import promoted_file


def make_candidate(
    contract: PublishedContract,
    home: Home,
    ledger: Ledger,
    province: Province,
    sources: Mapping[str, SourceContract],
    *,
    run_id: str | None = None,
    report: Callable[[str], None] = lambda _message: None,
) -> tuple[Candidate, list[CheckResult]]:
    """Export the dataset from the promoted warehouse and check the files that came out.

    Raises:
        CandidateError: there is no promoted warehouse, or the export is impossible.
    """
    warehouse = promoted_file(home)
    builds = (
        ledger.rows("select build_id, inputs from builds where file = ?", warehouse.name)
        if warehouse
        else []
    )
    if warehouse is None or not builds:
        raise CandidateError(
            f"{contract.name}: there is no promoted warehouse that a run built; run `khomo run`"
        )
    built = json.loads(builds[0]["inputs"])
    raw = built["raw"]
    if unused := [name for name in contract.sources if name not in raw]:
        raise CandidateError(
            f"{contract.name}: it is made from {', '.join(unused)}, which is not in the warehouse;"
            " switch the source on under `sources.use` in province.yaml, then run `khomo run`"
        )
    stamp = home.candidates / f".{contract.name}.made"
    referred = named_releases(contract, home)
    made_from = digest_of(
        {
            "build": builds[0]["build_id"],
            "file": signature(warehouse),
            "contract": contract.digest,
            "waivers": [item.as_json() for item in waivers_of(contract).values()],
            "revisions": [item.as_json() for item in revisions_of(contract)],
            "sources": {name: sources[name].digest for name in contract.sources},
            "references": referred,
            "province": province.model_dump(),
            "code": code_version(),
        }
    )
    last = latest(home, contract.name)
    known = _still_good(contract, home, ledger, stamp, made_from, last.name if last else "")
    if known is not None:
        report(f"{contract.name}: nothing changed, {len(known[1])} checks still hold")
        return known
    stamp.unlink(missing_ok=True)
    candidate = export_candidate(
        contract,
        warehouse,
        build_id=builds[0]["build_id"],
        home=home,
        province=province,
        sources=sources,
        inputs={name: raw[name] for name in contract.sources},
        corrections=[
            item for name in contract.sources for item in built.get("corrections", {}).get(name, ())
        ],
        references=referred,
        code_version=code_version(),
    )
    results = check_candidate(
        contract,
        candidate,
        ledger=ledger,
        sources=sources,
        province=province,
        warehouse=warehouse,
        releases=home.releases,
        lineage=sources_of(load_manifest(home), contract.model, sources),
        previous=last,
        run_id=run_id,
    )
    write_durably(stamp, f"{made_from} {last.name if last else ''}".encode())
    bad = [
        result.check_name
        for result in results
        if not result.passed and result.severity != Severity.INFORMATION
    ]
    report(
        f"{contract.name}: {candidate.rows:,} rows, {len(results)} checks"
        + (f", not passed: {', '.join(bad)}" if bad else ", nothing wrong")
    )
    return candidate, results


def _still_good(
    contract: PublishedContract,
    home: Home,
    ledger: Ledger,
    stamp: Path,
    made_from: str,
    last: str,
) -> tuple[Candidate, list[CheckResult]] | None:
    """The last candidate with its results, where it would come out the same and is untouched.

    Its results hold as long as `last`, the version readers see, is the one it was compared with, or
    its own.
    """
    of, _, compared = stamp.read_text().partition(" ") if stamp.exists() else ("", "", "")
    candidate = read_candidate(home, contract.name)
    if of != made_from or candidate is None or not candidate.folder.is_dir():
        return None
    try:
        digest = candidate_digest(candidate.folder, contract.name)
    except FileNotFoundError:
        return None
    results = ledger.checks(contract.name, digest)
    wanted = [check.name for check in candidate_checks(contract)]
    compared_with = last in (compared, candidate.version)
    whole = digest == candidate.digest and all(name in results for name in wanted)
    if not compared_with or not whole:
        return None
    # What stood in the way may have been mended meanwhile: only results that hold are kept.
    if any(not result.passed and _blocks(result) for result in results.values()):
        return None
    return candidate, [results[name] for name in wanted]


def _blocks(result: CheckResult) -> bool:
    return result.status == "error" or result.severity == Severity.BLOCKER


def publish(
    contract: PublishedContract, home: Home, ledger: Ledger, *, run_id: str | None = None
) -> tuple[Release, Decision]:
    """Decide on the candidate as it lies on disk now, and carry the decision out.

    Raises:
        CandidateError: there is no candidate.
    """
    candidate = read_candidate(home, contract.name)
    if candidate is None:
        raise CandidateError(f"{contract.name}: there is no candidate yet; run `khomo run`")
    tests = tests_for(load_manifest(home), contract.model)
    last = latest(home, contract.name)
    decision = decide(
        contract,
        candidate,
        ledger=ledger,
        dbt_tests=tests,
        last=last.name if last else None,
        referred=named_releases(contract, home),
    )
    return release(candidate, decision, home=home, ledger=ledger, run_id=run_id), decision
