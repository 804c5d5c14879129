"""Takes out of a text what nobody may read there: tokens, codes, and the queries of addresses."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from takeoff.core.errors import NotUnderstood
from takeoff.core.plain import harmless

HIDDEN = "***"
# Fewer characters are a few letters of base64, and those stand in other words, too.
_SHORT = 8
# Logins of some sessions at once, each with what it has renewed itself to; the latest of all.
_MOST_HIDDEN = 32
_hidden: tuple[str, ...] = ()
# So much of a secret is one, too: answers are quoted as far as their first few hundred characters.
_BEGINNING = 12
_OF_ADDRESSES = str.maketrans("+/", "-_")

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


def hide(secrets: Iterable[str]) -> None:
    """From now on `redact` leaves these in no text, whoever quotes what a service has said.

    Only what is as long as a token is: a short word would go from other texts, too.
    """
    global _hidden
    new = [one for one in secrets if len(one) > _BEGINNING and one not in _hidden]
    if new:
        _hidden = (*new, *_hidden)[:_MOST_HIDDEN]


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without secrets, without what looks like one, and without controls.

    Secrets are these and the hidden ones, also as an address or base64 would write them, or cut.
    """
    for secret in sorted(filter(None, {*secrets, *_hidden}), key=len, reverse=True):
        for written in _written(secret):
            text = text.replace(written, HIDDEN)
        if len(secret) > _BEGINNING:
            text = re.sub(re.escape(secret[:_BEGINNING]) + r"[^\s\"'<>&,;]*", HIDDEN, text)
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return harmless(" ".join(text.split()))


def _written(secret: str) -> Iterator[str]:
    """The secret as it is and in other writings; in base64 wherever in a text it may begin."""
    yield secret
    escaped = quote(secret, safe="")
    yield from (escaped, escaped.lower())
    if len(secret) < _SHORT:
        return
    for before in range(3):
        # Letters at the ends hold bits of what stands beside it.
        whole = slice((before * 8 + 5) // 6, (before + len(secret.encode())) * 8 // 6)
        letters = base64.b64encode(bytes(before) + secret.encode()).decode()[whole]
        yield from (letters, letters.translate(_OF_ADDRESSES), quote(letters, safe=""))


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
