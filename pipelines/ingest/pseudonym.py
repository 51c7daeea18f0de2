"""The secret behind pseudonyms, and the SQL that applies it.

A dossier code is the public look-up key of a person's file, so nothing past landing may carry it;
rows that belong together carry its HMAC-SHA-256 instead. The key stays in the environment or in
one owner-only file; it reaches DuckDB as variables, never as SQL text, so no log shows it.
"""

import os
import secrets
from hashlib import sha256

import duckdb

from pipelines.canonical import write_durably
from pipelines.settings import Home

_BLOCK = 64  # bytes, of SHA-256


def pseudonym_key(home: Home) -> bytes:
    """`$KHOMO_PSEUDONYM_KEY`, else the key kept under the home, made on first use."""
    if text := os.environ.get("KHOMO_PSEUDONYM_KEY"):
        return text.encode()
    path = home.secrets / "pseudonym.key"
    if not path.exists():
        new_key(home)
    return path.read_bytes()


def new_key(home: Home) -> None:
    """Replace the key under the home, in one step."""
    write_durably(home.secrets / "pseudonym.key", secrets.token_hex(32).encode())


def fingerprint(key: bytes) -> str:
    """Tells two keys apart without revealing either."""
    return sha256(b"khomo pseudonym fingerprint" + key).hexdigest()[:12]


def arm(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give `connection` the two padded keys that `hmac_sql` uses."""
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    for name, pad in (("khomo_inner", 0x36), ("khomo_outer", 0x5C)):
        padded = bytes(byte ^ pad for byte in block)
        connection.execute(f"set variable {name} = ?", [padded])


def hmac_sql(text: str) -> str:
    """SQL for the HMAC-SHA-256 of a text expression, in hexadecimal; NULL stays NULL."""
    inner = f"sha256(getvariable('khomo_inner') || encode({text}))"
    return f"sha256(getvariable('khomo_outer') || unhex({inner}))"
