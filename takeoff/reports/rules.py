"""Rules as data: which element is measured how, and under which item or code.

A measurement file is a CSV; empty cells say nothing:

    rule            its name, as reports print it
    trade           each trade measures every element once, by the first of its rules that fits
    ifc_class       Wall|Slab, their subtypes included; * is any class
    predefined_type SOLIDWALL|PARTITIONING
    test            see rule_tests
    item            item code; without one the element's code in the classification is the item; an
                    item - takes what fits out of the trade
    title           what the item is called
    unit            unit of the bill, see bill_units
    formula         see engines.formulas; the best first, between semicolons
    opening_above   openings larger than this (m2 or m3) are Large, each by itself, others Small
    waste_percent   added to the quantity
    decimals        of the bill's quantity, 0 to 6; 6 if empty
    note            for people

A mapping file has rule, ifc_class, predefined_type, test and code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from takeoff.config import Settings, read_rows
from takeoff.core.errors import InputRefused
from takeoff.engines.formulas import OPENING_FIGURES, Formula, read_formulas
from takeoff.reports.bill_units import BillUnit, UnitTable
from takeoff.reports.rule_tests import RuleTest, read_tests

_SETS = "measurement/sets.csv"
_COLUMNS = (
    "rule",
    "trade",
    "ifc_class",
    "predefined_type",
    "test",
    "item",
    "title",
    "unit",
    "formula",
    "opening_above",
    "waste_percent",
    "decimals",
    "note",
)
_MAPPING_COLUMNS = ("rule", "ifc_class", "predefined_type", "test", "code", "note")
_EXCLUDES = "-"
_MOST_DECIMALS = 6
_COUNTS = ("Count", "StatedCount")


@dataclass(frozen=True)
class Condition:
    """Which elements a rule fits. `classes` holds * for any; no type or test asks nothing."""

    classes: tuple[str, ...]
    predefined_types: tuple[str, ...]
    tests: tuple[RuleTest, ...]


@dataclass(frozen=True)
class Rule:
    """One measurement rule; `item` is null if the element's code is its item."""

    name: str
    condition: Condition
    trade: str | None = None
    item: str | None = None
    title: str | None = None
    excludes: bool = False
    unit: BillUnit | None = None
    formulas: tuple[Formula, ...] = ()
    opening_above: Decimal | None = None
    waste_percent: Decimal = Decimal(0)
    decimals: int = _MOST_DECIMALS

    @property
    def formula(self) -> str:
        return "; ".join(formula.text for formula in self.formulas)


@dataclass(frozen=True)
class CodeRule:
    """One rule that gives elements a code."""

    name: str
    condition: Condition
    code: str


@dataclass(frozen=True)
class RuleSet:
    """The rules of one file in their order, and how reports call them."""

    name: str
    title: str
    sha256: str
    rules: tuple[Rule, ...] = field(default=())

    @property
    def in_words(self) -> str:
        """What a report prints as its basis."""
        return f"{self.title} (rule set {self.name}, sha256 {self.sha256[:12]})"


def read_rule_set(
    settings: Settings, name: str, units: UnitTable, quantities: Mapping[str, str]
) -> RuleSet:
    """The shipped or own set `name`, or the rules in the file of that path.

    `quantities` are the IFC quantities that formulas may name, with the kind of each.
    Raises: InputRefused if there is none, or naming the rule that is wrong.
    """
    titles = {row["set"]: row["title"] for row in read_rows(settings.rules_file(_SETS))}
    path = _path(settings, name, titles)
    rules = [
        _rule(path, number, row, units, quantities)
        for number, row in enumerate(_rows(path, _COLUMNS, ("rule", "ifc_class")), start=2)
    ]
    if not rules:
        raise InputRefused(f"The rules file {path} holds no rule.")
    _refuse_twice(path, [f"{rule.trade or ''} {rule.name}" for rule in rules])
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return RuleSet(
        name, titles.get(name, f"measurement rules of {path.name}"), content, tuple(rules)
    )


def read_code_rules(path: Path, units: UnitTable) -> tuple[CodeRule, ...]:
    """The mapping rules of a file. Raises: InputRefused naming the rule that is wrong."""
    found = []
    rows = _rows(path, _MAPPING_COLUMNS, ("rule", "ifc_class", "code"))
    for number, row in enumerate(rows, start=2):
        with_place = f"{path} line {number}"
        found.append(CodeRule(row["rule"], _condition(with_place, row, units), row["code"]))
    return tuple(found)


def _path(settings: Settings, name: str, titles: Mapping[str, str]) -> Path:
    if Path(name).suffix:
        if not Path(name).is_file():
            raise InputRefused(f"There is no rules file {name}; name one, or {', '.join(titles)}.")
        return Path(name)
    try:
        return settings.rules_file(f"measurement/{name}.csv")
    except InputRefused as error:
        raise InputRefused(
            f"There is no rule set '{name}'; there are {', '.join(titles)}, or name a file.csv."
        ) from error


def _rows(path: Path, known: Sequence[str], needed: Sequence[str]) -> list[dict[str, str]]:
    """Rows with all `known` columns, empty where the file lacks one."""
    rows = read_rows(path)
    for number, row in enumerate(rows, start=2):
        if unknown := sorted(str(name) for name in row if name not in known):
            raise InputRefused(
                f"{path} has the column {', '.join(unknown)}; known are {', '.join(known)}."
            )
        for name in needed:
            if not (row.get(name) or "").strip():
                raise InputRefused(f"{path} line {number} has no {name}.")
    return [{name: (row.get(name) or "").strip() for name in known} for row in rows]


def _rule(
    path: Path,
    number: int,
    row: Mapping[str, str],
    units: UnitTable,
    quantities: Mapping[str, str],
) -> Rule:
    where = f"{path} line {number}"
    condition = _condition(where, row, units)
    head = Rule(row["rule"], condition, row["trade"] or None)
    if row["item"] == _EXCLUDES:
        return Rule(head.name, condition, head.trade, excludes=True)
    if not row["unit"] or not row["formula"]:
        raise InputRefused(f"{where}: a rule needs a unit and a formula, unless its item is -.")
    try:
        unit = units.named(row["unit"])
        formulas = read_formulas(row["formula"])
    except InputRefused as error:
        raise InputRefused(f"{where}: {error}") from error
    above = _decimal(where, row, "opening_above", highest=Decimal(10**9))
    _check_names(where, formulas, unit, above, quantities)
    return Rule(
        name=row["rule"],
        condition=condition,
        trade=head.trade,
        item=row["item"] or None,
        title=row["title"] or None,
        unit=unit,
        formulas=formulas,
        opening_above=above,
        waste_percent=_decimal(where, row, "waste_percent", highest=Decimal(100)) or Decimal(0),
        decimals=_places(where, row["decimals"]),
    )


def _condition(where: str, row: Mapping[str, str], units: UnitTable) -> Condition:
    try:
        tests = read_tests(row["test"], units)
    except InputRefused as error:
        raise InputRefused(f"{where}: {error}") from error
    return Condition(_listed(row["ifc_class"]), _listed(row["predefined_type"]), tests)


def _check_names(
    where: str,
    formulas: Sequence[Formula],
    unit: BillUnit,
    above: Decimal | None,
    quantities: Mapping[str, str],
) -> None:
    """A misspelt quantity would never be found, and one of another kind would be a wrong bill."""
    for formula in formulas:
        bare = [name.rpartition(".")[2] for name in formula.names]
        for name in bare:
            if name not in {*quantities, *_COUNTS, *OPENING_FIGURES}:
                raise InputRefused(f"{where}: '{name}' is no IFC quantity.")
            if name in OPENING_FIGURES and not name.startswith("All") and above is None:
                raise InputRefused(f"{where}: {name} needs a number in opening_above.")
        kinds = {_kind(name, quantities) for name in bare}
        if not set("*/") & set(formula.text) and kinds - {unit.kind}:
            raise InputRefused(
                f"{where}: the formula '{formula.text}' gives {' and '.join(sorted(kinds))}, "
                f"the unit {unit.name} measures {unit.kind}."
            )


def _kind(name: str, quantities: Mapping[str, str]) -> str:
    if name in _COUNTS:
        return "count"
    if name in OPENING_FIGURES:
        return OPENING_FIGURES[name].lower()
    return quantities[name]


def _decimal(where: str, row: Mapping[str, str], name: str, highest: Decimal) -> Decimal | None:
    if not row[name]:
        return None
    try:
        number = Decimal(row[name])
    except InvalidOperation as error:
        raise InputRefused(f"{where}: {name} {row[name]!r} is no number.") from error
    exponent = number.as_tuple().exponent
    if not (number.is_finite() and 0 <= number <= highest and int(exponent) >= -4):
        raise InputRefused(
            f"{where}: {name} {row[name]} is not from 0 to {highest} with at most 4 decimals."
        )
    return number


def _places(where: str, text: str) -> int:
    if not text:
        return _MOST_DECIMALS
    if text not in [str(number) for number in range(_MOST_DECIMALS + 1)]:
        raise InputRefused(f"{where}: decimals are 0 to {_MOST_DECIMALS}, not {text!r}.")
    return int(text)


def _refuse_twice(path: Path, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputRefused(f"{path} has two rules '{name.strip()}'; name them apart.")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())
