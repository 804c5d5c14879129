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
    Switches,
    Vendor,
    attempt,
    committed,
    left_over,
    products,
    rows_of,
    walls,
)

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox

FEW, MANY = 25, 2500

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


@pytest.fixture(scope="module")
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each vendor by itself, with each entry of the table that a test is about."""
    for table in ("alike", "refused", "complete", "incomplete"):
        name = "refusal" if table == "refused" else table
        if name in metafunc.fixturenames:
            cases = [(vendor, one) for vendor in VENDORS for one in getattr(vendor, table)]
            ids = [f"{vendor.name}-{_words(one)}" for vendor, one in cases]
            metafunc.parametrize(("vendor", name), cases, ids=ids, indirect=["vendor"])
            return
    if "vendor" in metafunc.fixturenames:
        metafunc.parametrize("vendor", VENDORS, ids=lambda one: one.name, indirect=True)


def _words(case: object) -> str:
    switches = case[0] if isinstance(case, tuple) else case
    assert isinstance(switches, dict)
    return ",".join(f"{name}={value}" for name, value in switches.items())


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
        assert len(products(rows)) == count
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
    check.same(served(FEW, **vendor.many, **vendor.spoiled(fault)))


@pytest.mark.parametrize("endpoint", sorted({name for v in VENDORS for name in v.endpoints}))
def test_a_fault_that_passes_changes_nothing_wherever_it_is(
    check: Check, vendor: Vendor, served: Served, endpoint: str
) -> None:
    if endpoint not in vendor.endpoints:
        pytest.skip("the vendor has no such endpoint")
    switches = {**vendor.many, **((vendor.stored or {}) if endpoint == vendor.storage else {})}
    check.same(served(FEW, **switches, fault="503", fault_at=endpoint, fault_count="2"))


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("where", ["pages", "states", "storage"])
def test_a_body_that_is_cut_is_asked_for_again(
    check: Check, vendor: Vendor, served: Served, framing: str, where: str
) -> None:
    at = getattr(vendor, where)
    if at is None or framing in vendor.unproved:
        pytest.skip("the vendor has no such answers, or shows no end of them")
    stored = (vendor.stored or {}) if where == "storage" else {}
    check.same(served(FEW, **vendor.many, **stored, **vendor.spoiled(f"cut_{framing}", at)))


@pytest.mark.parametrize("framing", FRAMINGS)
def test_whole_bodies_are_taken_in_every_framing(
    check: Check, vendor: Vendor, served: Served, framing: str
) -> None:
    """Also if none of its bodies shows its end: what cannot be proved whole is asked for again."""
    running = served(FEW, **vendor.many, framing=framing)
    if framing in vendor.unproved:
        check.refused(running, TryLater)
    else:
        check.same(running)


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_lasts_is_the_documented_error(
    check: Check, vendor: Vendor, served: Served, fault: str
) -> None:
    lasting = {**vendor.spoiled(fault), "fault_count": "all"}
    check.refused(served(FEW, **vendor.many, **lasting), LASTING[fault])


def test_a_token_that_dies_in_the_middle_ends_the_fetch(
    check: Check, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hurry(monkeypatch)
    lake = tmp_path / "served"
    walls(FEW).commit(lake)
    switches = {**vendor.many, **vendor.spoiled("401_dead")}
    with Sandbox(open_layout(lake), switches).start() as running:
        said = check.refused(running, VendorRefused)
    assert "log in" in said


def test_answers_that_do_not_come_or_are_not_understood(
    check: Check, served: Served, refusal: tuple[Switches, type[TakeoffError]]
) -> None:
    switches, kind = refusal
    check.refused(served(FEW, **switches), kind)


def test_answers_that_come_in_another_way_are_the_same(
    check: Check, served: Served, alike: Switches
) -> None:
    check.same(served(FEW, **alike))


def test_every_product_of_2500_comes_once(
    check: Check, served: Served, complete: tuple[Switches, str]
) -> None:
    switches, proof = complete
    outcome = check.same(served(MANY, **switches), MANY)
    assert outcome.snapshot is not None
    assert outcome.snapshot.proof.kind == proof


def test_rows_that_are_not_all_there_is_are_refused(
    check: Check, served: Served, incomplete: Switches
) -> None:
    check.refused(served(MANY, **incomplete), NotUnderstood, MANY)


def test_a_model_without_products_is_a_model(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hurry(monkeypatch)
    Model("nothing").commit(tmp_path / "served")
    for number, switches in enumerate(({}, {"total": "absent"})):
        lake = tmp_path / f"lake-{number}"
        with Sandbox(open_layout(tmp_path / "served"), switches).start() as running:
            outcome = attempt(lake, running, vendor)
        assert isinstance(outcome, Fetched), outcome
        assert products(rows_of(lake, outcome)) == []


def test_guids_that_differ_in_case_only_stay_apart(clean: Callable[[int], Clean]) -> None:
    _, rows = clean(FEW)
    ids = [row["ifc_guid"] for row in products(rows)]
    assert len(ids) == len(set(ids)) == len({one.casefold() for one in ids}) + 1


def test_what_has_not_changed_is_not_asked_for_again(
    vendor: Vendor, clean: Callable[[int], Clean], served: Served, tmp_path: Path
) -> None:
    """By the vendor's own version; a vendor that states none is asked again."""
    running = served(FEW)
    lake, _ = clean(FEW)
    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    outcome = attempt(copy, running, vendor, force=False)
    assert isinstance(outcome, Fetched), outcome
    assert outcome.snapshot is not None
    has_version = outcome.snapshot.source_version.kind != "none"
    asked = [one for one in running.seen() if one.endpoint == vendor.pages]
    assert bool(asked) != has_version
    assert outcome.is_new != has_version
