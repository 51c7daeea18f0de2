"""Run every check on a candidate's own bytes and record what came out.

A check that cannot run, or takes too long, is recorded as `error`, which the gate counts like a
failure. Results carry the candidate digest they are about, recomputed from the bytes when the
checks start.
"""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.contracts import PublishedContract, Rule, SourceContract, Text
from pipelines.contracts.references import references_of
from pipelines.contracts.vocabulary import Severity
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import Province
from pipelines.publish.candidate import Candidate, candidate_digest
from pipelines.publish.descriptor import with_threshold
from pipelines.quality import expectations as ge
from pipelines.quality.disclosure import RULES
from pipelines.quality.evidence import built_digest
from pipelines.quality.ge_engine import Validation, validate
from pipelines.quality.messages import harmless, two_lines
from pipelines.quality.model import RequiredCheck
from pipelines.quality.outcome import SAMPLE, Evidence, Outcome, failed, passed
from pipelines.quality.personal.mask import masked
from pipelines.quality.readback import CSV_VIEW, PARQUET_VIEW, read_back
from pipelines.quality.references import check_name, keys_resolve
from pipelines.quality.required import candidate_checks, contract_rules
from pipelines.quality.rules import BUILT_IN
from pipelines.quality.time_limit import limit, within

_COUNT = re.compile(r"\s*select\s+count\(\*\)\s+from\s+\{object\}\s+where\s+(.+)", re.I | re.S)

_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "mustBe": lambda seen, given: bool(seen == given),
    "mustNotBe": lambda seen, given: bool(seen != given),
    "mustBeGreaterThan": lambda seen, given: bool(seen > given),
    "mustBeGreaterOrEqualTo": lambda seen, given: bool(seen >= given),
    "mustBeLessThan": lambda seen, given: bool(seen < given),
    "mustBeLessOrEqualTo": lambda seen, given: bool(seen <= given),
    "mustBeBetween": lambda seen, given: bool(given[0] <= seen <= given[1]),
    "mustNotBeBetween": lambda seen, given: not given[0] <= seen <= given[1],
}


def _sql_rule(evidence: Evidence, rule: Rule) -> Outcome:
    if not rule.query or rule.threshold is None:
        raise ValueError("an sql rule needs `query` and a threshold such as `mustBe: 0`")
    connection = evidence.data.connection
    row = connection.execute(rule.query.replace("{object}", PARQUET_VIEW)).fetchone()
    if row is None or row[0] is None:
        raise ValueError("the query gave no value to compare")
    operator, operand = rule.threshold
    seen = row[0]
    if _HOLDS[operator](seen, operand):
        return passed(rule.description or rule.name, rule.description or rule.name, str(seen))
    sample: tuple[Mapping[str, Any], ...] = ()
    if counted := _COUNT.fullmatch(rule.query):
        found = connection.execute(
            f"select * from {PARQUET_VIEW} where {counted.group(1)} limit {SAMPLE}"
        )
        names = [str(item[0]) for item in found.description or ()]
        sample = tuple(dict(zip(names, item, strict=True)) for item in found.fetchall())
    return failed(
        f"{rule.description or rule.name}: thấy {seen}, yêu cầu {operator} {operand}",
        f"{rule.description or rule.name}: found {seen}, required {operator} {operand}",
        observed=str(seen),
        failing_rows=int(seen) if sample else None,
        sample=sample,
    )


def _contract_rule(evidence: Evidence, rule: Rule) -> Outcome:
    if rule.kind == "sql":
        return _sql_rule(evidence, rule)
    name = str(rule.implementation.get("rule", ""))
    if rule.kind == "custom" and name in RULES:
        return RULES[name](evidence, with_threshold(rule, evidence.province))
    raise ValueError(
        f"rule {rule.name} ({rule.kind} {rule.metric or name}) is not one that can be evaluated;"
        " write it as an sql rule"
    )


def _merge(item: ge.Expectation, seen: Mapping[str, Validation | None]) -> Outcome:
    """One expectation's results on the files it examines, as one outcome."""
    missing = sorted(file for file, result in seen.items() if result is None)
    if missing:
        raise ValueError(f"not evaluated on {', '.join(missing)}")
    results = {file: result for file, result in seen.items() if result is not None}
    if errors := {file: result.error for file, result in results.items() if result.error}:
        raise ValueError("; ".join(f"{file}: {text}" for file, text in sorted(errors.items())))
    bad = {file: result for file, result in sorted(results.items()) if not result.passed}
    first = next(iter(results.values()))
    if not bad:
        return Outcome(True, item.description, None, 0)
    counts = ", ".join(
        f"{file}: {result.observed if result.unexpected is None else result.unexpected}"
        for file, result in bad.items()
    )
    worst = max((result.unexpected or 0) for result in bad.values())
    shown = next((result for result in bad.values() if result.sample), first)
    return Outcome(
        False,
        Text(
            f"Không đạt: {item.description.vi} ({counts})",
            f"Not so: {item.description.en} ({counts})",
        ),
        counts,
        worst or None,
        tuple({str(key): value for key, value in row.items()} for row in shown.sample)[:SAMPLE],
    )


def _expectation_results(
    evidence: Evidence, suite: list[ge.Expectation]
) -> dict[str, dict[str, Validation | None]]:
    key = [column.name for column in evidence.contract.table.key]
    seen: dict[str, dict[str, Validation | None]] = {item.name: {} for item in suite}
    for file, view in ((ge.PARQUET, PARQUET_VIEW), (ge.CSV, CSV_VIEW)):
        wanted = [item for item in suite if file in item.arguments]
        results = validate(
            evidence.data.cursor,
            view,
            [(item.name, item.type, item.arguments[file]) for item in wanted],
            key=key,
            sample=SAMPLE,
        )
        for item in wanted:
            seen[item.name][file] = results.get(item.name)
    return seen


def _evaluators(
    evidence: Evidence,
) -> Mapping[str, Callable[[], Outcome]]:
    """What to call for each check, by name. Expectations are evaluated together, on first use."""
    suite = ge.expectations(evidence.contract)
    cache: dict[str, dict[str, Validation | None]] = {}
    broken: list[BaseException] = []

    def expectation(item: ge.Expectation) -> Outcome:
        if not cache and not broken:
            try:
                cache.update(_expectation_results(evidence, suite))
            except Exception as error:
                broken.append(error)  # for all of them: they are not tried one by one
        if broken:
            raise broken[0]
        return _merge(item, cache[item.name])

    found: dict[str, Callable[[], Outcome]] = {}
    for item in suite:
        found[item.name] = lambda item=item: expectation(item)  # type: ignore[misc]
    for name, rule in BUILT_IN.items():
        found[name] = lambda rule=rule: rule.function(evidence)  # type: ignore[misc]
    for key in references_of(evidence.contract):
        found[check_name(key)] = lambda key=key: keys_resolve(evidence, key)  # type: ignore[misc]
    for own in contract_rules(evidence.contract):
        found[f"rule.{own.name}"] = lambda own=own: _contract_rule(evidence, own)  # type: ignore[misc]
    return found


def _evaluate(
    check: RequiredCheck,
    evaluate: Callable[[], Outcome],
    candidate: Candidate,
    digest: str,
    interrupt: Callable[[], None] = lambda: None,
) -> CheckResult:
    started = time.perf_counter()
    try:
        with within(limit(), interrupt):
            outcome = evaluate()
        status = "passed" if outcome.passed else "failed"
    except Exception as error:
        reason = harmless(error)
        outcome = failed(
            f"Không chạy được kiểm tra này ({reason})", f"The check could not run ({reason})"
        )
        status = "error"
    return CheckResult(
        dataset=candidate.dataset,
        check_name=check.name,
        engine=check.engine,
        dimension=check.dimension.value,
        severity=check.severity.value if outcome.judged else Severity.INFORMATION.value,
        subject=digest,
        status=status,
        message=two_lines(outcome.message),
        build_id=candidate.build_id,
        observed=outcome.observed,
        failing_rows=outcome.failing_rows,
        sample=_plain(outcome.sample),
        seconds=round(time.perf_counter() - started, 4),
    )


def _plain(sample: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """Sample rows with nothing but JSON values, so that what is read back equals what was kept."""
    plain: list[Mapping[str, Any]] = json.loads(json.dumps(sample, default=str))
    return tuple(plain)


def check_candidate(
    contract: PublishedContract,
    candidate: Candidate,
    *,
    ledger: Ledger,
    sources: Mapping[str, SourceContract],
    province: Province,
    warehouse: Path | None = None,
    releases: Path | None = None,
    lineage: Collection[str] = (),
    previous: Path | None = None,
    run_id: str | None = None,
) -> list[CheckResult]:
    """Run and record every check of `required.candidate_checks`, in that order.

    Never raises for what is wrong with the candidate: files that cannot be opened make every check
    an error. `warehouse` is the file the candidate came from, for rules that need its totals;
    `releases` the folder of all releases, for rules that look at earlier ones of other tables too;
    `lineage` names the sources its model is made from, `previous` is the last release's folder.
    """
    checks = candidate_checks(contract)
    results: list[CheckResult]
    try:
        digest = candidate_digest(candidate.folder, candidate.dataset)
    except OSError:
        digest = candidate.digest
    try:
        descriptor = json.loads(candidate.descriptor.read_bytes())
        with read_back(candidate.csv, candidate.parquet) as data:
            evidence = Evidence(
                contract=contract,
                candidate=candidate,
                sources=sources,
                province=province,
                ledger=ledger,
                data=data,
                descriptor=descriptor,
                built=built_digest(ledger, candidate.build_id, contract.name),
                warehouse=warehouse,
                releases=releases,
                lineage=frozenset(lineage),
                previous=previous,
            )
            evaluators = _evaluators(evidence)
            results = [
                _evaluate(check, evaluators[check.name], candidate, digest, data.interrupt)
                for check in checks
            ]
    except Exception as error:
        broken = error

        def unreadable() -> Outcome:
            raise broken

        results = [_evaluate(check, unreadable, candidate, digest) for check in checks]
    if run_id is not None:
        results = [_with_run(result, run_id) for result in results]
    results = masked(results)
    ledger.record_checks(results)
    return results


def _with_run(result: CheckResult, run_id: str) -> CheckResult:
    return replace(result, run_id=run_id)
