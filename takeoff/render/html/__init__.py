"""One page for a browser: charts, tables to sort and filter, and from each line to its records.

The file is all that the page needs: it asks no network, works from a mail, and prints. Its content
security policy lets nothing run or load but what is written here; text from models is data. Figures
have all their digits, are sorted as numbers, and unknown is a dash that is read as "unknown".
Without scripts the first STATIC_ROWS lines are shown.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from takeoff.core.charts import charts
from takeoff.core.errors import InputRefused
from takeoff.core.plain import harmless
from takeoff.core.progress import Progress
from takeoff.core.results import Provenance, Result, ResultColumn
from takeoff.render import QUIET, Target, snapshot_facts, write_text
from takeoff.render.html.contents import Behind, behind, content, shown_texts
from takeoff.render.html.library import library

NEEDS_FILE = False
HOLDS_EVIDENCE = True

ROWS_OF_A_PAGE = 250_000
ROWS_BESIDE = 5_000
STATIC_ROWS = 200
ROWS_PRINTED = 2_000
VERSIONS_NAMED = 8
NOTHING = "nothing"  # what lines are grouped by if no grouping is on, in words

_HERE = Path(__file__).parent

# A page without its library is refused when the form is chosen, before the work begins.
library()


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows, in order; of the evidence and of what stands beside, as much as a page can bear.

    Raises: InputRefused if there are more than ROWS_OF_A_PAGE rows, which no browser opens at ease.
    """
    rows = result.table.num_rows
    if rows > ROWS_OF_A_PAGE:
        raise InputRefused(
            f"A page holds {ROWS_OF_A_PAGE:,} rows, this result has {rows:,}; use xlsx or parquet."
        )
    stream = _environment().get_template("page.html").generate(_page(result))
    write_text(result, target, stream, sidecar=None)


def _page(result: Result) -> dict[str, Any]:
    """What the template is filled with."""
    stands_behind = behind(result)
    is_by_row = stands_behind is not None and stands_behind.is_by_row
    tables = [
        _table("lines", result, ROWS_OF_A_PAGE, has_lines=is_by_row),
        *(_table(f"beside-{n}", other, ROWS_BESIDE) for n, other in enumerate(result.beside, 1)),
    ]
    scripts, styles = ([library().script, _text("page.js")], [library().style, _text("page.css")])
    return {
        "scripts": scripts,
        "styles": styles,
        "script_hashes": [_hash(script) for script in scripts],
        "style_hashes": [_hash(style) for style in styles],
        "about": result.provenance,
        "models": snapshot_facts(result),
        "charts": charts(result),
        "tables": tables,
        "behind": stands_behind,
        "data": {
            "tables": [table.data for table in tables],
            "behind": None if stands_behind is None else _evidence(stands_behind),
            "most_printed": ROWS_PRINTED,
        },
    }


@dataclass(frozen=True)
class _Table:
    """One table of the page. `first` are the rows for who runs no scripts, `data` is all of them.

    `all_rows` is how many there are, on the page or not; `command` gets them.
    """

    name: str
    about: Provenance
    columns: Sequence[ResultColumn]
    first: Sequence[Sequence[str | None]]
    all_rows: int
    has_lines: bool
    command: str
    data: Mapping[str, Any]


def _table(name: str, result: Result, most: int, *, has_lines: bool = False) -> _Table:
    shown = replace(result, table=result.table.slice(0, most))
    first = [shown_texts(column) for column in shown.table.slice(0, STATIC_ROWS).columns]
    return _Table(
        name=name,
        about=result.provenance,
        columns=result.columns,
        first=list(zip(*first, strict=True)),
        all_rows=result.table.num_rows,
        has_lines=has_lines,
        command=_command("report", result.provenance),
        data={
            "name": name,
            "title": harmless(result.provenance.title),
            "has_lines": has_lines,
            **content(shown),
        },
    )


def _evidence(stands_behind: Behind) -> dict[str, Any]:
    evidence = stands_behind.evidence
    return {
        "left_out": stands_behind.left_out,
        "command": _command("explain", evidence.provenance),
        "is_by_row": stands_behind.is_by_row,
        **content(evidence),
    }


def _command(verb: str, about: Provenance) -> str:
    """What to type for all of it, of the same versions; these are not named if there are many."""
    if about.report == "audit":
        words = ["audit"]
    else:
        words = ["explain", "--report"] if verb == "explain" else ["report"]
        words.append(about.report or "NAME")
        given = (f"{n}={value}" for n, value in about.params.items() if value != NOTHING)
        words += [word for param in given for word in ("--param", param)]
    if len(about.snapshots) <= VERSIONS_NAMED:
        words += [w for s in about.snapshots for w in ("--snapshot", s.snapshot_id)]
    return harmless(shlex.join(["takeoff", *words, "-o", f"{verb}.csv"]))


@cache
def _environment() -> Environment:
    """Templates that escape all that they are given."""
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: harmless(text, keep="\t\n")
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _hash(text: str) -> str:
    """What a policy allows to run or to style."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
