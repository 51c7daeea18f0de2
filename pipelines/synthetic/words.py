"""Word lists for made-up people, places and texts, with weights where frequency matters.

Family names follow the widely known shares; nothing here is taken from a list of persons. Given
names are chosen so that no full name is also the name of a ward or commune: a search for personal
values in what is published must not find a place instead.
"""

FAMILY_NAMES: dict[str, int] = {
    "Nguyễn": 384, "Trần": 121, "Lê": 95, "Phạm": 70, "Hoàng": 51, "Phan": 45, "Võ": 39,
    "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Lý": 5, "Đinh": 11,
    "Trịnh": 9, "Mai": 8, "Đoàn": 8, "Lương": 8, "Cao": 7, "Thái": 7, "Đào": 6, "Tạ": 5,
    "Hà": 6, "Lưu": 6, "Trương": 10, "Biện": 3, "Uông": 2, "Thân": 3, "Kiều": 3,
}  # fmt: skip

MIDDLE_NAMES_MALE: dict[str, int] = {
    "Văn": 38, "Hữu": 9, "Đức": 9, "Đình": 8, "Xuân": 6, "Quang": 6, "Minh": 6, "Công": 5,
    "Thanh": 4, "Anh": 3, "Trọng": 3, "Viết": 3,
}  # fmt: skip

MIDDLE_NAMES_FEMALE: dict[str, int] = {
    "Thị": 62, "Thị Thu": 7, "Thị Thanh": 6, "Thị Ngọc": 5, "Ngọc": 5, "Thị Minh": 4,
    "Khánh": 3, "Thị Hồng": 5, "Diệu": 3,
}  # fmt: skip

GIVEN_NAMES_MALE: tuple[str, ...] = (
    "Hùng", "Dũng", "Cường", "Tuấn", "Nam", "Sơn", "Hải", "Long", "Thắng", "Tùng", "Hiếu",
    "Bảo", "Đạt", "Khôi", "Phúc", "Quân", "Thành", "Trung", "Vinh", "Việt", "Hoà", "Kiên",
    "Khoa", "Mạnh", "Nhân", "Phong", "Tài", "Tiến", "Toàn", "Đông",
)  # fmt: skip

GIVEN_NAMES_FEMALE: tuple[str, ...] = (
    "Hoa", "Lan", "Hương", "Hằng", "Hạnh", "Nga", "Thuỷ", "Trang", "Linh", "Mai", "Yến",
    "Phương", "Quỳnh", "Thảo", "Vân", "Sương", "Nhung", "Loan", "Liên", "Hiền", "Huyền",
    "Giang", "Dung", "Chi", "Bích", "Châu", "Ngân", "Oanh", "Thơ", "Tuyết",
)  # fmt: skip

COMPANY_FORMS: tuple[str, ...] = (
    "Công ty TNHH", "Công ty TNHH MTV", "Công ty Cổ phần", "Doanh nghiệp tư nhân", "Hợp tác xã",
)  # fmt: skip

COMPANY_WORDS: tuple[str, ...] = (
    "Hưng Phát", "Đại Lợi", "Minh Khang", "Thịnh Vượng", "An Khánh", "Tân Tiến", "Sao Mai",
    "Hoàng Gia", "Trường Thịnh", "Phú Quý", "Bình Minh", "Đông Á", "Nam Việt", "Thiên Phú",
    "Gia Bảo", "Hải Đăng", "Vạn Xuân", "Ngọc Linh", "Kim Cương", "Toàn Thắng",
)  # fmt: skip

COMPANY_TRADES: tuple[str, ...] = (
    "Xây dựng", "Thương mại", "Vận tải", "Nông sản", "Du lịch", "Cơ khí", "Thuỷ sản", "Dược",
)  # fmt: skip

HAMLETS: tuple[str, ...] = (
    "thôn Đông", "thôn Tây", "thôn Nam", "thôn Bắc", "thôn Trung", "thôn Thượng", "thôn Hạ",
    "thôn Mới", "tổ dân phố 1", "tổ dân phố 2", "tổ dân phố 3", "tổ dân phố 4", "thôn Phú",
    "thôn Tân", "thôn Đoài", "thôn Yên",
)  # fmt: skip

FIELD_POPULARITY: dict[str, int] = {
    "Chứng thực": 34, "Hộ tịch": 30, "Đất đai": 24, "Lý lịch tư pháp": 14,
    "Đường bộ": 12, "Bảo trợ xã hội": 12, "Người có công": 8, "Quản lý công sản": 2,
    "Đăng ký biện pháp bảo đảm": 12, "Nuôi con nuôi": 2,
}  # fmt: skip
"""How often procedures of a field are asked for; any field not named weighs 4."""

PLACE_HEADS: tuple[str, ...] = (
    "Thôn", "Xóm", "Tổ dân phố", "Khối", "Bản",
)  # fmt: skip

PLACE_WORDS: tuple[str, ...] = (
    "Đông Hải", "Tây Sơn", "Nam Tiến", "Bắc Giang Sơn", "Trung Đình", "Thượng Lội", "Đại Đồng",
    "Đồng Vịnh", "Yên Điềm", "Phúc Lộc", "Tân Phú", "Hoà Bình", "Đá Bạc", "Khe Lang", "Rú Đất",
    "Cồn Sò", "Đập Đình", "Bàu Láng", "Cây Đa", "Hói Trung", "Độc Lập", "Quyết Tiến", "Liên Minh",
    "Kim Sơn", "Vĩnh Cát", "Ngọc Điền", "Hồng Lam", "Thanh Mỹ", "Long Trì", "Đèo Ngang",
)  # fmt: skip


def weighted(weights: dict[str, int]) -> list[str]:
    """Every word as often as its weight, so that a uniform draw follows the weights."""
    return [word for word, weight in weights.items() for _ in range(weight)]
