"""Defects of keys that refer to the released list of another dataset."""

from tests.defects.candidates import withheld

withheld(
    "a-unit-is-not-in-the-released-list",
    "keys",
    "reference",
    "Một đơn vị không có trong bản phát hành của danh mục đơn vị mà tập này tham chiếu",
    "A unit is not in the release of the list of units that the dataset refers to",
    lambda street: (
        street.contract(street.world.refer_to_units),
        street.world.release_units("unit_code <> '00007'"),
    ),
)
withheld(
    "the-list-of-units-was-withheld",
    "keys",
    "reference",
    "Danh mục đơn vị mà tập này tham chiếu chưa từng được công bố",
    "The list of units that the dataset refers to was never published",
    lambda street: street.contract(street.world.refer_to_units),
)
withheld(
    "the-list-of-units-changes-meanwhile",
    "keys",
    "gate.references",
    "Danh mục đơn vị có bản khác sau khi khóa đã được đối chiếu",
    "Another release of the list of units stands after the keys were looked up",
    lambda street: (
        street.contract(street.world.refer_to_units),
        street.world.release_units(),
        setattr(
            street,
            "checked",
            lambda _candidate: street.world.release_units("unit_code <> '00014'"),
        ),
    ),
)
