"""Which licence a dataset may be published under, by the licences of what it is made from.

One rule for the lint and for the gate. A licence that forbids derivatives allows none; one that
asks for the same terms, or forbids commercial use, allows only itself; any other allows all.
"""

import re

_NON_COMMERCIAL = re.compile(r"(^|[-_ ])NC([-_ ]|$)|noncommercial", re.IGNORECASE)
_SHARE_ALIKE = re.compile(r"(^|[-_ ])SA([-_ ]|$)|^ODbL|^GFDL|^GPL", re.IGNORECASE)
_NO_DERIVATIVES = re.compile(r"(^|[-_ ])ND([-_ ]|$)", re.IGNORECASE)


def allows(given: str, published: str) -> bool:
    """Whether a source under the licence `given` may be part of a dataset under `published`."""
    if not given or _NO_DERIVATIVES.search(given):
        return False
    bound = _NON_COMMERCIAL.search(given) or _SHARE_ALIKE.search(given)
    return not bound or given == published
