"""Which rule an element takes: subtypes, predefined types, tests - and undecided, never false."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rule_files import bill, covered, lines, read, rules
from small_lakes import Model

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.jobs.boq import boq
from takeoff.jobs.report import Question

NAMES = ("rule", "trade", "ifc_class", "predefined_type", "test", "item", "unit", "formula")


def _property(model: Model, name: str, set_name: str | None = "Pset", **value: Any) -> Model:
    kind = next(iter(value))
    told = {"text": None, "number": None, "flag": None, "unit": None, **value}
    last = {name: model.rows["elements"][-1][name] for name in ("element_id", "element_no")}
    ordinal = len(model.rows.get("properties", []))
    row = {**last, "set_name": set_name, "name": name, "ordinal": ordinal, "value_kind": kind}
    model.rows.setdefault("properties", []).append(
        {"evidence_no": 0, "source_row": 1, **row, **told}
    )
    return model


def _tested(tmp_path: Path, *tests: str) -> dict[str, str]:
    """By test, the item or state of the one wall of its class: yes, no or undecided.

    Each test stands in a rule for the class Case<n>, with a rule behind it for all it does not fit.
    """
    rows = [
        row
        for number, test in enumerate(tests)
        for row in (
            (f"test {number}", "", f"Case{number}", "", test, f"yes {number}", "1", "Count"),
            (f"rest {number}", "", f"Case{number}", "", "", f"no {number}", "1", "Count"),
        )
    ]
    found = lines(bill(tmp_path / "lake", rules(tmp_path, *rows, names=NAMES)))
    outcomes = {
        int(line["rule"].split()[1]): (line["item"] or line["state"]).split()[0] for line in found
    }
    assert covered(found) == len(tests) == len(outcomes)
    return {test: outcomes[number] for number, test in enumerate(tests)}


OUTCOMES: list[tuple[str, dict[str, Any], str]] = [
    ("Pset.Fire = rei60", {"text": "REI60"}, "yes"),
    ("Pset.Fire = REI60", {"text": "REI90"}, "no"),
    ("Pset.Fire in REI60|REI90", {"text": "REI90"}, "yes"),
    ("Fire not in REI60|REI90", {"text": "REI90"}, "no"),
    ("Fire != REI60", {"text": "REI90"}, "yes"),
    ("Fire matches ^REI", {"text": "REI90"}, "yes"),
    ("Fire exists", {"text": "x"}, "yes"),
    ("Fire missing", {"text": "x"}, "no"),
    ("Fire = true", {"flag": True}, "yes"),
    ("Fire = true", {"flag": False}, "no"),
    ("Fire >= 240 mm", {"number": 0.24, "unit": "METRE"}, "yes"),
    ("Fire >= 240 mm", {"number": 239.0, "unit": "MILLI METRE"}, "no"),
    ("Fire < 1", {"number": 0.5}, "yes"),
    ("Fire = 60", {"number": 60.0}, "yes"),
    ("Fire = 60", {"text": "60"}, "yes"),
    # What cannot be compared is not false.
    ("Fire < 1", {"number": 0.5, "unit": "METRE"}, "undecided"),
    ("Fire < 1 m", {"number": 0.5}, "undecided"),
    ("Fire < 1 m", {"number": 0.5, "unit": "KILO GRAM"}, "undecided"),
    ("Fire < 1", {"text": "much"}, "undecided"),
    ("Fire = REI60", {"number": 60.0, "unit": "MINUTE"}, "undecided"),
    ("Fire = REI60", {"text": ""}, "undecided"),
    ("Other.Fire = REI60", {"text": "REI60"}, "undecided"),
]


def test_outcomes_of_property_tests(tmp_path: Path) -> None:
    model = Model("m")
    for number, (_, value, _) in enumerate(OUTCOMES):
        _property(model.add(f"e{number}", ifc_class=f"Case{number}"), "Fire", **value)
    model.commit(tmp_path / "lake")
    padded = [f"{test};{' ' * number}" for number, (test, _, _) in enumerate(OUTCOMES)]
    found = _tested(tmp_path, *padded)
    assert list(found.values()) == [state for _, _, state in OUTCOMES]


UNKNOWN = {
    "Fire = REI60": "undecided",
    "Fire != REI60": "undecided",
    "Fire not in REI60": "undecided",
    "Fire matches .": "undecided",
    "Fire < 5": "undecided",
    "Fire exists": "no",
    "Fire missing": "yes",
    "is_external = false": "undecided",
    "material = Brick": "undecided",
    "storey_name = Ground": "undecided",
    "Fire = REI60; name = other": "no",
}


def test_nothing_known_is_never_false(tmp_path: Path) -> None:
    model = Model("m")
    for number in range(len(UNKNOWN)):
        model.add(f"e{number}", ifc_class=f"Case{number}", name="a")
    model.commit(tmp_path / "lake")
    assert _tested(tmp_path, *UNKNOWN) == UNKNOWN


def test_a_property_stated_twice_and_differently_is_undecided(tmp_path: Path) -> None:
    model = _property(Model("m").add("a", ifc_class="Case0"), "Fire", "Pset", text="REI60")
    _property(model, "Fire", "Other", text="REI90").commit(tmp_path / "lake")
    assert _tested(tmp_path, "Fire = REI60") == {"Fire = REI60": "undecided"}


def test_one_material_of_several_is_enough(tmp_path: Path) -> None:
    model = Model("m").add("a", ifc_class="Case0").material("Brick").material("Wool")
    model.commit(tmp_path / "lake")
    assert _tested(tmp_path, "material = wool") == {"material = wool": "yes"}


def test_an_undecided_line_says_what_was_asked(tmp_path: Path) -> None:
    Model("m").add("a").commit(tmp_path / "lake")
    row = ("r", "", "Wall", "", "Fire = REI60; is_external = true", "I", "1", "Count")
    (line,) = lines(bill(tmp_path / "lake", rules(tmp_path, row, names=NAMES)))
    assert line["asked"] == "Fire = REI60; is_external = true"
    assert line["value"] is None


def test_a_rule_is_for_subtypes_and_predefined_types(tmp_path: Path) -> None:
    model = Model("m").add("p", ifc_class="PipeSegment", predefined_type="RIGIDSEGMENT")
    model.add("f", ifc_class="FlowSegment", predefined_type="FLEXIBLESEGMENT")
    model.add("u", ifc_class="DuctSegment", predefined_type="NOTDEFINED")
    model.add("n", ifc_class="CableSegment").add("c", ifc_class=None).add("w", ifc_class="Wall")
    model.commit(tmp_path / "lake")
    rule = ("rigid", "", "FlowSegment", "RIGIDSEGMENT", "", "R", "1", "Count")
    rest = ("rest", "", "*", "", "", "rest", "1", "Count")
    found = lines(bill(tmp_path / "lake", rules(tmp_path, rule, rest, names=NAMES)))
    # The duct's type is not defined, the cable's is not stated, and c may be anything.
    assert sorted((line["item"] or line["asked"], line["elements"]) for line in found) == [
        ("R", 1),
        ("class; predefined type", 1),
        ("predefined type", 2),
        ("rest", 2),
    ]


def test_each_trade_measures_every_element_once(tmp_path: Path) -> None:
    model = Model("m").add("w").figure("NetVolume", 2).figure("NetSideArea", 10)
    model.add("s", ifc_class="Slab").figure("NetVolume", 5).commit(tmp_path / "lake")
    rows = [
        ("walls", "concrete", "Wall", "", "", "C1", "m3", "NetVolume"),
        ("slabs", "concrete", "Slab", "", "", "C2", "m3", "NetVolume"),
        ("forms", "formwork", "Wall", "", "", "F1", "m2", "2 * NetSideArea"),
        ("none", "formwork", "Slab", "", "", "-", "", ""),
    ]
    found = lines(bill(tmp_path / "lake", rules(tmp_path, *rows, names=NAMES)))
    assert [(x["trade"], x["item"] or x["state"], x["value"]) for x in found] == [
        ("concrete", "C1", 2),
        ("concrete", "C2", 5),
        ("formwork", "F1", 20),
        ("formwork", "excluded", None),
    ]
    assert covered(found) == 2 * 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("r", "", "Wall", "", "Fire is red", "I", "m3", "NetVolume"), "cannot be read"),
        (("r", "", "Wall", "", "Fire > red", "I", "m3", "NetVolume"), "no number"),
        (("r", "", "Wall", "", "Fire matches (", "I", "m3", "NetVolume"), "wrong expression"),
        (("r", "", "Wall", "", "", "I", "m3", "NetVolumen"), "no IFC quantity"),
        (("r", "", "Wall", "", "", "I", "m2", "NetVolume"), "gives volume"),
        (("r", "", "Wall", "", "", "I", "furlong", "NetVolume"), "'furlong' is refused"),
        (("r", "", "Wall", "", "", "I", "", ""), "needs a unit and a formula"),
        (("r", "", "", "", "", "I", "m3", "NetVolume"), "no ifc_class"),
        (("r", "", "Wall", "", "", "I", "m2", "LargeOpeningArea + Area"), "opening_above"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(
    row: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRefused, match=words) as refused:
        read(rules(tmp_path, row, names=NAMES))
    assert "rules.csv" in str(refused.value)


def test_own_rules_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    Model("m").add("a").commit(tmp_path / "lake")
    own = tmp_path / "data" / "rules" / "measurement"
    own.mkdir(parents=True)
    rules(own, ("all", "", "*", "", "", "MINE", "1", "Count"), names=NAMES).rename(own / "none.csv")
    settings = Settings(lake=tmp_path / "lake", project_folder=tmp_path)
    (line,) = lines(boq(settings, Question("boq")))
    assert line["item"] == "MINE"


def test_unknown_set_names_those_that_there_are() -> None:
    with pytest.raises(InputRefused, match="none, vobc, nrm2"):
        read(Path("vob"))
