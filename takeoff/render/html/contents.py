"""Results as the data of a page: columns of text, bounded where a page would grow too large.

A column is a list of texts, or `{"values": [...], "codes": [...]}` where texts repeat: code n
stands for value n, from 0. Unknown is null. Numbers are texts with all their digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa

from takeoff.core.plain import harmless, is_number, texts
from takeoff.core.results import Result

EVIDENCE_ROWS = 20_000
LONG_TEXT = 40
_ELEMENT = ("snapshot_id", "element_id", "side")


@dataclass(frozen=True)
class Behind:
    """What stands behind the lines, as far as a page holds it.

    `left_out` is, by line number, of how many elements the page has nothing. `is_by_row`: line n of
    the evidence is row n of the result; else the lines are those of another layout.
    """

    evidence: Result
    left_out: Mapping[int, int]
    is_by_row: bool


def content(result: Result) -> dict[str, Any]:
    """The rows of `result`, ready for JSON, and how the cells of each column look."""
    cells = [shown_texts(column) for column in result.table.columns]
    return {
        "columns": [
            {
                "name": harmless(column.name),
                "figure": is_number(data.type),
                "look": _look(data, shown),
            }
            for column, data, shown in zip(result.columns, result.table.columns, cells, strict=True)
        ],
        "rows": result.table.num_rows,
        "data": [_packed(shown) for shown in cells],
    }


def shown_texts(column: pa.ChunkedArray) -> list[str | None]:
    """The texts of a column as people may read them: none can steer a browser or turn writing."""
    if is_number(column.type):
        return texts(column)
    return [None if text is None else harmless(text, keep="\t\n") for text in texts(column)]


def behind(result: Result, most: int = EVIDENCE_ROWS) -> Behind | None:
    """The evidence of `result`, at most `most` rows of it, shared out among the lines."""
    evidence = result.evidence
    if evidence is None:
        return None
    names = [column.name for column in evidence.columns]
    rows = evidence.table.select([names.index(name) for name in ("line_no", *_ELEMENT)]).to_pylist()
    by_line = {no: list(of_line) for no, of_line in groupby(rows, key=lambda row: row["line_no"])}
    fair = _fair([len(of_line) for of_line in by_line.values()], most)
    kept: list[bool] = []
    left_out = {}
    for line_no, of_line in by_line.items():
        elements = [len(list(of_one)) for _, of_one in groupby(of_line, key=_whose)]
        held = _whole_elements(elements, fair)
        shown = sum(elements[:held])
        kept += [True] * shown + [False] * (len(of_line) - shown)
        if held < len(elements):
            left_out[line_no] = len(elements) - held
    table = evidence.table.filter(pa.array(kept, pa.bool_()))
    is_by_row = set(by_line) == set(range(1, result.table.num_rows + 1)) and _has_its_words(result)
    bounded = Result(evidence.columns, table, evidence.provenance)
    return Behind(bounded, left_out, is_by_row)


def _look(column: pa.ChunkedArray, cells: Sequence[str | None]) -> str:
    """Text that is long may be broken anywhere; other columns are as wide as their words."""
    if is_number(column.type):
        return "figure"
    return "long" if any(text and len(text) > LONG_TEXT for text in cells) else ""


def _packed(values: Sequence[str | None]) -> Any:
    """Texts that repeat are written once."""
    distinct = dict.fromkeys(values)
    if 2 * len(distinct) > len(values):
        return values
    place = {value: number for number, value in enumerate(distinct)}
    return {"values": list(distinct), "codes": [place[value] for value in values]}


def _whose(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _ELEMENT)


def _fair(sizes: Sequence[int], most: int) -> int:
    """The largest share of each line such that all shares together are at most `most`."""
    room, lines = most, len(sizes)
    for size, times in sorted(Counter(sizes).items()):
        if size * lines > room:
            return room // lines
        room -= size * times
        lines -= times
    return max(sizes, default=0)


def _whole_elements(sizes: Sequence[int], room: int) -> int:
    """How many of these elements, one after the other, have all their rows in `room`."""
    held = 0
    for size in sizes:
        room -= size
        if room < 0:
            break
        held += 1
    return held


def _has_its_words(result: Result) -> bool:
    """Whether the lines of the evidence are named by columns of the result itself."""
    evidence = result.evidence
    assert evidence is not None
    lines = evidence.table.column([c.name for c in evidence.columns].index("line"))
    names = tuple(f"{column.name} " for column in result.columns)
    return all(line == "" or line.startswith(names) for line in lines.unique().to_pylist())
