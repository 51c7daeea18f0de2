{#- The same `keys` in `model` and in `compare_to`: what is hidden stays as a row. -#}
{% test same_rows(model, compare_to, keys) %}
    (
        select {{ keys | join(', ') }} from {{ model }}
        except
        select {{ keys | join(', ') }} from {{ compare_to }}
    )
    union all
    (
        select {{ keys | join(', ') }} from {{ compare_to }}
        except
        select {{ keys | join(', ') }} from {{ model }}
    )
{% endtest %}
