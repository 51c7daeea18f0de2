"""What a dataset says about itself: completeness of metadata, origin, licence, personal columns.

The rules read the candidate's own descriptor and files; a contract that is complete proves nothing
about what a faulty exporter wrote.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.contracts.licences import allows
from pipelines.duck import identifier, literal
from pipelines.ingest.pseudonym import HASH_DIGITS
from pipelines.quality.outcome import Evidence, Outcome, failed, passed
from pipelines.quality.readback import CSV_VIEW

ORIGIN = "data_origin"
"""A published column of this name says in every row, and so in the CSV, that it is synthetic."""


def _first(items: Any) -> Mapping[str, Any]:
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


def metadata_complete(evidence: Evidence) -> Outcome:
    """The descriptor says in both languages what each thing is, whose it is and where it is from"""
    described = evidence.descriptor
    own = described.get("khomo") or {}
    license_ = _first(described.get("licenses"))
    publisher = _first(described.get("contributors"))
    facts: dict[str, Any] = {
        name: described.get(name)
        for name in ("title", "titleEn", "description", "descriptionEn", "sources")
    }
    facts |= {
        "license.name": license_.get("name"),
        "license.title": license_.get("title"),
        "license.path": license_.get("path"),
        "publisher": publisher.get("title"),
        "contactRole": publisher.get("contactRole"),
        "contactRoleEn": publisher.get("contactRoleEn"),
        "owner": own.get("owner"),
        "contact": own.get("contact"),
        "asOf": own.get("asOf"),
        "grain": own.get("grain"),
    }
    # What the project generates itself is found nowhere else.
    generated = {name for name, source in evidence.sources.items() if source.synthetic}
    for index, source in enumerate(described.get("sources") or ()):
        facts[f"sources[{index}].title"] = source.get("title")
        facts[f"sources[{index}].path"] = source.get("path") or source.get("source") in generated
    resources = described.get("resources") or ()
    for resource in resources:
        for column in (resource.get("schema") or {}).get("fields") or ():
            for name in ("title", "titleEn", "description", "descriptionEn"):
                facts[f"{resource.get('name')}.{column.get('name')}.{name}"] = column.get(name)
    listed = [column.name for column in evidence.contract.table.columns]
    for resource in resources:
        fields = (resource.get("schema") or {}).get("fields") or ()
        facts[f"{resource.get('name')}.fields"] = [item.get("name") for item in fields] == listed
    paths = {resource.get("path") for resource in resources}
    facts["resources"] = paths == {evidence.candidate.csv.name, evidence.candidate.parquet.name}
    missing = sorted(name for name, value in facts.items() if not value)
    if missing:
        return failed(
            f"Thiếu {len(missing)} mục siêu dữ liệu: {', '.join(missing[:5])}",
            f"{len(missing)} piece(s) of metadata missing: {', '.join(missing[:5])}",
            observed=str(len(missing)),
            sample=tuple({"missing": name} for name in missing),
        )
    return passed("Siêu dữ liệu đầy đủ", "Metadata is complete")


def synthetic_marked(evidence: Evidence) -> Outcome:
    """Synthetic content says so in contract, descriptor and files; real content does not."""
    inputs = [evidence.sources[name] for name in evidence.contract.sources]
    synthetic = any(source.synthetic for source in inputs)
    own = evidence.descriptor.get("khomo") or {}
    rows = evidence.data.connection.execute(
        f"select decode(key), decode(value) from"
        f" parquet_kv_metadata({literal(str(evidence.candidate.parquet))})"
    ).fetchall()
    facts = {str(row[0]): str(row[1]) for row in rows}
    wrong = []
    if evidence.contract.synthetic != synthetic:
        wrong.append("contract.synthetic")
    if own.get("synthetic") is not synthetic:
        wrong.append("datapackage.json khomo.synthetic")
    if bool(own.get("syntheticNotice")) != synthetic:
        wrong.append("datapackage.json khomo.syntheticNotice")
    if facts.get("synthetic") != ("true" if synthetic else "false"):
        wrong.append("parquet metadata: synthetic")
    if ("notice" in facts) != synthetic:
        wrong.append("parquet metadata: notice")
    if any(column.name == ORIGIN for column in evidence.contract.table.columns):
        said = evidence.data.connection.execute(
            f"select count(*) from {CSV_VIEW}"
            f" where ({ORIGIN} is not distinct from 'synthetic') != {str(synthetic).lower()}"
        ).fetchone()
        if said and said[0]:
            wrong.append(f"{said[0]} CSV row(s): {ORIGIN}")
    if wrong:
        return failed(
            f"Nguồn gốc dữ liệu (mô phỏng: {'có' if synthetic else 'không'}) ghi sai ở:"
            f" {', '.join(wrong)}",
            f"Origin (synthetic: {'yes' if synthetic else 'no'}) is wrong in: {', '.join(wrong)}",
            sample=tuple({"place": place} for place in wrong),
        )
    return passed(
        "Dữ liệu mô phỏng được ghi rõ" if synthetic else "Dữ liệu không phải mô phỏng",
        "Marked as synthetic" if synthetic else "Not synthetic, and not marked so",
        str(synthetic).lower(),
    )


def no_personal_columns(evidence: Evidence) -> Outcome:
    """No column that identifies a person upstream, nor a keyed hash of one, is published.

    Personal columns are not landed, so no model can rename one; a keyed hash is, and is recognised
    by its values.
    """
    private: dict[str, str] = {}
    for name in evidence.contract.sources:
        for table in evidence.sources[name].tables:
            for column in table.columns:
                if column.personal or column.pseudonymise:
                    private[column.name] = f"{name}.{table.name}.{column.name}"
                    private[f"{column.name}_key"] = f"{name}.{table.name}.{column.name}"
    published = {name for name, _kind in evidence.data.parquet_columns()}
    published.update(evidence.data.csv_columns())
    found = sorted(published & private.keys())
    found += [
        column.name
        for column in evidence.contract.table.columns
        if column.personal and column.name not in found
    ]
    # Whatever the models call it: a keyed hash stands for one person's file.
    found += [name for name in _hashes(evidence) if name not in found]
    if found:
        return failed(
            f"Cột nhận diện cá nhân không được công bố: {', '.join(found)}",
            f"Columns that identify a person may not be published: {', '.join(found)}",
            observed=str(len(found)),
            sample=tuple({"column": name, "from": private.get(name)} for name in found),
        )
    return passed("Không có cột nhận diện cá nhân", "No column identifies a person", "0")


def _hashes(evidence: Evidence) -> list[str]:
    """Columns of the CSV in which a value is a keyed hash as `ingest.pseudonym` makes them."""
    columns = evidence.data.csv_columns()
    pattern = f"'[0-9a-f]{{{HASH_DIGITS}}}'"
    counts = ", ".join(
        f"coalesce(bool_or(regexp_full_match({identifier(name)}, {pattern})), false)"
        for name in columns
    )
    row = evidence.data.connection.execute(f"select {counts} from {CSV_VIEW}").fetchone()
    return [name for name, hit in zip(columns, row or (), strict=False) if hit]


def licence_compatible(evidence: Evidence) -> Outcome:
    """The licence published under is one that every source's licence allows.

    Sources are those the contract names and those the model is really made from: a dataset cannot
    hide one by not naming it.
    """
    published = str(_first(evidence.descriptor.get("licenses")).get("name") or "")
    hidden = sorted(evidence.lineage - set(evidence.contract.sources))
    wrong: list[dict[str, Any]] = [
        {"source": name, "license": given or None}
        for name in (*evidence.contract.sources, *hidden)
        if not allows(given := str(evidence.sources[name].license.get("name") or ""), published)
    ]
    if wrong:
        names = ", ".join(f"{item['source']} ({item['license']})" for item in wrong)
        return failed(
            f"Giấy phép {published} không tương thích với nguồn: {names}",
            f"Licence {published} is not compatible with: {names}",
            observed=published,
            sample=tuple(wrong),
        )
    return passed(
        f"Giấy phép {published} tương thích với mọi nguồn",
        f"Licence {published} is compatible with every source",
        published,
    )


def sources_declared(evidence: Evidence) -> Outcome:
    """Every source the model is made from is named by the contract."""
    hidden = sorted(evidence.lineage - set(evidence.contract.sources))
    if hidden:
        return failed(
            f"Hợp đồng không nêu nguồn: {', '.join(hidden)}",
            f"The contract does not name the sources: {', '.join(hidden)}",
            observed=str(len(hidden)),
            sample=tuple({"source": name} for name in hidden),
        )
    return passed("Mọi nguồn đều được nêu", "Every source is named", str(len(evidence.lineage)))
