"""Which element is which: exact over generated pairs of revisions, key by key; 10,000 if slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from generated import Pair, Thing, engine_on, pairs
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.engines.duckdb import Engine
from takeoff.reports import catalog
from takeoff.reports.run import run

BECAME = """
select
    element_changes.pair_no,
    old_elements.element_id as old_key,
    new_elements.element_id as new_key,
    element_changes.change,
    element_changes.matched_by
from element_changes
left join compared_elements as old_elements
    on old_elements.pair_no = element_changes.pair_no
    and old_elements.side = 'old'
    and old_elements.element_no = element_changes.old_no
left join compared_elements as new_elements
    on new_elements.pair_no = element_changes.pair_no
    and new_elements.side = 'new'
    and new_elements.element_no = element_changes.new_no
"""


@pytest.fixture(scope="module", params=[1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def told(request: pytest.FixtureRequest) -> list[Pair]:
    return pairs(request.param, seed=5)


@pytest.fixture(scope="module")
def engine(told: list[Pair], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine_on(told, tmp_path_factory.mktemp("generated")) as opened:
        yield opened


def test_identity_is_exact(engine: Engine, told: list[Pair]) -> None:
    ours = rows(engine, BECAME)
    assert [row for row in ours if row[1] and row[2] and row[1] != row[2]] == []
    found = Counter((number, old or new, change) for number, old, new, change, _ in ours)
    truth = Counter(
        (number, key, became)
        for number, pair in enumerate(told)
        for key, became in pair.became.items()
    )
    assert found == truth
    keys = Counter(row[4] for row in ours)
    often = ("ifc_guid", "authoring_id", "name, class, storey, type")
    assert min(keys[key] for key in often) >= len(told) // 10
    assert Counter(row[3] for row in ours).keys() == {
        "added",
        "removed",
        "changed",
        "moved",
        "same",
    }


def test_sums_of_all_pairs_reconcile(engine: Engine, told: list[Pair]) -> None:
    query = catalog.find("changes", [QUERIES])
    lines = run(engine, query, {"quantity": "NetVolume"}).table.to_pylist()
    ours = {line["ifc_class"]: line for line in lines if line["quantity"] == "NetVolume"}
    assert len(ours) == 4
    for ifc_class, line in ours.items():
        old = _sum(told, ifc_class, old=True)
        new = _sum(told, ifc_class, old=False)
        added = _sum(told, ifc_class, old=False, became="added")
        removed = _sum(told, ifc_class, old=True, became="removed")
        assert (line["old_value"], line["new_value"]) == (old, new)
        assert (line["added_value"], line["removed_value"]) == (added, removed)
        assert old + added - removed + line["changed_value"] == new
        assert line["delta"] == new - old


def _sum(told: list[Pair], ifc_class: str, *, old: bool, became: str | None = None) -> Decimal:
    return sum(
        (
            thing.volume.quantize(Decimal("1e-12"))
            for pair in told
            for thing in (pair.old if old else pair.new)
            if thing.ifc_class == ifc_class
            and thing.volume is not None
            and became in (None, pair.became[thing.key])
        ),
        Decimal(0),
    )


def _matches(tmp_path: Path, old: Model, new: Model) -> dict[str, tuple[str, str]]:
    """Old id -> new id and key."""
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        found = [row for row in rows(engine, BECAME) if row[4] is not None]
    for side in (1, 2):
        assert max(Counter(row[side] for row in found).values(), default=1) == 1
    return {old: (new, key) for _, old, new, _, key in found}


LADDER = [
    ({"ifc_guid": "g"}, {"ifc_guid": "g", "name": "other", "ifc_class": "Slab"}, "ifc_guid"),
    ({"authoring_id": "7"}, {"authoring_id": "7", "name": "other"}, "authoring_id"),
    ({"mark": "007"}, {"mark": "007", "name": "other"}, "mark, class"),
    ({"storey_name": "L1"}, {"storey_name": "L1"}, "name, class, storey, type"),
    ({"storey_name": "L1"}, {"storey_name": "L2"}, "name, class, type"),
    ({"type_name": "T1"}, {"type_name": "T2"}, "name, class"),
]


@pytest.mark.parametrize(("old", "new", "key"), LADDER, ids=[key for _, _, key in LADDER])
def test_each_key_of_the_ladder_is_named(
    tmp_path: Path, old: dict[str, str], new: dict[str, str], key: str
) -> None:
    common = {"ifc_guid": None, "name": "Wall A"}
    first = Model("m").add("old", **common | old)
    second = Model("m").add("new", **common | new)
    assert _matches(tmp_path, first, second) == {"old": ("new", key)}


def test_a_stronger_key_is_not_overruled_by_a_weaker(tmp_path: Path) -> None:
    first = Model("m").add("a", ifc_guid=None, authoring_id="1", name="A")
    first.add("b", ifc_guid=None, authoring_id="2", name="B")
    second = Model("m").add("x", ifc_guid=None, authoring_id="1", name="B")
    second.add("y", ifc_guid=None, authoring_id="2", name="A")
    found = _matches(tmp_path, first, second)
    assert found == {"a": ("x", "authoring_id"), "b": ("y", "authoring_id")}


def test_an_authoring_id_that_stands_twice_is_told_apart_by_class_and_storey(
    tmp_path: Path,
) -> None:
    first, second = Model("m"), Model("m")
    for model, prefix in ((first, "old"), (second, "new")):
        for place in (("Wall", "L1"), ("Slab", "L1"), ("Wall", "L2")):
            told = {"ifc_guid": None, "authoring_id": "7", "ifc_class": place[0]}
            name = " ".join(place)
            model.add(f"{prefix} {name}", **told, storey_name=place[1], name=prefix)
    key = "authoring_id, class, storey"
    assert _matches(tmp_path, first, second) == {
        f"old {name}": (f"new {name}", key) for name in ("Wall L1", "Slab L1", "Wall L2")
    }


# What an element has besides, on either side, that one of the weaker keys takes as its own.
WEAKER = [
    ({"mark": "007", "name": "A"}, {"mark": "007", "name": "B"}, "mark, class"),
    ({"name": "A"}, {"name": "A"}, "name, class, storey, type"),
    ({"name": "A", "storey_name": "1"}, {"name": "A", "storey_name": "2"}, "name, class, type"),
    ({"name": "A", "type_name": "1"}, {"name": "A", "type_name": "2"}, "name, class"),
]


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(("was", "became", "key"), WEAKER, ids=[key for _, _, key in WEAKER])
def test_what_a_stronger_key_has_matched_the_weaker_leave_alone(
    tmp_path: Path, was: dict[str, str], became: dict[str, str], key: str, is_turned: bool
) -> None:
    """A twin by the weaker key is left over; another two of the weaker key are matched by it."""

    def other(told: dict[str, str]) -> dict[str, str]:
        return {name: f"other {value}" for name, value in told.items()}

    none = {"ifc_guid": None}
    first = Model("m").add("a", **none, authoring_id="1", **was).add("c", **none, **other(was))
    second = Model("m").add("z", **none, **other(became))
    second.add("y", **none, **became).add("x", **none, authoring_id="1", name="X")
    told = {"a": ("x", "authoring_id"), "c": ("z", key)}
    if is_turned:
        first, second = second, first
        told = {new: (old, by) for old, (new, by) in told.items()}
    assert _matches(tmp_path, first, second) == told


def test_a_name_that_others_bear_matches_nothing(tmp_path: Path) -> None:
    first, second = Model("m"), Model("m")
    for number in range(4):
        first.add(f"{number}", name="Chair")
        second.add(f"{number}", name="Chair")
    first.add("went", name="Chair")
    second.add("came", name="Chair")
    found = _matches(tmp_path, first, second)
    assert found == {f"{number}": (f"{number}", "ifc_guid") for number in range(4)}


@pytest.mark.parametrize("guid", [None, "twice"])
def test_what_only_its_place_tells_apart_is_matched_where_it_stands(
    tmp_path: Path, guid: str | None
) -> None:
    """The first of five chairs went, the last was shifted, and the file has another order."""
    first, second = Model("m"), Model("m")
    for number in range(5):
        first.add(f"old {number}", name="Chair", ifc_guid=guid).box(
            number, 0, 0, number + 0.5, 1, 1
        )
    for number in (4, 2, 3, 1):
        x = number + (0.25 if number == 4 else 0)
        second.add(f"new {number}", name="Chair", ifc_guid=guid).box(x, 0, 0, x + 0.5, 1, 1)
    found = {old: new for old, (new, _) in _matches(tmp_path, first, second).items()}
    standing = {f"old {number}": f"new {number}" for number in (1, 2, 3)}
    assert found.items() > standing.items()
    assert found.keys() - standing.keys() < {"old 0", "old 4"}


def test_what_nothing_tells_apart_is_matched_one_by_one(tmp_path: Path) -> None:
    first, second = Model("m"), Model("m")
    for number, volume in enumerate((1, 1, 2, 3)):
        first.add(f"old {number}", name="Chair").figure("NetVolume", volume)
    for number, volume in enumerate((2, 1, 1, 4)):
        second.add(f"new {number}", name="Chair").figure("NetVolume", volume)
    alike = "name, class, storey, type, figures"
    assert _matches(tmp_path, first, second) == {
        "old 0": ("new 1", alike),
        "old 1": ("new 2", alike),
        "old 2": ("new 0", alike),
        "old 3": ("new 3", "name, class, storey, type; no other left"),
    }


def test_copies_of_one_guid_are_matched_by_what_they_are_then_in_order(tmp_path: Path) -> None:
    first, second = Model("m"), Model("m")
    for name in ("A", "B", "C"):
        first.add(f"old {name}", ifc_guid="g", name=name)
    for name in ("C", "D", "A"):
        second.add(f"new {name}", ifc_guid="g", name=name)
    by_look = "ifc_guid, class, name, storey"
    assert _matches(tmp_path, first, second) == {
        "old A": ("new A", by_look),
        "old C": ("new C", by_look),
        "old B": ("new D", "ifc_guid, order"),
    }


def test_guids_differ_by_case(tmp_path: Path) -> None:
    first = Model("m").add("a", ifc_guid="2O2Fr$t4X7Zf8NOew3FLOH", name="A")
    second = Model("m").add("b", ifc_guid="2O2Fr$t4X7Zf8NOew3FLoh", name="B")
    assert _matches(tmp_path, first, second) == {}


def test_the_generator_tells_of_every_thing_once(told: list[Pair]) -> None:
    for pair in told[:500]:
        keys: list[list[Thing]] = [pair.old, pair.new]
        assert {thing.key for side in keys for thing in side} == pair.became.keys()
