"""The vendors that the shared suite asks, and the lakes that stand-ins for them serve."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from both_ways import Tables, fetch_one, settings, tables
from small_lakes import Model

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.lake.work import runs
from takeoff.sandbox import Running

# Who a row belongs to and where it came from differ from one fetch to the next.
_OF_THE_FETCH = ("snapshot_id", "operation_id", "evidence_no", "source_row")
_NOT_COMPARED = ("evidence", "warnings")


Switches = Mapping[str, str]


@dataclass(frozen=True)
class Stop:
    """Where a fetch halts; see Vendor."""

    endpoint: str
    skip: int
    pages: int
    is_started: bool


@dataclass(frozen=True)
class Vendor:
    """A vendor by the endpoints of its sandbox, named by what they do, and by what it can do wrong.

    `pages` has the rows; with the switches `many` they come in several answers even if they are
    few. `starts`, `states` and `results` are those of operations, `storage` has what results point
    to; null where the vendor has none. `required` are the others that a fetch cannot go without.
    With `stored` something comes from the storage; null if nothing ever does. `stops` are where a
    fetch is brought to a halt: endpoint, how many of its requests are answered before, how many
    answers of `pages` are held then, and whether an operation was started.
    With the switches `alike` the same comes in another way; with those of `refused` the fetch ends
    in that error. `complete` and `incomplete` are switches for many products: all of them come,
    with that proof, or none. `unproved` are framings in which no end of the rows can be seen.
    """

    name: str
    pages: str
    required: tuple[str, ...]
    many: Switches = field(default_factory=dict)
    starts: tuple[str, ...] = ()
    states: str | None = None
    results: str | None = None
    storage: str | None = None
    stored: Switches | None = None
    stops: tuple[Stop, ...] = ()
    alike: tuple[Switches, ...] = ()
    refused: tuple[tuple[Switches, type[TakeoffError]], ...] = ()
    complete: tuple[tuple[Switches, str], ...] = ()
    incomplete: tuple[Switches, ...] = ()
    unproved: frozenset[str] = frozenset()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All that a fetch asks."""
        maybe = (self.states, self.results, self.storage)
        asked = (self.pages, *self.starts, *(one for one in maybe if one is not None))
        return (*asked, *self.required)


_QONIC = Vendor(
    "qonic",
    pages="properties",
    many={"page_limit": "10"},
    starts=("quantities", "dynamic"),
    states="operations",
    results="quantities_result",
    storage="storage",
    stored={},
    stops=(
        Stop("properties", 2, pages=2, is_started=False),
        Stop("operations", 0, pages=3, is_started=True),
        Stop("storage", 1, pages=3, is_started=True),
    ),
    required=("projects", "models", "available", "lookups", "dynamic_result"),
    alike=(
        {"operation": "unknown_state"},
        {"operation_keys": "few"},
        {"operation_retry_after_s": "2"},
        {"link": "expired_once"},
        {"link": "chain"},
        {"result_coding": "gzip"},
        {"result_coding": "bom"},
        {"errors": "html", "fault": "503", "fault_at": "any", "fault_skip": "3"},
    ),
    refused=(
        ({"operation": "failed"}, VendorRefused),
        ({"operation": "failed_words"}, VendorRefused),
        ({"operation": "hung"}, TryLater),
        ({"link": "expired"}, VendorRefused),
        ({"link": "loop"}, NotUnderstood),
        ({"quantities_shape": "unknown"}, NotUnderstood),
        ({"dynamic_shape": "unknown"}, NotUnderstood),
    ),
    # A page limit of 1,000 leaves the last page half full; one of 500 leaves it exactly full.
    complete=(
        ({"page_limit": "1000"}, "stated_total"),
        ({"page_limit": "500"}, "stated_total"),
        ({"page_limit": "1000", "rows": "repeated"}, "stated_total"),
        ({"page_limit": "1000", "total": "absent"}, "protocol_end"),
        ({"page_limit": "500", "total": "absent"}, "protocol_end"),
        ({"page_limit": "1000", "total": "grows_once"}, "stated_total"),
        ({"total": "grows_once"}, "stated_total"),
        ({"page_limit": "1000", "rows": "repeated", "total": "absent"}, "protocol_end"),
        (
            {"page_limit": "1000", "fault": "503", "fault_at": "properties", "fault_skip": "2"},
            "stated_total",
        ),
    ),
    incomplete=(
        {"page_limit": "1000", "total": "moving"},
        {"page_limit": "1000", "rows": "short"},
        {"page_limit": "1000", "rows": "lost"},
        {"page_limit": "1000", "rows": "ignored"},
        {"rows": "short"},
    ),
)
VENDORS = (_QONIC,)


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
