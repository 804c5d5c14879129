"""Materials and codes of an element as one text, whatever places they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model, open_lake, rows

_MATERIALS = {
    "one": ([(0, "B")], "B"),
    "one_further_on": ([(3, "B")], "B"),
    "none": ([(0, None)], None),
    "two": ([(0, "B"), (1, "A")], "A; B"),
    "twice": ([(0, "A"), (1, "A")], "A"),
    "second_alone": ([(0, None), (1, "A")], "A"),
    "first_alone": ([(0, "A"), (1, None)], "A"),
    "without_a_first": ([(1, "B"), (2, "A"), (5, "B")], "A; B"),
}
# (system, code, title) by place, what is said of each system, and of all.
_CODES: dict[str, tuple[list[tuple[int, Any]], list[tuple[str, str, str | None]], str | None]] = {
    "one": ([(0, ("S", "1", "t"))], [("S", "1", "t")], "S: 1"),
    "one_further_on": ([(2, ("S", "1", None))], [("S", "1", None)], "S: 1"),
    "of_no_system": (
        [(0, (None, "1", None))],
        [("unnamed system", "1", None)],
        "unnamed system: 1",
    ),
    "title_alone": ([(0, ("S", None, "t"))], [("S", "t", "t")], "S: t"),
    "nothing": ([(0, ("S", None, None))], [], None),
    "two_of_one": (
        [(0, ("S", "2", "u")), (1, ("S", "1", "t"))],
        [("S", "1; 2", "t; u")],
        "S: 1; 2",
    ),
    "twice": ([(0, ("S", "1", "t")), (1, ("S", "1", "s"))], [("S", "1", "s")], "S: 1"),
    "of_two": (
        [(0, ("T", "1", None)), (1, ("S", "2", None))],
        [("S", "2", None), ("T", "1", None)],
        "S: 2; T: 1",
    ),
    "second_alone": (
        [(0, ("S", None, None)), (1, ("T", "1", None))],
        [("T", "1", None)],
        "T: 1",
    ),
}


def _placed(model: Model, table: str, place: int) -> None:
    """The row added last stands in this place."""
    model.rows[table][-1]["ordinal"] = place


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = Model("labels")
    for name, (materials, _) in _MATERIALS.items():
        model.add(f"m {name}")
        for place, material in materials:
            _placed(model.material(material), "materials", place)
    for name, (codes, _, _) in _CODES.items():
        model.add(f"c {name}")
        for place, code in codes:
            _placed(model.code(*code), "codes", place)
    folder = tmp_path_factory.mktemp("labels") / "lake"
    model.commit(folder)
    return folder


def _labels(lake: Path, mart: str, columns: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    with open_lake(lake) as engine:
        for element, *label in rows(
            engine,
            f"select elements.element_id, {columns} from {mart} join elements "  # noqa: S608
            f"on elements.element_no = {mart}.element_no order by {columns}",
        ):
            found.setdefault(element[2:], []).append(tuple(label))
    return found


def test_materials_are_one_text(lake: Path) -> None:
    expected = {name: [(text,)] for name, (_, text) in _MATERIALS.items() if text is not None}
    assert _labels(lake, "material_labels", "material") == expected


def test_codes_of_one_system_are_one_text(lake: Path) -> None:
    expected = {name: labels for name, (_, labels, _) in _CODES.items() if labels}
    assert _labels(lake, "code_labels", "code_system, code, title") == expected


def test_codes_of_all_systems_are_one_text(lake: Path) -> None:
    expected = {name: [(text,)] for name, (_, _, text) in _CODES.items() if text is not None}
    assert _labels(lake, "element_codes", "code") == expected
