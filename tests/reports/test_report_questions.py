"""What can be asked of a report, what its provenance says, and the elements behind its lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.engines.duckdb import Engine
from takeoff.reports import catalog
from takeoff.reports.lines import elements_behind
from takeoff.reports.run import free, run


def _house() -> Model:
    model = Model("house")
    model.add("w1", storey_name="Upper", storey_elevation_m=3.0, type_name="W20")
    model.figure("NetVolume", 4).material("Brick")
    model.add("w2", storey_name="Cellar", storey_elevation_m=-2.5, type_name="W30")
    model.figure("NetVolume", 1).figure("NetVolume", 2)
    model.add("w3", storey_name="Ground", storey_elevation_m=0.0, type_name="W20")
    model.add("c1", ifc_class="Column", storey_name="Attic").figure("Length", 3)
    model.add("tree", ifc_class="Furniture").figure("NetVolume", 8, "computed")
    return model.add("hole", "opening", parent_id="w1").figure("NetVolume", 1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lake = tmp_path_factory.mktemp("house") / "lake"
    _house().commit(lake)
    with open_lake(lake) as opened:
        yield opened


def _run(engine: Engine, name: str, **params: Any) -> Result:
    return run(engine, catalog.find(name, [QUERIES]), params)


def _lines(engine: Engine, name: str, **params: Any) -> list[dict[str, Any]]:
    return _run(engine, name, **params).table.to_pylist()


def test_groupings_show_their_columns_and_no_others(engine: Engine) -> None:
    measures = ["quantity", "unit", "value", "elements", "counted", "missing", "doubtful", "basis"]
    shown = {
        "class": ["ifc_class"],
        "storey,type": ["storey_name", "storey_elevation_m", "type_name"],
        "material, project": ["project_id", "material"],
        "model": ["vendor", "project_id", "model_id", "model_name"],
    }
    for by, columns in shown.items():
        result = _run(engine, "takeoff", by=by)
        assert result.table.column_names == columns + measures
        assert [column.name for column in result.columns] == columns + measures
    assert _run(engine, "takeoff", by=[]).table.column_names == measures


def test_storeys_stand_by_elevation_unknown_ones_last(engine: Engine) -> None:
    lines = _lines(engine, "takeoff", by="storey", quantity="Count")
    names = [line["storey_name"] for line in lines]
    assert names == ["Cellar", "Ground", "Upper", "Attic", None]


def test_storeys_of_two_buildings_of_one_name_stay_two(tmp_path: Path) -> None:
    model = Model("m")
    for building in ("b2", "b1"):
        model.add(building, building_id=building, building_name="House", storey_name="L1")
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        lines = _lines(engine, "by_storey")
    assert [(line["building_id"], line["elements"]) for line in lines] == [("b1", 1), ("b2", 1)]


def test_a_storey_has_one_elevation_where_models_differ(tmp_path: Path) -> None:
    Model("a").add("w", storey_name="L1", storey_elevation_m=3.2).commit(tmp_path / "lake")
    pipe = {"ifc_class": "Pipe", "storey_name": "L1", "storey_elevation_m": 3.2000000000000015}
    Model("b").add("p", **pipe).commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        lines = _lines(engine, "by_storey")
    assert [line["storey_elevation_m"] for line in lines] == [3.2, 3.2]


def test_a_quantity_asked_has_a_line_in_every_group(engine: Engine) -> None:
    lines = _lines(engine, "takeoff", quantity=["Length"])
    found = [(r["ifc_class"], r["quantity"], r["value"], r["missing"]) for r in lines]
    assert found == [
        ("Column", "Count", 1, 0),
        ("Column", "Length", 3, 0),
        ("Furniture", "Count", 1, 0),
        ("Furniture", "Length", None, 1),
        ("Wall", "Count", 3, 0),
        ("Wall", "Length", None, 3),
    ]


def test_what_is_counted_missing_and_doubtful(engine: Engine) -> None:
    (line,) = [
        line
        for line in _lines(engine, "by_class", quantity="NetVolume")
        if (line["ifc_class"], line["quantity"]) == ("Wall", "NetVolume")
    ]
    assert line["value"] == 4
    assert line["basis"] == "authored"
    known = [line[name] for name in ("elements", "counted", "missing", "doubtful")]
    assert known == [3, 1, 1, 1]


@pytest.mark.parametrize("asked", [{}, {"quantity": "StatedCount"}])
def test_a_count_that_the_model_states_is_not_the_number_of_elements(
    tmp_path: Path, asked: dict[str, str]
) -> None:
    model = Model("m")
    for mesh in ("mesh 1", "mesh 2"):
        model.add(mesh, ifc_class="ReinforcingMesh").figure("Count", 24, kind="count", unit="1")
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        lines = _lines(engine, "by_class", **asked)
        behind = _behind(engine, "by_class", {"quantity": "StatedCount"})
        complete = _lines(engine, "completeness")
    assert [(line["quantity"], line["value"]) for line in lines] == [
        ("Count", 2),
        ("StatedCount", 48),
    ]
    assert [row["value"] for row in behind] == [24, 24]
    assert [(line["quantity"], line["authored"]) for line in complete] == [("StatedCount", 2)]


def test_basis_asked_is_the_only_one_used(engine: Engine) -> None:
    lines = _lines(engine, "takeoff", by=[], quantity="NetVolume", basis="computed")
    assert [(line["quantity"], line["value"]) for line in lines] == [
        ("Count", 5),
        ("NetVolume", 8),
    ]
    mixed = _lines(engine, "takeoff", by=[], quantity="NetVolume")
    assert [(line["value"], line["basis"]) for line in mixed] == [(5, None), (12, "mixed")]


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        (
            "takeoff",
            {"colour": "red"},
            "no parameter 'colour'; it takes quantity, basis, class, storey, by",
        ),
        ("models", {"by": "class"}, "no parameter 'by'; it takes none"),
        ("takeoff", {"by": "storey,colour"}, "cannot be grouped by 'colour'; it can by vendor"),
        ("takeoff", {"basis": "measured"}, "basis cannot be 'measured'; name some of authored"),
        ("takeoff", {"basis": "computed,computed"}, "each once"),
        ("takeoff", {"quantity": "NetVolum"}, "did you mean NetVolume"),
        ("takeoff", {"quantity": "netvolume"}, "did you mean NetVolume"),
        ("takeoff", {"quantity": "count"}, "did you mean Count"),
        ("by_material", {"quantity": "Length"}, "'Length'; it can be NetVolume or GrossVolume"),
        ("takeoff", {"class": "IfcWall"}, "the class 'IfcWall'; did you mean Wall"),
        ("by_storey", {"storey": "Roof"}, "the storey 'Roof'; did you mean Attic or Cellar or"),
    ],
)
def test_wrong_questions_are_refused(
    engine: Engine, name: str, params: dict[str, str], words: str
) -> None:
    with pytest.raises(InputRefused, match=words):
        _run(engine, name, **params)


HEADER = """-- title: T
-- question: Q
-- grain: given
-- param: at_least {type}; smallest
-- column: given text; what was given
select cast($at_least as varchar) as given
"""


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("text", "a'b", "a'b"),
        ("text = x", None, "x"),
        ("text = null", None, None),
        ("integer", "7", "7"),
        ("boolean", "no", "false"),
        ("decimal", "12.50", "12.50"),
        ("texts", "a, b", "[a, b]"),
    ],
)
def test_own_parameters_are_typed(
    engine: Engine, tmp_path: Path, type_: str, given: str | None, expected: str | None
) -> None:
    path = tmp_path / "mine.sql"
    path.write_text(HEADER.format(type=type_))
    params = {} if given is None else {"at_least": given}
    result = run(engine, catalog.read_query(path), params)
    assert result.table.to_pylist() == [{"given": expected}]


@pytest.mark.parametrize(
    ("type_", "given", "words"),
    [
        ("integer", "7.5", "at_least of report mine is integer, '7.5' is not"),
        ("boolean", "perhaps", "is boolean"),
        ("decimal", "1,5", "is decimal"),
        ("decimal", "nan", "is decimal"),
        ("text", None, "needs the parameter at_least: smallest"),
    ],
)
def test_wrong_own_parameters_are_refused(
    engine: Engine, tmp_path: Path, type_: str, given: str | None, words: str
) -> None:
    path = tmp_path / "mine.sql"
    path.write_text(HEADER.format(type=type_))
    with pytest.raises(InputRefused, match=words):
        run(engine, catalog.read_query(path), {} if given is None else {"at_least": given})


def test_the_readme_shows_a_report_that_runs(engine: Engine, tmp_path: Path) -> None:
    text = (QUERIES / "README.md").read_text("utf-8")
    path = tmp_path / "wall_types.sql"
    path.write_text(text.split("```sql\n")[1].split("```")[0])
    lines = run(engine, catalog.read_query(path), {"at_least": "1"}).table.to_pylist()
    assert lines == [
        {"type_name": "W20", "net_volume_m3": Decimal(4), "walls": 2, "without_volume": 1}
    ]


def test_provenance_says_what_the_figures_stand_on(engine: Engine) -> None:
    about = _run(engine, "takeoff", by="class", quantity="NetVolume").provenance
    assert about.report == "takeoff"
    assert about.params == {"by": "class", "quantity": "NetVolume"}
    assert about.snapshots == engine.snapshots
    assert about.basis == (
        "model quantities, no measurement rule; "
        "authored before vendor-calculated before computed before derived"
    )
    assert about.notes == (
        "The lines add up to the elements.",
        "Not counted are 1 elements: 1 opening.",
    )


def test_unproved_snapshots_are_named_in_every_answer(tmp_path: Path) -> None:
    Model("m").add("a").commit(tmp_path / "lake", proof="none")
    with open_lake(tmp_path / "lake") as engine:
        for result in (_run(engine, "by_class"), free(engine, "select 1 as one")):
            assert "ifc:m" in result.provenance.notes[0]
            assert "not proved complete" in result.provenance.notes[0]


def _same_building_twice(lake: Path, other_project: str) -> None:
    piles = [f"pile {number}" for number in range(7)]
    house, again = _house(), Model("house again", project_id=other_project)
    for pile in piles:
        house.add(pile)
    for element_id in ("w1", "w2", "w3", *piles):
        again.add(element_id).figure("NetVolume", 5)
    house.commit(lake)
    again.commit(lake)


@pytest.mark.parametrize("project", ["default", "elsewhere"])
@pytest.mark.parametrize(
    "name", ["takeoff", "by_storey", "by_class", "by_code", "by_material", "completeness"]
)
def test_the_same_building_from_two_sources_is_never_added_up(
    tmp_path: Path, name: str, project: str
) -> None:
    _same_building_twice(tmp_path / "lake", project)
    with open_lake(tmp_path / "lake") as engine:
        result = _run(engine, name, **({"by": []} if name == "takeoff" else {}))
    assert set(result.table.column("model_id").to_pylist()) == {"house", "house again"}
    assert "no grand total" in " ".join(result.provenance.notes)


def test_models_names_its_double(tmp_path: Path) -> None:
    _same_building_twice(tmp_path / "lake", "elsewhere")
    with open_lake(tmp_path / "lake") as engine:
        lines = _lines(engine, "models")
    assert [line["same_building_as"] for line in lines] == ["ifc:house again", "ifc:house"]


def test_one_of_two_sources_has_a_grand_total(tmp_path: Path) -> None:
    _same_building_twice(tmp_path / "lake", "default")
    with open_lake(tmp_path / "lake") as engine:
        one = [s for s in engine.snapshots if s.ref.model_id == "house again"]
    with open_lake(tmp_path / "lake", one) as engine:
        lines = _lines(engine, "takeoff", by=[], quantity="NetVolume")
    assert [line["value"] for line in lines] == [10, 50]


def test_guids_shared_across_projects_are_noted(tmp_path: Path) -> None:
    _house().commit(tmp_path / "lake")
    Model("b", project_id="q").add("w1").add("x").add("y").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        notes = _run(engine, "by_class").provenance.notes
    assert "1 GUIDs are both in ifc:house and in ifc:b;" in notes[-1]


def test_of_many_pairs_that_share_guids_the_one_that_shares_most_is_named(tmp_path: Path) -> None:
    _house().commit(tmp_path / "lake")
    Model("b", project_id="q").add("w1").add("x").commit(tmp_path / "lake")
    Model("c", project_id="r").add("w1").add("w2").add("x").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        notes = [note for note in _run(engine, "by_class").provenance.notes if "GUIDs" in note]
    [note] = notes
    assert "2 GUIDs are both in" in note
    assert "2 more pairs of models share some, too" in note


def _behind(engine: Engine, name: str, where: dict[str, str | None], **params: Any) -> Any:
    result = elements_behind(engine, catalog.find(name, [QUERIES]), where, params)
    assert [column.name for column in result.columns] == result.table.column_names
    return result.table.to_pylist()


def test_elements_behind_a_line_are_those_it_counts(engine: Engine) -> None:
    found = _behind(engine, "by_class", {"ifc_class": "Wall", "quantity": "NetVolume"})
    assert [(row["element_id"], row["value"], row["state"]) for row in found] == [
        ("w1", 4, "counted"),
        ("w2", None, "doubtful"),
        ("w3", None, "missing"),
    ]


def test_elements_behind_every_line_add_up_to_it(engine: Engine) -> None:
    for by in ("class", "storey,type", "material,code"):
        for line in _lines(engine, "takeoff", by=by):
            where = {
                name: line[name]
                for name in (
                    "ifc_class",
                    "storey_name",
                    "type_name",
                    "material",
                    "code",
                    "quantity",
                )
                if name in line
            }
            found = _behind(engine, "takeoff", where, by=by)
            assert len(found) == line["elements"]
            states = [row["state"] for row in found]
            for state in ("counted", "missing", "doubtful"):
                assert states.count(state) == line[state]
            known = [row["value"] for row in found if row["value"] is not None]
            assert (sum(known) if known else None) == line["value"]


def test_a_misspelt_quantity_has_nothing_behind_it(engine: Engine) -> None:
    with pytest.raises(InputRefused, match="did you mean NetVolume"):
        _behind(engine, "by_class", {"quantity": "netvolume"})


def test_a_quantity_that_no_model_states_is_missing_behind_a_material_too(engine: Engine) -> None:
    found = _behind(engine, "by_material", {"quantity": "GrossVolume"}, quantity="GrossVolume")
    (line,) = _lines(engine, "takeoff", by=[], quantity="GrossVolume")[1:]
    assert {row["state"] for row in found} == {"missing"}
    assert len(found) == line["missing"] == line["elements"]


@pytest.mark.parametrize(
    "name", ["takeoff", "by_class", "by_storey", "by_code", "by_material", "completeness"]
)
def test_only_the_classes_and_storeys_asked(engine: Engine, name: str) -> None:
    query = catalog.find(name, [QUERIES])
    every = _lines(engine, name, quantity="NetVolume", **_by_class(query))
    for asked, elements in (
        ({"class": "Wall"}, 3),
        ({"class": ["Wall", "Column"]}, 4),
        ({"storey": "Upper, Cellar"}, 2),
        ({"class": "Column", "storey": "Upper"}, 0),
    ):
        lines = _lines(engine, name, quantity="NetVolume", **asked, **_by_class(query))
        of_volume = [line for line in lines if line["quantity"] == "NetVolume"]
        assert sum(line["elements"] for line in of_volume) == elements
        if asked == {"class": "Wall"} and query.groupings and "ifc_class" in query.grain:
            assert lines == [line for line in every if line["ifc_class"] == "Wall"]


def _by_class(query: catalog.Query) -> dict[str, str]:
    return {"by": "class"} if "ifc_class" in query.grain else {}


def test_a_narrowed_report_says_what_its_lines_add_up_to(engine: Engine) -> None:
    about = _run(engine, "takeoff", **{"class": ["Wall", "Column"], "storey": "Upper"}).provenance
    assert about.params["class"] == "Wall, Column"
    assert about.notes[0] == (
        "Only class Wall, Column and storey Upper is shown, "
        "and of that the lines add up to the elements."
    )


def test_elements_behind_a_narrowed_report_are_narrowed(engine: Engine) -> None:
    found = _behind(engine, "takeoff", {"quantity": "NetVolume"}, storey="Upper")
    assert [row["element_id"] for row in found] == ["w1"]


def test_pieces_behind_a_material(engine: Engine) -> None:
    found = _behind(engine, "by_material", {"material": "Brick", "quantity": "NetVolume"})
    assert [(row["element_id"], row["value"]) for row in found] == [("w1", 4)]


def test_elements_that_are_not_counted_can_be_listed(engine: Engine) -> None:
    found = _behind(engine, "not_counted", {"not_counted_reason": "opening"})
    assert [(row["element_id"], row["state"]) for row in found] == [("hole", "opening")]


@pytest.mark.parametrize("where", [{"value": "4"}, {"colour": "red"}, {"storey_name": "Upper"}])
def test_columns_that_tell_no_lines_apart_are_refused(
    engine: Engine, where: dict[str, str | None]
) -> None:
    with pytest.raises(InputRefused, match="they are by ifc_class, quantity"):
        _behind(engine, "by_class", where)


def test_free_sql_has_types_and_says_so_if_names_clash(engine: Engine) -> None:
    sql = "select element_id, count(*) as n from elements group by element_id order by element_id"
    result = free(engine, sql)
    assert [(c.name, c.type, c.unit) for c in result.columns] == [
        ("element_id", "text", None),
        ("n", "bigint", None),
    ]
    assert result.provenance.question == sql
    with pytest.raises(InputRefused, match="called x; name them with AS"):
        free(engine, "select 1 as x, 2 as x")
