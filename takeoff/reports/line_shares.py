"""What each element gives to each line of a report: the step from a sum to its elements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.core.plain import texts
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.reports.asked import Asked
from takeoff.reports.catalog import Query
from takeoff.reports.explained_rows import Key

_IDENTITY = ("snapshot_id", "element_no")
_PLACE = ("evidence_no", "source_row")
# What a mart that splits or measures says of an element, by the names that shares have for it.
_TOLD = {
    "side": "side",
    "quantity": "quantity",
    "value_exact": "value",
    "unit": "unit",
    "si_unit": "unit",
    "basis": "basis",
    "is_doubtful": "is_doubtful",
    "split": "split",
    "rule_no": "rule_no",
    "formula": "formula",
    "is_listed": "is_listed",
}
_STATED = {
    "quantity": "quantity",
    "value_exact": "value",
    "unit": "unit",
    "operation_id": "operation_id",
}
_ORDER = """
select
    elements.snapshot_id,
    elements.element_no
from elements
order by elements.vendor, elements.project_id, elements.model_id, elements.snapshot_id,
    elements.element_no
"""


@dataclass(frozen=True)
class Line:
    """One line of a report: its number, from 1 as the report shows it, and its columns."""

    number: int
    columns: Mapping[str, Any]
    told_apart_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """The columns that tell it from other lines, those that say nothing left out."""
        told = ((name, self.columns[name]) for name in self.told_apart_by)
        return ", ".join(f"{name} {value}" for name, value in told if value is not None)


@dataclass(frozen=True)
class Share:
    """What an element gives to a line; `side` is old or new where snapshots are compared.

    `quantity` is null for a line that is about none or is measured by rule; then `rule_no` is the
    rule, null if none measures the element. `is_told`: value, unit, basis and doubt are those of
    the mart; else they are the element's figure of `quantity`. `is_listed` false: the
    line shows the element, but it gives nothing; null: that depends on whether it counts. `figures`
    are the quantities behind what is told, if not `quantity` itself. `columns` are those of the
    line, or what stands for them: its rate, its factor.
    """

    line: Line
    element: Key
    side: str | None = None
    quantity: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    basis: str | None = None
    is_doubtful: bool = False
    split: str | None = None
    rule_no: int | None = None
    formula: str | None = None
    is_told: bool = False
    is_listed: bool | None = None
    figures: tuple[str, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, Key]:
        """What tells it from other shares: an element gives to a line once."""
        return self.line.number, self.element


@dataclass(frozen=True)
class Statement:
    """What the vendor itself states of a line: where it stands, and the figure if it is one."""

    line: Line
    place: tuple[str, int, int]
    quantity: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    operation_id: str | None = None


def lines_with(result: Result, query: Query, where: Mapping[str, str]) -> tuple[Line, ...]:
    """The lines that have the values `where`; '' is null. All of them without any.

    Where it names columns but no quantity, of lines that differ by quantity those of Count stand
    for all: they are about the elements themselves.
    Raises: InputRefused for a column that tells no lines apart, and if there is no such line.
    """
    names = tuple(name for name in query.grain if name in result.table.column_names)
    for name in where:
        if name not in names:
            raise InputRefused(
                f"The lines of report {query.name} are not told apart by '{name}'; "
                f"they are by {', '.join(names)}."
            )
    words = {name: texts(result.table.column(name)) for name in where}
    lines = tuple(
        Line(number, columns, names)
        for number, columns in enumerate(result.table.to_pylist(), start=1)
        if all((words[name][number - 1] or "") == value for name, value in where.items())
    )
    if where and not lines:
        told = ", ".join(f"{name} = {value or 'null'}" for name, value in where.items())
        raise InputRefused(f"The report {query.name} has no line with {told}.")
    counts = tuple(line for line in lines if line.columns.get("quantity") == "Count")
    return counts if where and "quantity" in {*names} - {*where} and counts else lines


def shares(engine: Engine, query: Query, asked: Asked, lines: Sequence[Line]) -> list[Share]:
    """The elements behind these lines, line by line, old before new, in the order of the models.

    Raises: InputRefused for a report that does not say which elements its lines hold.
    """
    known = _columns(engine, query)
    found = [
        share
        for row, of_row in _rows(engine, query, asked, lines, (*_IDENTITY, *_TOLD))
        if row["element_no"] is not None
        for share in _shares(row, of_row, is_told="value_exact" in known)
    ]
    place = {key: number for number, key in enumerate(_in_order(engine))}
    return sorted(
        found, key=lambda share: (share.line.number, share.side == "new", place[share.element])
    )


def statements(
    engine: Engine, query: Query, asked: Asked, lines: Sequence[Line]
) -> list[Statement]:
    """What the vendor itself states of these lines, as far as the report is about such.

    They are the mart's rows without element_no, if it has the column evidence_no.
    """
    if "evidence_no" not in _columns(engine, query):
        return []
    return [
        Statement(line, (row["snapshot_id"], row["evidence_no"], row["source_row"]), **about)
        for row, of_row in _rows(engine, query, asked, lines, (*_IDENTITY, *_PLACE, *_STATED))
        if row["element_no"] is None
        for about in [{ours: row.get(name) for name, ours in _STATED.items()}]
        for line in of_row
    ]


def _columns(engine: Engine, query: Query) -> list[str]:
    if query.elements is None:
        raise InputRefused(f"The report {query.name} does not say which elements its lines hold.")
    names: list[str] = engine.query(f"select * from {query.elements} limit 0").schema.names
    return names


def _rows(
    engine: Engine, query: Query, asked: Asked, lines: Sequence[Line], names: Sequence[str]
) -> Iterator[tuple[Mapping[str, Any], Sequence[Line]]]:
    """Rows of the mart that stand behind some of the lines, with these lines."""
    if not lines:
        return
    known = _columns(engine, query)
    told = [name for name in (*lines[0].told_apart_by, *names) if name in known]
    rows = engine.query(
        f"select {', '.join(dict.fromkeys(told))} from {query.elements}",
        basis=asked.basis,
        quantities=asked.quantities,
        classes=asked.classes,
        storeys=asked.storeys,
    )
    at = _by_values(lines, known)
    for batch in rows:
        for row in batch.to_pylist():
            if of_row := at.of(row):
                yield row, of_row


@dataclass(frozen=True)
class _Lines:
    """Lines by their values of the columns that the mart has, too."""

    names: tuple[str, ...]
    by_values: Mapping[tuple[Any, ...], Sequence[Line]]

    def of(self, row: Mapping[str, Any]) -> Sequence[Line]:
        return self.by_values.get(tuple(row[name] for name in self.names), ())


def _by_values(lines: Iterable[Line], known: Sequence[str]) -> _Lines:
    names: tuple[str, ...] = ()
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        names = tuple(name for name in line.told_apart_by if name in known)
        found.setdefault(tuple(line.columns[name] for name in names), []).append(line)
    return _Lines(names, found)


def _shares(row: Mapping[str, Any], lines: Sequence[Line], *, is_told: bool) -> Iterator[Share]:
    told = {ours: row[name] for name, ours in _TOLD.items() if row.get(name) is not None}
    for line in lines:
        quantity = line.columns.get("quantity") if "quantity" in line.told_apart_by else None
        about = {"quantity": quantity, **told}
        key = row["snapshot_id"], row["element_no"]
        yield Share(line, key, is_told=is_told, columns=line.columns, **about)


def _in_order(engine: Engine) -> Iterator[Key]:
    rows = engine.query(_ORDER).read_all()
    return zip(*(column.to_pylist() for column in rows.columns), strict=True)
