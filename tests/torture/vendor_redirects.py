"""Answers of every vendor that redirect, or whose links lead, to a stranger, who answers well."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from both_ways import Tables
from loopback import Reply
from vendors_under_test import VENDORS, Vendor, attempt, committed, rows_of, walls
from werkzeug.wrappers import Response

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox, hooks

from .faults import hurried
from .origins import Came, Listening, surroundings
from .planted import SIGNED, Planted
from .redirects import FOR_ANYBODY, STATUSES
from .tally import Part, Sizes, Tally, each

_USUAL = {switch.name: switch.default for switch in SWITCHES}
_OURS = {"authorization", "cookie", "x-client-session-id"}
_LOUD = (NotUnderstood, TryLater, VendorRefused)
# Where the stranger's address comes from, as text with {there} for host and port.
_REDIRECTS = ("http://{there}", "//{there}", "http://localhost:{port}")
_LINKS = ("http://{there}", "//{there}", "http://{here}@{there}", "https://{there}")


@dataclass(frozen=True)
class _Case:
    """Every answer of that endpoint redirects with that status, or is whole with other links."""

    vendor: Vendor
    endpoint: str
    status: int | None
    written: str

    def __str__(self) -> str:
        how = "links" if self.status is None else f"redirects ({self.status})"
        return f"{self.endpoint} of {self.vendor.name} {how} to {self.written}"


def _cases() -> list[_Case]:
    """All there are, in an order that has some of each among the first few."""
    ways = [*product(STATUSES, _REDIRECTS), *product([None], _LINKS)]
    every = [
        _Case(vendor, endpoint, *way)
        for vendor in VENDORS
        for endpoint in dict.fromkeys(vendor.endpoints)
        for way in ways
    ]
    random.Random(0).shuffle(every)
    return every


_CASES = _cases()


@dataclass
class _Stranger:
    """Keeps what it is to answer by number, and notes what it was sent."""

    came: list[Came] = field(default_factory=list)
    kept: list[tuple[bytes, str]] = field(default_factory=list)
    port: int = 0

    def keep(self, answer: Response) -> int:
        self.kept.append((answer.get_data(), answer.content_type or "application/octet-stream"))
        return len(self.kept) - 1

    def reply(self, came: Came) -> Reply:
        number = came.seen.target.rpartition("/")[2].partition("?")[0]
        if not number.isdigit() or int(number) >= len(self.kept):
            return Reply(body=b"{}")
        body, kind = self.kept[int(number)]
        return Reply(body=body, headers={"Content-Type": kind})


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    walls(9).commit(folder / "served")
    stranger = _Stranger()
    listening = Listening(stranger.reply, stranger.came)
    stranger.port = listening.port
    try:
        with (
            surroundings(folder),
            Sandbox(open_layout(folder / "served")).start() as running,
            pytest.MonkeyPatch.context() as patch,
        ):
            return each(seeds, _Service(running, patch, folder, stranger).once)
    finally:
        listening.stop()


class _Service:
    """Fetches from services, of which one endpoint sends people elsewhere."""

    def __init__(
        self, running: Running, patch: pytest.MonkeyPatch, folder: Path, stranger: _Stranger
    ) -> None:
        self._running, self._folder, self._stranger = running, folder, stranger
        self._clean: dict[str, tuple[Path, Tables]] = {}
        self._case, self._sent = _CASES[0], 0
        self._spoiled: Callable[[Response, str, str, str], Response] = hooks.spoiled
        patch.setattr(hooks, "spoiled", self._answer)

    def once(self, seed: int) -> str:
        case = self._case = _CASES[seed % len(_CASES)]
        kept, rows = self._clean_of(case.vendor)
        lake = self._folder / f"lake-{seed}"
        shutil.copytree(kept, lake)
        try:
            return self._fetched(case, lake, rows)
        except Exception as error:
            error.add_note(str(case))
            raise
        finally:
            shutil.rmtree(lake)

    def _clean_of(self, vendor: Vendor) -> tuple[Path, Tables]:
        if vendor.name not in self._clean:
            self._turn(vendor)
            lake = self._folder / f"clean-{vendor.name}"
            with hurried():
                outcome = attempt(lake, self._running, vendor)
            assert isinstance(outcome, Fetched), outcome
            self._clean[vendor.name] = lake, rows_of(lake, outcome)
        return self._clean[vendor.name]

    def _turn(self, vendor: Vendor, **more: str) -> None:
        form = {**vendor.many, **(vendor.stored or {}), "storage_headers": "ignore"}
        self._running.turn(**{**_USUAL, "polls": "0", **form, **more})
        self._running.forget()

    def _fetched(self, case: _Case, lake: Path, rows: Tables) -> str:
        before = committed(lake)
        self._stranger.came.clear()
        self._stranger.kept.clear()
        self._sent = 0
        self._turn(case.vendor, faults=f"broken@{case.endpoint}*all")
        with hurried():
            outcome = attempt(lake, self._running, case.vendor)
        self._must_be_unseen(case.vendor, outcome)
        if isinstance(outcome, Fetched):
            assert rows_of(lake, outcome) == rows, "other rows came without a word"
            return "the same" if self._sent else "not asked there"
        assert isinstance(outcome, _LOUD), f"{type(outcome).__name__}: {outcome}"
        assert committed(lake) == before, f"the lake has changed, but: {outcome}"
        return "refused"

    def _must_be_unseen(self, vendor: Vendor, outcome: object) -> None:
        """The stranger was told nothing, nor was the storage."""
        planted = Planted(self._running.at(vendor.name).token)
        for came in self._stranger.came:
            more = set(came.seen.headers) - FOR_ANYBODY
            assert not more, f"{sorted(more)} reached the stranger"
            assert came.seen.method == "GET", f"{came.seen.method} reached the stranger"
            planted.must_not_be_in("what the stranger was sent", came.content)
        stored = [one for one in self._running.seen() if one.origin == "storage"]
        told = [one.headers & _OURS for one in stored if one.headers & _OURS]
        assert not told, f"{told} reached the storage"
        planted.secrets.add(SIGNED)
        planted.must_not_be_in("what was said", f"{outcome} {outcome!r}".encode())

    def _answer(self, answer: Response, fault: str, framing: str, here: str) -> Response:
        if fault != "broken":
            return self._spoiled(answer, fault, framing, here)
        places: Mapping[str, object] = {
            "there": f"127.0.0.1:{self._stranger.port}",
            "port": self._stranger.port,
            "here": urlsplit(here).netloc,
        }
        written = self._case.written.format(**places)
        if self._case.status is not None:
            self._sent += 1
            location = f"{written}/kept/{self._stranger.keep(answer)}"
            return Response(b"", self._case.status, {"Location": location})
        return self._with_links(answer, here, written)

    def _with_links(self, answer: Response, here: str, written: str) -> Response:
        """The answer with the service's own origin, and that of the storage, replaced in it."""
        origins = [f"http://{urlsplit(here).netloc}", self._running.storage_url]
        body, headers = answer.get_data(), dict(answer.headers)
        for one in origins:
            self._sent += body.count(one.encode())
            body = body.replace(one.encode(), written.encode())
            headers = {name: value.replace(one, written) for name, value in headers.items()}
        headers.pop("Content-Length", None)
        return Response(body, answer.status_code, headers)


PARTS = (
    Part(
        "redirects of vendors",
        "a stranger that they lead to is told nothing; rows as undisturbed, or an error",
        Sizes(few=2, short=80, full=len(_CASES)),
        _run,
    ),
)
