"""Reading one raw answer: its bytes without packing, its JSON as it stands, and how to refuse it.

The vendor renames keys within v1, so keys are found whatever their case; what is missing is null.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from takeoff.core import json_text
from takeoff.core.errors import NotUnderstood
from takeoff.core.plain import harmless

# Characters of an answer that an error shows.
SHOWN = 200
# A GlobalId as IFC writes it; case-sensitive.
GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?")
# What one answer may hold unpacked; pages of 5,000 products are some 6 MB.
_LARGEST = 8 << 30
# No answer stands deeper within objects and arrays.
DEEPEST = 32
# Above it a number with a decimal point is no id or name.
_MOST = 2**63


def refused(name: str, raw: bytes, why: str) -> NotUnderstood:
    """The error for an answer that cannot be read: what is wrong, and how the answer begins.

    It is one line that steers no terminal. What is asked for over the network is also rid of what
    looks like a secret (`redacted`).
    """
    start = raw[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]
    shown = f"it begins: {start}" if start else "it is empty"
    said = harmless(f"Qonic's answer to {name} is not understood: {why}; {shown}")
    return NotUnderstood(said)


def plain(path: Path, name: str) -> bytes:
    """The bytes of an answer, unpacked if they are gzip, without a byte order mark.

    Raises: NotUnderstood if the packing is cut or unreasonably large.
    """
    return unpacked(path.read_bytes(), name)


def unpacked(raw: bytes, name: str) -> bytes:
    """As `plain`, of bytes."""
    if raw.startswith(GZIP):
        raw = _unpacked(raw, name)
    return raw.removeprefix(BOM)


def parsed(raw: bytes, name: str, *, exact: bool = False) -> Any:
    """The JSON value. Numbers are doubles, or with `exact` decimals with the digits as written.

    Raises: NotUnderstood if it is no JSON, or an object has a key twice.
    """
    number: Any = Decimal if exact else float
    try:
        return json_text.read(raw, parse_float=number, parse_int=number, object_pairs_hook=_object)
    except RecursionError as error:
        raise refused(name, raw, "it is nested too deeply") from error
    except ValueError as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error


def refuse_depth(value: Any, raw: bytes, name: str, deepest: int = DEEPEST) -> None:
    """Raises: NotUnderstood if objects and arrays stand within one another deeper than that."""
    level = [value]
    for _ in range(deepest):
        inner = [item for item in level if isinstance(item, dict | list)]
        level = [
            part for item in inner for part in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise refused(name, raw, f"it is nested deeper than {deepest}")


def looks_like_json(raw: bytes) -> bool:
    """Whether it begins as an object or array does."""
    return raw.lstrip()[:1] in (b"{", b"[")


def member(value: Mapping[str, Any], *names: str) -> Any:
    """The first member of these names that is not null, whatever the case of the key."""
    for name in names:
        if value.get(name) is not None:
            return value[name]
    folded = {key.casefold(): item for key, item in value.items() if item is not None}
    return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


def text(value: object) -> str | None:
    """An id or name as text: 7 and "7" are the same id; empty text is none."""
    if isinstance(value, float | Decimal):
        value = int(value) if -_MOST < value < _MOST and value == int(value) else None
    return str(value) if isinstance(value, str | int) and value != "" else None


def is_number(value: str) -> bool:
    """Whether text is a number with a decimal point; no comma, no NaN, no blanks."""
    return _NUMBER.fullmatch(value) is not None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is there twice")
    return found


def _unpacked(raw: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(raw, _LARGEST)
    except zlib.error as error:
        raise refused(name, raw, f"it is damaged gzip ({error})") from error
    if not unpacker.eof:
        raise refused(name, raw, "it is gzip that is cut short or larger than 8 GiB")
    return found
