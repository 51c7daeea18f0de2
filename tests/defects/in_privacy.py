"""Defects that would show something about a person: small counts, columns, values in texts."""

from tests.defects.candidates import withheld

withheld(
    "a-small-cell-is-shown",
    "privacy",
    "rule.small_cells",
    "Ô có 3 hồ sơ trễ hạn không được che",
    "A cell of three late dossiers is shown",
    lambda street: street.replaced("3 as late"),
)
withheld(
    "a-cell-says-it-is-hidden-and-is-not",
    "privacy",
    "rule.small_cells",
    "Cờ che bật nhưng con số vẫn hiện",
    "The flag says suppressed, the figure is there",
    lambda street: street.replaced("true as suppressed"),
)
withheld(
    "nearly-everything-is-hidden",
    "privacy",
    "rule.visible_share",
    "Che quá tay: phần lớn hồ sơ nằm trong ô bị che",
    "Too much is suppressed: most dossiers lie in hidden cells",
    lambda street: street.rows(
        "select * replace ("
        "case when unit_code > '00150' then null else received end as received,"
        " case when unit_code > '00150' then null else late end as late,"
        " suppressed or unit_code > '00150' as suppressed) from rows"
    ),
)
withheld(
    "a-personal-column-is-listed",
    "privacy",
    "no_personal_columns",
    "Cột nguồn được xếp loại cá nhân, hợp đồng công bố vẫn liệt kê",
    "A column that is personal upstream is listed by the published contract",
    lambda street: street.source(
        lambda data: data["schema"][0]["properties"][1].update(name="note")
    ),
)
withheld(
    "a-pseudonym-is-listed",
    "privacy",
    "no_personal_columns",
    "Giả danh (băm có khoá) của một người được công bố như cột thường",
    "The keyed hash of a person is published like any column",
    lambda street: street.source(
        lambda data: data["schema"][0]["properties"][1].update(
            name="note",
            classification="internal",
            customProperties=[
                *data["schema"][0]["properties"][1]["customProperties"],
                {"property": "pseudonymise", "value": True},
            ],
        )
    ),
)


def _noted(name: str, vi: str, en: str, value: str) -> None:
    withheld(
        name,
        "privacy",
        "no_personal_values",
        vi,
        en,
        lambda street: street.replaced(f"'{value}' as note"),
    )


_noted(
    "a-citizen-id-in-a-note",
    "Số định danh 12 chữ số trong ghi chú",
    "A citizen id of twelve digits in a note",
    "Hồ sơ của ông A, số định danh 042874467276",
)
_noted(
    "an-old-identity-card-in-a-note",
    "Số chứng minh nhân dân 9 chữ số trong ghi chú",
    "The nine digits of an old identity card in a note",
    "CMND số 183 456 789 cấp năm 2009",
)
_noted(
    "a-phone-number-in-a-note",
    "Số điện thoại di động viết có dấu chấm trong ghi chú",
    "A mobile number with dots in a note",
    "Liên hệ 0912.345.678 trước 17 giờ",
)
_noted(
    "an-e-mail-address-in-a-note",
    "Địa chỉ thư điện tử trong ghi chú",
    "An e-mail address in a note",
    "Gửi về nguyen.van.a@hopthu.example giúp",
)
_noted(
    "a-number-plate-in-a-note",
    "Biển số xe trong ghi chú",
    "A number plate in a note",
    "Xe 38A-123.45 vi phạm",
)
_noted(
    "a-bank-card-in-a-note",
    "Số thẻ ngân hàng trong ghi chú",
    "The number of a bank card in a note",
    "Thẻ 4111 1111 1111 1111",
)
_noted(
    "a-dossier-code-in-a-note",
    "Mã hồ sơ trong ghi chú dẫn tới một người",
    "The code of a dossier in a note leads to a person",
    "Xem hồ sơ H27.18-240102-0001",
)
withheld(
    "a-persons-phone-as-the-contact",
    "privacy",
    "no_personal_values",
    "Số điện thoại riêng ghi làm nơi liên hệ trong mô tả",
    "A private phone number is the contact in the descriptor",
    lambda street: street.contract(
        lambda data: data.update(
            support=[{"channel": "desk", "description": "Bàn dữ liệu mở, 0912 345 678"}]
        )
    ),
)
