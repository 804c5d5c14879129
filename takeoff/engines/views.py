"""The staging and mart files of `queries/`: told apart by name, and put in order of need.

A file is understood when a question first needs it: to parse them all takes longer than most
questions do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from threading import Lock

import duckdb

from takeoff.core.errors import InputRefused

_ROOMS = ("staging", "marts")
_KEPT = re.compile(r"^-- kept: ", re.MULTILINE)
_READ_ANEW = re.compile(r"^-- read anew: ", re.MULTILINE)
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_HEAD = re.compile(r"(?:\s|--[^\n]*\n)*(?P<word>with\b(?:\s+recursive\b)?)?", re.I)
_VIEW_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class View:
    """One file of `queries/staging` or `queries/marts`; its name is the view's.

    A mart with a header line `-- kept: why` is small but costs a pass over the lake: it is worked
    out once a session, when a query first needs it. One with `-- read anew: why` is large and costs
    little more than its pass: DuckDB makes it anew wherever a query reads it, and holds no rows.
    """

    name: str
    path: Path
    sql: str

    @property
    def is_kept(self) -> bool:
        return _KEPT.search(self.sql) is not None

    @property
    def is_read_anew(self) -> bool:
        return _READ_ANEW.search(self.sql) is not None

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names of all tables that it reads. Raises: InputRefused if the file is no SELECT."""
        try:
            return tables_in(self.sql)
        except duckdb.Error as error:
            raise InputRefused(f"The query file {self.path} cannot be used: {error}") from error


def read_views(folders: Sequence[Path]) -> dict[str, View]:
    """All views of these `queries` folders, by name.

    A file in an earlier folder stands for one of the same name in a later one.
    Raises: InputRefused for a file that cannot be read or has no plain name.
    """
    paths = {
        path.stem: path
        for folder in reversed(folders)
        for room in _ROOMS
        for path in sorted((folder / room).glob("*.sql"))
    }
    return {name: _read(path) for name, path in sorted(paths.items())}


def all_needed(views: Mapping[str, View]) -> list[View]:
    """All of them, each after those that it reads. Raises as `needed`."""
    return needed(views, " ".join(views))


def needed(views: Mapping[str, View], sql: str) -> list[View]:
    """Every view that `sql` may read, directly or through others, each after those it reads.

    Goes by the words of the text, so it may name one that is only a column's name there.
    Raises: InputRefused if one is no SELECT, or reads itself, directly or through others.
    """
    graph: dict[str, list[str]] = {}
    waiting = sorted(words(sql) & views.keys())
    while waiting:
        name = waiting.pop()
        if name not in graph:
            graph[name] = sorted(views[name].needs & views.keys())
            waiting += graph[name]
    try:
        return [views[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise InputRefused(
            f"The queries {', '.join(sorted(set(error.args[1])))} read one another; "
            "a view can only read what stands without it."
        ) from error


def words(sql: str) -> set[str]:
    """Every name that may be one in `sql`, in lower case: more than there are, never less."""
    return set(_WORD.findall(sql.lower()))


def with_views(views: Sequence[View], sql: str) -> str:
    """One SELECT that holds these views, each after those that it reads, and then `sql`."""
    if not views:
        return sql
    head = _HEAD.match(sql)
    rest = sql[head.end() :] if head else sql
    tables = ", ".join(
        f"{view.name} as {'not materialized ' if view.is_read_anew else ''}({view.sql}\n)"
        for view in views
    )
    word, between = (head["word"], ",") if head and head["word"] else ("with", "")
    return f"{word} {tables}{between} {rest}"


def made(views: Mapping[str, View], view: View) -> str:
    """The statement that makes one of these views; one that is kept is filled from those before it.

    In one statement DuckDB plans a view once that many others read; views of its own it would plan
    again wherever they are read.
    """
    if not view.is_kept:
        return f"create or replace view {view.name} as {view.sql}"
    read = [other for other in needed(views, " ".join(view.needs)) if not other.is_kept]
    return f"create or replace table {view.name} as {with_views(read, view.sql)}"


def _read(path: Path) -> View:
    if not _VIEW_NAME.fullmatch(path.stem):
        raise InputRefused(
            f"The query file {path} cannot be a view; name it in lower case letters, digits and _."
        )
    try:
        sql = path.read_text("utf-8").rstrip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"The query file {path} cannot be used: {error}") from error
    return View(path.stem, path, sql)


@cache
def tables_in(sql: str) -> frozenset[str]:
    """The names of all tables that a SELECT reads, in lower case, as DuckDB compares them.

    Raises: duckdb.Error if it is none.
    """
    with _parsing:
        return frozenset(name.lower() for name in _parser().get_table_names(sql))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """A connection of its own, where no name stands for anything: only then it tells all names."""
    return duckdb.connect()


_parsing = Lock()
