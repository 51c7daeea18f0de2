"""What the national portal counts of the same dossiers, by field and status.

The synchroniser of the province rewrites a pause or a stop (5, 6, 8) to done (9) when it pushes a
dossier. Besides, a few dossiers never arrive, a few with a second code arrive twice, and what the
province's own system wrote wrongly counts there all the same.
"""

NATIONAL_FORM = """
,
    pushed as (
        select
            strftime(day, '%Y-%m') as month_label,
            case when odd_draw between 10 and 13 then 'Không xác định' else field_name end
                as field_label,
            case
                when returned then 10
                when settled_status in (5, 6, 8) then 9
                else settled_status
            end as national_status,
            case
                when draw(i, {seed}, 'push', 1000) < 2 then 0
                -- the code made up by the synchroniser is taken for a second dossier
                when odd_draw between 100 and 110 then 2
                else 1
            end as arrivals,
        from closed
        where accepted
    )
select
    month_label as "Thang",
    field_label as "LinhVuc",
    national_status as "TrangThai",
    sum(arrivals)::bigint as "SoHoSo",
from pushed
group by all
having sum(arrivals) > 0
order by month_label, field_label, national_status
"""
