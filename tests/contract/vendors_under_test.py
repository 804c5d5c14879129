"""The vendors that the shared suite asks, and the lakes that stand-ins for them serve."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from both_ways import Tables, fetch_one, settings, tables
from small_lakes import Model

from takeoff.core.errors import TakeoffError
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.lake.work import runs
from takeoff.sandbox import Running

# Who a row belongs to and where it came from differ from one fetch to the next.
_OF_THE_FETCH = ("snapshot_id", "operation_id", "evidence_no", "source_row")
_NOT_COMPARED = ("evidence", "warnings")


@dataclass(frozen=True)
class Vendor:
    """A vendor by the endpoints of its sandbox, named by what they do.

    `pages` lists products, `starts` and `states` and `results` are those of operations, `storage`
    has what results point to; `required` are the others that a fetch cannot go without.
    """

    name: str
    pages: str
    starts: str
    states: str
    results: str
    storage: str
    required: tuple[str, ...]

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All that a fetch asks."""
        asked = (self.pages, self.starts, self.states, self.results, self.storage)
        return (*asked, *self.required)


VENDORS = (
    Vendor(
        "qonic",
        pages="properties",
        starts="quantities",
        states="operations",
        results="quantities_result",
        storage="storage",
        required=("projects", "models", "available", "lookups", "dynamic", "dynamic_result"),
    ),
)


def guid(number: int) -> str:
    """A GlobalId; those of 3 and 4 differ in case only."""
    return (
        "0$Guid_of_wall_________"[:21] + "aA"[number - 3] if number in (3, 4) else f"1{number:021}"
    )


def walls(count: int) -> Model:
    """Walls and slabs on two storeys, with a volume each, one computed area, a code, a material."""
    model = Model("walls")
    for number in range(count):
        identity = {"element_id": guid(number), "element_no": number, "ordinal": 0}
        _add(
            model,
            "elements",
            element_id=guid(number),
            element_no=number,
            ifc_guid=guid(number),
            ifc_class="Wall" if number % 3 else "Slab",
            name=f"element {number}",
            building_id="building-0000000000000",
            building_name="Main",
            storey_id=f"storey-{number % 2}",
            storey_name=f"L{number % 2}",
            role="physical",
        )
        figure = {**identity, "unit_status": "declared"}
        _add(
            model,
            "quantities",
            **figure,
            **_volume(Decimal(number) / 4),
            kind="volume",
            basis="authored",
            origin="qto",
            source_set="Qto_WallBaseQuantities",
            source_name="NetVolume",
        )
        _add(
            model,
            "quantities",
            **{**figure, "ordinal": 1},
            quantity="GrossFootPrintArea",
            value=1.5,
            value_exact=Decimal("1.5"),
            unit="m2",
            kind="area",
            basis="computed",
            origin="geometry",
        )
        _add(model, "codes", **identity, system="NL-SfB", code="21.11", title="Outer walls")
        _add(model, "materials", **identity, material="Concrete", role="layer")
    return model


def rows_of(lake: Path, outcome: Fetched) -> Tables:
    """What was fetched, without what differs from one fetch to the next."""
    assert outcome.snapshot is not None, outcome.error
    found = tables(lake, outcome.snapshot)
    return {
        table: [{k: v for k, v in row.items() if k not in _OF_THE_FETCH} for row in rows]
        for table, rows in found.items()
        if table not in _NOT_COMPARED
    }


def attempt(lake: Path, running: Running, vendor: Vendor) -> Fetched | TakeoffError:
    """The outcome of a fetch; the error if it ended in one."""
    try:
        outcome = fetch_one(settings(lake, running, vendor.name), vendor.name)
    except TakeoffError as error:
        return error
    return outcome if outcome.error is None else outcome.error


def committed(lake: Path) -> dict[str, str]:
    """Every file of the lake but those of fetches under way, with its sha256."""
    return {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lake.rglob("*"))
        if path.is_file() and not path.is_relative_to(lake / "work")
    }


def left_over(lake: Path) -> list[Path]:
    """Folders of fetches that ended before they had committed."""
    return [one.folder for one in runs(open_layout(lake))]


def _volume(value: Decimal) -> dict[str, Any]:
    return {"quantity": "NetVolume", "value": float(value), "value_exact": value, "unit": "m3"}


def _add(model: Model, table: str, **columns: Any) -> None:
    row = {"evidence_no": 0, "source_row": 1, **columns}
    model.rows.setdefault(table, []).append(row)
