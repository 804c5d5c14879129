"""A vendor that comes with another package: one folder, and it is fetched, asked and explained."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from takeoff.config import Access, Settings
from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Quiet
from takeoff.jobs.explain import explain
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.jobs.rebuild import rebuild
from takeoff.jobs.report import Question, report
from takeoff.vendors import load, names

_PACKAGE = Path(__file__).parent / "paper_vendor"
_LINES = [
    {"no": "007", "what": "Wall", "m3": "1.25"},
    {"no": "7", "what": "Wall", "m3": "2.5"},
]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package is installed: its folder, with its metadata, is where Python looks."""
    monkeypatch.syspath_prepend(str(_PACKAGE))
    importlib.invalidate_caches()
    load.cache_clear()
    yield
    load.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "paper"]:
        del sys.modules[name]


@contextmanager
def _service(said: Callable[[str], object]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(said(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _fetch(lake: Path, base_url: str) -> tuple[Settings, Fetched]:
    settings = Settings(lake=lake, vendors={"paper": Access(base_url, "token")})
    [outcome] = fetch_models(settings, "paper", ModelOptions(), Quiet())
    return settings, outcome


@pytest.mark.usefixtures("installed")
def test_its_models_are_fetched_reported_and_explained(tmp_path: Path) -> None:
    answers: dict[str, object] = {
        "/lists": ["bill"],
        "/lists/bill": {"lines_in_all": 2, "lines": _LINES},
        "/lists/bill/edition": 1,
    }
    assert "paper" in names()
    with _service(answers.__getitem__) as base_url:
        settings, first = _fetch(tmp_path / "lake", base_url)
        _, again = _fetch(tmp_path / "lake", base_url)
        answers["/lists/bill/edition"] = 2
        _, changed = _fetch(tmp_path / "lake", base_url)
    outcomes = [outcome.outcome for outcome in (first, again, changed)]
    assert outcomes == ["new", "unchanged", "revision"], first.error
    table = report(settings, Question("by_class", quantities=["NetVolume"])).table
    [line] = [row for row in table.to_pylist() if row["quantity"] == "NetVolume"]
    assert float(line["value"]) == 3.75
    told = explain(settings, "007", "NetVolume")
    assert json.loads(told.figures.table.to_pylist()[0]["record"]) == _LINES[0]
    rebuilt = rebuild(settings, (), Quiet()).table.to_pylist()
    assert {row["outcome"] for row in rebuilt} == {"same"}


@pytest.mark.usefixtures("installed")
def test_its_totals_are_held_against_its_rows(tmp_path: Path) -> None:
    answers: dict[str, object] = {
        "/lists": ["bill"],
        "/lists/bill": {"lines_in_all": 3, "lines": _LINES},
        "/lists/bill/edition": 1,
    }
    with _service(answers.__getitem__) as base_url:
        _, outcome = _fetch(tmp_path / "lake", base_url)
    assert isinstance(outcome.error, NotUnderstood)
    assert "states 3 elements, 2 were read" in str(outcome.error)


def test_without_its_package_there_is_no_such_vendor() -> None:
    assert "paper" not in names()
