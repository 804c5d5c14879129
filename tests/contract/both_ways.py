"""The same model read from IFC, and from a service that serves what the IFC held."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from takeoff.config import Access, Settings
from takeoff.core.progress import Quiet
from takeoff.core.refs import Snapshot
from takeoff.core.tables import TABLES
from takeoff.http.clock import Clock
from takeoff.http.session import Session
from takeoff.jobs import logins as job
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import files
from takeoff.sandbox import Running, Sandbox

Row = dict[str, Any]
Tables = dict[str, list[Row]]


class Hurried(Clock):
    """Waiting passes two thousand times as fast as it seems to; work takes its own time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slept_s = 0.0

    def monotonic(self) -> float:
        with self._lock:
            return super().monotonic() + self._slept_s

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 2000)
        with self._lock:
            self._slept_s += seconds


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Let fetches wait by a hurried clock."""
    patch.setattr(job, "Session", partial(Session, clock=Hurried()))


def settings(lake: Path, running: Running, vendor: str = "qonic") -> Settings:
    service = running.at(vendor)
    return Settings(lake=lake, vendors={vendor: Access(service.base_url, service.token)})


def fetch_one(
    settings: Settings,
    vendor: str = "qonic",
    *,
    proved: bool = True,
    force: bool = False,
    asking: Mapping[str, str] | None = None,
) -> Fetched:
    """Fetch the only model that is served; with `force` also if it has not changed.

    `asking` are the vendor's own options.
    """
    options = ModelOptions(allow_unproved=not proved, force=force, asking=asking or {})
    [outcome] = fetch_models(settings, vendor, options, Quiet())
    return outcome


def tables(
    lake: Path, snapshot: Snapshot, names: Iterable[str] = TABLES, without: Iterable[str] = ()
) -> Tables:
    """The rows of the snapshot's tables of these `names`, straight from its Parquet files.

    They lack the columns `without`.
    """
    found = files(open_layout(lake), [snapshot])
    return {
        table: [
            row
            for path in found[table]
            for row in pl.read_parquet(path).drop(without, strict=False).to_dicts()
        ]
        for table in names
    }


@dataclass(frozen=True)
class Both:
    """The tables of one model as they were read from IFC, and as they came back from a service."""

    sent: Tables = field(repr=False)
    came: Tables = field(repr=False)


def both_ways(ifc: Path, folder: Path, *, geometry: bool) -> Both:
    """Fetch the IFC file, serve it, fetch what is served."""
    snapshot = fetch_ifc_model(ifc, folder / "sent", geometry=geometry)
    return served_and_fetched(snapshot, folder)


def fetch_ifc_model(ifc: Path, lake: Path, *, geometry: bool) -> Snapshot:
    """The snapshot of the IFC file in a lake of its own; the one that is there, if it is."""
    options = IfcOptions(geometry=geometry)
    [outcome] = fetch_ifc(Settings(lake=lake), [ifc], options, Quiet())
    assert outcome.snapshot is not None, outcome.error
    return outcome.snapshot


def served_and_fetched(
    sent: Snapshot,
    folder: Path,
    vendor: str = "qonic",
    switches: Mapping[str, str] | None = None,
    came: str = "came",
    asking: Mapping[str, str] | None = None,
) -> Both:
    """Serve the only snapshot of the lake `folder`/sent, and fetch it into another lake, `came`."""
    first, second = folder / "sent", folder / came
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(open_layout(first), switches).start() as running,
    ):
        hurry(patch)
        fetched = fetch_one(settings(second, running, vendor), vendor, asking=asking)
    assert fetched.snapshot is not None, fetched.error
    return Both(tables(first, sent), tables(second, fetched.snapshot))


def by_guid(rows: Tables, table: str) -> dict[str, list[Row]]:
    """The rows of a table by their element's GUID; of elements with one GUID those of the first."""
    guids: dict[int, str] = {}
    for element in served(rows["elements"]):
        guids[element["element_no"]] = element["ifc_guid"]
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows[table]:
        if row["element_no"] in guids:
            found[guids[row["element_no"]]].append(row)
    return found


def served(elements: list[Row]) -> Iterator[Row]:
    """Elements that a service knows as products: no places, no types, each GUID once."""
    seen = set()
    for element in sorted(elements, key=lambda row: row["element_no"]):
        guid = element["ifc_guid"]
        if element["role"] not in ("location", "type") and guid is not None and guid not in seen:
            seen.add(guid)
            yield element
