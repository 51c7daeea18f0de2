{#- part ÷ whole in percent, four decimals; NULL when the whole is zero or unknown. -#}
{% macro share_percent(part, whole) -%}
    cast(round(100.0 * ({{ part }}) / nullif({{ whole }}, 0), 4) as decimal(9, 4))
{%- endmacro %}
