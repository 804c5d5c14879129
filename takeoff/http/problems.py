"""The vendor's own words in an answer that says no, whatever form it gave them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from takeoff.core import json_text
from takeoff.http.redact import redact

MAX_CHARACTERS = 500

_KINDS = ("error", "code", "errorcode", "type", "title")
_DETAILS = (
    "errordetails",
    "error_description",
    "detail",
    "message",
    "developermessage",
    "reason",
    "description",
    "exceptionmessage",
    "errors",
)


def words(body: bytes, secrets: Iterable[str] = ()) -> str:
    """What the body says is wrong, on one line, redacted; empty if it says nothing.

    JSON of either family that vendors use ({error, errorDetails} or problem details, names in any
    case), or plain text; a web page is only called one. At most 500 characters.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    if text[:1] == "<":
        return "a web page"
    try:
        parsed = json_text.read(text)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return words_in(parsed, secrets)
    return _short(text, secrets)


def words_in(problem: dict[str, Any], secrets: Iterable[str] = ()) -> str:
    """As `words`, of parsed JSON."""
    return _short(": ".join(dict.fromkeys(_said(problem))), secrets)


def _short(text: str, secrets: Iterable[str]) -> str:
    return redact(text, secrets)[:MAX_CHARACTERS]


def _said(problem: dict[str, Any]) -> Iterator[str]:
    """Kind first, then details; what is nested counts as being there."""
    members = {key.lower(): value for key, value in problem.items()}
    for name in (*_KINDS, *_DETAILS):
        value = members.get(name)
        if isinstance(value, dict) and name == "error":
            yield from _said(value)
        elif isinstance(value, dict | list):
            yield json.dumps(value, ensure_ascii=False)
        elif value not in (None, "", "about:blank"):
            yield str(value)
