"""The tables that `khomo run` ends with and `khomo status` shows."""

from rich import box
from rich.markup import escape
from rich.table import Table

from pipelines.cli.console import err, number, out
from pipelines.report.model import Attention, DatasetReport, Report, SourceReport
from pipelines.settings import Home

_OUTCOMES = {
    "published": "[green]published[/]",
    "unchanged": "unchanged",
    "waived": "[yellow]public, waived[/]",
    "withheld": "[bold red]withheld[/]",
    "withdrawn": "[yellow]withdrawn[/]",
    "undecided": "[yellow]not decided yet[/]",
}


def _table(title: str) -> Table:
    """Without vertical lines, so that the widest fits a terminal of 80 columns."""
    return Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _count(value: int | None) -> str:
    return "–" if value is None else number(value)


def sources_table(sources: tuple[SourceReport, ...]) -> Table:
    """Per source: rows pulled, accepted, quarantined, and whether anything was new."""
    table = _table("Sources / Nguồn")
    table.add_column("source")
    for name in ("pulled", "accepted", "quarantined"):
        table.add_column(name, justify="right")
    table.add_column("last pull")
    for item in sources:
        quarantined = _count(item.quarantined)
        table.add_row(
            item.name + (" [dim](synthetic)[/]" if item.synthetic else ""),
            _count(item.pulled),
            _count(item.accepted),
            f"[yellow]{quarantined}[/]" if item.quarantined else quarantined,
            "never" if item.last_pull is None else item.last_pull.outcome,
        )
    return table


def datasets_table(datasets: tuple[DatasetReport, ...]) -> Table:
    """Per dataset: what became of it, which version readers see, and its checks."""
    table = _table("Datasets / Bộ dữ liệu")
    table.add_column("dataset", min_width=20)
    table.add_column("outcome")
    table.add_column("rows", justify="right")
    table.add_column("checks", justify="right")
    table.add_column("readers see", overflow="fold")
    for item in datasets:
        table.add_row(
            item.name + (" [dim](synthetic)[/]" if item.synthetic else ""),
            _OUTCOMES[item.verdict],
            _count(item.released_rows),
            f"{item.count('passed')}/{item.judged}",
            item.released_version or "nothing yet",
        )
    return table


def print_withheld(datasets: tuple[DatasetReport, ...]) -> None:
    """Say of each withheld dataset why and what to do."""
    withheld = [item for item in datasets if item.outcome == "withheld"]
    for item in withheld:
        err.print(f"[bold red]{item.name} is withheld[/]; the last good release stays up:")
        for why in item.why:
            err.print(f"  {why.check}: {why.reason.en}", soft_wrap=True)
            err.print(f"    → {why.remedy.en}", soft_wrap=True)


def print_attention(items: tuple[Attention, ...]) -> None:
    """What needs a person, the gravest first, each with its remedy."""
    for item in items:
        mark = "[bold red]act[/] " if item.urgency == "act" else "[yellow]look[/]"
        out.print(f"{mark}  {escape(item.what.en)}", soft_wrap=True)
        out.print(f"      → {escape(item.remedy.en)}", soft_wrap=True)
    if items:
        out.print()


def print_places(home: Home) -> None:
    """Where everything is, and what to type next."""
    out.print(f"warehouse  {home.promoted}", soft_wrap=True)
    out.print(f"releases   {home.releases}", soft_wrap=True)
    out.print(f"catalogue  {home.catalogue / 'danh-muc-du-lieu-mo.csv'}", soft_wrap=True)
    out.print(f"report     {home.report / 'index.html'}", soft_wrap=True)
    out.print()
    out.print(
        'next:  khomo report --open · khomo verify --all · khomo sql "show all tables" · make dev'
    )


def print_summary(home: Home, report: Report, seconds: float) -> None:
    """The end of a run."""
    out.print()
    out.print(sources_table(report.sources))
    out.print(datasets_table(report.datasets))
    counts = {
        outcome: sum(item.outcome == outcome for item in report.datasets) for outcome in _OUTCOMES
    }
    words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    if counts["unchanged"] == len(report.datasets):
        words = "nothing changed upstream, nothing new was published"
    out.print(f"[bold]{words}[/] in {seconds:.0f} s")
    print_withheld(report.datasets)
    out.print()
    print_places(home)
