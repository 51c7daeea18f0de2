{{ target_progress([ref('int_published_figure'), ref('int_operational_figure')]) }}
