"""Real answers made odd: JSON, JSON lines, CSV and STEP, by their structure or byte by byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

_DEEP = 3_000
_LONG = 300_000
# As JSON may write a number, though Python would not.
_NUMBERS = (
    "1e999999999",
    "-1E+400",
    "1e-999999999",
    "9" * 5_000,
    "0." + "1" * 5_000,
    "-0.0",
    "1.0",
)
_NUMBER = re.compile(r'"~([-+.0-9eE]+)~"')
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf")),
    *(2**31, 2**53 + 1, 2**63, 10**30, 10**400, -(2**63) - 1),
    *("", " ", "0", "-1", "1e5", "1e999", "12,5", "1.234,5 m", "NaN", "null", "true", "m3", "²"),
    *("\x00", "\ud800", "\u202e", "a" * _LONG, "=1+1", "'; drop", "../../x", "€\u0301", "\ufeff"),
    *("9" * 5_000, "1e999999999", *(f"~{number}~" for number in _NUMBERS)),
    *("2026-02-30T25:61:00Z", "2026-01-01", "00000000-0000-0000-0000-000000000000"),
    *([], {}, [[]], [None], {"": None}, {"id": None}, [{}], [1, "1", None, [], {}]),
)
_BYTES = (b"", b"\0", b"\xff", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"\r", b"#")
_WORDS = ("$", "*", "()", "''", "'\\X2\\00E4\\X0\\'", "'\\X\\G'", ".T.", ".NOTDEFINED.", "1.E400")
_ARGUMENTS = (*_WORDS, "-1.", "NaN", "1.#IND", "99999999999999999999", "IFCLABEL($)", '"0F"', "@1")
_RECORD = re.compile(r"#(\d+)\s*=\s*(\w+)\s*\((.*)\)\s*;\s*$", re.S)
_LINK = re.compile(r"#\d+")
_ARGUMENT = re.compile(r"'(?:[^']|'')*'|[^,()']+|\(|\)")

Change = Callable[[Any, Random], Any]


def mutated(content: bytes, chance: Random) -> bytes:
    """The content with one to three changes, most of them such as its own form allows."""
    for _ in range(chance.randint(1, 3)):
        change = chance.choice((_formed, _formed, _formed, _harmed))
        content = change(content, chance)
    return content


def _formed(content: bytes, chance: Random) -> bytes:
    text = content.decode("utf-8-sig", "replace")
    if text.startswith("ISO-10303"):
        return _step(text, chance).encode("utf-8", "replace")
    if text.startswith(("[", "{")):
        return _json(text, chance).encode("utf-8", "surrogatepass")
    return _csv(text, chance).encode("utf-8", "replace")


def _harmed(content: bytes, chance: Random) -> bytes:
    """Bytes flipped, put in, taken out, said twice; or the end cut off."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    kind = chance.randrange(6)
    if kind == 0:
        return content[:start]
    if kind == 1:
        return content[:start] + content[start : start + 40] + content[start:]
    if kind == 2:
        return content[:start] + content[min(end, start + 40) :]
    if kind == 3:
        return content[:start] + chance.choice(_BYTES) + content[start:]
    if kind == 4:
        return b"\xef\xbb\xbf" + content
    flipped = bytes(byte ^ 1 << chance.randrange(8) for byte in content[start : start + 2])
    return content[:start] + flipped + content[start + 2 :]


def _json(text: str, chance: Random) -> str:
    """One value of it, or of one of its lines, is another."""
    try:
        return _dumped(_changed(json.loads(text), chance))
    except (ValueError, RecursionError):
        pass
    lines = text.splitlines()
    at = chance.randrange(len(lines))
    try:
        lines[at] = _dumped(_changed(json.loads(lines[at]), chance))
    except (ValueError, RecursionError):
        return "\n".join(_reordered(lines, chance))
    return "\n".join(lines if chance.random() < 0.7 else _reordered(lines, chance)) + "\n"


def _dumped(value: Any) -> str:
    """As JSON; a key that ends in `~` is there a second time under its own name."""
    written = json.dumps(value, separators=(",", ":")).replace('~":', '":')
    return _NUMBER.sub(lambda found: found[1], written)


def _changed(value: Any, chance: Random) -> Any:
    """A change somewhere within: the deeper, the likelier."""
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value[key] = _changed(value[key], chance)
        return value
    return chance.choice(_CHANGES)(value, chance)


def _odd(value: Any, chance: Random) -> Any:
    return chance.choice(_ODD)


def _retyped(value: Any, chance: Random) -> Any:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value)}
    return chance.choice((str(value), [value], {"value": value}, not value))


def _without(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value:
        value.pop(chance.choice(list(value)))
    elif isinstance(value, list) and value:
        value.pop(chance.randrange(len(value)))
    return value


def _twice(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value:
        key = chance.choice(list(value))
        value[f"{key}{chance.choice(('~', ' ', '', 'x'))}"] = chance.choice((value[key], None))
    elif isinstance(value, list) and value:
        value.insert(chance.randrange(len(value) + 1), chance.choice(value))
    return value


def _renamed(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value:
        key = chance.choice(list(value))
        name = chance.choice((key.upper(), key.lower(), f"{key} ", "", "id", "x" * 5_000, "\x00"))
        value[name] = value.pop(key)
    elif isinstance(value, list):
        chance.shuffle(value)
    return value


def _nested(value: Any, chance: Random) -> Any:
    for _ in range(chance.choice((1, 3, 100, 900))):
        value = {"value": value} if chance.random() < 0.5 else [value]
    return value


_CHANGES: tuple[Change, ...] = (_odd, _odd, _odd, _retyped, _without, _twice, _renamed, _nested)


def _csv(text: str, chance: Random) -> str:
    lines = text.splitlines()
    at = chance.randrange(len(lines)) if lines else 0
    if not lines or chance.random() < 0.3:
        return "\n".join(_reordered(lines, chance))
    cells = lines[at].split(",")
    place = chance.randrange(len(cells))
    odd = str(chance.choice(_ODD))
    cells[place] = chance.choice((odd, f'"{odd}', f'"{odd}"', f'{odd}"', odd + ",", odd + "\n"))
    lines[at] = ",".join(cells)
    return chance.choice(("\n", "\r\n", "\r")).join(lines)


def _reordered(lines: list[str], chance: Random) -> list[str]:
    """One line is gone, there twice, elsewhere, or empty."""
    if not lines:
        return [chance.choice(("", ",", '"'))]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines.pop(at)
    kind = chance.randrange(4)
    if kind == 1:
        lines[other:other] = [line, line]
    elif kind == 2:
        lines.insert(other, line)
    elif kind == 3:
        lines.insert(at, "")
    return lines


def _step(text: str, chance: Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    found = _RECORD.match(lines[at])
    if found is None or chance.random() < 0.25:
        return "\n".join(_reordered(lines, chance))
    number, kind, arguments = found.groups()
    lines[at] = f"#{number}={_kind(kind, lines, chance)}({_arguments(arguments, lines, chance)});"
    return "\n".join(lines)


def _kind(kind: str, lines: list[str], chance: Random) -> str:
    """Mostly its own; else that of another record, or none that there is."""
    other = _RECORD.match(chance.choice(lines))
    if chance.random() < 0.85 or other is None:
        return kind
    return chance.choice((other[2], "IFCNOTHING", "", kind.lower()))


def _arguments(text: str, lines: list[str], chance: Random) -> str:
    """One argument is odd, one is another's, or a link leads to nothing, or in a ring."""
    links = list(_LINK.finditer(text))
    if links and chance.random() < 0.5:
        link = chance.choice(links)
        there = [found[1] for line in lines if (found := _RECORD.match(line))]
        to = chance.choice(("999999", "0", "18446744073709551616", *there))
        return f"{text[: link.start()]}#{to}{text[link.end() :]}"
    places = list(_ARGUMENT.finditer(text))
    if not places:
        return chance.choice(_ARGUMENTS)
    place = chance.choice(places)
    other = chance.choice(places)[0]
    odd = chance.choice((*_ARGUMENTS, other, "", f"{place[0]},{other}", "(" * _DEEP, "'" * 3))
    return text[: place.start()] + odd + text[place.end() :]
