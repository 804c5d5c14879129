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
    yield from (f"{_INDENT}{text}" for text in _sums(line.columns))
    elements = [list(of_element) for _, of_element in groupby(rows, key=_whose)]
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
    if columns.get("new_value") is not None:
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
    if columns.get("volume_m3") is not None:
        yield f"sum {number(columns['volume_m3'])} m3"
    if columns.get("mass_kg") is not None:
        yield f"mass {number(columns['mass_kg'])} kg"
    if columns.get("kg_co2e") is not None:
        yield f"carbon {number(columns['kg_co2e'])} kg CO2e"


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
    value = "nothing" if first["value"] is None else f"{number(first['value'])} {first['unit']}"
    side = "" if first["side"] is None else f"{first['side']} "
    head = f"{side}{first['ifc_class'] or 'element'} {_quoted(first['name'])}"
    place = f"({harmless(first['element_id'])}) in {first['vendor']}:{first['model_id']}"
    yield f"  {head} {place}: {value}, {first['state']}"
    way: tuple[str, ...] = ()
    for row in rows:
        if tell_ways and _way(row) != way:
            way = _way(row)
            yield from (f"{_INDENT}{text}" for text in way)
        if row["figure"] is not None:
            yield f"{_INDENT}{_behind(row)}"
        yield from (f"{_INDENT}  {line}" for line in _read_from(row))


def _read_from(row: Mapping[str, Any]) -> Iterator[str]:
    """How it was written and where; of an element without figures where it stands itself."""
    if row["figure_basis"] == "computed":
        yield f"computed from its body by the definition '{row['source_name']}'"
    elif row["conversion"] is not None:
        names = (row["source_set"], row["source_name"])
        name = ".".join(harmless(part) for part in names if part is not None)
        yield f"written as {name}: {harmless(row['conversion'])} (unit {row['unit_status']})"
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
    names = [figure["source_set"], figure["source_name"]]
    name = ".".join(harmless(part) for part in names if part is not None)
    value = f"{figure['source_value']} {harmless(figure['source_unit'] or 'no unit')}"
    return f"written as {name} = {value} (unit {figure['unit_status']})"


def _quoted(name: str | None) -> str:
    return "without a name" if name is None else f"'{harmless(name)}'"
