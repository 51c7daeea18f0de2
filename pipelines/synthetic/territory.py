"""The units of a province and of the provinces it was made from, by day, from `admin-units`.

Reads the bundled files of the source as they are; rows that break that source's contract are left
out here exactly as landing leaves them out.
"""

from pathlib import Path

import duckdb

from pipelines.synthetic.common import ProvinceCode, SyntheticError, literal

_UNITS = """
create table territory as
with
    read_units as (
        select * from read_csv({units}, all_varchar = true, header = true)
    ),
    read_relations as (
        select * from read_csv({relations}, all_varchar = true, header = true)
    ),
    provinces as (
        select {scheme} as scheme, {code} as code
        union
        select predecessor_scheme, predecessor_code
        from read_relations
        where level = 'province' and successor_scheme = {scheme} and successor_code = {code}
    )
select distinct on (u.scheme, u.code, u.valid_to)
    u.scheme,
    u.code,
    u.level,
    u.name,
    u.unit_type,
    u.parent_code,
    u.province_code,
    try_cast(u.valid_from as date) as valid_from,
    try_cast(u.valid_to as date) as valid_to,
    coalesce(try_cast(u.valid_from as date), date '1900-01-01') as first_day,
    coalesce(try_cast(u.valid_to as date), date '9999-12-31') as last_day,
from read_units as u
inner join provinces as p on u.scheme = p.scheme and u.province_code = p.code
where
    (u.level = 'province' and regexp_full_match(u.code, '\\d{{2}}'))
    or (u.level = 'district' and regexp_full_match(u.code, '\\d{{3}}'))
    or (u.level = 'commune' and regexp_full_match(u.code, '\\d{{5}}'))
order by u.scheme, u.code, u.valid_to, u.name
"""

_SUCCESSORS = """
create table successors as
select
    predecessor_scheme as scheme,
    predecessor_code as code,
    try_cast(effective_on as date) as effective_on,
    min(successor_scheme) as successor_scheme,
    min(successor_code) as successor_code,
from read_csv({relations}, all_varchar = true, header = true)
where level = 'commune' and successor_code is not null
group by all
"""


def load_territory(
    con: duckdb.DuckDBPyConnection, *, admin_units: Path, relations: Path, province: ProvinceCode
) -> None:
    """Create two tables in `con`.

    `territory`: one row per unit and validity (scheme, code, level, name, unit_type, parent_code,
    province_code, first_day, last_day inclusive). `successors`: one successor per commune and day
    of change; where a commune was divided, the first by code.

    Raises:
        SyntheticError: the files do not hold the province.
    """
    con.execute(
        _UNITS.format(
            units=literal(str(admin_units)),
            relations=literal(str(relations)),
            scheme=literal(province.scheme),
            code=literal(province.code),
        )
    )
    con.execute(_SUCCESSORS.format(relations=literal(str(relations))))
    found = con.execute("select count(*) from territory where level = 'commune'").fetchone()
    if found is None or found[0] == 0:
        raise SyntheticError(
            f"{admin_units} holds no commune of province {province.scheme}:{province.code};"
            " check the code in province.yaml (it is text, with its leading zero)"
        )
