{#- One row per chapter code of a circular and per column of a published form: what `dim_budget_line`
    is made from. Each circular and each form is said once. -#}
{% macro budget_lines() -%}
{%- set circulars = {
    'TT324_2016': {
        'document': '324/2016/TT-BTC', 'from': none, 'to': 2025, 'certainty': 'repository',
        'note': 'first fiscal year not verified'
    },
    'TT130_2025': {
        'document': '130/2025/TT-BTC', 'from': 2026, 'to': none, 'certainty': 'repository',
        'note': none
    }
} -%}
{%- set taken_over = {
    'certainty': 'inferred',
    'note': 'taken over: only the district range is reported as abolished'
} -%}
{#- circular, code, range it lies in, level of government, code that replaces it, what differs -#}
{%- set chapters = [
    ('TT324_2016', '001-399', none, 'central', '001-399', {}),
    ('TT324_2016', '400-599', none, 'province', '400-599', {}),
    ('TT324_2016', '600-799', none, 'district', none, {
        'note': 'first fiscal year not verified; abolished with the district level'
    }),
    ('TT324_2016', '754', '600-799', 'district', '854', {}),
    ('TT324_2016', '755', '600-799', 'district', '855', {}),
    ('TT324_2016', '756', '600-799', 'district', '856', {}),
    ('TT324_2016', '757', '600-799', 'district', '857', {}),
    ('TT324_2016', '800-989', none, 'commune', '800-989', {}),
    ('TT130_2025', '001-399', none, 'central', none, taken_over),
    ('TT130_2025', '400-599', none, 'province', none, taken_over),
    ('TT130_2025', '800-989', none, 'commune', none, taken_over),
    ('TT130_2025', '854', '800-989', 'commune', none, {}),
    ('TT130_2025', '855', '800-989', 'commune', none, {}),
    ('TT130_2025', '856', '800-989', 'commune', none, {}),
    ('TT130_2025', '857', '800-989', 'commune', none, {}),
] -%}
{#- per form its document, years and columns in order: code, line it is part of, measure, labels -#}
{%- set forms = {
    'CKTC09_PLAN_2010': {'document': '3234/QĐ-BTC', 'from': 2010, 'to': 2010, 'columns': [
        ('revenue', none, 'amount', 'Tổng thu NSNN trên địa bàn', 'Total revenue in the area'),
        ('retained_share_percent', none, 'percent',
            'Tỷ lệ (%) phân chia nguồn thu giữa NSTW và NSĐP',
            'Share of shared revenue that the province keeps'),
        ('spending', none, 'amount',
            'Tổng chi cân đối ngân sách địa phương', 'Balanced local expenditure'),
        ('transfers', none, 'amount', 'Bổ sung từ ngân sách trung ương: tổng số',
            'Transfers from the central budget: total'),
        ('balancing_transfers', 'transfers', 'amount', 'Bổ sung cân đối', 'Balancing transfer'),
        ('wage_transfers', 'transfers', 'amount',
            'Bổ sung tiền lương tối thiểu', 'Minimum-wage transfer'),
        ('targeted_transfers', 'transfers', 'amount', 'Bổ sung có mục tiêu: tổng số',
            'Targeted transfers: total'),
        ('targeted_projects', 'targeted_transfers', 'amount',
            'Bổ sung có mục tiêu: các dự án, công trình quan trọng (vốn đầu tư)',
            'Targeted transfers: investment'),
        ('targeted_policies', 'targeted_transfers', 'amount',
            'Bổ sung có mục tiêu: các nhiệm vụ, chế độ chính sách (vốn sự nghiệp)',
            'Targeted transfers: recurrent'),
        ('targeted_programmes', 'targeted_transfers', 'amount',
            'Bổ sung có mục tiêu: chương trình mục tiêu quốc gia và chương trình khác',
            'Targeted transfers: national programmes'),
    ]},
    'CKTC09_FINAL_2012': {'document': none, 'from': 2012, 'to': 2012, 'columns': [
        ('revenue', none, 'amount',
            'Tổng thu NSNN trên địa bàn tỉnh, thành phố', 'Total revenue in the area'),
        ('retained_share_percent', none, 'percent', 'Tỷ lệ phân chia nguồn thu giữa NSTW và NSĐP',
            'Share of shared revenue that the province keeps'),
        ('spending', none, 'amount', 'Tổng chi cân đối NSĐP', 'Balanced local expenditure'),
        ('transfers', none, 'amount', 'Bổ sung từ NSTW cho NSĐP: tổng số',
            'Transfers from the central budget: total'),
        ('balancing_transfers', 'transfers', 'amount', 'Bổ sung cân đối', 'Balancing transfer'),
        ('targeted_foreign_capital', 'transfers', 'amount', 'Bổ sung có mục tiêu: vốn ngoài nước',
            'Targeted transfers: foreign capital'),
        ('targeted_important_duties', 'transfers', 'amount',
            'Bổ sung có mục tiêu: thực hiện những nhiệm vụ quan trọng',
            'Targeted transfers: important duties'),
    ]},
    'IT_APPENDIX_2021': {'document': '713/QĐ-UBND', 'from': 2016, 'to': 2020, 'columns': [
        ('recurrent', none, 'amount',
            'Chi sự nghiệp CNTT', 'Recurrent spending on information technology'),
        ('investment', none, 'amount', 'Chi đầu tư CNTT', 'Investment in information technology'),
        ('total_expenditure', none, 'amount',
            'Tổng chi ngân sách nhà nước', 'Total state-budget spending'),
        ('it_share', none, 'percent', 'Tỷ lệ chi CNTT trên tổng chi',
            'Share of spending on information technology'),
    ]}
} -%}
{%- set the_other = {'TT324_2016': 'TT130_2025'} %}
{% for scheme, code, parent, level, successor, own in chapters -%}
{%- set circular = circulars[scheme] -%}
select
    {{ sql_text(scheme) }} as scheme,
    {{ sql_text('chapter_range' if '-' in code else 'chapter') }} as line_kind,
    {{ sql_text(code) }} as code,
    cast(null as integer) as line_position,
    {{ sql_text(parent) }} as parent_code,
    {{ sql_text(('Khoảng chương ' if '-' in code else 'Chương ') ~ code) }} as label_vi,
    {{ sql_text(('Chapters ' if '-' in code else 'Chapter ') ~ code) }} as label_en,
    {{ sql_text(level) }} as budget_level,
    'code' as measure,
    cast({{ circular['from'] or 'null' }} as integer) as valid_from_fy,
    cast({{ circular['to'] or 'null' }} as integer) as valid_to_fy,
    {{ sql_text(own.get('note', circular['note'])) }} as validity_note,
    {{ sql_text(the_other[scheme] if successor) }} as replaced_by_scheme,
    {{ sql_text(successor) }} as replaced_by_code,
    {{ sql_text(own.get('certainty', circular['certainty'])) }} as certainty,
    {{ sql_text(circular['document']) }} as document_number
union all
{% endfor -%}
{% for scheme, form in forms.items() -%}
{% set last_form = loop.last -%}
{% for code, parent, measure, label_vi, label_en in form['columns'] -%}
select
    {{ sql_text(scheme) }} as scheme,
    'form_column' as line_kind,
    {{ sql_text(code) }} as code,
    {{ loop.index }} as line_position,
    {{ sql_text(parent) }} as parent_code,
    {{ sql_text(label_vi) }} as label_vi,
    {{ sql_text(label_en) }} as label_en,
    cast(null as varchar) as budget_level,
    {{ sql_text(measure) }} as measure,
    {{ form['from'] }} as valid_from_fy,
    {{ form['to'] }} as valid_to_fy,
    'the years whose form is at hand' as validity_note,
    cast(null as varchar) as replaced_by_scheme,
    cast(null as varchar) as replaced_by_code,
    'document' as certainty,
    {{ sql_text(form['document']) }} as document_number
{% if not (last_form and loop.last) -%}
union all
{% endif -%}
{% endfor -%}
{% endfor %}
{%- endmacro %}
