"""Small lakes told element by element, committed by the lake's own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from takeoff.core.lake_url import LakeUrl
from takeoff.core.refs import ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.tables import TABLES
from takeoff.engines.duckdb import Engine, open_engine
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter

QUERIES = Path(__file__).resolve().parents[1] / "queries"
_TAKEN_AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
_UNITS = {"Volume": "m3", "Area": "m2", "Weight": "kg"}


@dataclass
class Model:
    """A model to be committed; `add` elements in their order, then figures and the rest to them."""

    model_id: str
    vendor: str = "ifc"
    project_id: str = "default"
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, element_id: str, role: str = "physical", **columns: Any) -> Model:
        """An element; its GUID is its id unless said otherwise."""
        told = {"ifc_guid": element_id, "ifc_class": "Wall", "name": element_id, **columns}
        self._row("elements", element_id=element_id, element_no=self._count(), role=role, **told)
        return self

    def figure(
        self,
        quantity: str | None,
        value: str | float | None,
        basis: str = "authored",
        **columns: Any,
    ) -> Model:
        """A figure of the element added last."""
        value_exact = None if value is None else Decimal(str(value))
        unit = next((u for word, u in _UNITS.items() if quantity and word in quantity), "m")
        told = {
            "kind": {"m3": "volume", "m2": "area", "kg": "mass", "m": "length"}[unit],
            "unit": unit,
            "origin": "geometry" if basis == "computed" else "qto",
            "unit_status": "declared",
            "source_set": None if basis == "computed" else "Qto_BaseQuantities",
            "source_name": quantity,
            **columns,
        }
        self._row(
            "quantities",
            **self._last(),
            quantity=quantity,
            basis=basis,
            **told,
            ordinal=self._ordinal("quantities"),
            value_exact=value_exact,
            value=None if value_exact is None else float(value_exact),
        )
        return self

    def prop(
        self,
        set_name: str | None,
        name: str,
        text: str | None,
        *,
        number: float | None = None,
        flag: bool | None = None,
    ) -> Model:
        """A property of the element added last."""
        kinds = {"text": text, "number": number, "flag": flag}
        kind = next((kind for kind, value in kinds.items() if value is not None), "none")
        ordinal = self._ordinal("properties")
        told = {"set_name": set_name, "name": name, "value_kind": kind, "ordinal": ordinal}
        self._row("properties", **self._last(), **told, **kinds)
        return self

    def material(self, material: str | None, role: str = "single", **columns: Any) -> Model:
        """A material of the element added last."""
        ordinal = self._ordinal("materials")
        self._row(
            "materials", **self._last(), material=material, role=role, ordinal=ordinal, **columns
        )
        return self

    def box(self, *corners: float) -> Model:
        """The box of the element added last: least x, y, z, greatest x, y, z."""
        names = [f"{end}_{axis}_m" for end in ("min", "max") for axis in "xyz"]
        self._row("boxes", **self._last(), **dict(zip(names, corners, strict=True)))
        return self

    def code(self, system: str | None, code: str | None, title: str | None = None) -> Model:
        """A code of the element added last."""
        ordinal = self._ordinal("codes")
        self._row("codes", **self._last(), system=system, code=code, title=title, ordinal=ordinal)
        return self

    def total(
        self, quantity: str, value: str | None, unit: str | None, filter: str | None = None
    ) -> Model:
        """A sum that the vendor states of the model."""
        exact = None if value is None else Decimal(value)
        self._row(
            "control_totals",
            ordinal=len(self.rows.get("control_totals", [])),
            quantity=quantity,
            filter=filter,
            value=None if exact is None else float(exact),
            value_exact=exact,
            unit=unit,
        )
        return self

    def batches(self) -> Iterable[tuple[str, pa.RecordBatch]]:
        for table, rows in self.rows.items():
            yield table, pa.RecordBatch.from_pylist(rows, TABLES[table].decoded)

    def commit(
        self,
        lake: Path | LakeUrl,
        proof: str = "protocol_end",
        lineage: Mapping[str, str] | None = None,
    ) -> Snapshot:
        layout = open_layout(lake, create=True)
        with Run(layout) as run:
            writer = SnapshotWriter(
                layout,
                run,
                ModelRef(self.vendor, self.project_id, self.model_id, None, f"{self.model_id}.ifc"),
                source_version=SourceVersion("sha256", "ab12", "first"),
                taken_at=_TAKEN_AT,
                options={},
                libraries={},
                lineage=lineage,
            )
            for table, batch in self.batches():
                writer.write(table, batch)
            return writer.commit(Proof(proof, "told"), [], allow_unproved=proof == "none")

    def _row(self, table: str, **columns: Any) -> None:
        self.rows.setdefault(table, []).append({"evidence_no": 0, "source_row": 1, **columns})

    def _count(self) -> int:
        return len(self.rows.get("elements", []))

    def _last(self) -> dict[str, Any]:
        last = self.rows["elements"][-1]
        return {"element_id": last["element_id"], "element_no": last["element_no"]}

    def _ordinal(self, table: str) -> int:
        no = self._last()["element_no"]
        return sum(row["element_no"] == no for row in self.rows.get(table, []))


def open_lake(
    lake: Path | LakeUrl, selected: Sequence[Snapshot] | None = None, **options: Any
) -> Engine:
    layout = open_layout(lake)
    told = {"queries": [QUERIES], "threads": 2, **options}
    return open_engine(layout, read_snapshots(layout), selected=selected, **told)


def rows(engine: Engine, sql: str, **asked: Any) -> list[tuple[Any, ...]]:
    """Rows of our own SQL, as tuples."""
    table = engine.query(sql, **asked).read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
