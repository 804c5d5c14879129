"""The values in a STEP record's argument list, each as the file writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(
    r"""[\s,]*+(?:
    '((?:[^']|'')*+)'                                            # 1 string
    |\#(\d{1,18}+)(?!\w)                                         # 2 reference
    |([-+]?+(?:\d++\.?+\d*+|\.\d++)(?:[Ee][-+]?+\d++)?)(?=[\s,()/]|\Z)  # 3 number
    |(\$|\*)                                                     # 4 nothing, derived
    |\.([A-Za-z0-9_]++)\.                                        # 5 word
    |\(\s*+((?:\#\d{1,18}+\s*+(?:,\s*+|(?=\))))++)\)                # 6 list of references
    |(\()                                                        # 7
    |(\))                                                        # 8
    |([A-Za-z]\w*+)\s*+\(                                        # 9 typed value
    |"([0-9A-Fa-f]*+)"                                           # 10 binary
    |(/\*.*?\*/)                                                 # 11 comment
    |([^\s,()]++)                                                # 12 none of these
    )""",
    re.VERBOSE | re.DOTALL,
)
_DIGITS = re.compile(r"\d+")
_ESCAPE = re.compile(
    r"\\X2\\((?:[0-9A-Fa-f]{4})*)\\X0\\|\\X4\\((?:[0-9A-Fa-f]{8})*)\\X0\\"
    r"|\\X\\([0-9A-Fa-f]{2})|\\S\\(.)|\\P([A-I])\\|\\(\\)"
)
_OPENING, _NO_VALUE = (7, 9), 12
# A value in a list in a list ... No schema goes beyond three.
_DEEPEST = 32
# The three shapes that nine in ten of the records have that figures and properties come from, read
# in one go: ('Name',$,IFCLABEL('x'),$), ('Name',$,#12,3.5,$) and ('guid',#5,'Name',$,$,(#6,#7),#8).
_TEXT = r"(?:'([^']*+)'|\$)"
_ID = r"\d{1,18}+"
_LINK = rf"(?:\#({_ID})|\$)"
_OPEN, _COMMA, _CLOSE = r"\(\s*+", r"\s*+,\s*+", r"\s*+\)"
_NUMERAL = r"([-+]?+(?:\d++\.?+\d*+|\.\d++)(?:[Ee][-+]?+\d++)?)"
_PROPERTY = re.compile(
    rf"{_OPEN}{_TEXT}{_COMMA}{_TEXT}{_COMMA}([A-Z]\w*+){_OPEN}"
    rf"(?:'([^']*+)'|{_NUMERAL}|\.([A-Z0-9_]++)\.){_CLOSE}{_COMMA}{_LINK}{_CLOSE}"
)
_QUANTITY = re.compile(
    rf"{_OPEN}{_TEXT}{_COMMA}{_TEXT}{_COMMA}{_LINK}{_COMMA}{_NUMERAL}({_COMMA}\$)?{_CLOSE}"
)
_ROOTED = re.compile(
    rf"{_OPEN}{_TEXT}{_COMMA}{_LINK}{_COMMA}{_TEXT}{_COMMA}{_TEXT}{_COMMA}"
    rf"(\${_COMMA}|'[^']*+'{_COMMA})?"
    rf"{_OPEN}((?:\#{_ID}{_COMMA})*\#{_ID}){_CLOSE}(?:{_COMMA}\#({_ID}))?{_CLOSE}"
)


class Ref(int):
    """A reference to the record of this STEP id."""

    __slots__ = ()


class Number(str):
    """A number, as written."""

    __slots__ = ()


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


class Flawed(list["Value"]):
    """The values of a record with a reference among them that is none, or cut where they nest too
    deep: what a value belongs to cannot be told."""


Value: TypeAlias = "str | Ref | Number | Word | Unreadable | Typed | list[Value] | None"


def parse(arguments: bytes) -> list[Value]:
    """The values of an argument list in brackets. Never raises: of what is cut, those before.

    `Flawed` if a reference cannot be read.
    """
    text = decoded(arguments)
    for shape, reader in _SHAPES:
        if found := shape.fullmatch(text):
            return reader(found)
    return parse_any(text)


def _property(found: re.Match[str]) -> list[Value]:
    name, description, measure, string, number, word, unit = found.groups()
    if string is not None:
        value: Value = unescaped(string)
    else:
        value = Word(word) if number is None else Number(number)
    return [_text(name), _text(description), Typed(measure, value), _link(unit)]


def _quantity(found: re.Match[str]) -> list[Value]:
    name, description, unit, number, formula = found.groups()
    values: list[Value] = [_text(name), _text(description), _link(unit), Number(number)]
    return values if formula is None else [*values, None]


def _rooted(found: re.Match[str]) -> list[Value]:
    guid, owner, name, description, method, refs, last = found.groups()
    values: list[Value] = [_text(guid), _link(owner), _text(name), _text(description)]
    if method is not None:
        values.append(None if method[0] == "$" else unescaped(method[1 : method.rindex("'")]))
    values.append([Ref(digits) for digits in _DIGITS.findall(refs)])
    return values if last is None else [*values, Ref(last)]


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[Value]]], ...] = (
    (_PROPERTY, _property),
    (_QUANTITY, _quantity),
    (_ROOTED, _rooted),
)


def _text(written: str | None) -> str | None:
    return None if written is None else unescaped(written)


def _link(digits: str | None) -> Ref | None:
    return None if digits is None else Ref(digits)


def parse_any(text: str) -> list[Value]:
    """As `parse`, for a list of any shape."""
    top: list[Value] = []
    current = top
    stack: list[tuple[list[Value], str | None]] = []
    flawed = False
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
        elif kind == 6:
            current.append([Ref(digits) for digits in _DIGITS.findall(token[6])])
        elif kind == 7 or kind == 9:
            if len(stack) > _DEEPEST:
                flawed = True
                break
            stack.append((current, token[9].upper() if kind == 9 else None))
            current = []
        elif kind == 8:
            current = _close(stack, current, top)
        elif kind == 10:
            current.append(Word(token[10]))
        elif kind == _NO_VALUE:
            current.append(Unreadable(token[12]))
            flawed = flawed or token[12].startswith("#")
    while stack:
        current = _close(stack, current, top)
    values = top[0] if top and isinstance(top[0], list) else []
    return Flawed(values) if flawed else values


def is_readable(arguments: bytes) -> bool:
    """Whether every value is one by the rules; brackets are taken to match."""
    depth = 0
    for token in _TOKEN.finditer(decoded(arguments)):
        kind = token.lastindex
        depth += (kind in _OPENING) - (kind == 8)
        if kind == _NO_VALUE or depth > _DEEPEST:
            return False
    return True


def _close(
    stack: list[tuple[list[Value], str | None]], inner: list[Value], top: list[Value]
) -> list[Value]:
    if not stack:
        return top
    outer, name = stack.pop()
    outer.append(inner if name is None else Typed(name, _only(inner)))
    return outer


def _only(inner: list[Value]) -> Value:
    """What a typed value holds; all of it as a list where one value should stand alone."""
    return inner if len(inner) > 1 else inner[0] if inner else None


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
