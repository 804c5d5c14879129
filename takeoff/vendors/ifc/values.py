"""The values in a STEP record's argument list, each as the file writes it."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(
    r"""[\s,]*+(?:
    '((?:[^']|'')*+)'                                            # 1 string
    |\#(\d++)                                                    # 2 reference
    |([-+]?+(?:\d++\.?+\d*+|\.\d++)(?:[Ee][-+]?+\d++)?+)(?=[\s,()/]|\Z)  # 3 number
    |(\$|\*)                                                     # 4 nothing, derived
    |\.([A-Za-z0-9_]++)\.                                        # 5 word
    |(\()                                                        # 6
    |(\))                                                        # 7
    |([A-Za-z]\w*+)\s*+\(                                        # 8 typed value
    |"([0-9A-Fa-f]*+)"                                           # 9 binary
    |(/\*.*?\*/)                                                 # 10 comment
    |([^\s,()]++)                                                # 11 none of these
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?")
_ESCAPE = re.compile(
    r"\\X2\\((?:[0-9A-Fa-f]{4})*)\\X0\\|\\X4\\((?:[0-9A-Fa-f]{8})*)\\X0\\"
    r"|\\X\\([0-9A-Fa-f]{2})|\\S\\(.)|\\P([A-I])\\|\\(\\)"
)
_NO_VALUE = 11


class Ref(int):
    """A reference to the record of this STEP id."""

    __slots__ = ()


class Number(str):
    """A number, as written."""

    __slots__ = ()

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether `text` is a number as STEP files write it: no NaN, no infinity, no comma."""
        return _NUMBER.fullmatch(text) is not None


class Word(str):
    """An enumeration item or logical: T, F, U, NOTDEFINED, ..., without its dots."""

    __slots__ = ()


class Unreadable(str):
    """Text where a value should stand and that is none by the rules, as written."""

    __slots__ = ()


class Typed(NamedTuple):
    """A value that says its own type, such as IFCLABEL('x'); the name is in capitals."""

    name: str
    value: Value


Value: TypeAlias = "str | Ref | Number | Word | Unreadable | Typed | list[Value] | None"


def parse(arguments: bytes) -> list[Value]:
    """The values of an argument list in brackets. Never raises: of what is cut, those before."""
    text = decoded(arguments)
    top: list[Value] = []
    current = top
    stack: list[tuple[list[Value], str | None]] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastindex
        if kind == 1:
            current.append(unescaped(token[1]))
        elif kind == 2:
            current.append(Ref(token[2]))
        elif kind == 3:
            current.append(Number(token[3]))
        elif kind == 4:
            current.append(None)
        elif kind == 5:
            current.append(Word(token[5].upper()))
        elif kind == 6 or kind == 8:
            stack.append((current, token[8].upper() if kind == 8 else None))
            current = []
        elif kind == 7:
            current = _close(stack, current, top)
        elif kind == 9:
            current.append(Word(token[9]))
        elif kind == _NO_VALUE:
            current.append(Unreadable(token[11]))
    while stack:
        current = _close(stack, current, top)
    return top[0] if top and isinstance(top[0], list) else []


def is_readable(arguments: bytes) -> bool:
    """Whether every value is one by the rules; brackets are taken to match."""
    return all(token.lastindex != _NO_VALUE for token in _TOKEN.finditer(decoded(arguments)))


def _close(
    stack: list[tuple[list[Value], str | None]], inner: list[Value], top: list[Value]
) -> list[Value]:
    if not stack:
        return top
    outer, name = stack.pop()
    outer.append(inner if name is None else Typed(name, inner[0] if inner else None))
    return outer


def decoded(text: bytes) -> str:
    """Bytes of a STEP file as text: UTF-8 where it is that, else Western European."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def unescaped(text: str) -> str:
    """A STEP string's content as people read it (ISO 10303-21, string control directives)."""
    if "''" in text:
        text = text.replace("''", "'")
    return _unescape(text) if "\\" in text else text


def _unescape(text: str) -> str:
    page = "iso8859-1"
    parts, start = [], 0
    for found in _ESCAPE.finditer(text):
        parts.append(text[start : found.start()])
        start = found.end()
        if found[5]:
            page = f"iso8859-{ord(found[5]) - ord('A') + 1}"
        else:
            parts.append(_character(found, page))
    parts.append(text[start:])
    return "".join(parts)


def _character(found: re.Match[str], page: str) -> str:
    two, four, one, shifted, _, slash = found.groups()
    if two is not None:
        return bytes.fromhex(two).decode("utf-16-be", "replace")
    if four is not None:
        return bytes.fromhex(four).decode("utf-32-be", "replace")
    if one is not None:
        return chr(int(one, 16))
    if shifted is not None:
        return bytes([(ord(shifted) + 128) & 255]).decode(page, "replace")
    return slash
