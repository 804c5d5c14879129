"""Reading one raw answer: its bytes without packing, its JSON as it stands, and how to refuse it.

Keys are found whatever their case, for the vendor writes `createdby` here and `createdBy` there;
what is missing is null. JSON may come labelled as text, with a byte order mark and blanks around.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from takeoff.core import json_text
from takeoff.core.errors import NotUnderstood

# Characters of an answer that an error shows.
SHOWN = 200
_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
_TOKEN = re.compile(r"[\s,:]*([\[\]{}\"]|[^\s,:\[\]{}\"]+)")
_PLAIN = json.JSONDecoder()
# Above it a number with a decimal point is no id or name.
_MOST = 2**63
# No tree of elements comes near; each level that is open takes memory.
_DEEPEST = 100_000


def refused(name: str, raw: bytes, why: str) -> NotUnderstood:
    """The error for an answer that cannot be read: what is wrong, and how the answer begins."""
    start = raw[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]
    shown = f"it begins: {start}" if start else "it is empty"
    return NotUnderstood(f"Bimplus' answer to {name} is not understood: {why}; {shown}")


def plain(path: Path) -> bytes:
    """The bytes of an answer that was kept, as `bare` gives them."""
    return bare(path.read_bytes())


def bare(raw: bytes) -> bytes:
    """The bytes without byte order mark and blanks around them."""
    return raw.strip(_BLANKS).removeprefix(_BOM).strip(_BLANKS)


def parsed(raw: bytes, name: str) -> Any:
    """The JSON value; of a key that is there twice the last counts.

    Raises: NotUnderstood if it is no JSON, or nested deeper than any answer but a tree is.
    """
    try:
        return json_text.read(raw)
    except RecursionError as error:
        raise refused(name, raw, "it is nested too deeply") from error
    except ValueError as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error


def parsed_tree(raw: bytes, name: str) -> Any:
    """As `parsed`, of a tree of elements, which may be nested deeper than any stack.

    Raises: NotUnderstood if it is no JSON, or nested deeper than any model is.
    """
    try:
        return json_text.read(raw)
    except RecursionError:
        return _parsed_deep(raw, name)
    except ValueError as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error


def listed(value: Any, *wrappers: str) -> list[dict[str, Any]] | None:
    """The objects of an array that stands by itself or as one of these members of an object.

    Null if there is no such array, or something in it is no object.
    """
    if isinstance(value, dict):
        value = member(value, *wrappers)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    return value


def member(value: Mapping[str, Any], *names: str) -> Any:
    """The first member of these names that is not null, whatever the case of the key."""
    for name in names:
        if value.get(name) is not None:
            return value[name]
    folded = {key.casefold(): item for key, item in value.items() if item is not None}
    return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


def text(value: object) -> str | None:
    """A name as text; empty text is none, and so is a number that names nothing."""
    if isinstance(value, float | Decimal):
        value = int(value) if -_MOST < value < _MOST and value == int(value) else None
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value) if is_text and value != "" else None


def guid(value: object) -> str | None:
    """An id as the vendor writes it on the wire: in lower case, whatever it came in."""
    found = text(value)
    return None if found is None else found.strip().strip("{}").lower() or None


def _parsed_deep(raw: bytes, name: str) -> Any:
    """As `json.loads`, with a list of open arrays and objects instead of calls within calls."""
    content = raw.decode("utf-8", "replace")
    top: list[Any] = []
    open_values: list[Any] = [top]
    keys: list[str | None] = [None]
    at = 0
    try:
        while (found := _TOKEN.match(content, at)) is not None:
            at, token = found.end(), found[1]
            if token in ("]", "}"):
                is_object = isinstance(open_values.pop(), dict)
                if keys.pop() is not None or is_object is not (token == "}"):
                    raise ValueError(f"a {token} where none may stand")
                continue
            value: Any = {"{": {}, "[": []}.get(token)
            if value is None:
                value, at = _PLAIN.raw_decode(content, found.start(1))
            inner = open_values[-1]
            if isinstance(inner, list):
                inner.append(value)
            elif keys[-1] is None:
                keys[-1] = _key(value)
                continue
            else:
                inner[keys[-1]], keys[-1] = value, None
            if token in ("[", "{"):
                if len(open_values) > _DEEPEST:
                    raise ValueError(f"it is nested deeper than {_DEEPEST:,}")
                open_values.append(value)
                keys.append(None)
        if len(open_values) != 1 or len(top) != 1 or content[at:].strip():
            raise ValueError("it ends where it may not")
        json_text.refuse_halves(top)
    except (ValueError, IndexError) as error:
        raise refused(name, raw, f"it is no JSON ({error})") from error
    return top[0]


def _key(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a key that is no text")
    return value
