"""Random faults of every vendor: the rows that come undisturbed, or a loud error and no change."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from both_ways import Hurried
from vendors_under_test import VENDORS, Vendor, attempt, committed, left_over, rows_of, walls

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.http.messages import Limits
from takeoff.http.session import Session
from takeoff.jobs import logins
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.lake.verify import verify
from takeoff.sandbox import SWITCHES, Running, Sandbox

from .tally import Part, Sizes, Tally, each

PRODUCTS = 9
_FRAMINGS = ("length", "close", "chunked", "gzip_length", "gzip_close", "gzip_chunked")
_PASSING = (
    *("429_seconds", "429_date", "429_none", "500", "502", "503", "503_seconds", "504"),
    *("html_error", "reset", "slow"),
    *(f"cut_{framing}" for framing in _FRAMINGS),
)
_LASTING = ("401", "401_dead", "html", "empty", "broken", "redirect_loop")
_COUNTS = ("1", "1", "1", "2", "3", "all")
_LOUD = (VendorRefused, TryLater, NotUnderstood)
# Fetches after a refused one until it must have come.
_OTHERS = 2
# A stalled answer takes a second, of which the client waits for half.
_STALL_S = "1"
_PATIENT, _IMPATIENT = Limits(), Limits(read_s=0.5)
_USUAL = {switch.name: switch.default for switch in SWITCHES}


@dataclass(frozen=True)
class Schedule:
    """Switches: the form in which a vendor answers, and what goes wrong beside that."""

    form: Mapping[str, str]
    wrong: Mapping[str, str]

    @property
    def has_traps(self) -> bool:
        """Whether the service is not as it was afterwards."""
        return self.wrong.keys() > {"slow_s", "faults"} or "401_dead@" in self.wrong["faults"]


def schedule(vendor: Vendor, chance: random.Random) -> Schedule:
    """One to five faults, often with answers in another form or such as no fetch can take."""
    others = [*vendor.alike, *(one for one, _ in vendor.complete)]
    other_forms = [one for one in others if "autodesk_expired" not in one]
    traps = [*vendor.incomplete, *(one for one in others if one not in other_forms)]
    traps += [one for one, _ in vendor.refused if _is_of_model(one)]
    forms = [vendor.many, chance.choice(other_forms), vendor.stored or {}]
    form = small({k: v for one in forms if chance.random() < 0.5 for k, v in one.items()})
    wrong = small(chance.choice(traps)) if chance.random() < 0.25 else {}
    if chance.random() < 0.3:
        wrong["framing"] = chance.choice(_FRAMINGS)
    faults = [_fault(vendor, chance) for _ in range(chance.randint(1, 5))]
    return Schedule(form, {"slow_s": _STALL_S, **wrong, "faults": ",".join(faults)})


def _is_of_model(trap: Mapping[str, str]) -> bool:
    """Whether it is the same model all the same: in another region it has another id."""
    return "autodesk_region" not in trap


def _stays(drawn: Schedule) -> bool:
    """Whether what went wrong stays so: a dead token, work that never ends, or ended in part."""
    partly = drawn.wrong.get("itwin_extraction") == "PartiallySucceeded"
    hung = drawn.wrong.get("operation") == "hung"
    return partly or hung or "401_dead@" in drawn.wrong["faults"]


def _fault(vendor: Vendor, chance: random.Random) -> str:
    fault = chance.choice(_PASSING if chance.random() < 0.8 else _LASTING)
    place = chance.choice((*vendor.endpoints, vendor.pages, "any"))
    count = chance.choice(_COUNTS[:-1] if fault == "slow" else _COUNTS)
    return f"{fault}@{place}+{chance.randint(0, 6)}*{count}"


def small(switches: Mapping[str, str]) -> dict[str, str]:
    """The same for few products: pages of four."""
    sizes = ("_limit", "_rows")
    return {k: "4" if k.endswith(sizes) and v.isdigit() else v for k, v in switches.items()}


class _Stage:
    """A service, and a lake that has what comes of it while nothing goes wrong; in a `with`."""

    def __init__(self, vendor: Vendor, folder: Path) -> None:
        self.vendor, self.folder = vendor, folder
        self._served, self._clean = open_layout(folder / "served", create=True), folder / "clean"
        self._running: Running | None = None

    def __enter__(self) -> _Stage:
        walls(PRODUCTS).commit(self._served.root)
        outcome = self._attempt(self._service(), self._clean, {}, _PATIENT)
        assert isinstance(outcome, Fetched), outcome
        self._rows = rows_of(self._clean, outcome)
        return self

    def __exit__(self, *error: object) -> None:
        self._service().stop()

    def _service(self, *, is_new: bool = False) -> Running:
        """The one that was used before, unless a new one is wanted."""
        if is_new and self._running is not None:
            self._running.stop()
            self._running = None
        if self._running is None:
            self._running = Sandbox(self._served).start()
        return self._running

    def once(self, seed: int) -> str:
        """One schedule, and what must be true then; a service that remembers traps ends."""
        drawn = schedule(self.vendor, random.Random(seed))
        lake = self.folder / f"lake-{seed}"
        shutil.copytree(self._clean, lake)
        try:
            return self._fetched(self._service(), lake, drawn)
        except Exception as error:
            error.add_note(f"form {dict(drawn.form)}, wrong {dict(drawn.wrong)}")
            raise
        finally:
            shutil.rmtree(lake)
            if drawn.has_traps:
                self._service(is_new=True)

    def _fetched(self, running: Running, lake: Path, drawn: Schedule) -> str:
        """The fetch, and if it was refused, others on which nothing goes wrong any more.

        The first of them may still meet what the service has made wrong meanwhile.
        """
        before = committed(lake)
        limits = _IMPATIENT if "slow@" in drawn.wrong["faults"] else _PATIENT
        first = self._attempt(running, lake, {**drawn.form, **drawn.wrong}, limits)
        outcome, others = first, 0
        while not isinstance(outcome, Fetched):
            assert isinstance(outcome, _LOUD), f"{type(outcome).__name__}: {outcome}"
            assert running.at(self.vendor.name).token not in str(outcome), "the token is told"
            assert committed(lake) == before, f"the lake has changed, but: {outcome}"
            if others and _stays(drawn):
                break
            assert others < _OTHERS, f"after {first}, undisturbed: {outcome}"
            others += 1
            outcome = self._attempt(running, lake, drawn.form, _PATIENT)
        else:
            self._must_be_clean(lake, before, outcome)
        if isinstance(first, Fetched):
            return "the same"
        return next(kind.__name__ for kind in _LOUD if isinstance(first, kind))

    def _attempt(
        self, running: Running, lake: Path, switches: Mapping[str, str], limits: Limits
    ) -> Fetched | TakeoffError:
        running.turn(**{**_USUAL, **switches})
        with hurried(limits):
            return attempt(lake, running, self.vendor)

    def _must_be_clean(self, lake: Path, before: Mapping[str, str], outcome: Fetched) -> None:
        came = rows_of(lake, outcome)
        others = [table for table in self._rows if came[table] != self._rows[table]]
        assert not others, f"other rows came without a word, in {others}"
        after = committed(lake)
        assert {name: after[name] for name in before} == before, "what was committed has changed"
        assert left_over(lake) == [], "a work folder is left"
        assert verify(open_layout(lake)).findings == (), "the lake is not sound"


@contextmanager
def hurried(limits: Limits = _PATIENT) -> Iterator[None]:
    """Fetches wait by a hurried clock, within these limits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logins, "Session", partial(Session, clock=Hurried(), limits=limits))
        yield


def _run(vendor: Vendor, seeds: Sequence[int], folder: Path) -> Tally:
    with _Stage(vendor, folder) as stage:
        return each(seeds, stage.once)


PARTS = tuple(
    Part(
        f"faults of {vendor.name}",
        "rows as undisturbed, or a documented error, nothing committed, and the next fetch right",
        Sizes(few=2, short=100, full=1_000),
        partial(_run, vendor),
    )
    for vendor in VENDORS
)
