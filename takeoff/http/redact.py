"""Takes out of a text what nobody may read there: tokens, codes, and the queries of addresses."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from takeoff.core.errors import NotUnderstood
from takeoff.core.plain import harmless

HIDDEN = "***"

_NAMES = (
    r"access_token|refresh_token|id_token|api[-_]?token|api[-_]?key|client_secret|password"
    r"|code_verifier|signature|x-amz-[a-z-]+"
)
_VALUE = r"[^\s\"'&,;<>}]{6,}"
_RULES = (
    (re.compile(r"(\bhttps?://)[^\s/?#@\"'<>]*@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"(\bhttps?://[^\s?#\"'<>]*|(?<!\S)/[^\s?\"'<>]*)\?[^\s\"'<>]*"), rf"\1?{HIDDEN}"),
    (re.compile(r"\b(bearer|basic|bimplus)\s+[^\s,;\"']{12,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*"), HIDDEN),
    (re.compile(rf"\b({_NAMES})([\"']?\s*[=:]\s*[\"']?){_VALUE}", re.I), rf"\1\2{HIDDEN}"),
    (re.compile(rf"\b(code|token|sig)={_VALUE}", re.IGNORECASE), rf"\1={HIDDEN}"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without `secrets`, without what looks like one, and without controls."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return harmless(" ".join(text.split()))


@contextmanager
def redacted() -> Iterator[None]:
    """An answer that is not understood is quoted without what looks like a secret.

    Also as a decorator. The error that quotes the answer as it was is not shown behind ours.
    """
    try:
        yield
    except NotUnderstood as error:
        raise type(error)(redact(str(error))) from None


class Redacting(logging.Filter):
    """Rewrites a library's log records, which would carry the queries of signed addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: nothing is dropped."""
        record.msg, record.args = redact(record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True
