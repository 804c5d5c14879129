"""Reading one raw answer: its JSON as it stands, its members and times, and how to refuse it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from takeoff.core import json_text
from takeoff.core.errors import NotUnderstood

Json = dict[str, Any]

# Characters of an answer that an error shows.
SHOWN = 200
# Text of so many digits is no count.
_DIGITS = 19
BOM = b"\xef\xbb\xbf"


def refused(name: str, raw: bytes, why: str) -> NotUnderstood:
    """The error for an answer that cannot be read: what is wrong, and how the answer begins."""
    start = raw[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]
    shown = f"it begins: {start}" if start else "it is empty"
    path = name.partition("?")[0]
    return NotUnderstood(f"iTwin's answer to {path} is not understood: {why}; {shown}")


def parsed(raw: bytes, name: str, *, exact: bool = False) -> Any:
    """The JSON value. Numbers are doubles, or with `exact` decimals with the digits as written.

    Raises: NotUnderstood if it is no JSON, or an object has a key twice.
    """
    number: Any = Decimal if exact else float
    try:
        return json_text.read(raw.removeprefix(BOM), parse_float=number, object_pairs_hook=_object)
    except RecursionError as error:
        raise refused(name, raw, "it is nested too deeply") from error
    except ValueError as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error


def read_object(path: Path, name: str) -> dict[str, Any]:
    """The object in a file. Raises: NotUnderstood if it holds anything else."""
    raw = path.read_bytes()
    return as_object(parsed(raw, name), name)


def as_object(value: Any, name: str) -> dict[str, Any]:
    """The value, which must be an object. Raises: NotUnderstood."""
    if not isinstance(value, dict):
        raise refused(name, _shown(value), "it is no object")
    return value


def inner(value: Any, key: str, name: str) -> dict[str, Any]:
    """The object under `key`, such as the mapping in {"mapping": {...}}. Raises: NotUnderstood."""
    found = member(as_object(value, name), key)
    if not isinstance(found, dict):
        raise refused(name, _shown(value), f"it has no object '{key}'")
    return found


def objects(value: Any, key: str, name: str) -> list[dict[str, Any]]:
    """The list of objects under `key`. Raises: NotUnderstood if there is none."""
    found = member(as_object(value, name), key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise refused(name, _shown(value), f"it has no list '{key}'")
    return found


def member(value: Mapping[str, Any], *names: str) -> Any:
    """The first member of these names that is not null, whatever the case of the key."""
    for name in names:
        if value.get(name) is not None:
            return value[name]
    folded = {key.casefold(): item for key, item in value.items() if item is not None}
    return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


def text(value: object) -> str | None:
    """An id or name as text: 7 and "7" are the same id; empty text is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def required(value: Mapping[str, Any], key: str, name: str) -> str:
    """A member that is text or a whole number, as text. Raises: NotUnderstood if it is missing."""
    found = text(member(value, key))
    if found is None:
        raise refused(name, _shown(value), f"'{key}' is missing")
    return found


def whole(value: object) -> int | None:
    """A whole number, also if it came as text; null if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isdecimal() and len(value) < _DIGITS:
        return int(value)
    return None


def flag(value: object) -> bool | None:
    """True or false; null for anything else."""
    return value if isinstance(value, bool) else None


def href(value: Mapping[str, Any], link: str) -> str | None:
    """The address under `_links`; null if there is none, in whatever way that is said."""
    links = member(value, "_links")
    found = member(links, link) if isinstance(links, dict) else None
    return text(member(found, "href")) if isinstance(found, dict) else None


def moment(value: object) -> datetime | None:
    """A time in any of the service's spellings, in UTC; null if it is none.

    They are `...33.1700000Z`, `...56.0000000+00:00` and `...56+00:00`; one without a zone is UTC.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def last_segment(url: str) -> str:
    """The last segment of an address's path: the id that it names."""
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


def _shown(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is there twice")
    return found
