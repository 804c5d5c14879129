"""Mutants of SQL, which no library makes: one word of a query at a time becomes its opposite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SWAPS = {
    "is not null": "is null",
    "is null": "is not null",
    "<>": "=",
    ">=": "<",
    "<=": ">",
    "=": "<>",
    ">": "<=",
    "<": ">=",
    "and": "or",
    "or": "and",
    "+": "-",
    "-": "+",
    "left join": "join",
    "select distinct": "select",
    "min": "max",
    "max": "min",
    "true": "false",
    "false": "true",
}
# Comments and texts are passed over; longer words come before those that begin like them.
_WORDS = "|".join(
    rf"\b{re.escape(word)}\b" if word[0].isalpha() else rf"(?<=\s){re.escape(word)}(?=\s)"
    for word in sorted(_SWAPS, key=len, reverse=True)
)
_TOKENS = re.compile(rf"--[^\n]*|'(?:[^']|'')*'|(?P<word>{_WORDS})")


@dataclass(frozen=True)
class Mutant:
    """A whole query with one change, in `line` from 1."""

    text: str
    line: int
    change: str


def mutants(query: str) -> Iterator[Mutant]:
    """Every one that there is, in the order of the query."""
    for found in _TOKENS.finditer(query):
        word = found["word"]
        if word is None:
            continue
        text = query[: found.start()] + _SWAPS[word] + query[found.end() :]
        line = query.count("\n", 0, found.start()) + 1
        was, became = (whole.splitlines()[line - 1].strip() for whole in (query, text))
        yield Mutant(text, line, f"-{was}\n+{became}")
