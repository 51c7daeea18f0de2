{#- Identifiers of agencies come in two forms. QCVN 102:2016 is read from the right and filled with
    zeros: `000.17.22.H56` is 17 below 22 of province H56. Decision 20/2020/QĐ-TTg is read from the
    left: `H56.22.17`. The path is the second form; what is neither has none. Digits are kept as they
    are written, since nothing says that 17 and 017 are one unit. -#}

{#- Which of the two forms a code has: QCVN102, QD20, or NULL. -#}
{% macro agency_code_scheme(code) -%}
    case
        when {{ matches_whole('upper(trim(' ~ code ~ '))', '[0-9]{3}[.][0-9]{2}[.][0-9]{2}[.][GH][0-9]{2}') }}
            then 'QCVN102'
        when {{ matches_whole('upper(trim(' ~ code ~ '))', '[GH][0-9]{2}([.][0-9]{1,3})*') }}
            then 'QD20'
    end
{%- endmacro %}


{#- The path from the province or ministry down, `H56.22.17`; NULL where the code has neither form. -#}
{% macro agency_path(code) -%}
    case {{ agency_code_scheme(code) }}
        when 'QD20' then upper(trim({{ code }}))
        when 'QCVN102'
            then
                substr(upper(trim({{ code }})), 11, 3)
                || case substr(trim({{ code }}), 8, 2)
                    when '00' then '' else '.' || substr(trim({{ code }}), 8, 2)
                end
                || case substr(trim({{ code }}), 5, 2)
                    when '00' then '' else '.' || substr(trim({{ code }}), 5, 2)
                end
                || case substr(trim({{ code }}), 1, 3)
                    when '000' then '' else '.' || substr(trim({{ code }}), 1, 3)
                end
    end
{%- endmacro %}


{#- The path of the agency above; NULL for a province or ministry. -#}
{% macro agency_parent(path) -%}
    case when {{ path }} like '%.%' then regexp_replace({{ path }}, '[.][0-9]+$', '') end
{%- endmacro %}
