"""Keeps secrets out of words: whatever is learned here appears in no message and no log record.

Knowing which values are secret is `credentials`.
"""

import base64
import json
import logging
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
_known: dict[str, None] = {}


def learn(*secrets: str) -> None:
    """From now on, mask these values, plain or in the forms in which they travel."""
    for secret in secrets:
        if not secret:
            continue
        forms = (
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            base64.b64encode(secret.encode()).decode(),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        )
        _known.update(dict.fromkeys(forms))
    _watch_logs()


def redact(text: str) -> str:
    """`text` with every known secret masked."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _watch_logs() -> None:
    """Mask every log record of this process: libraries log the addresses they ask."""
    inner = logging.getLogRecordFactory()
    if getattr(inner, "masks_secrets", False):
        return

    def masked(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = inner(*arguments, **more)
        try:
            text = record.getMessage()
        except Exception:  # a record that cannot be worded is its handler's business
            return record
        if (clean := redact(text)) != text:
            record.msg, record.args = clean, None
        return record

    masked.masks_secrets = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(masked)
