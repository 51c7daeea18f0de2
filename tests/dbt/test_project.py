"""The dbt project on the bundled inputs: models build, unit tests and data tests hold."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import load_published, load_sources, sources_in_use
from pipelines.duck import connect
from pipelines.ingest import landing, raw
from pipelines.ledger import Ledger
from pipelines.province import load_province
from pipelines.publish.export import find_relation
from pipelines.quality.attack.check import attack
from pipelines.quality.attack.tables import members, read_current, read_earlier
from pipelines.settings import PROJECT_ROOT, Home
from pipelines.synthetic.bundled import ensure_sample
from pipelines.warehouse.build import landings
from pipelines.warehouse.data_model import COMMAND, data_model
from pipelines.warehouse.dbt import run_dbt
from pipelines.warehouse.landed import create_views
from pipelines.warehouse.project import ancestors, model_node, sources_of

# What the documents themselves say wrong, or the synthetic input breaks on purpose: warned, never
# mended.
KNOWN_WARNINGS = {
    "printed_ratio_agrees_with_the_recomputed_one",
    "printed_digital_share_agrees_with_the_recomputed_one",
    "printed_totals_agree_with_the_lines_below",
    "account_totals_agree_with_the_rows_below",
    "account_totals_agree_with_their_columns",
    "every_procedure_is_in_the_catalogue",
    "every_unit_existed_on_the_day",
    "no_dossier_is_due_before_it_was_received",
    "no_mean_speed_is_copied_forward",
}


# Rules that could be read in two ways; each reading is pinned by a unit test.
CHOICES = {
    "received_and_completed_count_in_their_own_quarter",
    "received_and_completed_count_in_their_own_month",
    "post_and_level_two_are_left_out_of_the_online_rates",
    "a_stay_counts_at_the_ends_of_the_quarters_it_reaches_past",
    "a_dossier_of_a_commune_that_the_reform_ended_divided_or_lost",
    "an_agency_is_one_in_both_forms_and_hangs_on_the_one_above",
    "versions_of_a_procedure_follow_the_days_of_their_sources",
    "on_the_due_day_is_on_time",
    "ratio_is_worked_out_from_the_figures",
    "a_share_is_judged_by_what_is_known_of_it",
    "exactly_at_the_threshold_is_not_below",
    "a_rank_changes_within_one_series_only",
    "a_score_changes_within_one_series_only",
    "a_mean_names_its_weight_and_a_repeat_is_flagged",
    "a_low_speed_spell_opens_and_closes_with_a_measurement",
    "a_gap_closed_before_the_first_survey_has_no_beginning",
    "restatement_through_whole_steps",
    "restatement_stops_at_a_division",
    "restatement_of_an_unknown_successor",
    "province_name_follows_the_year",
    "province_name_follows_the_units_ranked",
    "names_that_fold_alike",
    "a_name_is_keyed_in_every_accepted_spelling",
    "a_district_went_where_its_communes_went",
    "subtotals_are_compared_with_what_they_sum",
    "amounts_become_dong_and_blanks_stay_blank",
    "nothing_is_counted_twice",
    "a_count_at_the_threshold_is_shown_one_below_is_not",
    "one_hidden_part_hides_another",
    "one_hidden_row_hides_the_smallest_other_row",
    "a_tile_counts_as_often_as_it_was_measured",
    "tet_weekends_and_swapped_days_are_counted_as_the_documents_say",
    "a_log_becomes_stays_with_working_days",
    "a_given_value_and_a_figure_of_a_mart_are_not_mixed",
    "values_that_cannot_be_used_keep_their_text",
    "paused_resumed_extended_and_returned_on_its_due_day_over_tet",
    "every_status_has_its_state",
    "in_progress_at_the_end_of_the_quarter",
    "rewritten_statuses_explain_their_part_of_a_difference",
    "index_766_gives_rates_and_never_fills_in_a_score",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """`dbt build` with unit tests over everything landed; manifest and results."""
    with pytest.MonkeyPatch.context() as patch:
        home = Home(tmp_path_factory.mktemp("dbt") / "home").create()
        patch.setenv("KHOMO_HOME", str(home.root))
        patch.setenv("KHOMO_SAMPLE_DOSSIERS", "20000")
        province, ledger = load_province(), Ledger(home.ledger)
        for contract in sources_in_use().values():
            if contract.generator:
                ensure_sample(contract.generator, home, province)
            raw.pull(contract, home, ledger)
            landing.land(contract, home, ledger)
        database = home.warehouse / "test.duckdb"
        with connect(database) as connection:
            create_views(connection, home, landings(home))
        run_dbt(["build"], home, province, database=database, check=False)
        target = home.dbt / "target"
        return {
            "database": database,
            "manifest": json.loads((target / "manifest.json").read_bytes()),
            "results": {
                result["unique_id"]: result
                for result in json.loads((target / "run_results.json").read_bytes())["results"]
            },
        }


def names(built: Mapping[str, Any], kind: str, *statuses: str) -> set[str]:
    return {
        unique_id.split(".")[3 if kind == "unit_test" else 2]
        for unique_id, result in built["results"].items()
        if unique_id.startswith(f"{kind}.") and result["status"] in statuses
    }


def test_every_model_builds(built: Mapping[str, Any]) -> None:
    models = {
        node["name"]
        for node in built["manifest"]["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral"
    }
    assert names(built, "model", "success") == models


def test_every_unit_test_passes(built: Mapping[str, Any]) -> None:
    assert names(built, "unit_test", "fail", "error", "skipped") == set()
    assert names(built, "unit_test", "pass") >= CHOICES


def test_data_tests_hold_and_only_known_oddities_are_warned_about(
    built: Mapping[str, Any],
) -> None:
    assert names(built, "test", "fail", "error", "skipped") == set()
    assert names(built, "test", "warn") <= KNOWN_WARNINGS
    assert "printed_ratio_agrees_with_the_recomputed_one" in names(built, "test", "warn")
    assert len(names(built, "test", "pass")) >= 300


def test_a_source_takes_part_only_in_what_is_made_from_it(built: Mapping[str, Any]) -> None:
    """A failing test of one source does not withhold the datasets of another."""
    manifest = built["manifest"]
    sources = {
        "mart_dti_ranks": "dti_ranks",
        "mart_it_spending": "it_budget",
        "mart_province_budget": "province_budgets",
        "mart_plan_targets": "plan_targets",
    }
    for model, own in sources.items():
        lineage = " ".join(ancestors(manifest, model_node(manifest, model)["unique_id"]))
        assert {name for name in sources.values() if f"stg_{name}__" in lineage} == {own}, model


def test_every_model_states_its_grain_and_describes_every_column(built: Mapping[str, Any]) -> None:
    silent: list[str] = []
    for node in built["manifest"]["nodes"].values():
        if node["resource_type"] != "model":
            continue
        if not node["description"].strip():
            silent.append(node["name"])
        silent += [
            f"{node['name']}.{column['name']}"
            for column in node["columns"].values()
            if not column["description"].strip()
        ]
    assert silent == []


def test_marts_staging_and_open_data_enforce_their_contracts(built: Mapping[str, Any]) -> None:
    free = [
        node["name"]
        for node in built["manifest"]["nodes"].values()
        if node["resource_type"] == "model"
        and Path(node["original_file_path"]).parts[1] != "intermediate"
        and not node["contract"]["enforced"]
    ]
    assert free == []


def test_models_and_published_contracts_agree_on_columns_and_types(
    built: Mapping[str, Any],
) -> None:
    models = {
        node["name"]: node
        for node in built["manifest"]["nodes"].values()
        if node["resource_type"] == "model"
    }
    for dataset, contract in load_published().items():
        declared = {
            column["name"]: column["data_type"].upper().replace(" ", "")
            for column in models[contract.model]["columns"].values()
        }
        wanted = {column.name: column.type.replace(" ", "") for column in contract.table.columns}
        assert wanted.items() <= declared.items(), dataset


def test_every_dataset_names_the_sources_its_model_is_made_from(built: Mapping[str, Any]) -> None:
    for name, contract in load_published().items():
        made_from = sources_of(built["manifest"], contract.model, load_sources())
        assert made_from and made_from <= set(contract.sources), name


def weak_cells(database: Path, replaced: Mapping[str, str]) -> set[str]:
    """Tables in which the attack finds a hidden cell, some of them replaced by SQL."""
    family = members(load_published().values(), "dossiers")
    with connect(database, read_only=True) as connection:
        tables = {
            member.name: replaced.get(member.name)
            or find_relation(connection, member.contract.model, member.name)
            for member in family
        }
        read_current(connection, tables, family)
        read_earlier(connection, None, family)
        rows = connection.execute(
            "select distinct dataset from unknowns where list_contains(?::bigint[], id)",
            [attack(connection, load_province().thresholds.small_cell)],
        ).fetchall()
    return {str(dataset) for (dataset,) in rows}


def test_no_hidden_count_of_dossiers_can_be_worked_out(built: Mapping[str, Any]) -> None:
    """And it is the hiding of further cells that sees to it."""
    assert weak_cells(built["database"], {}) == set()
    threshold = load_province().thresholds.small_cell
    family = {member.name: member for member in members(load_published().values(), "dossiers")}
    for dataset, model, places in (
        ("dossiers-by-unit", "mart_dossiers_by_unit", "quarter, admin_unit_key, province_key"),
        ("dossiers-by-field", "mart_dossiers_by_field", "month, procedure_field"),
    ):
        small_only = ", ".join(
            f"case when {name} >= {threshold} then {name} end as {name}"
            for name in family[dataset].measures
        )
        relation = f"(select {places}, {small_only} from marts.{model})"
        assert dataset in weak_cells(built["database"], {dataset: relation})


def test_the_page_on_the_data_model_is_what_the_project_says(built: Mapping[str, Any]) -> None:
    committed = (PROJECT_ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    if committed != data_model(built["manifest"]):
        pytest.fail(f"docs/data-model.md is not current; make it again with `{COMMAND}`")
