"""What the sandbox can be told to do otherwise: every choice that the contracts leave open, and
every misbehaviour that a client must survive. This table is the only place that states them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from takeoff.core.errors import InputRefused

ALL = "all"


@dataclass(frozen=True)
class Switch:
    """One switch. `form` is word (one of `values`), number (from 0, or one of `values`) or text."""

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
        choices = list(self.values)
        if self.form == "number":
            choices.insert(0, "a whole number")
        return f"{self.name} cannot be '{value}'; give {', '.join(choices)}."


def _word(name: str, values: str, meaning: str) -> Switch:
    """A switch with these values, the default first."""
    words = tuple(values.split())
    return Switch(name, words[0], meaning, words)


def _number(name: str, default: str, meaning: str, *values: str) -> Switch:
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
ENDPOINTS = (
    "projects",
    "models",
    "available",
    "properties",
    "quantities",
    "quantities_result",
    "dynamic_available",
    "dynamic",
    "dynamic_result",
    "operations",
    "lookups",
    "export",
    "export_result",
    "auth",
    "token",
    "storage",
)

SWITCHES: tuple[Switch, ...] = (
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
    Switch("fault_at", "properties", "which requests", (*ENDPOINTS, "any")),
    _number("fault_skip", "0", "how many such requests are answered well first"),
    _number("fault_count", "1", "how many then fail; all: every one from then on", ALL),
    _number("retry_after_s", "1", "seconds that 429_seconds, 429_date and 503_seconds ask for"),
    _number("slow_s", "5", "seconds before the answer of fault=slow"),
    _number("delay_ms", "0", "milliseconds before every answer"),
    _word("framing", " ".join(FRAMINGS), "how whole answers are framed, results included"),
    _word(
        "errors",
        "details problem old empty text html",
        "body of an error: error/errorDetails, problem details, Error/ErrorDetails, none, words, "
        "a web page",
    ),
    # Products.
    _number("page_limit", "5000", "no page holds more rows, whatever was asked"),
    _word("page_size_over", "clamp 400", "a pageSize over 5000"),
    _word("unknown_field", "400 omitted", "a field that there is not"),
    _word("guid_unasked", "no yes", "whether Guid comes when other fields are asked for"),
    _word(
        "total",
        "stated absent grows_once moving",
        "totalCount: true; left out; one product comes after the first answer; one more every time",
    ),
    _word(
        "rows",
        "good repeated lost short ignored",
        "repeated: a row stands on two pages, none is lost; lost: it takes another's place; short: "
        "the last row never comes; ignored: every page is the first",
    ),
    _word("paging_keys", "all result", "result: one answer with nothing but all rows"),
    _word(
        "property",
        "object lower scalar",
        "a property is {PropertySet, Value}, {PropertySet, value}, or the value alone",
    ),
    _word("values", "typed text", "text: numbers and flags come as strings too"),
    _word(
        "unset",
        "nulls empty null missing",
        "a property that is not set: two nulls, two empty strings, a bare null, no key",
    ),
    _word("classes", "plain prefixed", "Class as Wall or IfcWall"),
    _word(
        "code",
        "name guid text",
        "Code: an object by the library's name or GUID, or the plain first code",
    ),
    _word(
        "material_layers",
        "text list pairs",
        "MaterialLayerSet: names joined by commas, a list of names, lists of name/value pairs",
    ),
    _word(
        "property_units",
        "si as_written",
        "property figures in SI, or as written; customProperties names the unit either way",
    ),
    _word("ids", "number text", "ids of projects and models in lists"),
    # Available fields.
    _word("available_keys", "all fields", "fields: no totalCount, page, pageSize; one answer"),
    _number("available_limit", "1000", "no page of field names holds more"),
    # Operations and their results.
    _number("polls", "2", "look-ups of an operation before it ends"),
    _word(
        "operation",
        "ready failed failed_words hung unknown_state",
        "how operations end: well, badly (with words), never; unknown_state: through a strange one",
    ),
    _word("operation_keys", "all few", "few: neither kind nor percentageCompleted"),
    _number("operation_retry_after_s", "none", "Retry-After while an operation runs", "none"),
    _word("redirect_code", "302 301 303 307 308", "how /result points to the storage"),
    Switch(
        "link",
        "good",
        "expired: the first link, or every one, answers link_status; loop, chain: the storage "
        "redirects to itself, or three times",
        ("good", "expired_once", "expired", "loop", "chain"),
    ),
    _word("link_status", "403 404 410", "what an expired link answers"),
    _number("link_s", "604800", "seconds that a link lives: seven days"),
    _word("storage_headers", "refuse ignore", "Authorization or a session id at the storage"),
    _word(
        "quantities_shape",
        "flat result results quantities data values list list_name list_quantity list_total "
        "object rows by_guid csv unknown",
        "the result file of quantities",
    ),
    _word(
        "dynamic_shape",
        "result list objects by_guid by_field pairs csv unknown",
        "the result file of dynamic properties",
    ),
    _word("result_numbers", "number text", "numbers in result files"),
    _word("result_coding", "plain gzip bom", "result files compressed, or with a byte order mark"),
    _word("uncomputed", "null left_out", "a sum or value that there is not"),
    _word("control_totals", "right wrong", "wrong: every sum is one too much"),
    # Log-in.
    _word("consent", "given denied", "what the user answers at auth/authorize"),
    _word("token_answer", "full bare", "bare: access_token alone, so no refresh"),
    _number("token_s", "3600", "seconds that tokens from auth/token live"),
    Switch(
        "redirect_uris",
        "http://localhost:8080/callback",
        "redirect URIs that are allowed, with commas between them",
        form="text",
    ),
)
_BY_NAME = {switch.name: switch for switch in SWITCHES}


class Switches:
    """One position of all switches; never changes. What is not given stands at its default.

    Raises: InputRefused for a name or value that there is not.
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        given = given or {}
        for name, value in given.items():
            refusal = _switch(name).refusal(value)
            if refusal is not None:
                raise InputRefused(f"The switch {refusal}")
        self._positions = {s.name: given.get(s.name, s.default) for s in SWITCHES}

    def __getitem__(self, name: str) -> str:
        return self._positions[name]

    def number(self, name: str) -> int | None:
        """The number it stands at; None at a word such as all or none."""
        value = self._positions[name]
        return int(value) if value.isdigit() else None

    def turned(self, changes: Mapping[str, str]) -> Switches:
        """The same with these changed."""
        return Switches({**self._positions, **changes})


def read_switches(texts: Iterable[str]) -> Switches:
    """Switches written NAME=VALUE, as on the command line. Raises: InputRefused."""
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputRefused(f"A switch is written NAME=VALUE, not '{text}'.")
        given[name.strip()] = value.strip()
    return Switches(given)


def _switch(name: str) -> Switch:
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = get_close_matches(name, _BY_NAME, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(_BY_NAME)}."
    raise InputRefused(f"The sandbox has no switch '{name}'; {hint}")
