"""What is said of a carbon report: the sum of each module, what has no factor, and D apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from takeoff.core.plain import number
from takeoff.core.results import Result
from takeoff.reports.carbon_factors import MODULES

_NAMED = 12
_OPEN = {
    "no factor": "No factor, and so no number",
    "refused": "No way from the quantity to the factor's unit (a density may be lacking)",
    "no quantity": "A factor, but no quantity",
}


def notes(result: Result) -> tuple[str, ...]:
    """Modules are named one by one: A1-A3 is part of a total only for who adds it up himself."""
    lines = result.table.to_pylist()
    if all(line["module"] is None for line in lines):
        return ("No carbon factors were given, so there is no number.",)
    is_by_model = "model_id" in result.table.column_names
    said = [] if is_by_model else [_sum(lines, m) for m in MODULES if _of_module(lines, m)]
    said += [_open(lines, state, words) for state, words in _OPEN.items()]
    if any(line["module"] == "D" for line in lines):
        said.append("Module D lies beyond the building's system boundary and is never netted.")
    return tuple(sentence for sentence in said if sentence)


def _sum(lines: Sequence[Mapping[str, Any]], module: str) -> str:
    of_module = _of_module(lines, module)
    rated = [line["kg_co2e"] for line in of_module if line["kg_co2e"] is not None]
    is_part = any(_is_open(line) for line in of_module)
    part = ", of what has a factor and a quantity only" if is_part else ""
    return f"{module}: {number(sum(rated, Decimal(0)))} kg CO2e{part}." if rated else ""


def _is_open(line: Mapping[str, Any]) -> bool:
    return line["kg_co2e"] is None or line["counted"] < line["elements"]


def _of_module(lines: Sequence[Mapping[str, Any]], module: str) -> list[Mapping[str, Any]]:
    return [line for line in lines if line["module"] == module]


def _open(lines: Sequence[Mapping[str, Any]], state: str, words: str) -> str:
    """Names of what is rated in no module for this reason."""
    names = dict.fromkeys(_name(line) for line in lines if _state(line) == state)
    if not names:
        return ""
    more = len(names) - _NAMED
    tail = f" and {more} more" if more > 0 else ""
    return f"{words}: {', '.join(list(names)[:_NAMED])}{tail}."


def _state(line: Mapping[str, Any]) -> str | None:
    state: str | None = line["rating"] if "rating" in line else line["state"]
    return state


def _name(line: Mapping[str, Any]) -> str:
    """`Brick` or `B2010`, with the module, because another module may have a factor."""
    name = line["item"] if "rating" in line else line["material"] or "no material"
    return f"{name} ({line['module']})"
