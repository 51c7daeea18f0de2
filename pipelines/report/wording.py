"""The report's own words, in both languages. What checks say comes with their results."""

from collections.abc import Mapping

from pipelines.contracts import Text

OUTCOMES = {
    "published": Text("Đã công bố", "Published"),
    "unchanged": Text("Không đổi", "Unchanged"),
    "waived": Text("Đã công bố, có miễn trừ", "Published with a waiver"),
    "withheld": Text("Giữ lại", "Withheld"),
    "withdrawn": Text("Thu hồi", "Withdrawn"),
    "undecided": Text("Chưa quyết định", "Not decided"),
}

STATUSES = {
    "passed": Text("Đạt", "Passed"),
    "information": Text("Thông tin", "Information"),
    "warning": Text("Cảnh báo", "Warning"),
    "failed": Text("Không đạt", "Failed"),
    "error": Text("Lỗi khi chạy", "Could not run"),
    "missing": Text("Thiếu kết quả", "Missing"),
}

DIMENSIONS = {
    "completeness": Text("Đầy đủ", "Completeness"),
    "validity": Text("Hợp lệ", "Validity"),
    "uniqueness": Text("Duy nhất", "Uniqueness"),
    "consistency": Text("Nhất quán", "Consistency"),
    "accuracy": Text("Chính xác", "Accuracy"),
    "timeliness": Text("Kịp thời", "Timeliness"),
}

ENGINES = {
    "dbt": "dbt",
    "great_expectations": "Great Expectations",
    "sql": "SQL",
    "khomo": "Kho Mở",
}

FRESHNESS = {
    "on_time": Text("Đúng hạn", "On time"),
    "late": Text("Trễ hạn", "Late"),
    "never": Text("Chưa kéo về", "Never pulled"),
    "no_promise": Text("Không cam kết", "No promise"),
}

CORRECTIONS = {
    "override": Text("thay giá trị", "values replaced"),
    "drop": Text("loại dòng", "row left out"),
    "flag": Text("đánh dấu", "marked"),
}

PULL_OUTCOMES = {
    "new": Text("có dữ liệu mới", "new data"),
    "unchanged": Text("không đổi từ {since}", "unchanged since {since}"),
}

URGENCIES = {
    "act": Text("Cần xử lý", "Act"),
    "look": Text("Nên xem", "Look"),
}

UNBALANCED = Text("Không cân", "Does not add up")


def dimension(key: str) -> Text:
    """A quality dimension in words; one without words is shown as it is."""
    return DIMENSIONS.get(key, Text(key, key))


def label(words: Mapping[str, str], key: str) -> str:
    """The words for `key`; what has none is shown as it is."""
    return words.get(key, key)
