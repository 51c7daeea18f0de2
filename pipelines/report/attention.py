"""What needs a person today, derived from everything else in the report, the gravest first.

`act`: something that should be public is not, or a promise is broken. `look`: nothing is held up,
but somebody should know.
"""

from collections.abc import Callable, Iterator, Sequence

from pipelines.contracts import Text
from pipelines.report import formats
from pipelines.report.arrival_attention import arrival_trouble, unlisted_trouble
from pipelines.report.model import Attention, BuildReport, DatasetReport, SourceReport

_NAMED = 3
"""How many checks or datasets one line names before it only counts the rest."""


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" … (+{rest})" if rest > 0 else "")


def _together(items: Sequence[DatasetReport]) -> Text:
    """One dataset by its title, several by their names."""
    if len(items) == 1:
        return items[0].title
    names = ", ".join(item.name for item in items)
    return Text(f"{len(items)} tập dữ liệu ({names})", f"{len(items)} datasets ({names})")


def _withheld(items: Sequence[DatasetReport]) -> Attention:
    """One entry for the datasets that are withheld for the same checks: one cause, one remedy."""
    first = items[0]
    checks = _named([why.check for why in first.why])
    which = _together(items)
    return Attention(
        "act",
        "withheld",
        ", ".join(item.name for item in items),
        Text(
            f"{which.vi}: bị giữ lại, chưa công bố bản mới – {checks}",
            f"{which.en}: withheld, nothing new published – {checks}",
        ),
        first.why[0].remedy if first.why else Text("", ""),
        f"tap-{first.name}",
    )


def _taken_back(item: DatasetReport) -> Attention:
    seen = item.released_version
    return Attention(
        "look" if seen else "act",
        "withdrawn",
        item.name,
        Text(
            f"{item.title.vi}: bản mới nhất đã bị thu hồi, "
            + (f"người đọc thấy bản {seen}" if seen else "không còn bản nào được công bố"),
            f"{item.title.en}: the last release was withdrawn, "
            + (f"readers see {seen}" if seen else "nothing is public"),
        ),
        Text(
            "Sửa nguồn hoặc mô hình rồi chạy lại: khomo run.",
            "Correct source or model and run again: khomo run.",
        ),
        f"tap-{item.name}",
    )


def _let_out(item: DatasetReport) -> Attention:
    """A dataset that is public by a waiver: what it waives has to be mended before it ends."""
    first = min(item.waivers, key=lambda waiver: waiver.expires)
    names = _named([waiver.check for waiver in item.waivers])
    day = formats.day(first.expires.isoformat())
    return Attention(
        "look",
        "waived",
        item.name,
        Text(
            f"{item.title.vi}: công bố nhờ miễn trừ đến hết {day} – {names}",
            f"{item.title.en}: published by a waiver to the end of {day} – {names}",
        ),
        Text(
            "Khắc phục trước ngày đó; hết hạn mà chưa đạt thì bản mới bị giữ lại.",
            "Mend it before that day: afterwards nothing new is published.",
        ),
        f"tap-{item.name}",
    )


def _same_cause(
    datasets: Sequence[DatasetReport], cause: Callable[[DatasetReport], tuple[str, ...]]
) -> list[list[DatasetReport]]:
    """Datasets with the same cause together; those without any left out."""
    found: dict[tuple[str, ...], list[DatasetReport]] = {}
    for item in datasets:
        if names := cause(item):
            found.setdefault(names, []).append(item)
    return list(found.values())


def _why_withheld(item: DatasetReport) -> tuple[str, ...]:
    if item.outcome != "withheld":
        return ()
    return tuple(why.check for why in item.why) or ("gate",)


def _why_warned(item: DatasetReport) -> tuple[str, ...]:
    if item.outcome == "withheld":
        return ()
    return tuple(check.name for check in item.checks if check.status == "warning")


def _warned(items: Sequence[DatasetReport]) -> Attention:
    """One entry for the datasets that warn of the same."""
    checks = _why_warned(items[0])
    which, names = _together(items), _named(checks)
    return Attention(
        "look",
        "warning",
        ", ".join(item.name for item in items),
        Text(
            f"{which.vi}: {len(checks)} kiểm tra cảnh báo – {names}",
            f"{which.en}: {len(checks)} check(s) warn – {names}",
        ),
        Text(
            "Không chặn công bố; xem các dòng được nêu và sửa ở nguồn nếu sai.",
            "Publishing is not blocked; look at the rows and correct the source where wrong.",
        ),
        f"tap-{items[0].name}",
    )


def _source_trouble(item: SourceReport, zone: str) -> Iterator[Attention]:
    anchor = f"nguon-{item.name}"
    if item.pulled is not None and not item.balanced:
        yield Attention(
            "act",
            "unbalanced",
            item.name,
            Text(
                f"{item.title.vi}: số dòng nhận và cách ly không cộng lại thành số dòng kéo về",
                f"{item.title.en}: accepted and quarantined rows do not add up to those pulled",
            ),
            Text("Kéo và nạp lại nguồn này: khomo run.", "Pull and land it again: khomo run."),
            anchor,
        )
    fresh = item.freshness
    if fresh.state == "late" and fresh.promised is not None:
        last, due = formats.local_day(fresh.last, zone), formats.local_day(fresh.due, zone)
        yield Attention(
            "act",
            "late",
            item.name,
            Text(
                f"{item.title.vi}: nguồn trễ hạn – cam kết {fresh.promised.vi}, kéo lần cuối"
                f" {last}, hạn {due}",
                f"{item.title.en}: late – promised {fresh.promised.en}, last pulled {last},"
                f" due {due}",
            ),
            Text(
                "Chạy khomo run; nếu nguồn không trả lời, báo đơn vị cung cấp dữ liệu.",
                "Run khomo run; where the source does not answer, tell whoever provides it.",
            ),
            anchor,
        )
    if fresh.state == "never" and item.pulled is None:  # an inbox may wait for its first file
        yield Attention(
            "act",
            "never",
            item.name,
            Text(f"{item.title.vi}: chưa kéo về lần nào", f"{item.title.en}: never pulled"),
            Text("Chạy khomo run.", "Run khomo run."),
            anchor,
        )


def _past_their_time(item: SourceReport) -> Attention:
    files = formats.number(item.to_purge)
    return Attention(
        "act",
        "purge",
        item.name,
        Text(
            f"{item.title.vi}: {files} tệp thô đã quá thời hạn lưu giữ",
            f"{item.title.en}: {files} raw file(s) are past the time they may be kept",
        ),
        Text(f"Chạy khomo purge {item.name}.", f"Run khomo purge {item.name}."),
        f"nguon-{item.name}",
    )


def _quarantined(item: SourceReport) -> Attention:
    rows = formats.number(item.quarantined)
    first = item.reasons[0] if item.reasons else None
    vi = f" – nhiều nhất: {first.column_title.vi} {first.meaning.vi}" if first else ""
    en = f" – most of them: {first.column_title.en}, {first.meaning.en}" if first else ""
    return Attention(
        "look",
        "quarantine",
        item.name,
        Text(
            f"{item.title.vi}: {rows} dòng bị cách ly{vi}",
            f"{item.title.en}: {rows} row(s) in quarantine{en}",
        ),
        Text(
            "Mở tệp nguồn ở các dòng được nêu, sửa tại nơi phát sinh rồi chạy lại.",
            "Open the source file at the rows named, correct it at its origin, run again.",
        ),
        f"cach-ly-{item.name}",
    )


def _build_trouble(build: BuildReport, known: set[str]) -> Iterator[Attention]:
    """Failed dbt tests that guard no dataset, so that no verdict mentions them."""
    own = [name for name in build.troubled if f"dbt.{name}" not in known]
    if own:
        yield Attention(
            "look",
            "build",
            build.build_id,
            Text(
                f"{len(own)} phép thử dbt không đạt ở bảng không công bố – {_named(own)}",
                f"{len(own)} dbt test(s) failed on tables that are not published – {_named(own)}",
            ),
            Text("Sửa mô hình dbt hoặc nguồn.", "Correct the dbt model or the source."),
            "kho",
        )


def _undecided(items: Sequence[DatasetReport]) -> Attention:
    names = _named([item.name for item in items])
    return Attention(
        "look",
        "undecided",
        names,
        Text(
            f"{len(items)} tập dữ liệu chưa được xét công bố – {names}",
            f"Nothing was decided yet about {len(items)} dataset(s) – {names}",
        ),
        Text("Chạy khomo run.", "Run khomo run."),
        "tap-du-lieu",
    )


def attention(
    datasets: Sequence[DatasetReport],
    sources: Sequence[SourceReport],
    build: BuildReport | None,
    zone: str,
    unlisted: Sequence[str] = (),
) -> tuple[Attention, ...]:
    """Everything that needs a person, in the order in which to take it up. Days are `zone`'s.

    `unlisted` names sources that were removed without an entry in the retired list.
    """
    found = [_withheld(items) for items in _same_cause(datasets, _why_withheld)]
    found += [_taken_back(item) for item in datasets if item.outcome == "withdrawn"]
    found += [_let_out(item) for item in datasets if item.verdict == "waived"]
    known = {check.name for item in datasets for check in item.troubled}
    for source in sources:
        found += _source_trouble(source, zone)
        found += arrival_trouble(source)
        if source.to_purge:
            found.append(_past_their_time(source))
    if build is not None:
        found += _build_trouble(build, known)
    found += [_warned(items) for items in _same_cause(datasets, _why_warned)]
    found += [_quarantined(source) for source in sources if source.quarantined]
    found += unlisted_trouble(unlisted)
    if waiting := [item for item in datasets if item.outcome == "undecided"]:
        found.append(_undecided(waiting))
    return tuple(sorted(found, key=lambda item: item.urgency != "act"))
