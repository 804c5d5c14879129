"""A table for people to read: figures right-aligned and rounded by unit, unknown as a dim dash.

Everything that a model brings is shown as it is spelled and can do nothing: no markup is read, no
control character reaches the terminal. Below stand the notes and the models.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text

from takeoff.core.plain import harmless, is_number, is_whole, texts
from takeoff.core.progress import Progress
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result
from takeoff.core.units import SHOWN_DECIMALS
from takeoff.render import QUIET, Target, figure_units, write_text

NEEDS_FILE = False
HOLDS_EVIDENCE = False

ROWS_ON_A_TERMINAL = 200
MODELS_NAMED = 8
THOUSANDS = "\u202f"  # narrow no-break space: 1.234 and 1,234 are two figures to two people
DASH = "\u2013"
_PLAIN = str.maketrans({THOUSANDS: " ", DASH: "-", "\u2500": "-"})

_GAP = 2
_UNBROKEN = 10_000
_DIM = Style(dim=True)
_WIDE = Context(prec=60)
_NARROWEST_TEXT = 10


@dataclass(frozen=True)
class Column:
    """What people read of one column; None is unknown."""

    heading: str
    cells: list[str | None]
    is_figure: bool

    @cached_property
    def _longest(self) -> int:
        return max([1, *(cell_len(cell) for cell in self.cells if cell is not None)])

    @cached_property
    def width(self) -> int:
        return max(cell_len(self.heading), self._longest)

    @cached_property
    def narrowest(self) -> int:
        """Figures are never broken; headings break at underscores, text anywhere."""
        content = self._longest if self.is_figure else min(self._longest, _NARROWEST_TEXT)
        return max([content, *map(cell_len, _words(self.heading))])


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows; on a terminal the first ROWS_ON_A_TERMINAL, and how many more there are."""
    is_terminal = not isinstance(target, Path) and target.isatty()
    most = ROWS_ON_A_TERMINAL if is_terminal else result.table.num_rows
    shown = result.table.slice(0, most)
    columns = list(columns_of(result, shown))
    console = Console(
        file=io.StringIO() if isinstance(target, Path) else target,
        highlight=False,
        markup=False,
        emoji=False,
    )
    _set_width(console, columns, is_terminal)
    with console.capture() as capture:
        _print_table(console, result, columns)
        _print_foot(console, result, shown)
    lines = [f"{line.rstrip()}\n" for line in capture.get().splitlines()]
    encoding = getattr(target, "encoding", None) or "utf-8"
    write_text(result, target, [_encodable(line, encoding) for line in lines], sidecar=None)


def columns_of(result: Result, table: pa.Table) -> Iterator[Column]:
    """The columns of `table`, a slice of the result, with figures rounded by their units."""
    for position, units in enumerate(figure_units(result, table)):
        heading = harmless(result.columns[position].heading)
        values = texts(table.column(position))
        if is_number(table.column(position).type):
            cells = [_figure(text, unit) for text, unit in zip(values, units, strict=True)]
            yield Column(heading, values if result.columns[position].is_label else cells, True)
        else:
            yield Column(heading, [text and harmless(text) for text in values], False)


def _figure(text: str | None, unit: str | None) -> str | None:
    """Rounded by `unit`, all digits if it has no rule; thousands stand apart.

    A figure that rounding would turn into 0 keeps its digits, because 0 would mean none.
    """
    decimals = None if unit is None else SHOWN_DECIMALS.get(unit)
    if text is None or "e" in text:
        return text
    value = Decimal(text)
    if decimals is not None:
        rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
        value = value if value and not rounded else rounded
    return _grouped(value)


def _grouped(value: Decimal | int) -> str:
    return f"{Decimal(value):,f}".replace(",", THOUSANDS)


def _set_width(console: Console, columns: list[Column], is_terminal: bool) -> None:
    """A terminal's own, but never so narrow that figures break; elsewhere no line is broken."""
    gaps = _GAP * (len(columns) - 1)
    if is_terminal or "COLUMNS" in os.environ:
        console.width = max(console.width, sum(column.narrowest for column in columns) + gaps)
    else:
        console.width = max(_UNBROKEN, sum(column.width for column in columns) + gaps)


def _print_table(console: Console, result: Result, columns: list[Column]) -> None:
    about = result.provenance
    console.print(Text(harmless(about.title), style="bold"))
    if about.question != about.title:
        console.print(Text(harmless(about.question), style="dim"))
    console.print()
    widths = _allotted(columns, console.width - _GAP * (len(columns) - 1))
    rule = "\u2500" * (sum(widths) + _GAP * (len(columns) - 1))
    segments = [*_lines([column.heading for column in columns], columns, widths), Segment(rule)]
    segments.append(Segment.line())
    for row in zip(*(column.cells for column in columns), strict=True):
        segments.extend(_lines(row, columns, widths))
    console.print(Segments(segments), end="", soft_wrap=True)


def _lines(
    row: Sequence[str | None], columns: list[Column], widths: list[int]
) -> Iterator[Segment]:
    """One row of the table in as many lines as its longest cell needs."""
    broken = [
        [DASH] if cell is None else _broken(cell, width)
        for cell, width in zip(row, widths, strict=True)
    ]
    for parts in zip_longest(*broken, fillvalue=""):
        for part, cell, column, width in zip(parts, row, columns, widths, strict=True):
            padding = " " * (width - cell_len(part))
            text = f"{padding}{part}" if column.is_figure else f"{part}{padding}"
            yield Segment(text, _DIM if cell is None else None)
            yield Segment(" " * _GAP)
        yield Segment.line()


def _print_foot(console: Console, result: Result, shown: pa.Table) -> None:
    for line in _foot(result, shown):
        console.print(Text(harmless(line), style="dim"))


def _foot(result: Result, shown: pa.Table) -> Iterator[str]:
    rows = result.table.num_rows
    yield ""
    if rows > shown.num_rows:
        more = _grouped(rows - shown.num_rows)
        yield f"... {more} more rows (a terminal shows {shown.num_rows}; -o FILE writes all)"
    else:
        yield {0: "no rows", 1: "1 row"}.get(rows, f"{_grouped(rows)} rows")
    yield from said_of(result, shown)


def said_of(result: Result, shown: pa.Table) -> Iterator[str]:
    """What stands below the rows `shown`: notes, basis, models, and what made it."""
    about = result.provenance
    yield from (f"note: {note}" for note in about.notes)
    if _is_rounded(result, shown):
        yield "rounded for reading; csv, json and parquet hold all digits"
    if about.basis:
        yield f"basis: {about.basis}"
    for snapshot in about.snapshots[:MODELS_NAMED]:
        yield f"model: {_model(snapshot)}"
    if len(about.snapshots) > MODELS_NAMED:
        yield f"... {len(about.snapshots) - MODELS_NAMED} more models (csv and json list them all)"
    yield f"takeoff {about.tool_version}, {about.ran_at.strftime('%Y-%m-%d %H:%M %Z').strip()}"


def _model(snapshot: Snapshot) -> str:
    """Whose, which, in what state; said aloud if nothing proves that it is complete."""
    ref, version = snapshot.ref, snapshot.source_version
    name = (
        ref.model_id
        if ref.model_name in (None, ref.model_id)
        else (f"{ref.model_id} ({ref.model_name})")
    )
    state = version.label or (version.value or "")[:12]
    proof = (
        f"not proved complete ({snapshot.proof.detail})"
        if snapshot.proof.kind == "none"
        else (f"proof {snapshot.proof.kind}")
    )
    return (
        f"{ref.vendor}:{name}, {version.kind} {state}, taken {snapshot.taken_at:%Y-%m-%d}, {proof},"
        f" snapshot {snapshot.snapshot_id}"
    )


def _is_rounded(result: Result, shown: pa.Table) -> bool:
    return any(
        is_number(type_) and not is_whole(type_) and any(unit in SHOWN_DECIMALS for unit in units)
        for type_, units in zip(shown.schema.types, figure_units(result, shown), strict=True)
    )


def _allotted(columns: list[Column], room: int) -> list[int]:
    """Widths that fit into `room`: each column its narrowest, what is left in turn by need."""
    widths = [column.narrowest for column in columns]
    wanting = [i for i, column in enumerate(columns) if column.width > widths[i]]
    while wanting and sum(widths) < room:
        for i in wanting[: room - sum(widths)]:
            widths[i] += 1
        wanting = [i for i in wanting if columns[i].width > widths[i]]
    return widths


def _words(text: str) -> list[str]:
    """Where a line may end: `net_volume_m3` -> `net_`, `volume_`, `m3`."""
    return re.findall(r"[^_ ]*[_ ]|[^_ ]+", text)


def _broken(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width`, ended at spaces and underscores if it can be."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for word in _words(text):
        if lines[-1] and cell_len(lines[-1] + word.rstrip(" ")) > width:
            lines.append("")
        *whole, rest = chop_cells(lines[-1] + word, width)
        lines[-1:] = [*whole, rest]
    return [line.rstrip(" ") for line in lines]


def _encodable(text: str, encoding: str) -> str:
    """What an old terminal's character set lacks becomes the nearest plain sign, or `?`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text
