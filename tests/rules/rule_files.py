"""Rules, rates and factors of one's own, written to files as people would."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from takeoff.config import Settings
from takeoff.core.results import Result
from takeoff.jobs.boq import boq
from takeoff.jobs.report import Question
from takeoff.reports.bill_units import read_units
from takeoff.reports.rules import RuleSet, read_rule_set

RULE = ("rule", "ifc_class", "test", "item", "unit", "formula", "opening_above", "decimals")


def write(path: Path, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """A CSV file; rows may be shorter than the header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([*row, *[""] * (len(names) - len(row))] for row in rows)
    return path


def rules(folder: Path, *rows: Sequence[object], names: Sequence[str] = RULE) -> Path:
    return write(folder / "rules.csv", names, rows)


def read(path: Path) -> RuleSet:
    """The rules of a file; formulas may name some quantities only."""
    kinds = {"NetVolume": "volume", "Area": "area", "Length": "length", "Width": "length"}
    return read_rule_set(Settings(), str(path), read_units(Settings()), kinds)


def bill(
    lake: Path, rules_set: str | Path = "none", layout: str = "machine", **params: Any
) -> Result:
    given = {name: str(value) for name, value in params.items()}
    question = Question("boq", params={"rules": str(rules_set), **given})
    return boq(Settings(lake=lake), question, layout)


def lines(result: Result) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.table.to_pylist()
    return rows


def by_item(result: Result) -> dict[str | None, dict[str, Any]]:
    return {line["item"]: line for line in lines(result)}


def covered(rows: Sequence[Mapping[str, Any]]) -> int:
    """Elements of all lines, each in value, missing or doubtful."""
    return sum(row["counted"] + row["missing"] + row["doubtful"] for row in rows)


def near(left: Decimal, right: Decimal, tolerance: Decimal) -> bool:
    return abs(left - right) <= tolerance * abs(right)
