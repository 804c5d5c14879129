"""What a query answers: columns with units and meaning, rows, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from takeoff.core.refs import Snapshot
from takeoff.core.version import __version__

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ResultColumn:
    """One column as its query's header states it; `unit` is null where the rows carry their own."""

    name: str
    type: str
    unit: str | None
    meaning: str

    @property
    def heading(self) -> str:
        """The name with its unit, unless the name says it (net_volume_m3) or it is a number."""
        if self.unit in (None, "", "1") or self.name.endswith(f"_{self.unit}"):
            return self.name
        return f"{self.name} [{self.unit}]"

    @property
    def is_label(self) -> bool:
        """Whether its numbers name something (element_no, source_row) rather than measure it."""
        return self.name.endswith(("_no", "_row", "_id"))


@dataclass(frozen=True)
class Provenance:
    """Where a result came from, printed with every output form.

    `report` is null for free SQL. `notes` are sentences that a reader of the figures must see: what
    was not counted and why, why there is no grand total, which rule was used.
    """

    report: str | None
    title: str
    question: str
    params: Mapping[str, str]
    snapshots: tuple[Snapshot, ...]
    basis: str
    notes: tuple[str, ...]
    tool_version: str
    ran_at: datetime


@dataclass(frozen=True)
class AddsUp:
    """What the lines of a result add up to: `whole` in words, such as elements of each trade.

    Nothing is added up over different values of the columns `within`, where one element may stand
    in several lines. `holds_pieces`: lines hold pieces of elements, whose numbers do not add up.
    """

    whole: str
    within: tuple[str, ...] = ()
    holds_pieces: bool = False


@dataclass(frozen=True)
class Result:
    """An answer. `table` has exactly `columns`, in that order; unknown is null.

    `adds_up` is null unless it is known what the lines add up to: they may tell the same twice.
    `evidence` is what stands behind its lines, element by element; null unless it was asked for.
    `beside` are other answers about the same models, such as what the audit found; empty likewise.
    """

    columns: tuple[ResultColumn, ...]
    table: pa.Table
    provenance: Provenance
    evidence: Result | None = None
    beside: tuple[Result, ...] = ()
    adds_up: AddsUp | None = None

    def arrow(self) -> pa.Table:
        """The rows, decimals exact."""
        return self.table

    def df(self) -> pd.DataFrame:
        """The rows for reading and plotting: decimals as doubles; to add up, use `arrow()`."""
        doubles = pa.schema(
            field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field
            for field in self.table.schema
        )
        return self.table.cast(doubles).to_pandas()


def listing(
    title: str, table: pa.Table, meanings: Mapping[str, str], notes: tuple[str, ...] = ()
) -> Result:
    """A result that no query gave: what a lake holds, what a check found."""
    columns = tuple(
        ResultColumn(field.name, str(field.type), None, meanings[field.name])
        for field in table.schema
    )
    about = Provenance(None, title, title, {}, (), "", notes, __version__, datetime.now(UTC))
    return Result(columns, table, about)
