"""Senders who are slow, repeat themselves or come meanwhile, and a process that dies."""

import os
import signal
import subprocess
import sys
import textwrap
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import yaml

from pipelines.contracts import SourceContract
from pipelines.contracts.inbox import problems
from pipelines.contracts.load import load_sources
from pipelines.ingest import landing, raw
from pipelines.ingest.arrival import ArrivalError
from pipelines.ingest.connectors import PullError
from pipelines.ingest.readers import ReadError
from pipelines.ingest.receive import receive
from pipelines.ledger import Ledger
from pipelines.orchestration.inbox_sensors import sensor_of
from pipelines.orchestration.ingest_assets import source_assets
from pipelines.orchestration.run_lock import RunLock
from pipelines.settings import PROJECT_ROOT, Home
from tests.conftest import write_contract

DAY = "2026-11-01"  # of the tests' clock


class Inbox:
    """A source with an inbox, and what a sender and an operator do with it."""

    def __init__(self, folder: Path, home: Home, ledger: Ledger) -> None:
        self.sources, self.home, self.ledger = folder, home, ledger
        self.path = home.root / "inbox" / "things"
        self.path.mkdir(parents=True)
        self.declare(settle=0)

    def declare(self, **inbox: Any) -> None:
        path = write_contract(
            self.sources,
            "things",
            servers=[
                {"server": "i", "type": "local", "path": "{home}/inbox/things", "format": "csv"}
            ],
        )
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        said["customProperties"].append(
            {"property": "connector", "value": {"kind": "inbox", **inbox}}
        )
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")

    @property
    def contract(self) -> SourceContract:
        return load_sources(self.sources)["things"]

    def drop(self, name: str, text: str) -> Path:
        path = self.path / name
        path.write_text(text, encoding="utf-8")
        return path

    def pull(self) -> raw.Pull:
        return raw.pull(self.contract, self.home, self.ledger)

    def land(self) -> landing.Landing:
        self.pull()
        return receive(self.contract, self.home, self.ledger)

    def codes(self) -> list[str]:
        found = landing.current(self.home, "things")
        files = (
            [str(self.home.landed / "things" / file.file) for file in found.files] if found else []
        )
        if not files:
            return []
        rows = duckdb.sql(f"select code from read_parquet({files}) order by code").fetchall()
        return [code for (code,) in rows]

    def there(self, where: str = "") -> list[str]:
        folder = self.path / where
        return sorted(path.name for path in folder.glob("*") if path.is_file())

    def outcomes(self) -> list[tuple[str, str]]:
        rows = self.ledger.rows("select name, outcome from drops order by id")
        return [(row["name"], row["outcome"]) for row in rows]


def rows(*codes: int) -> str:
    return "Mã,Số tiền\n" + "".join(f"{code:05},1\n" for code in codes)


@pytest.fixture
def inbox(tmp_path: Path, home: Home, ledger: Ledger) -> Inbox:
    return Inbox(tmp_path / "sources", home, ledger)


def test_the_same_bytes_again_are_put_away_as_a_duplicate_under_any_name(inbox: Inbox) -> None:
    inbox.drop("a.csv", rows(1, 2))
    inbox.land()
    inbox.drop("a.csv", rows(1, 2))
    inbox.drop("a (1).csv", rows(1, 2))
    assert inbox.land().pulled == 2
    assert inbox.there() == []
    assert inbox.outcomes() == [
        ("a.csv", "taken"),
        ("a (1).csv", "duplicate"),
        ("a.csv", "duplicate"),
    ]
    reason = inbox.path / "processed" / DAY / "a (1).csv.reason.txt"
    assert "a file that was taken before (a.csv)" in reason.read_text(encoding="utf-8")


def test_names_in_either_unicode_form_are_one_name(inbox: Inbox) -> None:
    inbox.drop(unicodedata.normalize("NFD", "Hà Tĩnh.csv"), rows(1))
    inbox.land()
    inbox.drop(unicodedata.normalize("NFC", "Hà Tĩnh.csv"), rows(2))
    assert [file.resource for file in inbox.land().files] == ["Hà Tĩnh.csv"]
    assert inbox.codes() == ["00002"]


def test_a_file_that_somebody_is_writing_waits(inbox: Inbox) -> None:
    inbox.drop("a.csv", rows(1))
    inbox.drop("b.csv", rows(2))
    part = inbox.drop("b.csv.part", "")
    inbox.land()
    assert (inbox.codes(), inbox.there()) == (["00001"], ["b.csv", "b.csv.part"])
    part.unlink()
    inbox.land()
    assert inbox.codes() == ["00001", "00002"]


def test_a_quiet_file_is_complete_and_a_fresh_one_is_not(inbox: Inbox) -> None:
    inbox.declare(settle=3600)
    path = inbox.drop("a.csv", rows(1))
    os.utime(path, (0, 0))  # a sender that keeps times: it proves nothing
    with pytest.raises(PullError, match="no complete file"):
        inbox.pull()
    assert inbox.there() == ["a.csv"]
    inbox.declare(settle=0)
    assert inbox.land().accepted == 1


def test_a_marker_completes_a_file_and_goes_with_it(inbox: Inbox) -> None:
    inbox.declare(complete="marker")
    inbox.drop("a.csv", rows(1))
    with pytest.raises(PullError):
        inbox.pull()
    inbox.drop("a.csv.done", "")
    inbox.land()
    assert inbox.there(f"processed/{DAY}") == ["a.csv", "a.csv.done"]
    inbox.drop("b.csv.done", "")  # before its file: a marker left over from something else
    inbox.drop("b.csv", rows(2))
    os.utime(inbox.path / "b.csv")
    inbox.land()
    assert inbox.codes() == ["00001"]


def test_a_checksum_companion_must_be_right(inbox: Inbox) -> None:
    inbox.declare(complete="checksum")
    right, wrong = rows(1), rows(2)
    inbox.drop("a.csv", right)
    inbox.drop("a.csv.sha256", f"{sha256(right.encode()).hexdigest()}  a.csv\n")
    inbox.drop("b.csv", wrong)
    inbox.drop("b.csv.sha256", sha256(right.encode()).hexdigest())
    inbox.land()
    assert inbox.codes() == ["00001"]
    assert inbox.there(f"rejected/{DAY}") == ["b.csv", "b.csv.reason.txt", "b.csv.sha256"]


def test_folders_links_and_other_files_are_not_followed_or_read(
    inbox: Inbox, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(rows(66), encoding="utf-8")
    (inbox.path / "link.csv").symlink_to(secret)
    (inbox.path / "folder.csv").mkdir()
    (inbox.path / "folder.csv" / "x.csv").write_text(rows(67), encoding="utf-8")
    os.mkfifo(inbox.path / "pipe.csv")
    inbox.drop("a.csv", rows(1))
    inbox.land()
    assert inbox.codes() == ["00001"]
    assert secret.exists()


def test_unreadable_files_are_all_rejected_and_the_last_good_state_stays(inbox: Inbox) -> None:
    inbox.drop("a.csv", rows(1))
    inbox.land()
    inbox.drop("a.csv", "Mã,Số tiền (đồng)\n00009,1\n")
    inbox.drop("b.csv", "Nguyễn Văn An,0912345678\n")
    inbox.drop("c.csv", rows(3))
    with pytest.raises(ReadError, match="Số tiền → Số tiền"):
        inbox.land()
    assert inbox.codes() == ["00001"]
    rejected = inbox.path / "rejected" / DAY
    assert inbox.there(f"rejected/{DAY}") == [
        "a.csv",
        "a.csv.reason.txt",
        "b.csv",
        "b.csv.reason.txt",
    ]
    assert "Số tiền (đồng)" in (rejected / "a.csv.reason.txt").read_text(encoding="utf-8")
    assert "Nguyễn" not in (rejected / "b.csv.reason.txt").read_text(encoding="utf-8")
    inbox.land()  # the good one of the same drop is not held up
    assert inbox.codes() == ["00001", "00003"]
    inbox.drop("a.csv", rows(1, 9))
    inbox.land()
    assert inbox.codes() == ["00001", "00003", "00009"]


def test_a_file_the_arrival_gate_blocks_is_rejected_and_may_be_acknowledged(inbox: Inbox) -> None:
    good = rows(*range(1, 31))
    bad = "Mã,Số tiền\n" + "".join(f"{code:05},nhiều\n" for code in range(1, 31))
    inbox.drop("a.csv", good)
    inbox.land()
    inbox.drop("a.csv", bad)
    with pytest.raises(ArrivalError, match="quarantined_rows"):
        inbox.land()
    assert len(inbox.codes()) == 30
    reason = (inbox.path / "rejected" / DAY / "a.csv.reason.txt").read_text(encoding="utf-8")
    assert "tỷ lệ dòng bị cách ly tăng vọt" in reason
    assert inbox.land().fresh == 0  # nothing is left over that blocks the next run
    path = inbox.contract.path
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {"sha256": sha256(bad.encode()).hexdigest(), "reason": "đúng", "role": "Sở"}
    said["customProperties"].append(
        {
            "property": "arrival",
            "value": {
                "acknowledged": [
                    {"finding": "retyped_column", **known},
                    {"finding": "quarantined_rows", **known},
                ]
            },
        }
    )
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    (inbox.path / "rejected" / DAY / "a.csv").rename(inbox.path / "a.csv")
    assert inbox.land().quarantined == 30


def test_a_file_replaced_while_it_is_pulled_is_taken_too(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender puts a newer file in the place of one at the moment it is moved away."""
    inbox.drop("a.csv", rows(1))
    real = Path.rename

    def meanwhile(path: Path, target: Path) -> Path:
        if path == inbox.path / "a.csv":
            newer = inbox.path / "a.csv.part"
            newer.write_text(rows(1, 2, 3), encoding="utf-8")
            newer.replace(path)
        return real(path, target)

    monkeypatch.setattr(Path, "rename", meanwhile)
    inbox.land()
    monkeypatch.undo()
    assert inbox.there() == ["a.csv"]
    assert inbox.land().accepted == 3
    assert inbox.codes() == ["00001", "00002", "00003"]


def test_a_file_that_grows_while_it_is_copied_is_left_for_later(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop("a.csv", rows(1))
    inbox.drop("b.csv", rows(2))
    real = os.open

    def grows(path: Any, *arguments: Any, **named: Any) -> int:
        descriptor = real(path, *arguments, **named)
        if str(path).endswith("/b.csv") and named == {} and arguments[0] & os.O_NOFOLLOW:
            with (inbox.path / "b.csv").open("a", encoding="utf-8") as file:
                file.write("00003,1\n")
        return descriptor

    monkeypatch.setattr(os, "open", grows)
    inbox.land()
    monkeypatch.undo()
    assert inbox.there() == ["b.csv"]
    inbox.land()
    assert inbox.codes() == ["00001", "00002", "00003"]


def test_a_sensor_starts_one_real_run_per_drop_that_lands_and_clears_it(inbox: Inbox) -> None:
    """From the sensor's tick to the finished run, in one process and with a real instance."""
    defs = dg.Definitions(
        assets=source_assets(inbox.contract),
        sensors=[sensor_of(inbox.contract)],
        resources={"run_lock": RunLock()},
        executor=dg.in_process_executor,
    )
    sensor = defs.get_sensor_def("inbox_things")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    with dg.DagsterInstance.ephemeral() as instance:

        def tick() -> list[dg.RunRequest]:
            context = dg.build_sensor_context(instance=instance, definitions=defs)
            return list(sensor.evaluate_tick(context).run_requests or ())

        assert tick() == []
        inbox.drop("a.csv", rows(1, 2))
        [request] = tick()
        assert [again.run_key for again in tick()] == [request.run_key]
        assert request.asset_selection is not None
        job = defs.resolve_implicit_global_asset_job_def()
        done = job.execute_in_process(
            instance=instance,
            asset_selection=list(request.asset_selection),
            tags={**request.tags, "dagster/sensor_name": sensor.name},
        )
        assert done.success
        assert {step.step_key for step in done.get_step_success_events()} == {
            "raw__things",
            "land_things",
        }
        assert tick() == []
    assert inbox.codes() == ["00001", "00002"]
    assert (inbox.there(), inbox.there(f"processed/{DAY}")) == ([], ["a.csv"])


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from pipelines.contracts.load import load_sources
    from pipelines.ingest import raw
    from pipelines.ingest.receive import receive
    from pipelines.ledger import Ledger
    from pipelines.settings import home

    sources, step = Path(sys.argv[1]), int(sys.argv[2])
    calls = 0

    def counted(event, arguments):
        global calls
        # Every change of a file or folder is a step at which the process may die.
        if event in ("os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod") or (
            event == "open" and isinstance(arguments[1], str) and arguments[1][0] in "wxa"
        ) or event == "sqlite3.connect":
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)

    contract = load_sources(sources)["things"]
    state = home().create()
    sys.addaudithook(counted)
    raw.pull(contract, state, Ledger(state.ledger))
    try:
        receive(contract, state, Ledger(state.ledger))
    except Exception as error:
        print(type(error).__name__)
    print(calls)
    """
)


def test_a_kill_at_any_step_neither_loses_a_file_nor_takes_it_twice(
    inbox: Inbox, tmp_path: Path
) -> None:
    """SIGKILL of a real process at every change it makes to disk, each time in a state of its own.

    Among the drops are a good one, one that is refused at landing, and a name nobody wants.
    """
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")

    def run(home: Home, step: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(script), str(inbox.sources), str(step)],
            env={**os.environ, "KHOMO_HOME": str(home.root), "PYTHONPATH": str(PROJECT_ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def fresh(name: str) -> Inbox:
        home = Home(tmp_path / name).create()
        made = Inbox(inbox.sources, home, Ledger(home.ledger))
        made.drop("good.csv", rows(1, 2))
        made.drop("bad.csv", "Mã,Số tiền (đồng)\n00009,1\n")
        made.drop("note.docx", "x")
        return made

    whole = run(fresh("whole").home, 0)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.split()[0] == "RefusedError"
    steps = int(whole.stdout.split()[1])
    assert steps > 40
    for step in range(1, steps + 1, 3):
        made = fresh(f"home{step}")
        killed = run(made.home, step)
        if killed.returncode != -signal.SIGKILL:
            continue  # threads: the last steps may come in another number
        for _ in range(3):
            try:
                made.land()
                break
            except ReadError:
                continue
        assert made.codes() == ["00001", "00002"], step
        assert made.there() == [], step
        processed = [name for name in made.there(f"processed/{DAY}") if "reason" not in name]
        rejected = [name for name in made.there(f"rejected/{DAY}") if "reason" not in name]
        assert (processed, rejected) == (["good.csv"], ["bad.csv", "note.docx"]), step
        for name in rejected:
            assert (made.path / "rejected" / DAY / f"{name}.reason.txt").exists(), step


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"complete": "soon"}, "'soon' is not one of settled, marker, checksum"),
        ({"settle": "5"}, "settle is a number of seconds"),
        ({"complete": "marker", "settle": 5}, "settle is for complete: settled"),
        ({"kind": "file", "settle": 5}, "settle is only for the kind inbox"),
    ],
)
def test_lint_names_what_is_wrong_with_an_inbox(inbox: Inbox, said: Any, complaint: str) -> None:
    inbox.declare(**said)
    assert complaint in "; ".join(problems(inbox.contract))
