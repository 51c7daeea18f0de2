-- What the check suites of `coverage-speed` count, written by hand: one pass over each of the two
-- files, one over the distinct texts of the CSV, and the rows in which the two differ.
with parquet_pass as (
    select
        count(*) as rows,
        (
            select coalesce(sum(twins), 0) from (
                select count(*) as twins from parquet_file
                group by quarter, admin_unit_key, unit_code, operator, technology
                having twins > 1
            )
        ) as unique_key,
        count(*) filter (where quarter is null) as "not_null.quarter",
        count(*) filter (where quarter_start is null) as "not_null.quarter_start",
        count(*) filter (where admin_unit_key is null) as "not_null.admin_unit_key",
        count(*) filter (where unit_code is null) as "not_null.unit_code",
        count(*) filter (where restatement is null) as "not_null.restatement",
        count(*) filter (where network_key is null) as "not_null.network_key",
        count(*) filter (where operator is null) as "not_null.operator",
        count(*) filter (where technology is null) as "not_null.technology",
        count(*) filter (where points is null) as "not_null.points",
        count(*) filter (where measurements is null) as "not_null.measurements",
        count(*) filter (where weight_name is null) as "not_null.weight_name",
        count(*) filter (where download_mbps_sum is null) as "not_null.download_mbps_sum",
        count(*) filter (where download_mbps_mean is null) as "not_null.download_mbps_mean",
        count(*) filter (where download_mbps_median is null) as "not_null.download_mbps_median",
        count(*) filter (where upload_measurements is null) as "not_null.upload_measurements",
        count(*) filter (where measurements_below is null) as "not_null.measurements_below",
        count(*) filter (where threshold_mbps is null) as "not_null.threshold_mbps",
        count(*) filter (where threshold_target_id is null) as "not_null.threshold_target_id",
        count(*) filter (where is_below_threshold is null) as "not_null.is_below_threshold",
        count(*) filter (where repeats_previous is null) as "not_null.repeats_previous",
        count(*) filter (where data_origin is null) as "not_null.data_origin",
        count(*) filter (where not regexp_full_match(quarter, '^[0-9]{4}-Q[1-4]$'))
            as "pattern.quarter",
        count(*) filter (where not regexp_full_match(unit_code, '^[0-9]{5}$'))
            as "pattern.unit_code",
        count(*) filter (where restatement not in ('current', 'whole', 'split', 'unknown', 'ended'))
            as "values.restatement",
        count(*) filter (where weight_name not in ('measurements')) as "values.weight_name",
        count(*) filter (where data_origin not in ('synthetic', 'recorded'))
            as "values.data_origin",
        count(*) filter (where points < 1) as "range.points",
        count(*) filter (where measurements < 1) as "range.measurements",
        count(*) filter (where download_mbps_sum < 0) as "range.download_mbps_sum",
        count(*) filter (where download_mbps_mean < 0) as "range.download_mbps_mean",
        count(*) filter (where download_mbps_median < 0) as "range.download_mbps_median",
        count(*) filter (where upload_measurements < 0) as "range.upload_measurements",
        count(*) filter (where upload_mbps_mean < 0) as "range.upload_mbps_mean",
        count(*) filter (where measurements_below < 0) as "range.measurements_below",
        count(*) filter (where threshold_mbps < 0) as "range.threshold_mbps",
        count(*) filter (where download_mbps_mean <> round(download_mbps_sum / measurements, 2))
            as "rule.mean_follows_from_sum_and_count",
        count(*) filter (where is_below_threshold <> (download_mbps_mean < threshold_mbps))
            as "rule.below_is_told_by_the_threshold",
        count(*) filter (where repeats_previous) as "rule.no_repeated_mean"
    from parquet_file
),
csv_pass as (
    select
        count(*) as rows,
        (
            select coalesce(sum(twins), 0) from (
                select count(*) as twins from csv_file
                group by quarter, admin_unit_key, unit_code, operator, technology
                having twins > 1
            )
        ) as unique_key,
        count(*) filter (where quarter is null) as "not_null.quarter",
        count(*) filter (where quarter_start is null) as "not_null.quarter_start",
        count(*) filter (where admin_unit_key is null) as "not_null.admin_unit_key",
        count(*) filter (where unit_code is null) as "not_null.unit_code",
        count(*) filter (where restatement is null) as "not_null.restatement",
        count(*) filter (where network_key is null) as "not_null.network_key",
        count(*) filter (where operator is null) as "not_null.operator",
        count(*) filter (where technology is null) as "not_null.technology",
        count(*) filter (where points is null) as "not_null.points",
        count(*) filter (where measurements is null) as "not_null.measurements",
        count(*) filter (where weight_name is null) as "not_null.weight_name",
        count(*) filter (where download_mbps_sum is null) as "not_null.download_mbps_sum",
        count(*) filter (where download_mbps_mean is null) as "not_null.download_mbps_mean",
        count(*) filter (where download_mbps_median is null) as "not_null.download_mbps_median",
        count(*) filter (where upload_measurements is null) as "not_null.upload_measurements",
        count(*) filter (where measurements_below is null) as "not_null.measurements_below",
        count(*) filter (where threshold_mbps is null) as "not_null.threshold_mbps",
        count(*) filter (where threshold_target_id is null) as "not_null.threshold_target_id",
        count(*) filter (where is_below_threshold is null) as "not_null.is_below_threshold",
        count(*) filter (where repeats_previous is null) as "not_null.repeats_previous",
        count(*) filter (where data_origin is null) as "not_null.data_origin",
        count(*) filter (where not regexp_full_match(quarter, '^[0-9]{4}-Q[1-4]$'))
            as "pattern.quarter",
        count(*) filter (where not regexp_full_match(unit_code, '^[0-9]{5}$'))
            as "pattern.unit_code",
        count(*) filter (where restatement not in ('current', 'whole', 'split', 'unknown', 'ended'))
            as "values.restatement",
        count(*) filter (where weight_name not in ('measurements')) as "values.weight_name",
        count(*) filter (where data_origin not in ('synthetic', 'recorded'))
            as "values.data_origin"
    from csv_file
),
texts as (
    select distinct value
    from (unpivot (select columns(* exclude (points, measurements, download_mbps_sum,
        download_mbps_mean, download_mbps_median, upload_measurements, upload_mbps_mean,
        measurements_below, threshold_mbps, quarter_start, is_below_threshold, repeats_previous))
        from csv_file) on columns(*))
),
plain_texts as materialized (select khomo_plain(value) as plain from texts),
worth_a_look as materialized (
    select plain from plain_texts
    where
        length(khomo_digits(plain)) >= 6
        or regexp_matches(plain, '@|(?i)[(\[]at[)\]]')
),
personal as (
    select count(*) filter (where hits > 0) as values_with_personal_data
    from (select $PERSONAL as hits from worth_a_look)
),
differing as (
    select count(*) as readback
    from ((select $TYPED from parquet_file) except all (select $TEXT from csv_file))
)
select parquet_pass.*, csv_pass.*, personal.*, differing.*
from parquet_pass, csv_pass, personal, differing
