"""The secret behind pseudonyms, and the SQL that applies it.

A dossier code is the public look-up key of a person's file, so nothing past landing may carry it;
rows that belong together carry a keyed hash of it instead: the one-step key derivation of NIST
SP 800-56C with SHA-256, a secret of 128 bits, and 128 bits of result. Counter, secret and code fit
one block of SHA-256, where an HMAC takes four. The key stays in the environment or in one
owner-only file; it reaches DuckDB as a variable, never as SQL text, so no log shows it.
"""

import os
import secrets
from hashlib import sha256

import duckdb

from pipelines.canonical import write_durably
from pipelines.settings import Home

_COUNTER = (1).to_bytes(4, "big")  # the first and only round of the derivation
_SECRET = 16  # bytes
HASH_DIGITS = 32  # of a keyed hash, in hexadecimal


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
    """Give `connection` the secret that `keyed_hash_sql` uses."""
    secret = _COUNTER + sha256(key).digest()[:_SECRET]
    connection.execute("set variable khomo_secret = ?", [secret])


def keyed_hash_sql(text: str) -> str:
    """SQL for the keyed hash of a text expression, 32 hexadecimal digits; NULL stays NULL."""
    return f"left(sha256(getvariable('khomo_secret') || encode({text})), {HASH_DIGITS})"
