"""The clock of the machine jumps before, while and after something is fetched."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.config import Settings, read_settings
from takeoff.core.errors import TryLater
from takeoff.core.progress import Quiet
from takeoff.http.clock import Clock
from takeoff.jobs import fetch, fetch_models
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.jobs.fetch_models import ModelOptions
from takeoff.jobs.snapshots import snapshots
from takeoff.lake import evidence, journal, work, writer
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.work import Run
from takeoff.sandbox import Running, Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "faulty" / "area_collapsed.ifc"
WALL = {
    "element_id": "1aBc",
    "element_no": 0,
    "evidence_no": 0,
    "source_row": 1,
    "ifc_guid": "1aBc",
    "ifc_class": "Wall",
    "role": "physical",
}


class _Off:
    """How far the machine's clock is off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        off = self
        self.seconds = 0.0
        self._chance: random.Random | None = None

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(seconds=off.drawn())

        for module in (evidence, fetch, fetch_models, journal, work, writer):
            monkeypatch.setattr(module, "datetime", Moved, raising=False)
        monkeypatch.setattr(Clock, "now", lambda clock: Moved.now(UTC))

    def jump(self, seed: int) -> None:
        """From now on by up to two minutes, each time by another amount."""
        self._chance = random.Random(seed)

    def stand(self) -> None:
        """From now on it is right."""
        self.seconds, self._chance = 0.0, None

    def drawn(self) -> float:
        return self.seconds if self._chance is None else self._chance.uniform(-120, 120)


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> _Off:
    return _Off(monkeypatch)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return open_layout(tmp_path / "lake", create=True)


def _broken_off(layout: Layout) -> Path:
    with pytest.raises(TryLater), Run(layout, "house") as run:
        raise TryLater("later")
    return run.folder


@pytest.mark.parametrize("jump_s", [-120, 0, 120])
def test_a_fetch_goes_on_after_a_jump(layout: Layout, off: _Off, jump_s: int) -> None:
    folder = _broken_off(layout)
    off.seconds = jump_s
    with Run(layout, "house", within=timedelta(days=1)) as run:
        assert run.is_resumed
        assert run.folder == folder


@pytest.mark.parametrize("days", [-2, 2])
def test_what_began_at_an_impossible_time_is_not_gone_on_with(
    layout: Layout, off: _Off, days: int
) -> None:
    """A clock that was days ahead says nothing of how old it is."""
    off.seconds = days * 86_400
    _broken_off(layout)
    off.seconds = 0
    with Run(layout, "house", within=timedelta(days=1)) as run:
        assert not run.is_resumed


def _fetched(folder: Path) -> Fetched:
    options = IfcOptions(geometry=False)
    [outcome] = fetch_ifc(Settings(lake=folder / "lake"), [folder / "house.ifc"], options, Quiet())
    return outcome


def test_the_revision_committed_last_is_current_though_the_clock_went_back(
    tmp_path: Path, off: _Off
) -> None:
    shutil.copyfile(SAMPLE, tmp_path / "house.ifc")
    first = _fetched(tmp_path)
    off.seconds = -120
    text = SAMPLE.read_bytes()
    (tmp_path / "house.ifc").write_bytes(text.replace(b"HEADER;", b"HEADER;/* 2 */", 1))
    second = _fetched(tmp_path)
    off.seconds = 0
    (tmp_path / "house.ifc").write_bytes(text.replace(b"HEADER;", b"HEADER;/* 3 */", 1))
    third = _fetched(tmp_path)
    assert first.note is None
    assert str(second.note).startswith(f"house was taken at {second.snapshot.taken_at:%Y-%m-%d}")
    assert "It is the current one all the same, as the one committed last" in str(second.note)
    assert third.note is None
    rows = snapshots(Settings(lake=tmp_path / "lake")).table.select(
        ["snapshot_id", "sequence", "is_current"]
    )
    assert rows.to_pylist() == [
        {
            "snapshot_id": one.snapshot.snapshot_id,
            "sequence": number,
            "is_current": number == 3,
        }
        for number, one in enumerate((first, second, third), 1)
    ]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    house = Model("house")
    house.rows["elements"] = [WALL]
    house.commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served"), {"polls": "2"}).start() as sandbox:
        yield sandbox


@pytest.mark.parametrize("vendor", ["qonic", pytest.param("autodesk", marks=pytest.mark.slow)])
def test_a_vendor_is_asked_as_if_the_clock_stood(
    tmp_path: Path, running: Running, off: _Off, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    """Jumps at each look at the clock; waits are not made, but time passes as if."""
    waits: list[float] = []
    monkeypatch.setattr(Clock, "sleep", lambda clock, seconds: waits.append(seconds))
    monkeypatch.setattr(Clock, "monotonic", lambda clock: time.monotonic() + sum(waits))
    service = running.at(vendor)
    name = f"TAKEOFF_{vendor.upper()}"
    environ = {f"{name}_BASE_URL": service.base_url, f"{name}_TOKEN": service.token}

    def fetch_into(lake: str) -> tuple[list[str], float]:
        settings = read_settings({"lake": str(tmp_path / lake)}, environ)
        began_s = sum(waits)
        outcomes = list(fetch_models.fetch_models(settings, vendor, ModelOptions(), Quiet()))
        assert [outcome.error for outcome in outcomes] == [None]
        snapshot = outcomes[0].snapshot
        assert snapshot is not None
        return [f"{file.table} {file.rows}" for file in snapshot.files], sum(waits) - began_s

    off.jump(1)
    files, waited_s = fetch_into("jumping")
    off.stand()
    assert files == fetch_into("standing")[0]
    assert waited_s <= 30
