"""What changed: quantity, cost and carbon of both revisions, worked out from the sample's truth."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from notebook_runs import check_told, kept, plots, run, same, shown, told, truth

FRAMES = ("revisions", "listed", "totals", "by_class")
_MODEL = "Lindenhof_architecture"
_BASES = ("derived", "computed", "authored")  # the last one known is picked
_LARGE_M2 = Decimal("2.5")  # what VOB/C deducts from walls is larger
# kg CO2e for a m3, from the factors of the demonstration and their densities.
_A1_A3 = {"Brick": 240, "Mineral wool": 60, "Gypsum board": 200, "Reinforced concrete": 250}
# What the truth calls the change of an element, in the words of the report.
_WORDS = {"renamed": "changed", "property": "changed", "storey": "moved"}

Values = Mapping[str, Mapping[str, Decimal]]


class _Revision:
    """What one revision comes to: by quantity, by the GUID of the elements that count."""

    def __init__(self, folder: str, rates: Path) -> None:
        self.elements = [x for x in truth(f"{folder}elements.csv") if x["model"] == _MODEL]
        self.counted = {x["guid"]: x for x in self.elements if x["counted"] == "yes"}
        self._quantities = truth(f"{folder}quantities.csv")
        self._materials = truth(f"{folder}materials.csv")
        self._codes = truth(f"{folder}codes.csv")
        volumes = self._picked("NetVolume")
        self.values: Values = {
            "NetVolume": {guid: volumes[guid] for guid in self.counted.keys() & volumes},
            "Cost EUR": self._costs(rates),
            "Carbon A1-A3": self._carbon(volumes),
        }

    def _picked(self, quantity: str) -> dict[str, Decimal]:
        asked = [x for x in self._quantities if (x["model"], x["quantity"]) == (_MODEL, quantity)]
        asked.sort(key=lambda x: _BASES.index(x["basis"]))
        return {x["guid"]: Decimal(x["value"]) for x in asked}

    def _costs(self, rates: Path) -> dict[str, Decimal]:
        """Walls of known material by their area with small openings; doors and windows each."""
        with rates.open(encoding="utf-8", newline="") as lines:
            rate_of = {row["item"]: Decimal(row["rate"]) for row in csv.DictReader(lines)}
        item_of = {x["guid"]: x["code"] for x in self._codes if x["system"] == "UNIFORMAT II"}
        net, gross = self._picked("NetSideArea"), self._picked("GrossSideArea")
        costs = {}
        for guid, element in self.counted.items():
            # The shipped mapping knows windows without a code by their class.
            item = "B2020" if element["ifc_class"] == "Window" else item_of.get(guid, "")
            if element["ifc_class"] == "Wall" and element["materials"] and guid in net:
                opening = gross[guid] - net[guid]
                costs[guid] = rate_of[item] * (net[guid] if opening > _LARGE_M2 else gross[guid])
            elif element["ifc_class"] in ("Door", "Window") and item in rate_of:
                costs[guid] = rate_of[item]
        return costs

    def _carbon(self, volumes: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """By layers; of a whole without material whose volume is known by those of its parts."""
        carbon: dict[str, Decimal] = defaultdict(Decimal)
        pieces: dict[str, list[dict[str, str]]] = defaultdict(list)
        for piece in self._materials:
            pieces[piece["guid"]].append(piece)
        for guid in self.counted.keys() & volumes:
            parts = [x["guid"] for x in self.elements if x["whole"] == guid]
            for member in [guid] if guid in pieces else parts:
                thickness = sum(Decimal(x["thickness_m"] or 0) for x in pieces[member])
                for piece in pieces[member]:
                    layer = Decimal(piece["thickness_m"] or 1) / (thickness or 1)
                    if piece["material"] in _A1_A3:
                        carbon[guid] += _A1_A3[piece["material"]] * layer * volumes[member]
        return carbon


def test_what_changed(own_lake: str) -> None:
    done = run("what_changed", keep=FRAMES, lake_folder=own_lake)
    check_told(done)
    assert (len(shown(done)), plots(done)) == (5, 1)
    found = kept(done)
    rates = Path(f"{own_lake}-rates.csv")
    old, new = _Revision("", rates), _Revision("R2/", rates)
    for line, revision in zip(found["revisions"], (old, new), strict=True):
        assert line["elements"] == len(revision.elements)
    changes = _check_listed(found["listed"])
    _check_totals(found["totals"], old, new)
    _check_classes(found["by_class"], old, new)
    _check_sentences(told(done), changes, old, new)


def _is_change(row: dict[str, str]) -> bool:
    """Whether it is one: not if properties have only got another name."""
    old, new = (
        sorted(pair.partition("=")[2] for pair in row[text].split("; "))
        for text in ("old_text", "new_text")
    )
    return row["change"] != "same" and not (row["change"] == "property" and old == new)


def _check_listed(found: list[dict[str, Any]]) -> Counter[str]:
    """Each element that changed, once, with its volumes. Gives how many there are of each kind."""
    rows = [row for row in truth("changes.csv") if row["ifc_class"] != "OpeningElement"]
    expected = {
        (_WORDS.get(row["change"], row["change"]), row["ifc_class"], row["name"])
        for row in rows
        if _is_change(row)
    }
    listed = [(x["change"], x["ifc_class"], x["name"]) for x in found]
    assert sorted(listed) == sorted(expected)
    volumes = {
        row["name"]: (same(float(row["old_value"])), same(float(row["new_value"])))
        for row in rows
        if (row["change"], row["quantity"], row["basis"]) == ("changed", "NetVolume", "authored")
    }
    figures = [x for x in found if x["change"] == "changed" and x["quantity"] is not None]
    assert {x["name"]: (x["old_value"], x["new_value"]) for x in figures} == volumes
    return Counter(change for change, _, _ in listed)


def _sum(values: Mapping[str, Decimal], guids: set[str]) -> Decimal:
    return sum((values[guid] for guid in guids & values.keys()), Decimal(0))


def _check_totals(found: list[dict[str, Any]], old: _Revision, new: _Revision) -> None:
    came, went = new.counted.keys() - old.counted, old.counted.keys() - new.counted
    assert [line["quantity"] for line in found] == ["Carbon A1-A3", "Cost EUR", "NetVolume"]
    for line in found:
        before, after = old.values[line["quantity"]], new.values[line["quantity"]]
        added, removed = _sum(after, came), _sum(before, went)
        total, new_total = sum(before.values()), sum(after.values())
        for name, value in (
            ("old_value", total),
            ("added_value", added),
            ("removed_value", removed),
            ("changed_value", new_total - total - added + removed),
            ("new_value", new_total),
        ):
            assert line[name] == pytest.approx(float(value), rel=1e-9), (line["quantity"], name)
        for side, revision, values in (("old", old, before), ("new", new, after)):
            assert line[f"{side}_elements"] == len(revision.counted)
            assert line[f"{side}_without_value"] == len(revision.counted) - len(values)


def _of_class(revision: _Revision, quantity: str, ifc_class: str) -> Decimal:
    guids = {x for x, element in revision.counted.items() if element["ifc_class"] == ifc_class}
    return _sum(revision.values[quantity], guids)


def _check_classes(found: list[dict[str, Any]], old: _Revision, new: _Revision) -> None:
    listed = {}
    for line in found:
        sides = [_of_class(x, line["quantity"], line["ifc_class"]) for x in (old, new)]
        close = [pytest.approx(float(side), rel=1e-9) for side in sides]
        assert [line["old_value"], line["new_value"]] == close
        assert line["delta"] == pytest.approx(float(sides[1] - sides[0]), rel=1e-9)
        listed[line["quantity"], line["ifc_class"]] = line
    for quantity in old.values:
        for ifc_class in {x["ifc_class"] for x in old.counted.values()}:
            sides = [_of_class(x, quantity, ifc_class) for x in (old, new)]
            assert ((quantity, ifc_class) in listed) == (sides[0] != sides[1])


def _check_sentences(text: str, changes: Counter[str], old: _Revision, new: _Revision) -> None:
    costs = [sum(x.values["Cost EUR"].values()) for x in (old, new)]
    walls = [_of_class(x, "Carbon A1-A3", "Wall") for x in (old, new)]
    without = {name: len(new.counted) - len(values) for name, values in new.values.items()}
    for words in (
        f"{changes['added']} elements came, {changes['removed']} went",
        f"{changes['changed']} are not as they were, {changes['moved']} stand elsewhere",
        f"from {costs[0]:,.2f} to {costs[1]:,.2f} EUR",
        f"Of {len(new.counted)} new elements {without['Cost EUR']} have no cost",
        f"and {without['Carbon A1-A3']} no carbon",
        f"that is known, by {walls[1] - walls[0]:.3f} kg",
    ):
        assert words in text
