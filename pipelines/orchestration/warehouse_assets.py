"""The dbt models as assets with their tests as checks, and the promoted warehouse.

A warehouse is always built whole, whatever part of it was selected: what readers see is one build
of one set of inputs. A selection only limits which assets the run reports on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from pipelines.ledger import Ledger
from pipelines.orchestration.common import OWNERS, dagster_severity, key, rows_table
from pipelines.orchestration.run_lock import RunLock
from pipelines.province import load_province
from pipelines.settings import DBT_PROJECT, home
from pipelines.warehouse.project import ensure_manifest


class Translator(DagsterDbtTranslator):
    """dbt nodes as Kho Mở names them: sources are landed tables, groups are layers."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return key("landed", dbt_resource_props["name"])
        return key("warehouse", dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["fqn"][1])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description", ""))

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        # A failed test must not end the run: the gate withholds what depends on it, by evidence,
        # and everything else goes on.
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec._replace(blocking=False) if spec is not None else None

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


def _models_asset(manifest: str) -> dg.AssetsDefinition:
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=translator,
        project=DbtProject(DBT_PROJECT),
        name="build_warehouse",
        exclude="resource_type:unit_test",
    )
    def models(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from pipelines.warehouse.build import build
        from pipelines.warehouse.project import load_manifest, severity_of

        state = home()
        done = build(
            state,
            Ledger(state.ledger),
            load_province(),
            run_id=context.run.run_id,
            report=context.log.info,
        )
        nodes = load_manifest(state)
        selected = context.selected_asset_keys
        for unique_id, node in done.nodes.items():
            entry = nodes["nodes"].get(unique_id)
            if entry is None or entry["resource_type"] != "model":
                continue
            asset_key = translator.get_asset_key(entry)
            if asset_key in selected:
                metadata: dict[str, Any] = {"build": done.build_id, "reused": done.reused}
                if node.rows is not None:
                    metadata["dagster/row_count"] = node.rows
                yield dg.MaterializeResult(asset_key=asset_key, metadata=metadata)
        checks = context.selected_asset_check_keys
        for unique_id, node in done.nodes.items():
            entry = nodes["nodes"].get(unique_id)
            if entry is None or entry["resource_type"] != "test":
                continue
            check = get_asset_check_key_for_test(nodes, translator, unique_id, None)
            if check is None or check not in checks:
                continue
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=node.status == "pass",
                severity=dagster_severity(severity_of(entry)),
                description=node.message,
                metadata={
                    "failing_rows": node.failures or 0,
                    "build": done.build_id,
                    "sample": dg.MetadataValue.md(rows_table(node.sample)),
                },
            )

    return models


def _promoted_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=key("warehouse", "promoted"),
        deps=list(models.keys),
        group_name="warehouse",
        owners=OWNERS,
        kinds={"duckdb"},
        description=(
            "**Kho dữ liệu đang phục vụ**\n\nBản dựng hoàn chỉnh mới nhất; thay thế nguyên tử, "
            "người đọc không bao giờ bị chặn.\n\n---\n\n**The warehouse that serves readers**\n\n"
            "The newest finished build; replaced atomically, readers are never blocked."
        ),
    )
    def promoted(
        context: dg.AssetExecutionContext, run_lock: RunLock
    ) -> dg.MaterializeResult[None]:
        from pipelines.warehouse.build import latest
        from pipelines.warehouse.promotion import promote

        state = home()
        ledger = Ledger(state.ledger)
        build = latest(state, ledger)
        if build is None:
            raise dg.Failure("There is no finished build to promote; run the dbt models first.")
        changed = promote(build, state, ledger)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(build.build_id),
            metadata={
                "path": dg.MetadataValue.path(str(state.promoted)),
                "build": build.build_id,
                "changed": changed,
                "bytes": build.file.stat().st_size,
            },
        )

    return promoted


def warehouse_assets() -> list[dg.AssetsDefinition]:
    """All dbt models as one step, and the promotion of what it built."""
    models = _models_asset(str(ensure_manifest(home())))
    return [models, _promoted_asset(models)]
