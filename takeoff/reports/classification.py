"""One classification system: how models call it, its codes and titles, and rules that give codes.

A code table is a CSV with code, level, title and parent, such as data/rules/uniformat_ii.csv. An
element's code is the one that its model states; if the table does not hold it, the longest code of
the table that it begins with; failing that, what the first mapping rule that fits says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from takeoff.config import Settings, read_rows
from takeoff.core.errors import InputRefused
from takeoff.reports.bill_units import UnitTable
from takeoff.reports.rules import CodeRule, read_code_rules

_SYSTEMS = "classification/systems.csv"
_MOST_LEVELS = 20


@dataclass(frozen=True)
class Code:
    """One code of a table; `parent` is null at the top."""

    code: str
    level: int
    title: str | None
    parent: str | None


@dataclass(frozen=True)
class Classification:
    """A system in use. Without `codes` whatever a model states is a code, and has no levels."""

    system: str
    names: tuple[str, ...]
    codes: Mapping[str, Code]
    rules: tuple[CodeRule, ...]

    def ancestors(self, code: str) -> list[Code]:
        """The code itself and all above it. Raises: InputRefused if they go round in a ring."""
        found = [self.codes[code]]
        while (parent := found[-1].parent) is not None:
            if parent not in self.codes or len(found) > _MOST_LEVELS:
                raise InputRefused(
                    f"The code table of {self.system}: {found[-1].code} stands under {parent}, "
                    "which is not there or stands under it."
                )
            found.append(self.codes[parent])
        return found


def read_classification(
    settings: Settings,
    units: UnitTable,
    system: str | None = None,
    code_table: Path | None = None,
    mapping: Path | None = None,
) -> Classification:
    """The system asked for, or the first of classification/systems.csv, with files of one's own.

    A system that is not listed there is one that models state codes of, by exactly that name.
    Raises: InputRefused if a file cannot be used.
    """
    known = read_rows(settings.rules_file(_SYSTEMS))
    wanted = known[0]["system"] if system is None else system
    row = next((row for row in known if row["system"].casefold() == wanted.casefold()), None)
    found = Classification(wanted, (wanted,), {}, ())
    if row is not None:
        found = Classification(
            row["system"],
            tuple(dict.fromkeys((row["system"], *row["names_in_models"].split("|")))),
            _codes(settings.rules_file(row["code_table"])) if row["code_table"] else {},
            read_code_rules(settings.rules_file(row["mapping"]), units) if row["mapping"] else (),
        )
    if code_table is not None:
        found = replace(found, codes=_codes(code_table))
    if mapping is not None:
        found = replace(found, rules=read_code_rules(mapping, units))
    _refuse_unknown_codes(found)
    return found


def _codes(path: Path) -> Mapping[str, Code]:
    codes: dict[str, Code] = {}
    for number, row in enumerate(read_rows(path), start=2):
        code, level = (row.get("code") or "").strip(), (row.get("level") or "").strip()
        if not code or not level.isdecimal() or code in codes:
            raise InputRefused(
                f"{path} line {number} needs a code that no line before has, and a whole level."
            )
        codes[code] = Code(code, int(level), row.get("title") or None, row.get("parent") or None)
    if not codes:
        raise InputRefused(f"The code table {path} holds no code.")
    return codes


def _refuse_unknown_codes(found: Classification) -> None:
    for code in found.codes:
        found.ancestors(code)
    unknown = _missing([rule.code for rule in found.rules], found.codes)
    if unknown and found.codes:
        raise InputRefused(
            f"A mapping rule gives the code {unknown[0]}, which the table of {found.system} "
            "does not hold."
        )


def _missing(codes: Sequence[str], known: Mapping[str, Code]) -> list[str]:
    return [code for code in codes if code not in known]
