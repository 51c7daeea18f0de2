"""Look for personal values in what a run writes for people: reports, catalogue, logs.

None of it should ever hold one: quarantined rows are named by file and row, messages quote nothing.
This looks whether it is so. What stages keep for themselves is not read here.
"""

from pipelines.duck import connect, literals
from pipelines.quality.personal.scan import Finding, scan_values
from pipelines.settings import Home

_WRITTEN = (
    "report/*.html",
    "report/*/*.html",
    "report/*.json",
    "catalogue/*",
    "dbt/logs/*.log",
    "dagster/storage/*/compute_logs/*.out",
    "dagster/storage/*/compute_logs/*.err",
)


def scan_written(home: Home) -> list[Finding]:
    """What stands in the files written for people, by file below the home; lines, not values.

    Raises:
        duckdb.Error: a file is not UTF-8.
    """
    files = sorted(
        str(path) for pattern in _WRITTEN for path in home.root.glob(pattern) if path.is_file()
    )
    if not files:
        return []
    start = len(str(home.root)) + 2
    with connect() as connection:
        return scan_values(
            connection,
            "select place, value, count(*) as rows, false as is_number from ("
            f" select substr(filename, {start}) as place,"
            " unnest(string_split(content, chr(10))) as value"
            f" from read_text({literals(files)})) group by all",
        )
