"""What the sandbox can be told to do otherwise: every choice that the contracts leave open, and
every misbehaviour that a client must survive. Here are those that all vendors share; each vendor
states its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from takeoff.core.errors import InputRefused

ALL = "all"


@dataclass(frozen=True)
class Switch:
    """One switch.

    `form` is word (one of `values`), number (from 0, or one of `values`), text, or schedule (see
    `planned`; `values` are the places then).
    """

    name: str
    default: str
    meaning: str
    values: tuple[str, ...] = ()
    form: str = "word"

    def refusal(self, value: str) -> str | None:
        """What is wrong with `value`, as words for people; None if nothing is."""
        if self.form == "text" or value in self.values:
            return None
        if self.form == "number" and value.isascii() and value.isdigit():
            return None
        if self.form == "schedule":
            return self._refused_schedule(value)
        choices = list(self.values)
        if self.form == "number":
            choices.insert(0, "a whole number")
        return f"{self.name} cannot be '{value}'; give {', '.join(choices)}."

    def _refused_schedule(self, value: str) -> str | None:
        try:
            unknown = [one.place for one in planned(value) if one.place not in self.values]
        except ValueError as error:
            return f"{self.name} cannot be '{value}'; {error}."
        return f"{self.name} cannot be at '{unknown[0]}'; give a place." if unknown else None


def word(name: str, values: str, meaning: str) -> Switch:
    """A switch with these values, the default first."""
    words = tuple(values.split())
    return Switch(name, words[0], meaning, words)


def number(name: str, default: str, meaning: str, *values: str) -> Switch:
    return Switch(name, default, meaning, values, "number")


FAULTS_BY_STATUS = {
    "400": 400,
    "401": 401,
    "401_dead": 401,
    "403": 403,
    "404": 404,
    "410": 410,
    "429_seconds": 429,
    "429_date": 429,
    "429_none": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "503_seconds": 503,
    "504": 504,
    "html_error": 502,
}
FRAMINGS = ("length", "close", "chunked", "gzip_length", "gzip_close", "gzip_chunked")
_FAULTS = (
    "none",
    *FAULTS_BY_STATUS,
    "html",
    "empty",
    "broken",
    *(f"cut_{framing}" for framing in FRAMINGS),
    "reset",
    "slow",
    "redirect_loop",
)
_PLANNED = re.compile(r"(\w+)@(\w+)(?:\+(\d+))?(?:\*(\d+|all))?", re.ASCII)


@dataclass(frozen=True)
class Planned:
    """`fault` spoils `count` requests (null: all) to `place`, after `skip` of them went well."""

    fault: str
    place: str
    skip: int
    count: int | None


def planned(schedule: str) -> tuple[Planned, ...]:
    """Faults written FAULT@PLACE+SKIP*COUNT with commas between; +0 and *1 may be left out.

    Raises: ValueError, saying how it is written.
    """
    return tuple(_planned(one.strip()) for one in schedule.split(",") if one.strip())


def _planned(text: str) -> Planned:
    found = _PLANNED.fullmatch(text)
    if found is None or found[1] not in _FAULTS:
        raise ValueError("a fault is written FAULT@PLACE+SKIP*COUNT, such as 503@any+2*1")
    fault, place, skip, count = found.groups(default="")
    return Planned(fault, place, int(skip or 0), None if count == ALL else int(count or 1))


GENERAL: tuple[Switch, ...] = (
    # Failures, at chosen places and moments.
    Switch(
        "fault",
        "none",
        "what goes wrong: a status (401_dead: that token is dead from then on; 429 with Retry-After"
        " in seconds, as a date, or none), html (200 with a web page), html_error (502 with one),"
        " empty, broken (whole, but no JSON), cut_* (half a body in that framing), reset,"
        " slow, redirect_loop",
        _FAULTS,
    ),
    number("fault_skip", "0", "how many such requests are answered well first"),
    number("fault_count", "1", "how many then fail; all: every one from then on", ALL),
    number("retry_after_s", "1", "seconds that 429_seconds, 429_date and 503_seconds ask for"),
    number("slow_s", "5", "seconds before the answer of fault=slow"),
    number("delay_ms", "0", "milliseconds before every answer"),
    word("framing", " ".join(FRAMINGS), "how whole answers are framed, results included"),
    # Operations and their results.
    number("polls", "2", "look-ups of an operation before it ends"),
    word(
        "operation",
        "ready failed failed_words hung unknown_state",
        "how operations end: well, badly (with words), never; unknown_state: through a strange one",
    ),
    number("operation_retry_after_s", "none", "Retry-After while an operation runs", "none"),
    word("redirect_code", "302 301 303 307 308", "how /result points to the storage"),
    Switch(
        "link",
        "good",
        "expired: the first link, or every one, answers link_status; loop, chain: the storage "
        "redirects to itself, or three times",
        ("good", "expired_once", "expired", "loop", "chain"),
    ),
    word("link_status", "403 404 410", "what an expired link answers"),
    number("link_s", "604800", "seconds that a link lives: seven days"),
    word("storage_headers", "refuse ignore", "Authorization or a session id at the storage"),
    # Log-in.
    word("consent", "given denied", "what the user answers at auth/authorize"),
    number("token_s", "3600", "seconds that tokens from auth/token live"),
    Switch(
        "redirect_uris",
        "http://localhost:8080/callback",
        "redirect URIs that are allowed, with commas between them",
        form="text",
    ),
)


class Switches:
    """One position of all switches of `table`; never changes. What is not given is at its default.

    Raises: InputRefused for a name or value that there is not.
    """

    def __init__(self, table: Sequence[Switch], given: Mapping[str, str] | None = None) -> None:
        given = given or {}
        self._table = {switch.name: switch for switch in table}
        for name, value in given.items():
            refusal = self._switch(name).refusal(value)
            if refusal is not None:
                raise InputRefused(f"The switch {refusal}")
        self._positions = {s.name: given.get(s.name, s.default) for s in table}

    def __getitem__(self, name: str) -> str:
        return self._positions[name]

    def number(self, name: str) -> int | None:
        """The number it stands at; None at a word such as all or none."""
        value = self._positions[name]
        return int(value) if value.isdigit() else None

    def turned(self, changes: Mapping[str, str]) -> Switches:
        """The same with these changed."""
        return Switches(tuple(self._table.values()), {**self._positions, **changes})

    def _switch(self, name: str) -> Switch:
        if name in self._table:
            return self._table[name]
        near = get_close_matches(name, self._table, n=2)
        known = " or ".join(near) if near else ", ".join(self._table)
        hint = f"did you mean {known}?" if near else f"there are {known}."
        raise InputRefused(f"The sandbox has no switch '{name}'; {hint}")
