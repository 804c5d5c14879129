"""Values as plain text, the same in every output form: exact, unlocalised, unknown is None.

Numbers keep every digit and carry none that says nothing: 12.500000000000 is 12.5. A double is
written by the shortest text that reads back as it; what is not finite is no figure, so unknown.
Times are ISO 8601, those with a time zone in UTC. Lists, structs and maps are JSON text.
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.units import shortest

# Controls C0, DEL, C1; line ends of Unicode; what changes the direction of writing; stray halves
# of surrogate pairs; what XML cannot hold; the tag characters, which nobody sees.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
# Enough for any error, which shows the first few hundred characters.
_SHORT = reprlib.Repr()
_SHORT.maxdict = _SHORT.maxlist = 20
_SHORT.maxlevel = 3
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 400


def excerpt(value: object) -> bytes:
    """How a value out of JSON begins, for an error; however deep it is, and however long."""
    return _SHORT.repr(value).encode("utf-8", "replace")


def is_number(type_: pa.DataType) -> bool:
    """Whether a column of this Arrow type holds figures, rather than text, times or flags."""
    return bool(
        pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
    )


def is_whole(type_: pa.DataType) -> bool:
    """Whether it holds whole numbers only; a sum of integers comes as decimal(38,0)."""
    return bool(pa.types.is_integer(type_) or (pa.types.is_decimal(type_) and type_.scale == 0))


def number(value: int | float | Decimal | None) -> str | None:
    """All digits of `value`, without trailing zeros, as JSON and SQL read them."""
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        digits = format(value, "f")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    else:
        digits = shortest(value) if isinstance(value, float) else str(value)
    return "0" if digits == "-0" else digits


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """The plain text of each value of `column`, in order; None where it is null."""
    if is_number(column.type):
        return [number(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type):
        return _timestamps(column)
    if pa.types.is_time(column.type) or pa.types.is_date(column.type):
        return [_short_fraction(text) for text in pc.cast(column, pa.string()).to_pylist()]
    return [None if value is None else _text(value) for value in column.to_pylist()]


def harmless(text: str, keep: str = "") -> str:
    """`text` with what a terminal or reader would obey made visible, but for characters in `keep`.

    Control characters become their pictures, others their code: the escape character is shown as
    `\u241b`, the override that turns writing around as `<U+202E>`. The invisible characters that
    letters and emoji need to join stay.
    """
    return _OBEYED.sub(lambda found: found[0] if found[0] in keep else _shown(found[0]), text)


def as_json(value: Any) -> str:
    """`value` as strict JSON with exact numbers; unknown is null."""
    if isinstance(value, dict):
        members = (f"{json_text(str(key))}: {as_json(item)}" for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_json(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float | Decimal):
        return number(value) or "null"
    return json_text(_text(value))


def json_text(text: str) -> str:
    """`text` as a JSON string; letters of all languages stay readable."""
    return json.dumps(text, ensure_ascii=False)


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list | tuple) and not isinstance(value, pa.MonthDayNano):
        return as_json(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, pa.MonthDayNano):
        months, days, nanoseconds = value
        return f"P{months}M{days}DT{number(Decimal(nanoseconds).scaleb(-9))}S"
    return str(value)


def _timestamps(column: pa.ChunkedArray) -> list[str | None]:
    if column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit, tz="UTC"))
    days_and_times = pc.cast(column, pa.string()).to_pylist()
    return [
        None if text is None else _short_fraction(text.replace(" ", "T", 1))
        for text in days_and_times
    ]


def _short_fraction(text: str | None) -> str | None:
    """12:00:00.500000Z -> 12:00:00.5Z, 12:00:00.000000Z -> 12:00:00Z."""
    if text is None or "." not in text:
        return text
    zone = "Z" if text.endswith("Z") else ""
    return text.removesuffix("Z").rstrip("0").rstrip(".") + zone
