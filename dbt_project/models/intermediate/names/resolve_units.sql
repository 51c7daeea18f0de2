{{ config(materialized='table_macro', parameters=['written_names']) }}

{{ resolve_units(
    relation=relation_named('written_names'),
    keys=['name_id'],
    province='province',
    district='district',
    commune='commune',
    place='place',
    on_day='on_day',
    level='level',
    scheme='scheme',
) }}
