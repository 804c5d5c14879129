"""What is to be written back: values by element, from a report or from a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path

from takeoff.config import Settings, bounded_lines
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.jobs.measuring import prepare
from takeoff.jobs.report import Question, params_of
from takeoff.reports import catalog, lines, run

Value = str | bool | Decimal | None

_ELEMENT = ("element_id", "ifc_guid")
_FILE_ELEMENT = ("element", "element_id", "guid", "ifc_guid")
_FILE_SET = ("set", "set_name", "property_set")
_FIGURE = "value"
# An element's figure is in the line's sum only then.
_COUNTED = "counted"


@dataclass(frozen=True)
class FromReport:
    """A column of a report's lines, on the elements behind them.

    `value` is each element's own figure of the one quantity that is asked for. `where` chooses
    lines, as explain does.
    """

    question: Question
    column: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FromFile:
    """A CSV file with the columns element (or guid), value and, if they differ, property and set.

    Its values are texts; what is said of a property decides which of them are numbers.
    """

    path: Path


Source = FromReport | FromFile


@dataclass(frozen=True)
class Given:
    """One value for one element. Null names stand for the one property that is asked for.

    `element` is an element_id or IFC GUID. `is_text` says that only a text was given, which may
    stand for a number. `unit` is that of a figure.
    """

    element: str
    value: Value
    set_name: str | None = None
    property_name: str | None = None
    unit: str | None = None
    is_text: bool = False


def read(engine: Engine, settings: Settings, source: Source) -> list[Given]:
    """The values, those of a report from the engine's one snapshot.

    Raises: InputRefused for a report, column or file that has no such values; LakeUnusable.
    """
    if isinstance(source, FromFile):
        return list(_from_file(source.path))
    query = catalog.find(source.question.name, settings.query_folders())
    if query.compares is not None:
        raise InputRefused(f"The report {query.name} compares models; its lines are about none.")
    params = params_of(source.question)
    prepare(engine, settings, query, params)
    result = run.run(engine, query, params)
    names = result.table.column_names
    element = next((name for name in _ELEMENT if name in names), None)
    if element is None and source.column == _FIGURE:
        return _figures(engine, query, source)
    if source.column not in names:
        raise InputRefused(
            f"The report {query.name} has no column '{source.column}'; it has {', '.join(names)}."
        )
    if element is not None:
        return _of_elements(result, element, source)
    return _of_lines(engine, query, source, result)


def _figures(engine: Engine, query: catalog.Query, source: FromReport) -> list[Given]:
    """Each element's own figure of one quantity."""
    if len(source.question.quantities) != 1:
        raise InputRefused("Name the one quantity whose figures are written, with --quantity.")
    where = {**source.where, "quantity": source.question.quantities[0]}
    behind = lines.elements_behind(engine, query, where, params_of(source.question))
    rows = behind.table.select(["element_id", "value", "unit", "state"]).to_pylist()
    return [
        Given(
            row["element_id"], row["value"] if row["state"] == _COUNTED else None, unit=_unit(row)
        )
        for row in rows
    ]


def _of_lines(
    engine: Engine, query: catalog.Query, source: FromReport, result: Result
) -> list[Given]:
    """Each value of the column on the elements behind the lines that have it."""
    given: list[Given] = []
    for value in dict.fromkeys(result.table.column(source.column).to_pylist()):
        where = {**source.where, source.column: None if value is None else str(value)}
        behind = lines.elements_behind(engine, query, where, params_of(source.question))
        elements = dict.fromkeys(behind.table.column("element_id").to_pylist())
        given += [Given(element_id, _typed(value)) for element_id in elements]
    return given


def _of_elements(result: Result, element: str, source: FromReport) -> list[Given]:
    """The column of a report that has a line for each element."""
    column = next(one for one in result.columns if one.name == source.column)
    rows = [row for row in result.table.to_pylist() if _is_chosen(row, source.where)]
    return [
        Given(
            row[element],
            _typed(row[source.column]),
            unit=_unit(row) if source.column == _FIGURE else column.unit,
        )
        for row in rows
        if row[element] is not None
    ]


def _is_chosen(row: Mapping[str, object], where: Mapping[str, str]) -> bool:
    for name in where:
        if name not in row:
            raise InputRefused(f"The report has no column '{name}'.")
    return all(str("" if row[name] is None else row[name]) == v for name, v in where.items())


def _unit(row: Mapping[str, str | None]) -> str | None:
    unit = row.get("unit")
    return None if unit == "1" else unit


def _typed(value: object) -> Value:
    if value is None or isinstance(value, str | bool | Decimal):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    return str(value)


def _from_file(path: Path) -> Iterator[Given]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = bounded_lines(file)
            start = next(lines, "")
            delimiter = max(",;\t", key=start.count)
            reader = csv.DictReader(chain([start], lines), delimiter=delimiter, strict=True)
            yield from _rows(path, reader)
    except OSError as error:
        raise InputRefused(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputRefused(f"{path} is no CSV file in UTF-8: {error}.") from error


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[Given]:
    names = {name.strip().lower(): name for name in reader.fieldnames or ()}
    element, value = _first(names, _FILE_ELEMENT), names.get("value")
    if element is None or value is None:
        raise InputRefused(f"{path} needs the columns element (or guid) and value.")
    set_name, property_name = _first(names, _FILE_SET), names.get("property")
    for row in reader:
        cells = [row[element], row[value]]
        if None in row or None in cells or not cells[0].strip():
            raise InputRefused(
                f"{path}, line {reader.line_num}: the columns do not fit the header."
            )
        yield Given(
            cells[0].strip(),
            cells[1] or None,
            _cell(row, set_name),
            _cell(row, property_name),
            is_text=True,
        )


def _first(names: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _cell(row: Mapping[str, str | None], name: str | None) -> str | None:
    return None if name is None else (row[name] or "").strip() or None
