"""No token leaves for where it does not belong: not on the wire, not onto the disk, not into words.

Looked for in every file that a fetch leaves, packed or not, and in everything that it says.
"""

from __future__ import annotations

import base64
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard
from both_ways import hurry, settings
from vendors_under_test import VENDORS, Vendor, attempt, left_over, walls

from takeoff.core.errors import TakeoffError
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox

COUNT = 25
# Names of headers that belong to the vendor alone.
OURS = {"authorization", "cookie", "x-client-session-id"}
REFUSALS = ("none", "401", "403", "404", "500", "html", "empty", "broken", "redirect_loop", "reset")


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("served") / "lake"
    walls(COUNT).commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


def turn(running: Running, **switches: str) -> None:
    running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
    running.forget()


def spellings(token: str) -> list[bytes]:
    """The token as it is, and as a header would hold it in another coding."""
    return [token.encode(), base64.b64encode(token.encode()).rstrip(b"=")]


def leaks(folder: Path, token: str) -> list[str]:
    """Files whose name or content, unpacked, has the token."""
    found = []
    for path in sorted(folder.rglob("*")):
        content = str(path).encode() + (_content(path) if path.is_file() else b"")
        if any(spelling in content for spelling in spellings(token)):
            found.append(str(path))
    return found


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
            return raw + reader.read()
    if path.suffix == ".parquet":
        return raw + repr(pq.read_table(path).to_pydict()).encode()
    return raw


def test_a_leak_would_be_found(tmp_path: Path) -> None:
    """The search itself can fail."""
    (tmp_path / "a.zst").write_bytes(zstandard.ZstdCompressor().compress(b"x" * 99 + b"tok-en-1"))
    (tmp_path / "b").write_bytes(base64.b64encode(b"tok-en-1"))
    (tmp_path / "c").write_bytes(b"nothing")
    assert [Path(name).name for name in leaks(tmp_path, "tok-en-1")] == ["a.zst", "b"]


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"redirect_code": "307"},
        {"redirect_code": "308"},
        {"link": "chain"},
        {"link": "expired_once"},
        {"link": "expired"},
        {"link": "loop"},
    ],
    ids=str,
)
def test_no_header_of_ours_reaches_the_storage(
    running: Running,
    vendor: Vendor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    switches: dict[str, str],
) -> None:
    hurry(monkeypatch)
    if vendor.stored is None:
        pytest.skip("nothing of this vendor comes from a storage")
    turn(running, **vendor.stored, **switches, storage_headers="ignore")
    attempt(tmp_path / "lake", running, vendor)
    stored = [one for one in running.seen() if one.origin == "storage"]
    asked = [one for one in running.seen() if one.origin == "api"]
    assert stored
    assert [one.headers & OURS for one in stored if one.headers & OURS] == []
    assert asked
    assert all("authorization" in one.headers for one in asked)


@pytest.mark.parametrize("fault", REFUSALS)
def test_the_token_is_in_no_file_no_log_and_no_error(
    running: Running,
    vendor: Vendor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    hurry(monkeypatch)
    at = vendor.pages if vendor.results is None else vendor.results
    turn(running, **vendor.spoiled(fault, at), fault_count="all", **vendor.many)
    caplog.set_level(logging.DEBUG)
    for name in ("takeoff", "urllib3", "requests", "werkzeug"):
        caplog.set_level(logging.DEBUG, logger=name)
    lake = tmp_path / "lake"
    outcome = attempt(lake, running, vendor)
    assert isinstance(outcome, Fetched if fault == "none" else TakeoffError), outcome
    assert caplog.records
    said = [record.getMessage() for record in caplog.records] + [caplog.text]
    said += [repr(settings(lake, running, vendor.name)), repr(running), repr(outcome), str(outcome)]
    said += _chain(outcome) if isinstance(outcome, BaseException) else []
    for spelling in spellings(running.at(vendor.name).token):
        assert [text for text in said if spelling.decode() in text] == []
    assert list(lake.rglob("*")) != []
    assert leaks(lake, running.at(vendor.name).token) == []
    # A link that is signed opens what it leads to for anybody.
    assert [text for text in said if "signature=" in text] == []
    assert leaks(lake, "signature=") == []


def test_a_fetch_under_way_has_no_token_on_disk(
    running: Running, vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    lake = tmp_path / "lake"
    at = vendor.pages if vendor.storage is None else vendor.storage
    stored = vendor.stored or {}
    turn(running, **vendor.spoiled("503", at), fault_count="all", **vendor.many, **stored)
    assert isinstance(attempt(lake, running, vendor), TakeoffError)
    assert any(path.name == "journal.jsonl" for path in left_over(lake)[0].iterdir())
    assert leaks(lake, running.at(vendor.name).token) == []


@pytest.mark.parametrize("fault", ["403", pytest.param("none", marks=pytest.mark.slow)])
def test_the_command_says_no_token(
    running: Running, vendor: Vendor, tmp_path: Path, fault: str
) -> None:
    turn(running, fault=fault, fault_at=vendor.pages, polls="0")
    name = vendor.name.upper()
    access = {
        f"TAKEOFF_{name}_BASE_URL": running.at(vendor.name).base_url,
        f"TAKEOFF_{name}_TOKEN": running.at(vendor.name).token,
    }
    done = subprocess.run(
        [sys.executable, "-m", "takeoff", "fetch", vendor.name, "--lake", str(tmp_path / "lake")],
        env={**os.environ, **access},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (0 if fault == "none" else 4), done.stderr
    assert running.at(vendor.name).token.encode() not in done.stdout + done.stderr
    assert leaks(tmp_path, running.at(vendor.name).token) == []


def _chain(error: BaseException) -> list[str]:
    """The words of an error and of all that led to it and would be shown with it."""
    said = []
    shown: BaseException | None = error
    while shown is not None:
        said += [str(shown), repr(shown)]
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return said
