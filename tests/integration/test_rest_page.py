"""The how-to page on REST sources shows a contract that works as it stands."""

import re
from pathlib import Path

import pytest

from pipelines.contracts import load_sources
from pipelines.contracts.lint import lint_all
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.settings import PROJECT_ROOT, Home
from tests.integration.upstream import Answer, Asked, as_json, serve

PAGE = PROJECT_ROOT / "docs" / "how-to" / "rest-source.md"
TOKEN = "t0ken-of-lgsp"


def record(number: int, day: int) -> dict[str, object]:
    return {
        "ma_ho_so": f"000.00.01.H56-261001-{number:04}",
        "le_phi": {"so_tien": 1000 * number},
        "cap_nhat_luc": f"2026-10-{day:02}T08:30:00+07:00",
    }


def test_the_contract_on_the_page_pulls_and_lands(
    tmp_path: Path, home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOMO_SECRET_LGSP", TOKEN)
    block = re.search(
        r'^```yaml title="sources/lgsp-dossiers/contract.yaml"\n(.*?)^```$',
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert block is not None
    path = tmp_path / "sources" / "lgsp-dossiers" / "contract.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(block[1], encoding="utf-8")
    assert lint_all(tmp_path / "sources", tmp_path / "none") == (1, [])
    records = [record(number, 1 + number // 100) for number in range(700)]

    def answer(asked: Asked) -> Answer:
        assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
        found = [item for item in records if str(item["cap_nhat_luc"]) >= asked.query["tu_ngay"]]
        begin = (int(asked.query["trang"]) - 1) * int(asked.query["so_luong"])
        data = {"tong_so": len(found), "items": found[begin : begin + 500]}
        return as_json({"status": "00", "data": data})

    with serve() as upstream:
        upstream.on("/api/v1/ho-so", answer)
        address = upstream.address.rstrip("/")
        text = block[1].replace("https://lgsp.example.gov.vn/api", f"{address}/api")
        path.write_text(text.replace("requestsPerSecond: 2", "retries: 1"), encoding="utf-8")
        contract = load_sources(tmp_path / "sources")["lgsp-dossiers"]
        raw.pull(contract, home, ledger)
        records.append(record(700, 9))
        raw.pull(contract, home, ledger)
    asked = [(item.query["tu_ngay"], item.query["trang"]) for item in upstream.asked]
    assert asked == [("2026-01-01", "1"), ("2026-01-01", "2"), ("2026-10-05", "1")]
    done = landing.land(contract, home, ledger)
    assert (done.accepted, done.quarantined) == (700 + 301, 0)
    assert done.accepted - done.superseded_rows == 701
