"""Personal values and their look-alikes as people write them, for measuring the detectors.

Written from how such numbers are issued and written, not from the detectors' patterns, and shares
no code with them. Every function takes its own source of chance, so that a seed names a list.
"""

from collections.abc import Callable, Iterator
from random import Random

Make = Callable[[Random], str]

# Codes of the 63 provinces of 2004-2025, by the order of Decision 124/2004.
PROVINCES = [
    *("01", "02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "19", "20", "22", "24"),
    *("25", "26", "27", "30", "31", "33", "34", "35", "36", "37", "38", "40", "42", "44", "45"),
    *("46", "48", "49", "51", "52", "54", "56", "58", "60", "62", "64", "66", "67", "68", "70"),
    *("72", "74", "75", "77", "79", "80", "82", "83", "84", "86", "87", "89", "91", "92", "93"),
    *("94", "95", "96"),
]
# What operators may assign since the change of 2018.
MOBILE = [
    *("032", "033", "034", "035", "036", "037", "038", "039", "052", "055", "056", "058", "059"),
    *("070", "076", "077", "078", "079", "081", "082", "083", "084", "085", "086", "087", "088"),
    *("089", "090", "091", "092", "093", "094", "096", "097", "098", "099"),
]
AREAS = ["024", "028", "0236", "0239", "0238", "0234", "0276", "0274", "0292", "0203", "0225"]
WORDS = [
    *("hồ", "sơ", "thửa", "đất", "cấp", "lại", "giấy", "phép", "chủ", "hộ", "gửi", "kèm", "đơn"),
    *("ngày", "nhận", "trả", "tại", "bộ", "phận"),
]


def digits(chance: Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def grouped(number: str, sizes: tuple[int, ...], between: str) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(number[start : start + size])
        start += size
    return between.join(parts)


def citizen_id(chance: Random) -> str:
    born = chance.randint(1930, 2024)
    sex = chance.randint(0, 1) + (2 if born >= 2000 else 0)
    number = f"0{chance.choice(PROVINCES)}{sex}{born % 100:02}{digits(chance, 6)}"
    form = chance.random()
    if form < 0.8:
        return number
    if form < 0.9:
        return grouped(number, (3, 3, 3, 3), chance.choice(" .-"))
    return grouped(number, chance.choice([(4, 4, 4), (3, 3, 6)]), " ")


def old_citizen_id(chance: Random) -> str:
    number = f"{chance.randint(1, 38):02}{digits(chance, 6)}{chance.randint(1, 9)}"
    if chance.random() < 0.75:
        return number
    name = chance.choice(["CMND", "CMND số", "Số CMT:", "chứng minh nhân dân số", "CMND:"])
    return f"{name} {grouped(number, (3, 3, 3), chance.choice(' .'))}"


def mobile(chance: Random) -> str:
    number = chance.choice(MOBILE) + digits(chance, 7)
    if chance.random() < 0.3:
        abroad = chance.choice(["+84", "+84 ", "(+84) ", "0084", "+84-"])
        rest = number[1:]
        return abroad + (rest if chance.random() < 0.5 else grouped(rest, (3, 3, 3), " "))
    if chance.random() < 0.5:
        return number
    sizes = chance.choice([(4, 3, 3), (3, 3, 4), (4, 2, 2, 2), (4, 6), (3, 7), (3, 4, 3)])
    return grouped(number, sizes, chance.choice([" ", ".", "-"]))


def landline(chance: Random) -> str:
    area = chance.choice(AREAS)
    rest = chance.choice("2356") + digits(chance, 10 - len(area))
    if chance.random() < 0.4:
        return area + rest
    half = len(rest) - 4
    split = rest if chance.random() < 0.3 else grouped(rest, (half, 4), chance.choice(" ."))
    form = chance.choice(["({area}) {rest}", "{area}.{rest}", "{area} {rest}", "{area}-{rest}"])
    return form.format(area=area, rest=split)


def email(chance: Random) -> str:
    first = chance.choice(["an", "binh", "nguyen", "le.thi", "tran_van", "hoa-pham", "q.huy"])
    host = chance.choice(["gmail.com", "yahoo.com.vn", "mail.example", "hopthu.vn", "tinh.gov.vn"])
    return f"{first}{digits(chance, chance.randint(0, 4))}@{host}"


def plate(chance: Random) -> str:
    place = chance.choice([*range(11, 13), *range(14, 44), *range(47, 100)])
    letter = chance.choice("ABCDEFGHKLMNPSTUVXYZ")
    five = digits(chance, 5)
    dotted = f"{five[:3]}.{five[3:]}"
    return chance.choice(
        [
            f"{place}{letter}-{dotted}",
            f"{place}{letter}-{five}",
            f"{place}{letter}{five}",
            f"{place}{letter} {dotted}",
            f"{place}LD-{dotted}",
            f"{place}-{letter}{chance.randint(1, 9)} {dotted}",
            f"{place}{letter}{chance.randint(1, 9)}-{five}",
            f"{place}-{letter}{chance.randint(1, 9)} {chance.choice('3456789')}{digits(chance, 3)}",
            f"{place}{letter}-{chance.choice('3456789')}{digits(chance, 3)}",
        ]
    )


def luhn(number: str) -> str:
    """`number` with the digit that ISO/IEC 7812 asks for at its end."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return number + str(-total % 10)


def bank_card(chance: Random) -> str:
    if chance.random() < 0.1:
        return luhn("9704" + digits(chance, 14))
    head = chance.choice(["9704", "4", "51", "55", "2221", "3528", "62"])
    number = luhn(head + digits(chance, 15 - len(head)))
    if chance.random() < 0.5:
        return number
    return grouped(number, (4, 4, 4, 4), chance.choice(" -"))


def tax_code(chance: Random) -> str:
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    while True:
        head = f"{chance.choice([*range(1, 64), 80, 83, 84, 85]):02}{digits(chance, 7)}"
        check = 10 - sum(int(d) * w for d, w in zip(head, weights, strict=True)) % 11
        if check < 10 and not (head + str(check)).endswith("000"):
            break
    return head + str(check) + (f"-{chance.randint(1, 99):03}" if chance.random() < 0.2 else "")


def dossier_code(chance: Random) -> str:
    day = f"{chance.randint(19, 26)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    agency = f"{chance.choice('HG')}{chance.randint(1, 65):02}"
    if chance.random() < 0.5:
        unit = f"000.{chance.randint(0, 40):02}.{chance.randint(0, 40):02}.{agency}"
    else:
        unit = agency + "".join(f".{chance.randint(1, 150)}" for _ in range(chance.randint(0, 3)))
    return f"{unit}-{day}-{chance.randint(1, 12000):04}"


PERSONAL: dict[str, Make] = {
    "citizen_id": citizen_id,
    "old_citizen_id": old_citizen_id,
    "mobile phone": mobile,
    "landline": landline,
    "email": email,
    "plate": plate,
    "bank_card": bank_card,
    "tax_code": tax_code,
    "dossier_code": dossier_code,
}


def procedure_code(chance: Random) -> str:
    code = f"{chance.randint(1, 3)}.{digits(chance, 6)}"
    agency = f"H{chance.randint(1, 65):02}"
    return code + chance.choice(["", f".{agency}", f".000.00.00.{agency}"])


def agency_code(chance: Random) -> str:
    agency = f"{chance.choice('HG')}{chance.randint(1, 65):02}"
    return chance.choice(
        [
            f"000.{chance.randint(0, 40):02}.{chance.randint(0, 40):02}.{agency}",
            f"{agency}.{chance.randint(1, 150)}.{chance.randint(1, 20)}",
        ]
    )


def unit_code(chance: Random) -> str:
    return chance.choice(
        [
            digits(chance, 5),
            chance.choice(PROVINCES),
            f"QD19_2025:{digits(chance, 5)}:open",
            f"GSO_PRE2025:{digits(chance, 3)}:2024-12-31",
        ]
    )


def amount(chance: Random) -> str:
    value = chance.randint(1, 9_999_999) * chance.choice([1, 10, 1000, 100_000, 1_000_000])
    return chance.choice(
        [
            f"{value:,} đồng",
            f"{value:,}".replace(",", ".") + " đồng",
            f"{value:,}".replace(",", "."),
            f"{value:,}".replace(",", " ") + " đ",
            f"{value} đồng",
            f"{value}đ",
            f"{value} VNĐ",
            f"{value // 1000},{chance.randint(0, 99):02} triệu đồng",
            f"{value * 1000}",
        ]
    )


def coordinate(chance: Random) -> str:
    latitude, longitude = chance.uniform(8, 23), chance.uniform(102, 110)
    return f"{latitude:.{chance.randint(4, 15)}f}, {longitude:.{chance.randint(4, 15)}f}"


def document_number(chance: Random) -> str:
    kind = chance.choice(["QĐ-UBND", "NQ-HĐND", "NĐ-CP", "TT-BTTTT", "KH-UBND", "QĐ-TTg"])
    return f"{chance.randint(1, 9999)}/{chance.randint(1999, 2026)}/{kind}"


def moment(chance: Random) -> str:
    year, month, day = chance.randint(1990, 2026), chance.randint(1, 12), chance.randint(1, 28)
    hour, minute, second = chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59)
    return chance.choice(
        [
            f"{day:02}/{month:02}/{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day:02}-{month:02}-{year} {hour:02}:{minute:02}",
            f"{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}",
            f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{digits(chance, 6)}Z",
            f"{year - 1}-{year}",
            f"quý {chance.randint(1, 4)}/{year}",
        ]
    )


def measure(chance: Random) -> str:
    return chance.choice(
        [
            f"{chance.uniform(0, 1):.{chance.randint(2, 12)}f}",
            f"{chance.uniform(0, 100):.2f} %".replace(".", ","),
            f"{chance.uniform(1, 300):.3f} Mbps",
            f"{chance.randint(1, 99)}KV-{chance.randint(100, 999)}",
            f"{chance.randint(100_000, 99_999_999)} người",
        ]
    )


def machine(chance: Random) -> str:
    text = "".join(chance.choice("0123456789abcdef") for _ in range(64))
    uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
    return chance.choice(
        [
            text,
            text[:40],
            uuid,
            f"2026-10-31-{text[:12]}x",
            f"build {digits(chance, 14)}.{digits(chance, 6)}",
            f"v{chance.randint(0, 9)}.{chance.randint(0, 30)}.{chance.randint(0, 30)}",
            f"10.{chance.randint(0, 255)}.{chance.randint(0, 255)}.{chance.randint(0, 255)}:5432",
            f"{chance.randint(1_600_000_000, 1_800_000_000)}.{digits(chance, 6)}",
        ]
    )


def legal_words(chance: Random) -> str:
    number, letter = chance.randint(1, 99), chance.choice("ABCDEĐGH")
    return chance.choice(
        [
            f"Điều {number}{letter} khoản {chance.randint(1, 9)}",
            f"mẫu số {number}{letter}-{chance.randint(1990, 2026)}",
            f"Phụ lục {number}{letter}",
            f"tổ dân phố {number}, phường {chance.randint(1, 16)}",
            f"lớp {chance.randint(1, 12)}{letter}{chance.randint(1, 9)}",
            "hotline 1900 1234",
            f"Sở Tư pháp, số {number} đường 30/4",
        ]
    )


LOOK_ALIKES: dict[str, Make] = {
    "procedure code": procedure_code,
    "agency code": agency_code,
    "unit code": unit_code,
    "amount": amount,
    "coordinate": coordinate,
    "document number": document_number,
    "moment": moment,
    "measure": measure,
    "machine's identifier": machine,
    "words of the law": legal_words,
}


def sentence(chance: Random, value: str) -> str:
    """`value` alone, in free text, or in what programs write."""
    before = " ".join(chance.sample(WORDS, 3))
    after = " ".join(chance.sample(WORDS, 2))
    return chance.choice(
        [
            value,
            value,
            f"{before} {value}",
            f"{before}: {value}.",
            f"{before} ({value}), {after}",
            f"{value} - {after}",
            f"{before};{value};{after}",
            f'{{"truong": "{value}"}}',
            f"{before}\n{value}\n{after}",
            f"{before}, năm 2024, {value} và {after}",
        ]
    )


def texts(makers: dict[str, Make], chance: Random, each: int) -> Iterator[tuple[str, str]]:
    """(kind, text) for `each` values of every kind."""
    for kind, make in makers.items():
        for _ in range(each):
            yield kind, sentence(chance, make(chance))
