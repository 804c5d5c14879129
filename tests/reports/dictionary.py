"""The data dictionary in queries/README.md: made from core/tables.py and the headers of queries/.

`python -m tests.reports.dictionary --write` writes it between its markers; a test compares it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from takeoff.core.tables import SNAPSHOT_COLUMNS, SNAPSHOTS, TABLES, Column, Table
from takeoff.engines.duckdb import open_engine
from takeoff.engines.views import View, read_views
from takeoff.lake.layout import open_layout
from takeoff.reports import catalog
from takeoff.reports.run import column_type

QUERIES = Path(__file__).resolve().parents[2] / "queries"
PAGE = QUERIES / "README.md"
BEGIN = "<!-- Below: written by python -m tests.reports.dictionary --write -->\n"
END = "<!-- Above: written by python -m tests.reports.dictionary --write -->\n"

_OF_EVERY = tuple(
    column
    for column in TABLES["elements"].columns
    if column.name in (*SNAPSHOT_COLUMNS, "evidence_no", "source_row")
)
_UNITS = {"mm2": "mm2", "mm": "mm", "m3": "m3", "m2": "m2", "m": "m", "kg": "kg"}
# In what the unit of a column is that has none of its own.
_BESIDE = {"value": "`unit`", "value_exact": "`unit`"}
_TYPES = {"varchar": "text", "timestamp with time zone": "timestamp"}
_HEADER_LINE = re.compile(r"-- (title|grain|kept|read anew|column): *(.*)")
_COINED = re.compile(r"([a-z][a-z0-9_]*) ([a-z]+)(?: (\S+))?; *(.+)")
_LINKS = """    locations |o--o{ elements : "building_id, storey_id, space_id = location_id"
    elements |o--o{ elements : "parent_id, type_id = element_id"
    elements ||--o{ relations : "from_element_no, to_element_no = element_no"
"""
_TABLES_TEXT = """Joins are on `snapshot_id, element_no`. Units are SI. A column that may be null is
null where the source does not say, never 0. Every row has these columns:
"""
_MARTS_TEXT = """A column means what it means in the table that it comes from, in the report that
has it, or what stands under [words of the marts](#words-of-the-marts). Null is not known, or what
the text says. In `takeoff sql`, and in a script of `takeoff sql --init`, the marts about two
snapshots, rules, rates and factors are empty: nobody asked for them.
"""
_REPORTS_TEXT = """Null is not known, or what the meaning says. A figure without a unit here is in
that of its line, which has a column for it.
"""


@dataclass(frozen=True)
class Word:
    """A column that the header of a mart explains, for all marts that have it."""

    view: str
    name: str
    type: str
    unit: str | None
    meaning: str


def dictionary() -> str:
    """The text between the markers."""
    views = read_views([QUERIES])
    columns = _view_columns()
    parts = [
        "## Data dictionary\n",
        f"### How the tables hang together\n\n{_diagram()}",
        f"### Tables of the lake\n\n{_TABLES_TEXT}\n{_columns(_OF_EVERY)}",
        *(_table(table) for table in (SNAPSHOTS, *TABLES.values())),
        f"### Marts and staging views\n\n{_MARTS_TEXT}",
        *(_view(views[name], columns[name]) for name in sorted(views)),
        f"### Words of the marts\n\n{_words(words(views))}",
        f"### Reports\n\n{_REPORTS_TEXT}",
        *(_report(query) for query in catalog.all_reports([QUERIES])),
    ]
    return "\n".join(parts)


def page_with(text: str) -> str:
    """The page with this text between its markers; what people wrote around them stays."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}"


def words(views: Mapping[str, View]) -> list[Word]:
    """The columns that headers of marts explain, by name."""
    found = [
        Word(view.name, *match.groups())
        for view in views.values()
        for line in _header(view).get("column", [])
        if (match := _COINED.fullmatch(line))
    ]
    return sorted(found, key=lambda word: word.name)


def unexplained() -> dict[str, str]:
    """Columns of marts that nothing explains, each with a mart that has it."""
    views = read_views([QUERIES])
    known = {word.name for word in words(views)}
    known |= {column.name for table in TABLES.values() for column in table.columns}
    known |= {column.name for column in SNAPSHOTS.columns}
    known |= {c.name for query in catalog.all_reports([QUERIES]) for c in query.columns}
    found = ((column, name) for name, held in _view_columns().items() for column, _ in held)
    return {column: name for column, name in found if column not in known}


def wrongly_typed() -> list[str]:
    """Headers of marts that state a column with another type than it has."""
    views = read_views([QUERIES])
    columns = _view_columns()
    return [
        f"{name}.{match[1]}"
        for name, view in views.items()
        for line in _header(view).get("column", [])
        if not (match := _COINED.fullmatch(line)) or (match[1], match[2]) not in columns[name]
    ]


@cache
def _view_columns() -> dict[str, list[tuple[str, str]]]:
    """Names and types of each view's columns, in their order, as DuckDB tells them."""
    sql = (
        "select table_name, column_name, data_type from information_schema.columns"
        " order by table_name, ordinal_position"
    )
    with tempfile.TemporaryDirectory() as folder:
        layout = open_layout(Path(folder) / "lake", create=True)
        with open_engine(layout, [], queries=[QUERIES], threads=1) as engine:
            rows = engine.sql(sql).read_all().to_pylist()
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in read_views([QUERIES])}
    for row in rows:
        if row["table_name"] in found:
            type_ = row["data_type"].lower().partition("(")[0]
            found[row["table_name"]].append((row["column_name"], _TYPES.get(type_, type_)))
    return found


def _diagram() -> str:
    """Which table leads to which: snapshots to all that knows no element, elements to the rest."""
    lines = [
        *(_entity(table) for table in (SNAPSHOTS, *TABLES.values())),
        *(_link(table) for table in TABLES.values()),
        _LINKS,
        '    elements ||--|| counted_elements : "snapshot_id, element_no"\n',
        '    elements ||--o{ element_quantities : "snapshot_id, element_no"\n',
        '    quantities |o--o| element_quantities : "snapshot_id, element_no, ordinal"\n',
        '    counted_elements ||--o{ takeoff_figures : "snapshot_id, element_no"\n',
        '    element_quantities |o--o{ takeoff_figures : "snapshot_id, element_no, quantity"\n',
    ]
    return f"```mermaid\nerDiagram\n{''.join(lines)}```\n"


def _entity(table: Table) -> str:
    keys = dict.fromkeys(["snapshot_id", *table.key])
    types = {column.name: column_type(column.type) for column in table.columns}
    listed = "".join(f"        {types[name]} {name} PK\n" for name in keys)
    return f"    {table.name} {{\n{listed}    }}\n"


def _link(table: Table) -> str:
    column = next((c for c in table.columns if c.name == "element_no"), None)
    if column is None or table.name == "elements":
        return f'    snapshots ||--o{{ {table.name} : "snapshot_id"\n'
    one = "|o" if column.nullable else "||"
    return f'    elements {one}--o{{ {table.name} : "snapshot_id, element_no"\n'


def _table(table: Table) -> str:
    """Without the columns that all tables have, unless they are its key."""
    shown = [c for c in table.columns if c.name in table.key or c not in _OF_EVERY]
    keys = dict.fromkeys(["snapshot_id", *table.key])
    head = f"#### `{table.name}`\n\nA row is {table.grain}. Key: {_listed(keys)}."
    return f"{head}\n\n{_columns(shown)}"


def _columns(columns: Iterable[Column]) -> str:
    rows = [
        (
            f"`{column.name}`",
            column_type(column.type),
            _unit(column),
            "yes" if column.nullable else "never",
            column.meaning,
        )
        for column in columns
    ]
    return _grid(("column", "type", "unit", "null", "meaning"), rows)


def _unit(column: Column) -> str:
    return _BESIDE.get(column.name) or _unit_of(column.name)


def _unit_of(name: str) -> str:
    return _UNITS.get(name.rpartition("_")[2], "")


def _view(view: View, columns: Sequence[tuple[str, str]]) -> str:
    header = _header(view)
    grain = header["grain"][0]
    kept = "; worked out once a session" if view.is_kept else ""
    lines = [
        f"#### `{view.name}`\n",
        f"{header['title'][0]}. A row for each {_listed(grain.split(', '))}{kept}.",
        *([f"\n{_prose(view)}"] if _prose(view) else []),
        "\n" + ", ".join(f"`{name}` {type_}" for name, type_ in columns) + "\n",
    ]
    return "\n".join(lines)


def _header(view: View) -> dict[str, list[str]]:
    """What the lines of a mart's header state, by their keys."""
    found: dict[str, list[str]] = {}
    for line in _comment(view):
        if match := _HEADER_LINE.fullmatch(line):
            found.setdefault(match[1], []).append(match[2])
    return found


def _prose(view: View) -> str:
    """The rest of a mart's header, as one paragraph."""
    lines = (line for line in _comment(view) if not _HEADER_LINE.fullmatch(line))
    return _plain(" ".join(line.removeprefix("--").strip() for line in lines))


def _comment(view: View) -> Iterator[str]:
    for line in view.sql.splitlines():
        if not line.startswith("--"):
            return
        yield line.rstrip()


def _words(found: Iterable[Word]) -> str:
    rows = [(f"`{w.name}`", w.type, w.unit or "", w.meaning, f"`{w.view}`") for w in found]
    return _grid(("column", "type", "unit", "meaning", "comes from"), rows)


def _report(query: catalog.Query) -> str:
    """A report's question, grain, parameters and columns."""
    by = ", ".join(f"`{g.name}`{' (on)' if g.is_default else ''}" for g in query.groupings)
    lines = [
        f"#### `{query.name}`\n",
        f"{query.title}. {query.question} A line for each {_listed(query.grain)}.",
        *([f"\n`--by`: {by}."] if by else []),
        *([""] if query.params else []),
        *(f"- `--param {_asked(param)}`: {_plain(param.meaning)}" for param in query.params),
    ]
    rows = [(f"`{c.name}`", c.type, c.unit or "", c.meaning) for c in query.columns]
    return "\n".join(lines) + "\n\n" + _grid(("column", "type", "unit", "meaning"), rows)


def _asked(param: catalog.Param) -> str:
    values = "|".join(param.choices) or param.type
    return f"{param.name}={values}" + ("" if param.default is None else f" ({param.default})")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in line)} |\n"
        for line in lines
    )


def _plain(text: str) -> str:
    """Without what Markdown would read as a mark of its own."""
    return text.replace("<", "&lt;").replace("*", r"\*")


if __name__ == "__main__":
    new = page_with(dictionary())
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(new, "utf-8", newline="\n")
    else:
        sys.stdout.write(new)
