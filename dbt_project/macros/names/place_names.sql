{#- How the written name of an administrative unit is brought to a form that can be compared.
    Matching only; what is shown is always the official spelling. Which unit a name means is
    `resolve_units`. -#}


{#- The spelling without what writers vary freely: letter case, NFD, marks typed in the other order,
    look-alike letters, kinds and number of blanks, dots, dashes, apostrophes, the place of the tone
    mark (hoà, hòa), i for y (Kì, Kỳ), Đăk and Đak for Đắk, `Q1` and `Quận 01` for `Quận 1`. Marks
    stay: Tân Hòa and Tân Hóa are two names. NULL for a text without letters or digits. -#}
{% macro place_key(text) -%}
    {{ adapter.dispatch('place_key', 'khomo')(text) }}
{%- endmacro %}

{#- RE2 knows no look-ahead and its \s and \b know ASCII only: blanks are named by their Unicode
    class and doubled, so that neighbouring words can both be matched. -#}
{% macro default__place_key(text) -%}
    {%- set tidy = _place_letters("regexp_replace(" ~ text ~ ", '[.,:;_()/|>–—−‒‐‑→*-]+', ' ', 'g')") -%}
    {{ _place_syllables(tidy) }}
{%- endmacro %}


{#- The parts of a text that may hold a whole path, in the order written, each as `place_key` gives
    it. A part that begins with `|` follows a comma or the like, where the writer separated for
    certain; others follow a dash or precede the word for a type of unit, where a name may go on. -#}
{% macro place_atoms(text) -%}
    {{ adapter.dispatch('place_atoms', 'khomo')(text) }}
{%- endmacro %}

{% macro default__place_atoms(text) -%}
    {%- set types = 'xã|xa|phường|phuong|thị +trấn|thi +tran|huyện|huyen|quận|quan|thị +xã|thi +xa'
        ~ '|thành +phố|thanh +pho|tỉnh|tinh|đặc +khu|dac +khu|tp|tx|tt|p|q|h|x' -%}
    {%- set ns = namespace(sql=_place_letters("regexp_replace(" ~ text ~ ", '[._:*]+', ' ', 'g')")) -%}
    {%- for pattern, cut in [
        ('[\\s\\p{Z}]+', '  '),
        (' *[,;()/|>→][,;()/|>→ ]*', '~|'),
        (' *[–—−‒‐‑-] *', '~'),
        ('([0-9]) +', '\\1~'),
        (' (' ~ types ~ ')([ 0-9])', '~\\1\\2'),
    ] -%}
        {%- set ns.sql = "regexp_replace(" ~ ns.sql ~ ", '" ~ pattern ~ "', '" ~ cut ~ "', 'g')" -%}
    {%- endfor -%}
    list_filter(
        list_transform(
            string_split({{ ns.sql }}, '~'),
            part -> case when part like '|%' then '|' else '' end
            || coalesce({{ _place_syllables("replace(part, '|', ' ')") }}, '')
        ),
        part -> ltrim(part, '|') not in ('', 'việt nam', 'viet nam', 'vietnam', 'vn')
    )
{%- endmacro %}

{#- Letters: one code point per letter, lower case, no apostrophe or quotation mark. -#}
{% macro _place_letters(text) -%}
    lower(nfc_normalize(regexp_replace(
        regexp_replace(
            translate({{ text }}, 'ÐðƉɖ', 'ĐđĐđ'),
            '[\x{0027}\x{0022}’‘ʼ`´′“”\p{Cf}]+[\s\p{Z}]*', '', 'g'
        ),
        '([\x{0300}\x{0301}\x{0303}\x{0309}\x{0323}])([\x{0302}\x{0306}\x{031B}])', '\2\1', 'g'
    )))
{%- endmacro %}

{#- Syllables: one spelling for each, one blank between two. The replacements are folded over a list,
    because nesting one call for each makes an expression too deep for parsers. -#}
{% macro _place_syllables(text) -%}
    {%- set pairs = [
        'òa|oà', 'óa|oá', 'ỏa|oả', 'õa|oã', 'ọa|oạ', 'òe|oè', 'óe|oé', 'ỏe|oẻ', 'õe|oẽ', 'ọe|oẹ',
        'ùy|uỳ', 'úy|uý', 'ủy|uỷ', 'ũy|uỹ', 'ụy|uỵ', 'ăk |ắk ', ' đak | đắk ',
    ] -%}
    {%- for start in ['h', 'k', 'l', 'm', 's', 't', 'qu'] -%}
        {%- for tone in ['y|i', 'ỳ|ì', 'ý|í', 'ỷ|ỉ', 'ỹ|ĩ', 'ỵ|ị'] -%}
            {%- do pairs.append(
                ' ' ~ start ~ tone[0] ~ ' | ' ~ start ~ tone[2] ~ ' '
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    nullif(
        trim(regexp_replace(
            list_reduce(
                ['{{ pairs | join("', '") }}'],
                (done, pair) -> replace(
                    done, split_part(pair, '|', 1), split_part(pair, '|', 2)
                ),
                regexp_replace(
                    regexp_replace(
                        regexp_replace(' ' || {{ text }} || ' ', '[\s\p{Z}]+', '  ', 'g'),
                        '(\p{L})(\d)', '\1  \2', 'g'
                    ),
                    '(\p{L}) +0+(\d)', '\1  \2', 'g'
                )
            ),
            ' +', ' ', 'g'
        )),
        ''
    )
{%- endmacro %}


{#- A `place_key` without its marks, letter by letter: both have the same length. -#}
{% macro place_fold(key) -%}
    {{ adapter.dispatch('place_fold', 'khomo')(key) }}
{%- endmacro %}

{% macro default__place_fold(key) -%}
    translate(strip_accents({{ key }}), 'đ', 'd')
{%- endmacro %}


{#- True where `written` is `official` with marks left out: each letter is the official one, or that
    letter without its tone, or the bare letter. A mark that the official name does not have
    contradicts it. Both are `place_key`s that fold alike. -#}
{% macro marks_agree(written, official) -%}
    {{ adapter.dispatch('marks_agree', 'khomo')(written, official) }}
{%- endmacro %}

{% macro default__marks_agree(written, official) -%}
    {%- set toneless = "translate(" ~ official
        ~ ", 'àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ',"
        ~ " 'aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy')" -%}
    (
        {{ written }} = {{ official }}
        or (
            length({{ written }}) = length({{ official }})
            and len(list_filter(
                list_zip(
                    string_split({{ written }}, ''),
                    string_split({{ official }}, ''),
                    string_split({{ toneless }}, ''),
                    string_split({{ place_fold(official) }}, '')
                ),
                letter -> letter[1] not in (letter[2], letter[3], letter[4])
            )) = 0
        )
    )
{%- endmacro %}
