"""What every vendor's fetch must survive: the right result, or the documented error and no change.

Vendors are those of vendors_under_test.VENDORS; each is asked through its sandbox, over HTTP.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from both_ways import Tables, hurry
from small_lakes import Model
from vendors_under_test import (
    VENDORS,
    Vendor,
    attempt,
    committed,
    left_over,
    rows_of,
    walls,
)

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox

FEW, MANY = 25, 2500
PAGED = {"page_limit": "10"}

# What passes by itself, once or a few times; the answer then is the right one.
PASSING = (
    "429_seconds",
    "429_date",
    "429_none",
    "500",
    "502",
    "503",
    "503_seconds",
    "504",
    "html_error",
    "reset",
)
FRAMINGS = ("length", "close", "chunked", "gzip_length", "gzip_close", "gzip_chunked")
# What does not, with the error that it must end in.
LASTING: dict[str, type[TakeoffError]] = {
    "400": VendorRefused,
    "401": VendorRefused,
    "403": VendorRefused,
    "404": VendorRefused,
    "429_seconds": TryLater,
    "500": TryLater,
    "503": TryLater,
    "html_error": TryLater,
    "reset": TryLater,
    "html": NotUnderstood,
    "empty": NotUnderstood,
    "broken": NotUnderstood,
    "redirect_loop": NotUnderstood,
    **{f"cut_{framing}": TryLater for framing in FRAMINGS},
}
EXIT_CODES = {VendorRefused: 4, TryLater: 5, NotUnderstood: 6}

Served = Callable[..., Running]


@pytest.fixture(scope="module", params=VENDORS, ids=lambda vendor: vendor.name)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Running]]:
    """A sandbox for so many products, started when it is first wanted."""
    with ExitStack() as stack:
        known: dict[int, Running] = {}

        def start(count: int) -> Running:
            if count not in known:
                lake = tmp_path_factory.mktemp("served") / "lake"
                walls(count).commit(lake)
                known[count] = stack.enter_context(Sandbox(open_layout(lake)).start())
            return known[count]

        yield start


Clean = tuple[Path, Tables]


@pytest.fixture(scope="module")
def clean(
    vendor: Vendor,
    sandboxes: Callable[[int], Running],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int], Clean]:
    """A lake with so many products fetched while nothing went wrong, and their rows."""
    known: dict[int, Clean] = {}

    def fetched(count: int) -> Clean:
        if count not in known:
            lake = tmp_path_factory.mktemp("clean") / "lake"
            running = sandboxes(count)
            running.turn(**{switch.name: switch.default for switch in SWITCHES})
            with pytest.MonkeyPatch.context() as patch:
                hurry(patch)
                outcome = attempt(lake, running, vendor)
            assert isinstance(outcome, Fetched), outcome
            known[count] = lake, rows_of(lake, outcome)
        return known[count]

    return fetched


@pytest.fixture
def served(
    sandboxes: Callable[[int], Running],
    clean: Callable[[int], Clean],
    monkeypatch: pytest.MonkeyPatch,
) -> Served:
    """`served(count, switch=value, ...)`: that sandbox, all other switches at their defaults.

    What comes while nothing goes wrong has been fetched before.
    """
    hurry(monkeypatch)

    def turned(count: int, **switches: str) -> Running:
        clean(count)
        running = sandboxes(count)
        running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
        running.forget()
        return running

    return turned


class Check:
    """Fetch once more into a lake that has the model, and look at what became of it."""

    def __init__(self, vendor: Vendor, clean: Callable[[int], Clean], folder: Path) -> None:
        self._vendor, self._clean, self._folder = vendor, clean, folder

    def same(self, running: Running, count: int = FEW) -> Fetched:
        """The fetch must bring what came while nothing went wrong."""
        lake, rows, before = self._copied(count)
        outcome = attempt(lake, running, self._vendor)
        assert isinstance(outcome, Fetched), outcome
        assert rows_of(lake, outcome) == rows
        after = committed(lake)
        assert {name: after[name] for name in before} == before
        assert len(rows["elements"]) == count
        assert left_over(lake) == []
        return outcome

    def refused(self, running: Running, kind: type[TakeoffError], count: int = FEW) -> str:
        """The fetch must end in this error, in words, and leave the lake as it was."""
        lake, _, before = self._copied(count)
        error = attempt(lake, running, self._vendor)
        assert isinstance(error, kind), error
        assert error.exit_code == EXIT_CODES[kind]
        assert committed(lake) == before
        if kind is NotUnderstood:
            assert left_over(lake) == []
        said = str(error)
        assert said
        assert running.at(self._vendor.name).token not in said
        return said

    def _copied(self, count: int) -> tuple[Path, Tables, dict[str, str]]:
        lake, rows = self._clean(count)
        copy = self._folder / "lake"
        shutil.copytree(lake, copy)
        return copy, rows, committed(copy)


@pytest.fixture
def check(vendor: Vendor, clean: Callable[[int], Clean], tmp_path: Path) -> Check:
    return Check(vendor, clean, tmp_path)


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_changes_nothing(
    check: Check, vendor: Vendor, served: Served, fault: str
) -> None:
    running = served(FEW, **PAGED, fault=fault, fault_at=vendor.pages, fault_skip="1")
    check.same(running)


@pytest.mark.parametrize("endpoint", sorted({name for v in VENDORS for name in v.endpoints}))
def test_a_fault_that_passes_changes_nothing_wherever_it_is(
    check: Check, vendor: Vendor, served: Served, endpoint: str
) -> None:
    if endpoint not in vendor.endpoints:
        pytest.skip("the vendor has no such endpoint")
    check.same(served(FEW, fault="503", fault_at=endpoint, fault_count="2"))


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("where", ["pages", "states", "storage"])
def test_a_body_that_is_cut_is_asked_for_again(
    check: Check, vendor: Vendor, served: Served, framing: str, where: str
) -> None:
    at = getattr(vendor, where)
    check.same(served(FEW, **PAGED, fault=f"cut_{framing}", fault_at=at, fault_skip="1"))


@pytest.mark.parametrize("framing", FRAMINGS)
def test_whole_bodies_are_taken_in_every_framing(
    check: Check, served: Served, framing: str
) -> None:
    check.same(served(FEW, **PAGED, framing=framing))


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_lasts_is_the_documented_error(
    check: Check, vendor: Vendor, served: Served, fault: str
) -> None:
    lasting = {"fault": fault, "fault_at": vendor.pages, "fault_skip": "1", "fault_count": "all"}
    check.refused(served(FEW, **PAGED, **lasting), LASTING[fault])


def test_a_token_that_dies_in_the_middle_ends_the_fetch(
    check: Check, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hurry(monkeypatch)
    lake = tmp_path / "served"
    walls(FEW).commit(lake)
    switches = {**PAGED, "fault": "401_dead", "fault_at": vendor.pages, "fault_skip": "1"}
    with Sandbox(open_layout(lake), switches).start() as running:
        said = check.refused(running, VendorRefused)
    assert "log in" in said


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"operation": "failed"}, VendorRefused),
        ({"operation": "failed_words"}, VendorRefused),
        ({"operation": "hung"}, TryLater),
        ({"link": "expired"}, VendorRefused),
        ({"link": "loop"}, NotUnderstood),
        ({"quantities_shape": "unknown"}, NotUnderstood),
        ({"dynamic_shape": "unknown"}, NotUnderstood),
    ],
    ids=str,
)
def test_results_that_do_not_come_or_are_not_understood(
    check: Check, served: Served, switches: dict[str, str], kind: type[TakeoffError]
) -> None:
    check.refused(served(FEW, **switches), kind)


@pytest.mark.parametrize(
    "switches",
    [
        {"operation": "unknown_state"},
        {"operation_keys": "few"},
        {"operation_retry_after_s": "2"},
        {"link": "expired_once"},
        {"link": "chain"},
        {"result_coding": "gzip"},
        {"result_coding": "bom"},
        {"errors": "html", "fault": "503", "fault_at": "any", "fault_skip": "3"},
    ],
    ids=str,
)
def test_results_that_come_in_another_way_are_the_same(
    check: Check, served: Served, switches: dict[str, str]
) -> None:
    check.same(served(FEW, **switches))


@pytest.mark.parametrize(
    "switches",
    [
        {"page_limit": "1000"},
        {"page_limit": "500"},
        {"page_limit": "1000", "rows": "repeated"},
        {"page_limit": "1000", "total": "absent"},
        {"page_limit": "500", "total": "absent"},
        {"page_limit": "1000", "total": "grows_once"},
        {"total": "grows_once"},
        {"page_limit": "1000", "rows": "repeated", "total": "absent"},
        {"page_limit": "1000", "fault": "503", "fault_at": "properties", "fault_skip": "2"},
    ],
    ids=str,
)
def test_every_product_of_2500_comes_once(
    check: Check, served: Served, switches: dict[str, str]
) -> None:
    """A page limit of 1,000 leaves the last page half full; one of 500 leaves it exactly full."""
    outcome = check.same(served(MANY, **switches), MANY)
    assert outcome.snapshot is not None
    total = 0 if switches.get("total") == "absent" else MANY
    assert outcome.snapshot.proof.kind == ("stated_total" if total else "protocol_end")


@pytest.mark.parametrize(
    "switches",
    [
        {"page_limit": "1000", "total": "moving"},
        {"page_limit": "1000", "rows": "short"},
        {"page_limit": "1000", "rows": "lost"},
        {"page_limit": "1000", "rows": "ignored"},
        {"rows": "short"},
    ],
    ids=str,
)
def test_pages_that_are_not_all_there_is_are_refused(
    check: Check, served: Served, switches: dict[str, str]
) -> None:
    check.refused(served(MANY, **switches), NotUnderstood, MANY)


def test_a_model_without_products_is_a_model(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hurry(monkeypatch)
    Model("nothing").commit(tmp_path / "served")
    for switches in ({}, {"total": "absent"}):
        lake = tmp_path / f"lake-{len(switches)}"
        with Sandbox(open_layout(tmp_path / "served"), switches).start() as running:
            outcome = attempt(lake, running, vendor)
        assert isinstance(outcome, Fetched), outcome
        assert rows_of(lake, outcome)["elements"] == []


def test_guids_that_differ_in_case_only_stay_apart(clean: Callable[[int], Clean]) -> None:
    _, rows = clean(FEW)
    ids = [row["element_id"] for row in rows["elements"]]
    assert len(ids) == len(set(ids)) == len({one.casefold() for one in ids}) + 1
