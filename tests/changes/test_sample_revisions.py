"""The sample's two revisions: what became of each thing, against the truth of its script."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.core.results import Result
from takeoff.jobs.changes import Comparison, changes
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, explain_lines, report

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_OLD, _NEW = "ifc:Lindenhof_architecture@1", "ifc:Lindenhof_architecture"
# Our word for what the truth calls by its own: `what` of a changed or moved element.
_WORDS = {"changed": "figures", "moved": "place", "renamed": "name"}


def _truth(path: str) -> list[dict[str, str]]:
    with (_SAMPLE / "truth" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    lake = Settings(lake=tmp_path_factory.mktemp("revisions") / "lake")
    for folder in (_SAMPLE, _SAMPLE / "R2"):
        (fetched,) = fetch_ifc(lake, [folder / "Lindenhof_architecture.ifc"], IfcOptions(), Quiet())
        assert fetched.error is None
    return lake


def _asked(settings: Settings, **asked: Any) -> Result:
    return changes(settings, _OLD, _NEW, Comparison(**asked))


@pytest.fixture(scope="module")
def elements(settings: Settings) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _asked(
        settings, elements=True, params={"same": "true"}
    ).table.to_pylist()
    return rows


def _is_only_renamed(row: dict[str, str]) -> bool:
    """Whether the values are the same and only the names of properties differ."""
    old, new = (
        sorted(pair.partition("=")[2] for pair in row[text].split("; "))
        for text in ("old_text", "new_text")
    )
    return old == new


def test_what_became_of_each_element_is_the_truth(elements: list[dict[str, Any]]) -> None:
    truth: dict[str, set[str]] = defaultdict(set)
    for row in _truth("changes.csv"):
        is_noise = row["change"] == "property" and _is_only_renamed(row)
        truth[row["guid"]].add("same" if is_noise else row["change"])
    ours: dict[str, set[str]] = defaultdict(set)
    for line in elements:
        whats = {what for what in (line["what"] or "").split(", ") if what}
        ours[line["ifc_guid"]] |= {line["change"]} if not whats else whats
    assert ours.keys() == truth.keys()
    differing = {
        guid: (ours[guid], truth[guid])
        for guid in truth
        if ours[guid] - {"space"} != {_WORDS.get(word, word) for word in truth[guid]}
    }
    assert differing == {}
    assert len(ours) > 150


def test_elements_are_matched_by_guid(elements: list[dict[str, Any]]) -> None:
    assert {line["matched_by"] for line in elements} == {"ifc_guid", None}


def test_figures_that_changed_are_the_truth(settings: Settings) -> None:
    for basis in ("authored", "computed"):
        lines = _asked(settings, elements=True, params={"basis": basis}).table.to_pylist()
        ours = {
            (line["ifc_guid"], line["quantity"]): (line["old_value"], line["new_value"])
            for line in lines
            if line["quantity"]
        }
        truth = {
            (row["guid"], row["quantity"]): (Decimal(row["old_value"]), Decimal(row["new_value"]))
            for row in _truth("changes.csv")
            if row["change"] == "changed" and row["basis"] == basis
        }
        assert ours.keys() == truth.keys()
        for key, values in truth.items():
            assert [float(value) for value in ours[key]] == pytest.approx(
                [float(value) for value in values], rel=1e-9
            )


def test_sums_by_class_are_the_truth_and_reconcile(settings: Settings) -> None:
    lines = {
        (line["ifc_class"], line["quantity"]): line for line in _asked(settings).table.to_pylist()
    }
    truth = _truth("changes_by_class.csv")
    assert len(truth) > 60
    for row in truth:
        line = lines.pop((row["ifc_class"], row["quantity"] or "Count"))
        assert line["old_elements"] == int(row["old_elements"])
        assert line["new_elements"] == int(row["new_elements"])
        if row["delta"]:
            assert float(line["old_value"]) == pytest.approx(float(row["old_value"]), rel=1e-9)
            assert float(line["new_value"]) == pytest.approx(float(row["new_value"]), rel=1e-9)
            assert float(line["delta"]) == pytest.approx(float(row["delta"]), abs=1e-9)
    assert lines == {}


def test_sides_are_the_sums_of_each_revision_alone(settings: Settings) -> None:
    for snapshot, value in ((_OLD, "old_value"), (_NEW, "new_value")):
        alone = report(settings, Question("by_class", snapshots=[snapshot])).table.to_pylist()
        ours = {
            (line["ifc_class"], line["quantity"]): line[value]
            for line in _asked(settings).table.to_pylist()
        }
        for line in alone:
            assert ours[line["ifc_class"], line["quantity"]] == line["value"]


def test_notes_say_what_was_compared_and_by_which_key(settings: Settings) -> None:
    notes = " ".join(_asked(settings).provenance.notes)
    assert "ifc:Lindenhof_architecture@1" in notes
    assert "149 are in both: 149 by ifc_guid" in notes


def test_elements_behind_a_line(settings: Settings) -> None:
    from takeoff.lake.layout import open_layout
    from takeoff.lake.reader import read_snapshots

    snapshots = [s.snapshot_id for s in read_snapshots(open_layout(settings.lake_path()))]
    question = Question("changes", by=["change"], snapshots=snapshots)
    where = {"change": "removed", "quantity": "NetVolume"}
    lines = explain_lines(settings, question, where).evidence.table.to_pylist()
    assert [(line["ifc_class"], line["state"]) for line in lines] == [
        ("Window", "counted"),
        ("Furniture", "missing"),
    ]
