{{ config(materialized='table_macro', parameters=['cumulated_figures']) }}

{{ decumulated_quarters('query_table(cumulated_figures)', ['series', 'budget_year']) }}
