{#- Folded form of a Vietnamese text, for matching only: lower case, no tone or vowel marks, đ as d.
    `đ` is a letter, not an accent, so stripping accents leaves it; U+00D0 only looks like it.
    Never fold units of measure: different units share one folded form. -#}
{% macro vn_fold(text) -%}
    {{ adapter.dispatch('vn_fold', 'khomo')(text) }}
{%- endmacro %}

{% macro default__vn_fold(text) -%}
    trim(regexp_replace(
        translate(
            strip_accents(lower(nfc_normalize(translate({{ text }}, 'Ðð', 'Đđ')))), 'đ', 'd'
        ),
        '\s+', ' ', 'g'
    ))
{%- endmacro %}
