"""Fetches of the Autodesk building from a sandbox that is told how to behave, and what came."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from autodesk_building import (
    WALL,
    Asker,
    commit,
)
from both_ways import Hurried, Row, Tables, hurry
from vendors_under_test import VENDORS, attempt, rows_of

from takeoff.core.errors import TakeoffError
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Sandbox
from takeoff.vendors.autodesk import client

AUTODESK = next(vendor for vendor in VENDORS if vendor.name == "autodesk")


@dataclass
class Fetches:
    """Fetches the model that is served, each time into a lake of its own."""

    asker: Asker
    folder: Path
    count: int = 0

    def outcome(self, **switches: str) -> Fetched | TakeoffError:
        """What becomes of a fetch with these switches; all others are as they were."""
        self.turn(**switches)
        self.count += 1
        return attempt(self.lake, self.asker.running, AUTODESK)

    def rows(self, **switches: str) -> Tables:
        """What comes of it."""
        outcome = self.outcome(**switches)
        assert isinstance(outcome, Fetched), outcome
        return rows_of(self.lake, outcome)

    def turn(self, **switches: str) -> None:
        running = self.asker.running
        running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
        running.forget()

    @property
    def lake(self) -> Path:
        return self.folder / f"lake-{self.count}"

    def paths(self) -> list[str]:
        """What the service was asked for, in order."""
        seen = [one for one in self.asker.running.seen() if one.origin == "api"]
        return [f"{one.method} {unquote(one.path).partition('?')[0]}" for one in seen]


@contextmanager
def served(folder: Path) -> Iterator[Asker]:
    """A sandbox that serves both versions of the building, and who asks it."""
    lake = commit(folder / "lake")
    with Sandbox(open_layout(lake)).start() as running:
        service = running.at("autodesk")
        with Session(
            service.base_url,
            Bearer(service.token),
            name=client.NAME,
            hints=client.HINTS,
            clock=Hurried(),
        ) as session:
            yield Asker(running, session)


def usual_rows(asker: Asker, folder: Path) -> Tables:
    """What comes with every switch at its default."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return Fetches(asker, folder).rows()


def wall(rows: Tables) -> Row:
    return next(row for row in rows["elements"] if row["ifc_guid"] == WALL)


def sizes(rows: Tables) -> dict[tuple[str, str], float]:
    """Figures in SI by the GUID of what they are of, and quantity."""
    guids = {row["element_no"]: row["ifc_guid"] for row in rows["elements"]}
    return {
        (guids[row["element_no"]], row["quantity"]): row["value"]
        for row in rows["quantities"]
        if row["quantity"] is not None
    }


def same_sizes(rows: Tables, others: Tables) -> bool:
    """Of the same things, within the error of a change of units."""
    one, other = sizes(rows), sizes(others)
    return one.keys() == other.keys() and all(
        math.isclose(size, other[key], rel_tol=1e-9) for key, size in one.items()
    )


def contract() -> str:
    """The contract's text; skips the test if it is not beside this checkout."""
    path = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "autodesk.md"
    if not path.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    return path.read_text("utf-8")
