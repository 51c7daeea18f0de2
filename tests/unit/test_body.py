"""A body is what was sent, however it was coded, cut into pieces or begun."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.connectors.body import decoded
from pipelines.ingest.connectors.refusal import RefusedError


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


CODINGS = {
    "identity": lambda body: body,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw": raw_deflate,
}


def pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return [body[a:b] for a, b in pairwise(places)]


@given(
    body=st.binary(max_size=2000),
    how=st.sampled_from(sorted(CODINGS)),
    cuts=st.lists(st.integers(0, 3000), max_size=5),
)
def test_the_pieces_in_which_a_body_arrives_do_not_matter(
    body: bytes, how: str, cuts: list[int]
) -> None:
    coding = "deflate" if how == "raw" else how
    sent = pieces(CODINGS[how](body), [1, *cuts])
    assert b"".join(decoded(coding, iter(sent))) == body


@given(
    body=st.binary(max_size=500),
    how=st.sampled_from(["gzip", "deflate", "raw"]),
    lost=st.integers(1, 500),
)
def test_a_coded_body_that_lost_its_end_is_refused(body: bytes, how: str, lost: int) -> None:
    sent = CODINGS[how](body)[:-lost]
    coding = "deflate" if how == "raw" else how
    if not sent:
        assert not list(decoded(coding, iter([sent])))  # nothing at all is refused as empty
        return
    with pytest.raises(RefusedError):
        list(decoded(coding, iter([sent])))
