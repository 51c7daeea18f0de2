"""Vietnamese text reduced to plain letters, for made-up e-mail addresses."""

import unicodedata


def ascii_name(text: str) -> str:
    """`text` in lower-case ASCII letters and digits only: `Đỗ Thị Hoà` becomes `dothihoa`."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
