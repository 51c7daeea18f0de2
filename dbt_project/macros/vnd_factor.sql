{#- Đồng per unit, of the four names that landing gives to every known spelling (column property
    `unitStyle: currency`); NULL for any other text, which never becomes a number wrong by a thousand. -#}
{% macro vnd_factor(unit) -%}
    case {{ unit }}
        when 'đồng' then 1
        when 'nghìn đồng' then 1000
        when 'triệu đồng' then 1000000
        when 'tỷ đồng' then 1000000000
    end
{%- endmacro %}
