{{ config(materialized='table_macro', parameters=['cumulated_figures']) }}

{{ decumulated_quarters(relation_named('cumulated_figures'), ['series', 'budget_year']) }}
