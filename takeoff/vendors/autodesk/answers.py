"""Reading small answers: JSON as it stands, members that may be missing, numbers that are quoted.

A member that is not there and one that is null mean the same everywhere in this API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from takeoff.core import json_text
from takeoff.core.errors import NotUnderstood

# Characters of an answer that an error shows.
SHOWN = 200
# Text of so many digits is no count.
_DIGITS = 19


def refused(name: str, raw: bytes, why: str) -> NotUnderstood:
    """The error for an answer that cannot be read: what is wrong, and how the answer begins."""
    start = raw[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]
    shown = f"it begins: {start}" if start else "it is empty"
    return NotUnderstood(f"Autodesk's answer to {name} is not understood: {why}; {shown}")


def parsed(raw: bytes, name: str) -> Any:
    """The JSON value, decoded as UTF-8 whatever the headers say. Raises: NotUnderstood."""
    try:
        return json_text.read(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error


def object_of(raw: bytes, name: str) -> dict[str, Any]:
    """The JSON object. Raises: NotUnderstood."""
    found = parsed(raw, name)
    if not isinstance(found, dict):
        raise refused(name, raw, "it is no object")
    return found


def text(value: object) -> str | None:
    """An id or name as text: 7 and "7" are the same id; empty text is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list; empty if it is none."""
    found = map(text, value) if isinstance(value, list) else ()
    return tuple(item for item in found if item is not None)


def whole(value: object) -> int | None:
    """A count, which samples of the documentation quote; null if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() and len(value) < _DIGITS else None
    return value if isinstance(value, int) else None


def counts(value: object) -> dict[str, int]:
    """The counts of a member such as `stats`; what is no count is left out."""
    found = value if isinstance(value, Mapping) else {}
    pairs = ((str(name), whole(item)) for name, item in found.items())
    return {name: count for name, count in pairs if count is not None}


def member(value: object, *path: str) -> Any:
    """The value at the end of a path of keys; null where one of them leads nowhere."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
