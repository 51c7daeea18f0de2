{#- Đồng per printed unit, from an allow-list; NULL for any other text, so that an unknown spelling
    never becomes a number that is wrong by a thousand. -#}
{% macro vnd_factor(unit) -%}
    case {{ unit }}
        when 'đồng' then 1
        when 'nghìn đồng' then 1000
        when 'triệu đồng' then 1000000
        when 'tỷ đồng' then 1000000000
    end
{%- endmacro %}
