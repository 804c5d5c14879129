"""Input that is small and becomes huge, or never ends, or leads out of its folder: at each door."""

from __future__ import annotations

import gzip
import random
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from vendors_under_test import VENDORS, Vendor, committed, walls
from werkzeug.wrappers import Response

from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox, hooks

from .commands import Commands, Done
from .tally import Part, Sizes, Tally, each

MOST_MORE_MIB = 64
HUGE = 200 << 20
_NOMINAL = 10 << 30
DEEP = 10_000
_PIECE = 1 << 20
_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_IFC = _SAMPLE / "Lindenhof_services.ifc"
_USUAL = {switch.name: switch.default for switch in SWITCHES}


def must_be_refused(done: Done, codes: Sequence[int], usual: Done) -> None:
    """With one clear sentence, one of these exit codes, and little more memory than usual."""
    assert done.code in codes, f"it ended in {done.code}: {done.err[-600:]}"
    assert "Traceback" not in done.err, done.err[-600:]
    assert done.err.startswith("takeoff: "), done.err[:600]
    assert done.err.count("\n") == 1, done.err[:600]
    assert len(done.err) < 2_000, f"{len(done.err):,} characters are said"
    more = done.took_mib - usual.took_mib
    assert more <= MOST_MORE_MIB, f"it took {more:.0f} MiB more than usual: {done.err[:300]}"


@cache
def packed(start: bytes = b"", fill: bytes = b" ", size: int = HUGE) -> bytes:
    """So many bytes of the same as gzip: 200 kB for 200 MB."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(start)]
    parts += [packer.compress(fill * _PIECE) for _ in range(size // _PIECE)]
    return b"".join([*parts, packer.flush()])


def _endless(start: bytes, fill: bytes) -> Iterator[bytes]:
    yield start
    for _ in range(HUGE // _PIECE):
        yield fill * _PIECE


def _json(body: bytes, **headers: str) -> Response:
    return Response(body, 200, headers, content_type="application/json")


def _streamed(start: bytes, fill: bytes) -> Response:
    length = {"Content-Length": str(len(start) + HUGE)}
    return Response(_endless(start, fill), 200, length, content_type="application/json")


_ANSWERS: dict[str, Callable[[], Response]] = {
    "packed answer": lambda: _json(packed(b"["), **{"Content-Encoding": "gzip"}),
    "packed file": lambda: _json(packed(b'{"a":"', b"a")),
    "file packed twice": lambda: _json(gzip.compress(packed(b"[")), **{"Content-Encoding": "gzip"}),
    "endless text": lambda: _streamed(b'{"a":"', b"a"),
    "endless blanks": lambda: _streamed(b"[", b" "),
    "deep lists": lambda: _json(b"[" * DEEP + b"]" * DEEP),
    "deep objects": lambda: _json(b'{"a":1,"b":' * DEEP + b"1" + b"}" * DEEP),
    "deep rows": lambda: _json(b'[{"id":"a","x":' + b"[" * DEEP + b"]" * DEEP + b"}]"),
    "deep without an end": lambda: _json(b'[{"a":' * 1_000_000),
}


@dataclass(frozen=True)
class _Answer:
    """What a vendor sends instead of an answer, and where."""

    vendor: Vendor
    endpoint: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} from {self.endpoint} of {self.vendor.name}"


def _answers() -> list[_Answer]:
    """All there are, in an order that has some of each among the first few."""
    every = [
        _Answer(vendor, endpoint, kind)
        for vendor in VENDORS
        for endpoint in dict.fromkeys(vendor.endpoints)
        for kind in _ANSWERS
    ]
    random.Random(0).shuffle(every)
    return every


def _services(seeds: Sequence[int], folder: Path) -> Tally:
    walls(9).commit(folder / "served")
    every = _answers()
    with (
        Commands() as commands,
        Sandbox(open_layout(folder / "served")).start() as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        service = _Service(commands, running, patch, folder)
        return each(seeds, lambda seed: service.once(every[seed % len(every)]))


class _Service:
    """Fetches from services, of which one answer is a bomb."""

    def __init__(
        self, commands: Commands, running: Running, patch: pytest.MonkeyPatch, folder: Path
    ) -> None:
        self._commands, self._running, self._folder = commands, running, folder
        self._usual: dict[str, Done] = {}
        self._bomb, self._sent, self._spoiled = "", 0, hooks.spoiled
        patch.setattr(hooks, "spoiled", self._answer)

    def once(self, bomb: _Answer) -> str:
        lake = self._folder / "lake"
        open_layout(lake, create=True)
        usual = self._usual_of(bomb.vendor)
        self._bomb, self._sent = bomb.kind, 0
        try:
            done = self._fetch(bomb, lake)
            if not self._sent:
                assert done.code == 0, f"{bomb}: {done.err}"
                return "not asked there"
            must_be_refused(done, (6,), usual)
            assert committed(lake) == {}, "something was committed"
        except AssertionError as error:
            error.add_note(str(bomb))
            raise
        finally:
            shutil.rmtree(lake)
        return bomb.kind

    def _usual_of(self, vendor: Vendor) -> Done:
        if vendor.name not in self._usual:
            self._running.turn(**{**_USUAL, "polls": "0"})
            lake = self._folder / f"usual-{vendor.name}"
            done = self._command(vendor, lake)
            assert done.code == 0, done.err
            self._usual[vendor.name] = done
        return self._usual[vendor.name]

    def _fetch(self, bomb: _Answer, lake: Path) -> Done:
        stored = (bomb.vendor.stored or {}) if bomb.endpoint == bomb.vendor.storage else {}
        wrong = {"faults": f"broken@{bomb.endpoint}*all"}
        self._running.turn(**{**_USUAL, "polls": "0", **bomb.vendor.many, **stored, **wrong})
        return self._command(bomb.vendor, lake)

    def _command(self, vendor: Vendor, lake: Path) -> Done:
        service, name = self._running.at(vendor.name), vendor.name.upper()
        access = {
            f"TAKEOFF_{name}_BASE_URL": service.base_url,
            f"TAKEOFF_{name}_TOKEN": service.token,
        }
        return self._commands.run("fetch", vendor.name, "--lake", lake, environ=access)

    def _answer(self, answer: Response, fault: str, framing: str, here: str) -> Response:
        if fault != "broken":
            return self._spoiled(answer, fault, framing, here)
        self._sent += 1
        return _ANSWERS[self._bomb]()


PARTS = (
    Part(
        "bombs of services",
        f"refused in one sentence with at most {MOST_MORE_MIB} MiB more, nothing committed",
        Sizes(few=1, short=40, full=len(_answers())),
        _services,
    ),
)
