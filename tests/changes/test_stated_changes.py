"""What a vendor's own comparison states, beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_lakes import QUERIES, Model, open_lake

from takeoff.core.results import Result
from takeoff.reports import catalog
from takeoff.reports.run import run


def _stating(model: Model, changes: dict[str, str], old_version: str = "ab12") -> Model:
    numbers = {row["element_id"]: row["element_no"] for row in model.rows["elements"]}
    for element_id, change in changes.items():
        numbers.setdefault(element_id, len(numbers))
        model._row(
            "changes_stated",
            element_id=element_id,
            element_no=numbers[element_id],
            ordinal=0,
            old_version=old_version,
            new_version="ab12",
            change=change,
            property_names='["Volume"]',
        )
    return model


def _run(tmp_path: Path, name: str, old: Model, new: Model, **params: Any) -> Result:
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        return run(engine, catalog.find(name, [QUERIES]), params)


def _old() -> Model:
    model = Model("m", vendor="autodesk").add("same").add("other").figure("NetVolume", 1)
    return model.add("went").add("unsaid").figure("NetVolume", 1).add("moved", storey_name="L1")


def _new() -> Model:
    model = Model("m", vendor="autodesk").add("same").add("other").figure("NetVolume", 2)
    model.add("unsaid").figure("NetVolume", 3).add("moved", storey_name="L2", storey_id="2")
    return model.add("came").add("view", "annotation")


STATED = {
    "other": "changed",
    "went": "removed",
    "came": "added",
    "moved": "changed",
    "same": "changed",
    "view": "changed",
}


def test_both_are_told_and_where_they_agree(tmp_path: Path) -> None:
    new = _stating(_new(), STATED)
    lines = _run(tmp_path, "stated_changes", _old(), new, all="true").table.to_pylist()
    found = {x["element_id"]: (x["stated_change"], x["our_change"], x["agrees"]) for x in lines}
    assert found == {
        "other": ("changed", "changed", True),
        "went": ("removed", "removed", True),
        "came": ("added", "added", True),
        "moved": ("changed", "moved", True),
        "same": ("changed", "same", False),
        "unsaid": (None, "changed", None),
        "view": ("changed", None, None),
    }


def test_only_what_disagrees_is_listed_unless_all_is_asked(tmp_path: Path) -> None:
    lines = _run(tmp_path, "stated_changes", _old(), _stating(_new(), STATED)).table.to_pylist()
    assert {x["element_id"] for x in lines} == {"same", "unsaid", "view"}


def test_the_changes_report_notes_what_the_vendor_states(tmp_path: Path) -> None:
    result = _run(tmp_path, "changes", _old(), _stating(_new(), STATED))
    notes = " ".join(result.provenance.notes)
    assert "states 6 changes between these versions: 4 as we found them; 1 that we found" in notes


def test_a_comparison_of_other_versions_is_not_used(tmp_path: Path) -> None:
    new = _stating(_new(), STATED, old_version="another")
    result = _run(tmp_path, "stated_changes", _old(), new)
    assert result.table.num_rows == 0
    assert "The vendor compared other versions" in " ".join(result.provenance.notes)
