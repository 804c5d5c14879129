"""What every engine can: the one way to ask, whichever program works the answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from takeoff.core.refs import Snapshot
from takeoff.engines.statements import Pair


class Engine(Protocol):
    """Answers queries about one selection of snapshots; what is promised stands in engines.duckdb.

    An engine that cannot do one of these refuses it, with a sentence that says who can.
    """

    @property
    def snapshots(self) -> tuple[Snapshot, ...]: ...

    @property
    def pairs(self) -> tuple[Pair, ...]: ...

    def close(self) -> None: ...

    def query(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        basis: Sequence[str] = (),
        quantities: Sequence[str] = (),
        classes: Sequence[str] = (),
        storeys: Sequence[str] = (),
    ) -> pa.RecordBatchReader: ...

    def sql(self, text: str) -> pa.RecordBatchReader: ...

    def fill(self, name: str, rows: pa.Table) -> None: ...

    def define(self, name: str, sql: str) -> None: ...

    def script(self, folder: Path | None = None) -> str: ...
