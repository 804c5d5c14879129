"""The reports that compare: their headers, what they answer to nothing, and their golden tables.

The hut before and after: wall 1 is thicker, wall 2 is renamed, the door went, a window came, the
chair moved upstairs, and the stair was shifted with its flight. The other source of the hut has a
wall of another volume and no chair.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from golden_tables import as_golden, golden
from small_lakes import QUERIES, Model, open_lake

from takeoff.core.refs import Snapshot
from takeoff.reports import catalog
from takeoff.reports.run import column_type, run

_REPORTS = [query for query in catalog.all_reports([QUERIES]) if query.compares]
_NAMES = [query.name for query in _REPORTS]
_OF_THE_RUN = {"other_snapshot_id"}
_GROUND = {"storey_id": "s0", "storey_name": "Ground"}
_UPSTAIRS = {"storey_id": "s1", "storey_name": "Upstairs"}


def _before() -> Model:
    model = Model("hut").add("wall 1", type_name="Brick 300", **_GROUND)
    model.figure("NetVolume", "8.25").figure("Length", 5).material("Brick")
    model.box(0, 0, 0, 5, 0.55, 3)
    model.add("wall 2", type_name="Brick 300", **_GROUND).figure("NetVolume", 4)
    model.add("door", ifc_class="Door", **_GROUND).figure("NetVolume", "0.1")
    model.add("chair", ifc_class="Furniture", **_GROUND)
    model.add("stair", ifc_class="Stair", **_GROUND)
    model.add("flight", "part", ifc_class="StairFlight", parent_id="stair", **_GROUND)
    return model.figure("NetVolume", "1.5").box(1, 2, 0, 2, 5, 3)


def _after() -> Model:
    model = Model("hut").add("wall 1", type_name="Brick 300", **_GROUND)
    model.figure("NetVolume", "9.75").figure("Length", 5).material("Brick")
    model.box(0, 0, 0, 5, 0.65, 3)
    model.add("wall 2", name="wall 2 b", type_name="Brick 300", **_GROUND).figure("NetVolume", 4)
    model.add("window", ifc_class="Window", **_GROUND).figure("NetVolume", "0.05")
    model.add("chair", ifc_class="Furniture", **_UPSTAIRS)
    model.add("stair", ifc_class="Stair", **_GROUND)
    model.add("flight", "part", ifc_class="StairFlight", parent_id="stair", **_GROUND)
    return model.figure("NetVolume", "1.5").box(1.25, 2, 0, 2.25, 5, 3)


def _elsewhere() -> Model:
    model = Model("hut", vendor="qonic").add("wall 1", **_GROUND).figure("NetVolume", "8.5")
    model.add("wall 2", **_GROUND).figure("NetVolume", 4).add("stair", ifc_class="Stair", **_GROUND)
    model.figure("NetVolume", "1.5").add("door", ifc_class="Window", **_GROUND)
    return model.figure("NetVolume", "0.1")


def _stating_changes(model: Model) -> Model:
    for number, (element_id, change) in enumerate((("wall 1", "changed"), ("chair", "added"))):
        model._row(
            "changes_stated",
            element_id=element_id,
            element_no=number * 3,
            ordinal=0,
            old_version="ab12",
            new_version="ab12",
            change=change,
            property_names='["Volume"]' if number == 0 else None,
        )
    return model


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def _pair(lake: Path, query: catalog.Query) -> tuple[Snapshot, Snapshot]:
    """Two sources for a report that compares several, else two revisions."""
    other = _elsewhere() if query.compares == "several" else _stating_changes(_after())
    return _before().commit(lake), other.commit(lake)


@pytest.mark.parametrize("query", _REPORTS, ids=_NAMES)
def test_report_of_the_hut(lake: Path, query: catalog.Query) -> None:
    with open_lake(lake, pairs=[_pair(lake, query)]) as engine:
        found = as_golden(run(engine, query, {}).table, _OF_THE_RUN)
    assert found == golden(query.name)


@pytest.mark.parametrize("query", _REPORTS, ids=_NAMES)
def test_header_states_the_columns_and_the_grain(lake: Path, query: catalog.Query) -> None:
    with open_lake(lake, pairs=[_pair(lake, query)]) as engine:
        by = {"by": [grouping.name for grouping in query.groupings]} if query.groupings else {}
        table = run(engine, query, by).table
    stated = [(column.name, column.type) for column in query.columns]
    assert [(field.name, column_type(field.type)) for field in table.schema] == stated
    keys = [tuple(row[name] for name in query.grain) for row in table.to_pylist()]
    assert keys
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("query", _REPORTS, ids=_NAMES)
def test_without_a_comparison_there_is_no_line_and_a_note(lake: Path, query: catalog.Query) -> None:
    _before().commit(lake)
    with open_lake(lake) as engine:
        result = run(engine, query, {})
    assert result.table.num_rows == 0
    assert result.provenance.notes[0].startswith("No snapshots were compared")


@pytest.mark.parametrize("query", _REPORTS, ids=_NAMES)
@pytest.mark.parametrize(
    "vendor",
    [
        "ifc",
        *(
            pytest.param(vendor, marks=pytest.mark.slow)
            for vendor in ("qonic", "autodesk", "bimplus", "itwin")
        ),
    ],
)
def test_elements_of_which_nothing_is_known(lake: Path, query: catalog.Query, vendor: str) -> None:
    pair = []
    for count in (2, 3):
        model = Model("blank", vendor=vendor)
        for number in range(count):
            model.add(f"e{number}", ifc_guid=None, ifc_class=None, name=None)
        pair.append(model.figure(None, None, unit=None).prop(None, "P", None).commit(lake))
    with open_lake(lake, pairs=[(pair[0], pair[1])]) as engine:
        lines = run(engine, query, {}).table.to_pylist()
    if query.name == "changes":
        assert [line["delta"] for line in lines] == [1]
