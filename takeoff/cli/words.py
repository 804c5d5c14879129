"""What is told in sentences rather than in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from takeoff.core.plain import harmless, number

if TYPE_CHECKING:
    from takeoff.jobs.explain import Explanation

_INDENT = "    "


def explanation(explained: Explanation) -> str:
    """Several lines: the element, then each figure with its conversion and its record."""
    element = explained.element
    head = f"{explained.quantity} of {element['ifc_class']} {_quoted(element['name'])}"
    place = f"({element['element_id']}) in {element['vendor']}:{element['model_id']}"
    figures = explained.figures.table.to_pylist()
    return "\n".join([f"{head} {place}", *(line for f in figures for line in _figure(f, element))])


def files(paths: Sequence[Path]) -> str:
    """The files that were written, one a line."""
    return "\n".join(["Written:", *(f"  {path}" for path in paths)])


def _figure(figure: Mapping[str, Any], element: Mapping[str, Any]) -> list[str]:
    value = number(figure["value"])
    shown = "unknown" if value is None else f"{value} {figure['unit']}"
    whose = "" if figure["element_id"] == element["element_id"] else f" of {figure['element_id']}"
    choice = "picked" if figure["picked"] else "not picked"
    because = f": {figure['picked_because']}" if figure["picked_because"] else ""
    head = f"  {shown}{whose} - {figure['basis']} ({figure['origin']}), {choice}{because}"
    return ["", head, *(f"{_INDENT}{line}" for line in _source(figure))]


def _source(figure: Mapping[str, Any]) -> list[str]:
    if figure["record"] is None:
        return []
    return [
        _statement(figure),
        f"in {harmless(figure['evidence'])}, record {figure['source_row']}",
        f"sha256 {figure['sha256']}",
        *(f"  {line}" for line in harmless(figure["record"], keep="\n").splitlines()),
    ]


def _statement(figure: Mapping[str, Any]) -> str:
    if figure["basis"] == "computed":
        return f"computed from its body by the definition '{figure['source_name']}'"
    names = [figure["source_set"], figure["source_name"]]
    name = ".".join(harmless(part) for part in names if part is not None)
    value = f"{figure['source_value']} {harmless(figure['source_unit'] or 'no unit')}"
    return f"written as {name} = {value} (unit {figure['unit_status']})"


def _quoted(name: str | None) -> str:
    return "without a name" if name is None else f"'{harmless(name)}'"
