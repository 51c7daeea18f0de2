"""Models speak plain SQL; what only DuckDB knows stands in dispatched macros, which a second target
can implement for itself."""

import re
from collections.abc import Iterator

import pytest

from pipelines.settings import DBT_PROJECT

# What Spark SQL, the second target that was tried, does not parse or means differently.
ENGINE_SPECIFIC = {
    "qualify": r"\bqualify\b",
    "unnest": r"\bunnest\s*\(",
    "series and subscripts": r"\b(generate_series|generate_subscripts|range)\s*\(",
    "list functions": r"\b(list_\w+|list|len|array_\w+|string_split|str_split)\s*\(",
    "slices and list literals": r"\[\s*-?\d*\s*:|\[[^\]\n]* for |(?<![\w\]])\[\]",
    "struct_pack": r"\b(struct_pack|row)\s*\(",
    "string_agg": r"\b(string_agg|group_concat)\s*\(",
    "arg_min, arg_max": r"\barg_(min|max)\s*\(",
    "asof join": r"\basof\b",
    "table by name": r"\bquery_table\s*\(",
    "regular expressions": r"\bregexp_(full_match|matches|extract_all)\s*\(",
    "regexp_extract without its group": r"\bregexp_extract\s*\([^,()]*,\s*'[^']*'\s*\)",
    "weekdays": r"\b(isodow|dayofweek|dow)\b",
    "days by form": r"\b(try_strptime|strptime|strftime|make_(date|timestamp)|epoch\w*)\(",
    "lambda": r"\blambda\b",
    "exclude, replace, columns": r"\*\s*(exclude|replace)\b|\bcolumns\s*\(",
    "files": r"\bread_(csv|parquet|json)\w*\s*\(",
    "materialized": r"\bas\s+(not\s+)?materialized\b",
    "by all": r"\b(group|order)\s+by\s+all\b",
    "folding": r"\b(strip_accents|nfc_normalize)\s*\(",
    "collation": r"\bcollate\b",
}
_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)


def plain(text: str) -> str:
    """SQL without Jinja, comments and texts."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text)
    return text if "regexp" in text else re.sub(r"'[^']*'", "''", text)


def used(sql: str) -> list[str]:
    return [
        name
        for name, pattern in ENGINE_SPECIFIC.items()
        if re.search(pattern, plain(sql), flags=re.IGNORECASE)
    ]


def bodies() -> Iterator[tuple[str, str]]:
    """Every model, and every macro that a second target would share."""
    for path in sorted((DBT_PROJECT / "models").rglob("*.sql")):
        yield str(path.relative_to(DBT_PROJECT)), path.read_text(encoding="utf-8")
    for path in sorted((DBT_PROJECT / "macros").rglob("*.sql")):
        for found in _MACRO.finditer(path.read_text(encoding="utf-8")):
            name = found.group(1)
            # an implementation for one engine, or a part of one
            if not name.startswith(("default__", "_")):
                yield f"{path.relative_to(DBT_PROJECT)}: {name}", found.group(0)


def test_only_dispatched_macros_hold_what_one_engine_knows() -> None:
    found = {where: names for where, sql in bodies() if (names := used(sql))}
    assert found == {}, "put it into a macro that begins with adapter.dispatch"


def test_every_implementation_is_reached_through_dispatch() -> None:
    for path in sorted((DBT_PROJECT / "macros").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"macro\s+default__(\w+)\s*\(", text):
            assert f"adapter.dispatch('{name}', 'khomo')" in text, f"{path.name}: {name}"


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t qualify row_number() over () = 1",
        "select unnest(names) from t",
        "select string_agg(name, '; ' order by name) from t",
        "select regexp_extract(name, '[0-9]+$') from t",
        "select extract(isodow from day) from t",
        "select key[2:] from t",
        "select make_date(y, 1, 1) from t",
        "select * exclude (a) from t",
        "with a as materialized (select 1) select * from a",
        "select a from t group by all",
    ],
)
def test_the_list_finds_what_it_names(sql: str) -> None:
    assert used(sql)


def test_jinja_comments_and_plain_functions_are_not_mistaken() -> None:
    assert used("{# qualify #} select {{ rows[1:] }} -- unnest(x)\nfrom t") == []
    assert used("select regexp_extract(a, '(x)', 1), sum(b) filter (where c) from t") == []
