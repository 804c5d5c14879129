"""Tests of rules: what an element or its properties must say for a rule to fit.

    is_external = true
    material matches (?i)concrete
    Pset_WallCommon.FireRating in REI60|REI90; Pset_WallCommon.Width >= 240 mm
    Status exists

Tests stand between semicolons, and all must be true. In front: a column of the elements (FIELDS),
`Set.Name` of a property, or `Name` of a property in any set. Then =, !=, in, not in, matches (a
regular expression found in the text), <, <=, >, >=, exists or missing. Upper and lower case are the
same but for `matches`. A number with a unit is compared in SI; one without only with properties
that have no unit. What is not known, or is stated twice and differently, makes a test *undecided*,
never false; `exists` and `missing` are always decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from takeoff.core.errors import InputRefused
from takeoff.reports.bill_units import UnitTable

FIELDS = (
    "name",
    "type_name",
    "mark",
    "discipline",
    "building_name",
    "storey_name",
    "space_name",
    "system",
    "phase",
    "is_external",
    "load_bearing",
    "material",
    "code",
)
SEPARATOR = chr(31)

_OPERATORS = "!=|<=|>=|=|<|>|not in|in|matches"
_COMPARED = re.compile(rf"(\S.*?)\s+({_OPERATORS})\s+(\S.*)")
_FOUND = re.compile(r"(\S.*?)\s+(exists|missing)")
_NUMBER = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,12})?)(?:\s+(\S.*))?")
_ORDERED = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class RuleTest:
    """One test as written, taken apart. `number` is in SI if `unit_kind` says of what."""

    text: str
    field: str | None
    set_name: str | None
    property: str | None
    operator: str
    allowed: str | None
    pattern: str | None
    number: Decimal | None
    unit_kind: str | None

    def row(self, rule_no: int, test_no: int) -> dict[str, object]:
        """Its row of the table rule_tests."""
        return {
            "rule_no": rule_no,
            "test_no": test_no,
            "test": self.text,
            "field": self.field,
            "set_name": self.set_name,
            "property": self.property,
            "operator": self.operator,
            "allowed": self.allowed,
            "pattern": self.pattern,
            "number": self.number,
            "unit_kind": self.unit_kind,
        }


def read_tests(text: str, units: UnitTable) -> tuple[RuleTest, ...]:
    """The tests in `text`, none if it is empty. Raises: InputRefused for one that is none."""
    parts = [part.strip() for part in text.split(";")]
    return tuple(_read(part, units) for part in parts if part)


def in_list(texts: list[str]) -> str:
    """Texts as a list that SQL finds one of them in, without upper case."""
    return SEPARATOR + SEPARATOR.join(text.strip().lower() for text in texts) + SEPARATOR


def _read(text: str, units: UnitTable) -> RuleTest:
    match = _COMPARED.fullmatch(text) or _FOUND.fullmatch(text)
    if match is None:
        raise InputRefused(
            f"The test '{text}' cannot be read; write it as NAME OPERATOR VALUE, with one of "
            f"{_OPERATORS.replace('|', ', ')}, exists, missing."
        )
    name, operator = match[1], match[2]
    value = match[3] if len(match.groups()) > 2 else ""
    number, kind = _number(text, operator, value, units)
    compared = operator in ("=", "!=", "in", "not in")
    return RuleTest(
        text=text,
        **_subject(name),
        operator=operator,
        allowed=in_list(value.split("|") if operator.endswith("in") else [value])
        if compared
        else None,
        pattern=_pattern(text, value) if operator == "matches" else None,
        number=number,
        unit_kind=kind,
    )


def _subject(name: str) -> Mapping[str, str | None]:
    if name in FIELDS:
        return {"field": name, "set_name": None, "property": None}
    set_name, dot, property_ = name.partition(".")
    if not dot:
        return {"field": None, "set_name": None, "property": name}
    return {"field": None, "set_name": set_name, "property": property_}


def _number(
    text: str, operator: str, value: str, units: UnitTable
) -> tuple[Decimal | None, str | None]:
    match = _NUMBER.fullmatch(value)
    if operator in ("=", "!=") and match is not None and match[2] is None:
        return Decimal(match[1]), None
    if operator not in _ORDERED:
        return None, None
    if match is None:
        raise InputRefused(f"The test '{text}' compares with '{value}', which is no number.")
    if match[2] is None:
        return Decimal(match[1]), None
    unit = units.named(match[2])
    return _in_si(Decimal(match[1]), unit.factor), unit.kind


def _in_si(number: Decimal, factor: Fraction) -> Decimal:
    return Decimal(round(Fraction(number) * factor * 10**12)).scaleb(-12)


def _pattern(text: str, value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise InputRefused(f"The test '{text}' has a wrong expression: {error}.") from error
    return value
