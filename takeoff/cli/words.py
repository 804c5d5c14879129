"""What is told in sentences rather than in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from takeoff.core.plain import harmless, number

if TYPE_CHECKING:
    from takeoff.jobs.explain import Explanation
    from takeoff.jobs.report import ExplainedLines
    from takeoff.reports.line_shares import Line

_INDENT = "    "
_ELEMENTS_NAMED = 50
_SUMS = {
    "length_m": ("length", "m"),
    "area_m2": ("area", "m2"),
    "outer_surface_m2": ("outer surface", "m2"),
    "net_floor_area_m2": ("net floor area", "m2"),
    "gross_floor_area_m2": ("gross floor area", "m2"),
    "volume_m3": ("volume", "m3"),
    "net_volume_m3": ("net volume", "m3"),
    "gross_volume_m3": ("gross volume", "m3"),
    "mass_kg": ("mass", "kg"),
    "kg_co2e": ("carbon", "kg CO2e"),
}
# Two figures that a line compares, and by how much they differ.
_COMPARED = (
    ("old_value", "new_value", "delta"),
    ("a_value", "b_value", "difference"),
    ("stated_value", "our_value", "difference"),
)


def explanation(explained: Explanation) -> str:
    """Several lines: the element, then each figure with its conversion and its record."""
    element = explained.element
    head = f"{explained.quantity} of {element['ifc_class']} {_quoted(element['name'])}"
    place = f"({element['element_id']}) in {element['vendor']}:{element['model_id']}"
    figures = explained.figures.table.to_pylist()
    return "\n".join([f"{head} {place}", *(line for f in figures for line in _figure(f, element))])


def explained_lines(explained: ExplainedLines) -> str:
    """Each line with its figures, rule and rate, then its elements with figures and records."""
    notes = [f"note: {harmless(note)}" for note in explained.evidence.provenance.notes]
    behind = {
        line_no: list(rows)
        for line_no, rows in groupby(
            explained.evidence.table.to_pylist(), key=lambda row: row["line_no"]
        )
    }
    told = [
        text for line in explained.lines for text in (*_line(line, behind.get(line.number, [])), "")
    ]
    return "\n".join(told + notes)


def files(paths: Sequence[Path]) -> str:
    """The files that were written, one a line."""
    return "\n".join(["Written:", *(f"  {path}" for path in paths)])


def _line(line: Line, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield harmless(f"Line {line.number}: {line.name or 'all elements'}")
    ways = {_way(row) for row in rows}
    if rows:
        yield f"{_INDENT}by {harmless(rows[0]['rule_set'])}; {rows[0]['basis_order']}"
    if len(ways) == 1:
        yield from (f"{_INDENT}{text}" for text in next(iter(ways)))
    yield from (f"{_INDENT}{text}" for text in (*_sums(line.columns), *_compared(line.columns)))
    for row in rows:
        if row["side"] == "stated":
            yield from ("", *_statement_of_line(row))
    of_elements = [row for row in rows if row["element_id"] is not None]
    if not of_elements:
        yield f"{_INDENT}No element stands behind it."
    elements = [list(of_element) for _, of_element in groupby(of_elements, key=_whose)]
    for of_element in elements[:_ELEMENTS_NAMED]:
        yield from ("", *_element(of_element, tell_ways=len(ways) > 1))
    if len(elements) > _ELEMENTS_NAMED:
        yield f"  ... {len(elements) - _ELEMENTS_NAMED} more elements; -o FILE.csv lists all"


def _way(row: Mapping[str, Any]) -> tuple[str, ...]:
    """By which rule, rate and factor; empty if by none."""
    said = []
    if row.get("rule") is not None:
        limit = number(row["opening_above"])
        openings = "" if limit is None else f"; openings above {limit} are Large, others Small"
        formula = "" if row["formula"] is None else f": {row['formula']}{openings}"
        said.append(f"rule {row['rule']}{formula}")
    if row.get("asked") is not None:
        said.append(f"undecided: it would have to say {row['asked']}")
    if row.get("pricing") is not None:
        said.append(_price(row))
    if row.get("module") is not None:
        said.append(_factor(row))
    return tuple(harmless(text) for text in said)


def _sums(columns: Mapping[str, Any]) -> Iterator[str]:
    unit = columns.get("si_unit") or columns.get("unit")
    if columns.get("value") is not None:
        covers = f"of {columns['counted']} of {columns['elements']} elements"
        yield f"sum {number(columns['value'])} {unit} {covers}"
    if columns.get("new_value") is not None and "added_value" in columns:
        old, added, removed, changed, new = (
            number(columns[f"{name}_value"]) or "unknown"
            for name in ("old", "added", "removed", "changed", "new")
        )
        yield f"old {old} + added {added} - removed {removed} + changed {changed} = {new} {unit}"
    if columns.get("waste_factor") is not None and columns.get("quantity") is not None:
        waste = number(columns["waste_factor"])
        yield f"times {waste} for waste is {number(columns['quantity'])} {columns['unit']}"
    if columns.get("amount") is not None:
        yield f"amount {number(columns['amount'])} {columns['currency']}"
    for name, (word, unit) in _SUMS.items():
        if columns.get(name) is not None:
            yield f"{word} {number(columns[name])} {unit}"


def _compared(columns: Mapping[str, Any]) -> Iterator[str]:
    """Both figures of a line that holds two against each other, and what else differs."""
    for first, other, difference in _COMPARED:
        is_asked = first in columns and difference in columns
        if is_asked and (columns[first], columns[other]) != (None, None):
            told = "; ".join(
                f"{name.removesuffix('_value').replace('our', 'ours')} "
                f"{number(columns[name]) or 'unknown'}"
                for name in (first, other)
            )
            by = number(columns[difference]) or "unknown"
            yield harmless(f"{told}; difference {by} {columns['unit'] or ''}".rstrip())
    if "our_change" in columns:
        stated = columns["stated_change"] or "no change"
        ours = columns["our_change"] or "nothing, as it is not compared"
        yield f"stated: {stated}; found: {ours}"
    for name in ("what", "properties", "property_names"):
        if columns.get(name) is not None:
            yield harmless(f"{name.replace('_', ' ')}: {columns[name]}")


def _price(row: Mapping[str, Any]) -> str:
    if row["rate"] is None:
        asked = f" (the file's is per {row['rate_unit']})" if row["rate_unit"] else ""
        return f"no rate: {row['pricing']}{asked}"
    rate = f"rate {number(row['rate'])} {row['currency']} per {row['rate_unit']}"
    return f"{rate}, {number(row['unit_rate'])} for one unit of the bill; {row['rate_source']}"


def _factor(row: Mapping[str, Any]) -> str:
    if row["kg_co2e_factor"] is None:
        return f"no carbon factor for {row['module']}"
    density = number(row["density_kg_m3"])
    by_mass = "" if density is None else f", density {density} kg/m3"
    factor = f"{number(row['kg_co2e_factor'])} kg CO2e per {row['declared_unit']}{by_mass}"
    source = f"{row['factor_source']}, version {row['factor_version']}"
    return f"{row['module']}: {factor}, {row['rating']}; {source}"


def _whose(row: Mapping[str, Any]) -> tuple[str, str, str | None]:
    return row["snapshot_id"], row["element_id"], row["side"]


def _element(rows: Sequence[Mapping[str, Any]], *, tell_ways: bool) -> Iterator[str]:
    """The element with what it gives, then the figures that this is made of."""
    first = rows[0]
    side = "" if first["side"] is None else f"{first['side']} "
    head = f"{side}{first['ifc_class'] or 'element'} {_quoted(first['name'])}"
    place = f"({harmless(first['element_id'])}) in {first['vendor']}:{first['model_id']}"
    yield f"  {head} {place}: {_given(rows)}"
    way: tuple[str, ...] = ()
    for row in rows:
        if tell_ways and _way(row) != way:
            way = _way(row)
            yield from (f"{_INDENT}{text}" for text in way)
        if row["figure"] is not None:
            yield f"{_INDENT}{_behind(row)}"
        yield from (f"{_INDENT}  {line}" for line in _read_from(row))


def _given(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the element gives, and whether it counts; of several quantities each says it itself."""
    states = ", ".join(dict.fromkeys(row["state"] for row in rows))
    value = number(rows[0]["value"])
    is_about_none = value is None and rows[0]["figure"] is None
    if is_about_none or len({row["quantity"] for row in rows}) > 1:
        return states
    shown = "nothing" if value is None else f"{value} {rows[0]['unit']}"
    return f"{shown}, {states}"


def _statement_of_line(row: Mapping[str, Any]) -> Iterator[str]:
    """What the vendor itself states of the line, and where."""
    value = number(row["value"])
    figure = "" if value is None else f": {value} {row['unit']}"
    operation = "" if row["source_name"] is None else f", operation {harmless(row['source_name'])}"
    yield f"  stated by {row['vendor']}:{row['model_id']} itself{figure}{operation}"
    if row["record"] is not None:
        yield from (f"{_INDENT}{line}" for line in _record(row))


def _read_from(row: Mapping[str, Any]) -> Iterator[str]:
    """How it was written and where; of an element without figures where it stands itself."""
    if row["figure_basis"] == "computed":
        yield f"computed from its body by the definition '{row['source_name']}'"
    elif row["conversion"] is not None:
        yield f"written as {_names(row)}: {harmless(row['conversion'])} (unit {row['unit_status']})"
    elif row["source_value"] is not None:
        unit = "" if row["source_unit"] is None else f" {harmless(row['source_unit'])}"
        yield f"property {_names(row)}: {harmless(row['source_value'])}{unit}"
    if row["record"] is not None:
        yield from _record(row)


def _behind(row: Mapping[str, Any]) -> str:
    value = number(row["figure_value"])
    unit = "" if row["figure_unit"] == "1" else f" {row['figure_unit']}"
    shown = "unknown" if value is None else f"{value}{unit}"
    is_own = row["figure_element_id"] == row["element_id"]
    whose = "" if is_own else f" of {harmless(row['figure_element_id'])}"
    basis = "" if row["figure_basis"] is None else f" {row['figure_basis']} ({row['origin']}),"
    choice = "picked" if row["picked"] else "not picked"
    return f"{row['figure']}{whose} {shown} -{basis} {choice}: {row['picked_because']}"


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
    return [_statement(figure), *_record(figure)]


def _record(figure: Mapping[str, Any]) -> list[str]:
    return [
        f"in {harmless(figure['evidence'])}, record {figure['source_row']}",
        f"sha256 {figure['sha256']}",
        *(f"  {line}" for line in harmless(figure["record"], keep="\n").splitlines()),
    ]


def _statement(figure: Mapping[str, Any]) -> str:
    if figure["basis"] == "computed":
        return f"computed from its body by the definition '{figure['source_name']}'"
    value = f"{figure['source_value']} {harmless(figure['source_unit'] or 'no unit')}"
    return f"written as {_names(figure)} = {value} (unit {figure['unit_status']})"


def _names(row: Mapping[str, Any]) -> str:
    """Set and name as written."""
    names = (row["source_set"], row["source_name"])
    return ".".join(harmless(part) for part in names if part is not None)


def _quoted(name: str | None) -> str:
    return "without a name" if name is None else f"'{harmless(name)}'"
