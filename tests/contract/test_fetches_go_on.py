"""A fetch that was killed or gave up goes on: nothing that it holds is asked for again, and no
operation that it started is started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from both_ways import hurry
from going_on import asked, got, must_not_repeat, turn
from vendors_under_test import VENDORS, Stop, Vendor, attempt, committed, left_over, rows_of, walls

from takeoff.core.errors import TakeoffError
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

COUNT = 25
PATIENCE_S = 60


@pytest.fixture
def running(vendor: Vendor, tmp_path: Path) -> Iterator[Running]:
    walls(COUNT).commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served"), vendor.many).start() as sandbox:
        yield sandbox


def halted(stop: Stop, fault: str) -> dict[str, str]:
    """The switches that let a fetch come to a halt there."""
    skip = str(stop.skip)
    return {"fault": fault, "fault_at": stop.endpoint, "fault_skip": skip, "fault_count": "all"}


def start(lake: Path, running: Running, vendor: Vendor) -> subprocess.Popen[str]:
    """`takeoff fetch` as a process of its own."""
    name = vendor.name.upper()
    access = {
        f"TAKEOFF_{name}_BASE_URL": running.at(vendor.name).base_url,
        f"TAKEOFF_{name}_TOKEN": running.at(vendor.name).token,
    }
    command = [sys.executable, "-m", "takeoff", "fetch", vendor.name, "--lake", str(lake)]
    return subprocess.Popen(
        command,
        env={**os.environ, **access},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def wait_until(is_so: Callable[[], bool], fetch: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert fetch.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pages_held(lake: Path, vendor: Vendor, running: Running) -> int:
    held = got(lake).held
    return sum(
        one.endpoint == vendor.pages and wire in held for one, wire in asked(running, vendor)
    )


# Every vendor, and where a fetch from it is brought to a halt.
STOPS = [
    pytest.param(vendor, stop, id=f"{vendor.name}-{stop.endpoint}")
    for vendor in VENDORS
    for stop in vendor.stops
]


@pytest.mark.parametrize(("vendor", "stop"), STOPS)
def test_a_killed_fetch_goes_on_where_it_was(
    running: Running,
    vendor: Vendor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: Stop,
) -> None:
    lake = tmp_path / "lake"
    turn(running, **vendor.many, **halted(stop, "slow"), slow_s="60")
    fetch = start(lake, running, vendor)

    def is_there() -> bool:
        enough = pages_held(lake, vendor, running) >= stop.pages
        return enough and (not stop.is_started or bool(got(lake).started))

    try:
        wait_until(is_there, fetch)
    finally:
        fetch.send_signal(signal.SIGKILL)
        fetch.communicate(timeout=PATIENCE_S)
    before = got(lake)
    assert not [name for name in committed(lake) if name.startswith("snapshots")]
    turn(running, **vendor.many)
    running.forget()
    hurry(monkeypatch)
    outcome = attempt(lake, running, vendor)
    assert isinstance(outcome, Fetched), outcome
    must_not_repeat(running, vendor, before)
    must_be_as_in_one_go(lake, outcome, running, vendor, tmp_path)


@pytest.mark.parametrize("fault", ["503", "429_seconds", "403", "401", "cut_chunked"])
@pytest.mark.parametrize(("vendor", "stop"), STOPS)
def test_a_fetch_that_gave_up_goes_on_where_it_was(
    running: Running,
    vendor: Vendor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: Stop,
    fault: str,
) -> None:
    hurry(monkeypatch)
    lake = tmp_path / "lake"
    turn(running, **vendor.many, **halted(stop, fault))
    assert isinstance(attempt(lake, running, vendor), TakeoffError)
    before = got(lake)
    assert pages_held(lake, vendor, running) >= stop.pages
    assert bool(before.started) == stop.is_started
    turn(running, **vendor.many)
    running.forget()
    outcome = attempt(lake, running, vendor)
    assert isinstance(outcome, Fetched), outcome
    must_not_repeat(running, vendor, before)
    must_be_as_in_one_go(lake, outcome, running, vendor, tmp_path)


@pytest.mark.parametrize("vendor", [v for v in VENDORS if v.starts], ids=lambda one: one.name)
def test_an_operation_that_failed_is_not_gone_on_with(
    running: Running, vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next fetch starts another one: what has failed would only fail again."""
    hurry(monkeypatch)
    lake = tmp_path / "lake"
    turn(running, **vendor.many, operation="failed")
    assert isinstance(attempt(lake, running, vendor), TakeoffError)
    turn(running, **vendor.many)
    outcome = attempt(lake, running, vendor)
    assert isinstance(outcome, Fetched), outcome
    must_be_as_in_one_go(lake, outcome, running, vendor, tmp_path)


def must_be_as_in_one_go(
    lake: Path, outcome: Fetched, running: Running, vendor: Vendor, folder: Path
) -> None:
    whole = attempt(folder / "whole", running, vendor)
    assert isinstance(whole, Fetched), whole
    assert rows_of(lake, outcome) == rows_of(folder / "whole", whole)
    assert left_over(lake) == []
