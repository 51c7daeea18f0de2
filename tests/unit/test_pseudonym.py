"""A dossier past landing: one code has one hash, and nobody without the key can make it."""

from hashlib import sha256

import duckdb

from pipelines.ingest.pseudonym import arm, keyed_hash_sql

CODE = "H28.17-240502-00123"


def _hash(key: bytes, text: str | None) -> str | None:
    with duckdb.connect() as connection:
        arm(connection, key)
        found = connection.execute(
            f"select {keyed_hash_sql('x')} from (select ?::varchar as x)", [text]
        ).fetchone()
    assert found is not None
    return None if found[0] is None else str(found[0])


def test_the_hash_is_the_one_step_derivation_cut_to_128_bits() -> None:
    secret = sha256(b"secret").digest()[:16]
    expected = sha256(b"\0\0\0\1" + secret + CODE.encode()).hexdigest()[:32]
    assert _hash(b"secret", CODE) == expected


def test_another_key_gives_another_hash_and_no_code_gives_none() -> None:
    assert _hash(b"secret", CODE) != _hash(b"other", CODE)
    assert _hash(b"secret", None) is None
