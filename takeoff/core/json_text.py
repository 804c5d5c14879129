r"""JSON as others send it, into values that can be written again.

Half a character, such as "\ud83d" where a service cut a name in the middle of one, is refused, as
Arrow and DuckDB refuse it: Python alone reads it, and no file or table takes it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa

# Bytes among which the first one that is no blank stands.
_START = 4_096
# Python reads no whole number of more digits.
_MOST_DIGITS = 4_000
_MAYBE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


# Tells where a value ends that stands in a text; a number may have any number of digits.
SCANNER = json.JSONDecoder(parse_int=_whole)


def read(raw: bytes | str, **how: Any) -> Any:
    """As `json.loads`, which takes `how`; bytes as UTF-8, 16 or 32, with a byte order mark or not.

    A text is one that was decoded strictly: only what stands in it escaped can be half a character.

    Raises: ValueError if it is no JSON, or a text in it holds half a character; RecursionError.
    """
    if isinstance(raw, bytes | bytearray):
        raw = raw.decode(json.detect_encoding(raw))
    value = json.loads(raw, **how)
    if _MAYBE_HALF.search(raw) is not None:
        refuse_halves(value)
    return value


def without_mark(raw: pa.Buffer) -> pa.Buffer:
    """The same bytes but for a UTF-8 byte order mark before them."""
    return raw[len(_BOM) :] if raw[: len(_BOM)].to_pybytes() == _BOM else raw


def first_byte(raw: pa.Buffer) -> bytes:
    """The first that is no blank and no byte order mark; empty if it stands far from the start."""
    start: bytes = without_mark(raw)[:_START].to_pybytes()
    return start.lstrip()[:1]


def arrow_may_read(raw: pa.Buffer) -> bool:
    """Whether it begins as an object does and all bytes are UTF-8.

    Arrow's reader of JSON takes any bytes, by which others crash, and crashes by `null` itself.
    """
    if first_byte(raw) != b"{":
        return False
    ends = pa.array([0, raw.size], pa.int64()).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, raw])
    try:
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def refuse_halves(value: Any) -> None:
    """Raises: ValueError if a text or key, however deep in the value, holds half a character."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list | tuple):
            waiting += item
        elif isinstance(item, str):
            _refuse_half(item)


def _refuse_half(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        shown = ascii(text[error.start])[1:-1]
        raise ValueError(f"half a character, {shown}, in a text") from error
