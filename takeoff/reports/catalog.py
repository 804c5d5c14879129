"""The reports that there are, and what their headers say.

A report is a file of `queries/reports`. Lines `-- key: ...` at its top are its header:

    -- title: Takeoff by storey
    -- question: What stands on each storey?
    -- grain: storey_name, quantity            the columns that tell its lines apart
    -- partitions: elements of each trade      what its lines add up to, if they do, but not over
                                               the columns named; volumes: they hold pieces
    -- counts: state                           the column that says which elements count, if
                                               lines hold others, too
    -- elements: takeoff_elements              the mart whose rows stand behind a line
    -- figures: width_mm of Width|Thickness    the quantity that a column shows: the first of these
                                               that an element has; "NAME" is as written by its
                                               source, $mass what is asked for by that parameter
    -- basis: authored, vendor_calculated      bases that its figures have; else any, as asked
    -- compares: two                           it has lines only of snapshots that are compared:
                                               two, or the first with several others
    -- by: storey on; storey_name              a grouping that can be switched: $by_storey
    -- param: quantity texts = null; meaning   a parameter: name, type, default if it has one
    -- param: split text in a|b = a; meaning   one that can only be some of these
    -- column: value decimal m3; meaning       a column: name, type, unit if fixed
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from takeoff.core.errors import InputRefused
from takeoff.core.results import ResultColumn

PARAM_TYPES = ("text", "texts", "boolean", "integer", "decimal")
COLUMN_TYPES = ("text", "boolean", "integer", "bigint", "double", "decimal", "timestamp")

_LINE = re.compile(r"-- ([a-z]+): *(.*)")
_KEYS = (
    "title",
    "question",
    "grain",
    "partitions",
    "counts",
    "elements",
    "figures",
    "basis",
    "compares",
    "by",
    "param",
    "column",
)
_COLUMN = re.compile(r"([a-z][a-z0-9_]*) ([a-z]+)(?: (\S+))?; *(.+)")
_PARAM = re.compile(r"([a-z][a-z0-9_]*) ([a-z]+)(?: in (\S+))?( *= *[^;]*)?; *(.+)")
_FIGURE = re.compile(r"([a-z][a-z0-9_]*) of (.+)")
_GROUPING = re.compile(r"([a-z][a-z0-9_]*) (on|off); *(.+)")


@dataclass(frozen=True)
class Param:
    """A parameter; `default` is text as one would give it, null if it stands for null.

    `choices` are the values that it can have; empty if any.
    """

    name: str
    type: str
    is_required: bool
    default: str | None
    choices: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Grouping:
    """A grouping that can be switched on and off, and the columns that it shows."""

    name: str
    is_default: bool
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A column that shows a quantity: the first of `quantities` that an element has.

    One in quotes is a name as sources write it; $mass is what the parameter mass asks for.
    """

    column: str
    quantities: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """One report as its file states it. `columns` are all, whatever groupings are on.

    `partitions` says in words what the lines add up to; null if they do not. `counts` is the column
    that says whether a line's elements count; null if all of them do. `elements` is the mart whose
    rows stand behind a line; null if there is none. `figures` are what columns show; empty if a
    line is about its `quantity`. `basis` are the bases that figures have, the best first; empty: as
    asked. `compares` is two or several, by how many snapshots the report compares; null if it
    compares none.
    """

    name: str
    path: Path
    sql: str
    title: str
    question: str
    grain: tuple[str, ...]
    partitions: str | None
    counts: str | None
    elements: str | None
    figures: tuple[Figure, ...]
    basis: tuple[str, ...]
    compares: str | None
    groupings: tuple[Grouping, ...]
    params: tuple[Param, ...]
    columns: tuple[ResultColumn, ...]


def find(name: str, folders: Sequence[Path]) -> Query:
    """The report `name` of these `queries` folders, the first that has it.

    Raises: InputRefused if there is none (with the nearest names), or its header is wrong.
    """
    paths = _paths(folders)
    if name not in paths:
        near = get_close_matches(name, paths, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(paths)}."
        raise InputRefused(f"There is no report '{name}'; {hint}")
    return read_query(paths[name])


def all_reports(folders: Sequence[Path]) -> list[Query]:
    """Every report by name. Raises: InputRefused if a header is wrong."""
    return [read_query(path) for path in _paths(folders).values()]


def read_query(path: Path) -> Query:
    """The report in one file. Raises: InputRefused naming the file and the line."""
    sql, header = read_header(path, "report", _KEYS)
    return Query(
        name=path.stem,
        path=path,
        sql=sql,
        title=header.one("title"),
        question=header.one("question"),
        grain=_names(header.one("grain")),
        partitions=header.at_most_one("partitions"),
        counts=_counts(header),
        elements=header.at_most_one("elements"),
        figures=tuple(_figure(header, text) for text in header.every("figures")),
        basis=_names(header.at_most_one("basis")),
        compares=_compares(header),
        groupings=tuple(_grouping(header, text) for text in header.every("by")),
        params=header.params(),
        columns=tuple(_column(header, text) for text in header.every("column")),
    )


def read_header(path: Path, what: str, keys: Sequence[str]) -> tuple[str, Header]:
    """The SQL of a query file and its header, which may have these `keys`.

    `what` it is called in errors: report, check. Raises: InputRefused.
    """
    try:
        sql = path.read_text("utf-8").rstrip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"Cannot read the {what} {path}: {error}.") from error
    return sql, Header(path, what, _header_lines(path, what, sql, keys))


def _paths(folders: Sequence[Path]) -> dict[str, Path]:
    """Report files by name; a file in an earlier folder stands for one in a later."""
    found = {
        path.stem: path
        for folder in reversed(folders)
        for path in (folder / "reports").glob("*.sql")
    }
    return dict(sorted(found.items()))


def _header_lines(
    path: Path, what: str, sql: str, keys: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for line in sql.splitlines():
        if not line.startswith("--"):
            return
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            continue
        if match[1] not in keys:
            raise InputRefused(
                f"The header of {what} {path} says '{match[1]}'; known are {', '.join(keys)}."
            )
        yield match[1], match[2]


@dataclass
class Header:
    """The header's texts by key, in the order of the file."""

    path: Path
    what: str
    lines: Iterator[tuple[str, str]]
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, text in self.lines:
            self.texts.setdefault(key, []).append(text)

    @property
    def _name(self) -> str:
        return f"The header of {self.what} {self.path}"

    def every(self, key: str) -> list[str]:
        return self.texts.get(key, [])

    def at_most_one(self, key: str) -> str | None:
        if len(self.every(key)) > 1:
            raise InputRefused(f"{self._name} has two lines '{key}'; keep one.")
        return next(iter(self.every(key)), None)

    def one(self, key: str) -> str:
        text = self.at_most_one(key)
        if not text:
            raise InputRefused(f"{self._name} lacks the line '-- {key}: ...'.")
        return text

    def refuse_unknown(self, kind: str, name: str, key: str) -> None:
        """Raises InputRefused unless there is a line of `kind` (column, param) about `name`."""
        known = [text.partition(" ")[0] for text in self.every(kind)]
        if name not in known:
            raise InputRefused(
                f"{self._name} names the {kind} '{name}' in '{key}', but states no such {kind}; "
                f"it states {', '.join(known) or 'none'}."
            )

    def params(self) -> tuple[Param, ...]:
        return tuple(_param(self, text) for text in self.every("param"))

    def wrong(self, key: str, text: str, form: str) -> InputRefused:
        return InputRefused(f"{self._name} says '{key}: {text}'; write it as '{form}'.")


def _compares(header: Header) -> str | None:
    text = header.at_most_one("compares")
    if text not in (None, "two", "several"):
        raise header.wrong("compares", text, "two|several")
    return text


def _grouping(header: Header, text: str) -> Grouping:
    match = _GROUPING.fullmatch(text)
    if match is None:
        raise header.wrong("by", text, "name on|off; columns")
    return Grouping(match[1], match[2] == "on", _names(match[3]))


def _figure(header: Header, text: str) -> Figure:
    match = _FIGURE.fullmatch(text)
    if match is None:
        raise header.wrong("figures", text, "column of Quantity|Quantity")
    quantities = tuple(match[2].split("|"))
    header.refuse_unknown("column", match[1], "figures")
    for name in quantities:
        if name.startswith("$"):
            header.refuse_unknown("param", name[1:], "figures")
    return Figure(match[1], quantities)


def _counts(header: Header) -> str | None:
    column = header.at_most_one("counts")
    if column is not None:
        header.refuse_unknown("column", column, "counts")
    return column


def _param(header: Header, text: str) -> Param:
    match = _PARAM.fullmatch(text)
    if match is None or match[2] not in PARAM_TYPES:
        raise header.wrong("param", text, f"name {'|'.join(PARAM_TYPES)} = default; meaning")
    given = None if match[4] is None else match[4].strip().removeprefix("=").strip()
    return Param(
        name=match[1],
        type=match[2],
        is_required=given is None,
        default=None if given == "null" else given,
        choices=tuple(match[3].split("|")) if match[3] else (),
        meaning=match[5],
    )


def _column(header: Header, text: str) -> ResultColumn:
    match = _COLUMN.fullmatch(text)
    if match is None or match[2] not in COLUMN_TYPES:
        raise header.wrong("column", text, f"name {'|'.join(COLUMN_TYPES)} unit; meaning")
    return ResultColumn(match[1], match[2], match[3], match[4])


def _names(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(name.strip() for name in text.split(","))
