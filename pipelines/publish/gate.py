"""The gate: whether the bytes in a candidate's folder may be published, on recorded evidence.

Nothing is taken on trust. The digest is recomputed from the bytes; what they say is read back and
compared with what the build recorded when its tests ran; and for exactly these digests and this
build, every check the contract and the dbt manifest require must have passed. A check that is
missing, failed, could not run, or ran on other bytes means *withhold*. Checks that are no blockers
are listed and do not hold anything back, but they too must have run. So must a check that is
waived: a waiver in force lets out what failed, never what was not examined.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.canonical import digest_of
from pipelines.clock import now
from pipelines.contracts import ContractError, PublishedContract, Text
from pipelines.contracts.revision import PROPERTY
from pipelines.contracts.vocabulary import TERMS, Severity
from pipelines.contracts.waivers import Waiver, waivers_of
from pipelines.ledger import CheckResult, Ledger
from pipelines.province import load_province
from pipelines.publish.candidate import Candidate, file_digests, version_of
from pipelines.publish.decision import FORMAT, PUBLISH, WITHHOLD, Decision, Reason
from pipelines.quality.evidence import built_digest, known_checks, results_for
from pipelines.quality.messages import from_two_lines, harmless
from pipelines.quality.model import DbtTest, RequiredCheck
from pipelines.quality.readback import read_back
from pipelines.quality.required import DBT, required_checks
from pipelines.quality.rules import COMPARING, REVISION_POLICY
from pipelines.quality.waivable import waivable

_RERUN = Text(
    "Chạy lại các kiểm tra cho bản này: khomo run --select key:candidate/{asset}+",
    "Run the checks for this candidate again: khomo run --select key:candidate/{asset}+",
)
_REPAIR = Text(
    "Xem các dòng lỗi trong báo cáo chất lượng, sửa nguồn hoặc mô hình rồi chạy lại",
    "Look at the failing rows in the quality report, correct source or model, and run again",
)
_NOTHING = Text("Không phải làm gì", "Nothing needs to be done")
_REBUILD = Text(
    "Dựng lại kho dữ liệu rồi xuất lại: khomo run",
    "Build the warehouse again, then export again: khomo run",
)


_MEND_WAIVERS = Text(
    "Sửa waivers.yaml cạnh hợp đồng; khomo lint cho biết chỗ sai",
    "Correct waivers.yaml beside the contract; khomo lint says what is wrong with it",
)


def _remedy(text: Text, dataset: str) -> Text:
    asset = dataset.replace("-", "_")
    return Text(text.vi.format(asset=asset), text.en.format(asset=asset))


def _judge(
    check: RequiredCheck, result: CheckResult | None, known: set[str], dataset: str
) -> Reason | None:
    """Why this check does not count as passed; None where it does."""
    if result is None and check.name in known:
        return Reason(
            check.name,
            Text(
                "chưa chạy trên đúng nội dung này; kết quả đã có là của nội dung khác hoặc lần"
                " dựng khác",
                "was not run on these bytes; the results there are belong to other bytes or"
                " another build",
            ),
            _remedy(_RERUN, dataset),
        )
    if result is None:
        return Reason(
            check.name,
            Text("chưa có kết quả nào", "has no result at all"),
            _remedy(_RERUN, dataset),
        )
    if result.passed:
        return None
    said = from_two_lines(result.message)
    if result.status == "error":
        return Reason(
            check.name,
            Text(f"không chạy được: {said.vi}", f"could not run: {said.en}"),
            _remedy(_RERUN, dataset),
        )
    if _weight(check, result) == Severity.INFORMATION:
        return Reason(check.name, said, _NOTHING)
    return Reason(
        check.name, Text(f"không đạt: {said.vi}", f"failed: {said.en}"), _remedy(_REPAIR, dataset)
    )


def _weight(check: RequiredCheck, result: CheckResult | None) -> Severity:
    """What a check weighs: what is required, whatever was recorded, unless it may abstain."""
    abstained = check.may_abstain and result is not None and result.severity == Severity.INFORMATION
    return Severity.INFORMATION if abstained else check.severity


def _entry(
    check: RequiredCheck, weighs: Severity, result: CheckResult | None, subject: str
) -> dict[str, Any]:
    return {
        "check": check.name,
        "engine": check.engine,
        "dimension": check.dimension,
        "severity": weighs,
        "subject": subject,
        "status": "missing" if result is None else result.status,
        "observed": None if result is None else result.observed,
        "failingRows": None if result is None else result.failing_rows,
    }


@dataclass(frozen=True)
class _Bytes:
    """What is on disk, recomputed: nothing here comes from the sidecar."""

    files: Mapping[str, str]
    content: str
    rows: int
    as_of: str
    contract_digest: str
    references: Sequence[Mapping[str, Any]]


def _read(contract: PublishedContract, candidate: Candidate) -> _Bytes:
    """Read the candidate's own files.

    Raises:
        Exception: one of them is missing, damaged, or lacks a column.
    """
    files = file_digests(candidate.folder, contract.name)
    described = json.loads(candidate.descriptor.read_bytes())["khomo"]
    with read_back(candidate.csv, candidate.parquet) as data:
        return _Bytes(
            files=files,
            content=data.parquet_digest(contract.table.columns),
            rows=data.count(),
            as_of=date.fromisoformat(described["asOf"]).isoformat(),
            contract_digest=str(described["contract"]["digest"]),
            references=described["references"],
        )


def _unusable(
    contract: PublishedContract, candidate: Candidate, check: str, problem: Text
) -> Decision:
    reason = Reason(check, problem, _REBUILD)
    return Decision(
        dataset=contract.name,
        version=candidate.version,
        digest=candidate.digest,
        verdict=WITHHOLD,
        reasons=(reason,),
        warnings=(),
        information=(),
        waived=(),
        rows=candidate.rows,
        document={
            "format": FORMAT,
            "dataset": contract.name,
            "version": candidate.version,
            "digest": candidate.digest,
            "verdict": WITHHOLD,
            "reasons": [reason.as_json()],
            "checks": [],
        },
    )


def _identity(
    contract: PublishedContract, candidate: Candidate, seen: _Bytes, built: str | None
) -> list[Reason]:
    """Reasons that are about what the candidate is, before any check is looked up."""
    found: list[Reason] = []
    if candidate.dataset != contract.name:
        found.append(
            Reason(
                "gate.dataset",
                Text(
                    f"bản này là của {candidate.dataset}", f"the candidate is {candidate.dataset}'s"
                ),
                _REBUILD,
            )
        )
    if seen.contract_digest != contract.digest:
        found.append(
            Reason(
                "gate.contract",
                Text("hợp đồng đã đổi sau khi xuất", "the contract changed since the export"),
                _REBUILD,
            )
        )
    if built is None:
        found.append(
            Reason(
                "gate.build",
                Text(
                    f"lần dựng {candidate.build_id} không để lại dấu vết nội dung",
                    f"build {candidate.build_id} left no record of this dataset's content",
                ),
                _REBUILD,
            )
        )
    elif seen.content != built:
        found.append(
            Reason(
                "gate.content",
                Text(
                    "tệp nói khác với bảng đã được kiểm thử khi dựng kho (bảng bị sửa tay, hoặc"
                    " lỗi xuất tệp)",
                    "the files say something else than the table that was tested when the"
                    " warehouse was built (changed by hand, or a faulty export)",
                ),
                _REBUILD,
            )
        )
    return found


def _outdated(
    contract: PublishedContract, seen: _Bytes, referred: Sequence[Mapping[str, Any]]
) -> list[Reason]:
    """Why keys count as not looked up: not in the releases that readers see now."""
    if list(seen.references) == list(referred):
        return []
    names = ", ".join(sorted({item["dataset"] for item in (*seen.references, *referred)}))
    return [
        Reason(
            "gate.references",
            Text(
                f"khóa đã được đối chiếu với bản khác của {names}, không phải bản đang công bố",
                f"its keys were looked up in another release of {names} than readers see now",
            ),
            _remedy(_RERUN, contract.name),
        )
    ]


def _of_another(
    contract: PublishedContract, result: CheckResult | None, last: str | None, version: str
) -> bool:
    """True where nothing was found wrong beside a release that readers do not see now."""
    if result is None or result.check_name not in COMPARING:
        return False
    if result.check_name == REVISION_POLICY and PROPERTY not in contract.properties:
        return False
    silent = result.passed or result.severity == Severity.INFORMATION
    return silent and last not in (result.observed, version)


def _waivers(contract: PublishedContract) -> Mapping[str, Waiver]:
    """The waivers in force today, by the province's clock."""
    today = now().astimezone(ZoneInfo(load_province().time_zone)).date()
    return {name: item for name, item in waivers_of(contract).items() if item.in_force(today)}


def decide(
    contract: PublishedContract,
    candidate: Candidate,
    *,
    ledger: Ledger,
    dbt_tests: Sequence[DbtTest],
    last: str | None = None,
    referred: Sequence[Mapping[str, Any]] = (),
) -> Decision:
    """Decide on the bytes that lie in the candidate's folder now.

    `last` is the version that readers see now: what was compared with another one was not compared.
    `referred` are the releases its keys refer to as they are now, see `references`.
    Never raises for what is wrong with the candidate; it withholds and says why.
    """
    try:
        seen = _read(contract, candidate)
    except Exception as error:
        said = harmless(error)
        return _unusable(
            contract,
            candidate,
            "gate.files",
            Text(f"không đọc được tệp của bản này ({said})", f"its files cannot be read ({said})"),
        )
    digest = digest_of(seen.files)
    version = version_of(seen.as_of, digest)
    built = built_digest(ledger, candidate.build_id, contract.name)
    reasons = [*_identity(contract, candidate, seen, built), *_outdated(contract, seen, referred)]
    subjects = {
        DBT: (seen.content, results_for(ledger, contract.name, seen.content, candidate.build_id)),
        "": (digest, results_for(ledger, contract.name, digest, candidate.build_id)),
    }
    known = known_checks(ledger, contract.name)
    in_force: Mapping[str, Waiver] = {}
    try:
        in_force = _waivers(contract)
    except ContractError as error:
        reasons.append(Reason("gate.waivers", Text(str(error), str(error)), _MEND_WAIVERS))
    mild: dict[Severity, list[Reason]] = {Severity.WARNING: [], Severity.INFORMATION: []}
    waived: list[Reason] = []
    applied: list[Waiver] = []
    entries: list[dict[str, Any]] = []
    for check in required_checks(contract, dbt_tests):
        subject, results = subjects[DBT if check.engine == DBT else ""]
        result = results.get(check.name)
        if _of_another(contract, result, last, version):
            result = None
        weighs = _weight(check, result)
        entries.append(_entry(check, weighs, result, subject))
        if (reason := _judge(check, result, known, contract.name)) is not None:
            ran = result is not None and result.status == "failed"
            waiver = in_force.get(check.name) if waivable(entries[-1]) else None
            if ran and weighs in mild:
                mild[weighs].append(reason)
            elif ran and waiver is not None:
                waived.append(reason)
                applied.append(waiver)
            else:
                reasons.append(reason)
    verdict = WITHHOLD if reasons else PUBLISH
    return Decision(
        dataset=contract.name,
        version=version,
        digest=digest,
        verdict=verdict,
        reasons=tuple(reasons),
        warnings=tuple(mild[Severity.WARNING]),
        information=tuple(mild[Severity.INFORMATION]),
        waived=tuple(waived),
        rows=seen.rows,
        document={
            "format": FORMAT,
            "dataset": contract.name,
            "version": version,
            "digest": digest,
            "files": dict(seen.files),
            "content": seen.content,
            "rows": seen.rows,
            "contract": {"version": contract.version, "digest": contract.digest},
            "build": candidate.build_id,
            "code": candidate.code_version,
            "references": [dict(item) for item in seen.references],
            "inputs": {name: list(raw) for name, raw in candidate.inputs.items()},
            "checks": entries,
            "dimensions": {
                name: asdict(terms)
                for name, terms in TERMS.items()
                if any(item["dimension"] == name for item in entries)
            },
            "warnings": [reason.as_json() for reason in mild[Severity.WARNING]],
            "information": [reason.as_json() for reason in mild[Severity.INFORMATION]],
            "waivers": [
                {**waiver.as_json(), "problem": reason.as_json()["problem"]}
                for waiver, reason in zip(applied, waived, strict=True)
            ],
            "reasons": [reason.as_json() for reason in reasons],
            "verdict": verdict,
        },
    )
