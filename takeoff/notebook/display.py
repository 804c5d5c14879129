"""A result as a piece of a notebook's page: its first rows, and below what a reader must know."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from takeoff.core.plain import harmless
from takeoff.core.results import Result
from takeoff.render.table import DASH, columns_of, said_of

ROWS = 30


def html(result: Result) -> str:
    """The first ROWS rows as a table; text from models is data, never markup."""
    shown = result.table.slice(0, ROWS)
    columns = list(columns_of(result, shown))
    return _template().render(
        about=result.provenance,
        columns=columns,
        rows=list(zip(*(column.cells for column in columns), strict=True)),
        all_rows=result.table.num_rows,
        meanings=[column.meaning for column in result.columns],
        said=list(said_of(result, shown)),
        dash=DASH,
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: harmless(text)
    return environment.get_template("answer.html")
