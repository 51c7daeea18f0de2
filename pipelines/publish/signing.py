"""Who decided: the key that decisions are signed with, and the public keys that prove it.

Ed25519 over the bytes of `decision.json`; `decision.sig` holds the 64 bytes of the signature and
nothing else, so that `openssl pkeyutl -verify -rawin` checks it, too. A key is a PKCS#8 PEM without
a passphrase, given by `$KHOMO_SIGNING_KEY` (the PEM itself, or the path of its file). Without one
a key is made under the home, and every decision it signs says *demo*: it proves that releases are
of one home, not whose home that is.

    secrets/signing.key          the home's own key, where the environment gives none
    secrets/signed-with/<id>.pem public key of every key that ever signed here, by its id

Only keys and signatures belong here; what a release must say beside them is `verify`.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.canonical import write_durably
from pipelines.settings import Home

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

VARIABLE = "KHOMO_SIGNING_KEY"
ALGORITHM = "Ed25519"
SIGNATURE_BYTES = 64

_ID_LENGTH = 16
_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.S)

Keys = Mapping[str, "Ed25519PublicKey"]
"""Public keys by their ids."""


class SigningError(Exception):
    """A key cannot be used; the message names where it is and what to do. It never quotes it."""


@dataclass(frozen=True)
class Signer:
    """A key that can sign. `key` is its id; `demo` is true where it was made here."""

    key: str
    demo: bool
    public: bytes
    private: "Ed25519PrivateKey" = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """How a decision names it."""
        return {"algorithm": ALGORITHM, "key": self.key, "demo": self.demo}

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`: the same 64 bytes each time."""
        return self.private.sign(data)


def _pem(public: "Ed25519PublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id(public: "Ed25519PublicKey") -> str:
    """The head of the SHA-256 of a public key in DER: what `openssl pkey -outform DER` digests."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()[:_ID_LENGTH]


def _private(pem: bytes, where: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise SigningError(
            f"{where} is no key: it must be a PKCS#8 PEM without a passphrase; make one with"
            " `openssl genpkey -algorithm ed25519`"
        ) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise SigningError(
            f"{where} is a key of another kind than {ALGORITHM}; make one with"
            " `openssl genpkey -algorithm ed25519`"
        )
    return found


def _own(home: Home) -> Path:
    return home.secrets / "signing.key"


def _signed_with(home: Home) -> Path:
    return home.secrets / "signed-with"


def new_key(home: Home) -> None:
    """Replace the home's own key, in one step. Public keys of earlier ones stay known."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    write_durably(_own(home), pem)


def signer(home: Home) -> Signer:
    """The key to sign with: `$KHOMO_SIGNING_KEY`, else the home's own, made on first use.

    Its public key is kept, so that what it signs can still be verified when it is gone.

    Raises:
        SigningError: the key cannot be read, or is none.
    """
    given = os.environ.get(VARIABLE)
    if given and given.lstrip().startswith("-----BEGIN"):
        private = _private(given.encode(), f"${VARIABLE}")
    elif given:
        try:
            private = _private(Path(given).read_bytes(), given)
        except OSError as error:
            raise SigningError(
                f"${VARIABLE} must hold a PEM or name its file, which cannot be read:"
                f" {error.strerror}"
            ) from error
    else:
        if not _own(home).exists():
            new_key(home)
        private = _private(_own(home).read_bytes(), str(_own(home)))
    public = private.public_key()
    made = Signer(key_id(public), not given, _pem(public), private)
    kept = _signed_with(home) / f"{made.key}.pem"
    if not kept.exists():
        write_durably(kept, made.public)
    return made


def _public_keys(path: Path) -> Iterator["Ed25519PublicKey"]:
    """The public keys in a file of one or more PEMs."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = [load_pem_public_key(pem) for pem in _PUBLIC.findall(path.read_bytes())]
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SigningError(f"{path} holds a public key that is damaged") from error
    if not found:
        raise SigningError(
            f"{path} holds no public key in PEM; `khomo key export` writes one, a catalogue has"
            " them in `keys/`"
        )
    for public in found:
        if not isinstance(public, Ed25519PublicKey):
            raise SigningError(f"{path} holds a key of another kind than {ALGORITHM}")
        yield public


def read_keys(paths: Sequence[Path]) -> Keys:
    """The public keys in these PEM files; of a folder, in all its `*.pem`.

    Raises:
        SigningError: one of them cannot be read, or holds no key.
    """
    files = [
        file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])
    ]
    if paths and not files:
        raise SigningError(f"{paths[0]} holds no *.pem file")
    return {key_id(public): public for file in files for public in _public_keys(file)}


def known_keys(home: Home) -> Keys:
    """The public key of every key that ever signed here; none before the first decision.

    Raises:
        SigningError: one of them is damaged.
    """
    folder = _signed_with(home)
    return read_keys([folder]) if folder.is_dir() and any(folder.glob("*.pem")) else {}


def public_pems(home: Home) -> dict[str, bytes]:
    """The same keys as PEM by id, in the order of ids, for the catalogue."""
    return {key: _pem(public) for key, public in sorted(known_keys(home).items())}


def is_signature(public: "Ed25519PublicKey", signature: bytes, data: bytes) -> bool:
    """True where `signature` is this key's over exactly `data`."""
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(signature, data)
    except InvalidSignature:
        return False
    return True
