"""A project's look-ups over raw HTTP: what they define, in which form, and that they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model as Told
from wire import DOOR, SLAB, WALL, Serve, Wire, lake_of

from takeoff.sandbox.qonic.model import Model

TWO = {"calculators": ["NetVolume", "NetArea"]}


def _own_figures() -> Told:
    """A figure in a set of the project's own, one in the standard's, and one in BaseQuantities."""
    model = Told("own", project_id="77").add(WALL)
    model.figure("NetVolume", "1.5", source_set="Takeoff", source_name="Net volume")
    model.figure("Length", "2", source_set="Qto_WallBaseQuantities")
    model.figure("Width", "0.3", source_set="BaseQuantities")
    return model.figure("Height", "2.5", basis="computed", source_set="Geometry")


def test_figures_in_the_projects_own_sets_have_a_definition_with_their_unit(
    serve_new: Serve, tmp_path: Path
) -> None:
    """Nobody defines the standard's sets for a project, and computed figures stand in none."""
    wire = serve_new(lake_of(tmp_path / "lake", _own_figures()))
    [own] = wire.get(f"{wire.project}/customProperties").json()["sets"]
    [defined] = own["propertyDefinitions"]
    assert (own["name"], own["entityTypes"]) == ("Takeoff", ["IfcWall"])
    told = {key: defined[key] for key in ("name", "dataType", "measureType", "unitName")}
    assert told == {
        "name": "Net volume",
        "dataType": "Real",
        "measureType": "volume",
        "unitName": "m3",
    }
    assert wire.by_guid()[WALL]["Net volume"] == {"PropertySet": "Takeoff", "Value": 1.5}


@pytest.mark.parametrize(
    "what",
    ["codifications", "material-libraries", "locations", "customProperties", "types"],
)
def test_a_look_up_is_worked_out_once(
    serve_new: Serve, house_lake: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    wire = serve_new(house_lake)
    first = wire.get(f"{wire.project}/{what}").json()

    def read(self: Model, statement: str) -> list[dict[str, Any]]:
        raise AssertionError("the lake is read again")

    monkeypatch.setattr(Model, "rows", read)
    assert wire.get(f"{wire.project}/{what}").json() == first


def test_a_look_up_follows_its_switch(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    plain = wire.get(f"{wire.project}/codifications").json()["codificationLibraries"]
    assert not any("codes" in library for library in plain)
    wire.running.turn(codification_list="with_codes", type_shape="object")
    older = wire.get(f"{wire.project}/codifications").json()["codificationLibraries"]
    assert [{**one, "codes": None} for one in plain] == [{**one, "codes": None} for one in older]
    assert all(library["codes"] for library in older)
    [types] = wire.get(f"{wire.project}/types").json()["typesPerLibrary"].values()
    assert types == [{"Name": "W 200", "Guid": "0ttttttttttttttttttttt"}]


@pytest.mark.parametrize(
    ("form", "shown"), [("empty", {"Code": {}}), ("missing", {}), ("null", {"Code": None})]
)
def test_a_product_without_a_code(
    serve: Serve, house_lake: Path, form: str, shown: dict[str, Any]
) -> None:
    wire = serve(house_lake, no_code=form)
    rows = wire.by_guid({"fields": ["Guid", "Code"]})
    assert rows[DOOR] == {"Guid": DOOR, **shown}
    assert len(rows[WALL]["Code"]) == 2


def test_fields_in_any_case(serve: Serve, house_lake: Path) -> None:
    body = {
        "fields": ["guid", "CLASS"],
        "filters": [{"property": "class", "operator": "Eq", "value": "Slab"}],
    }
    wire = serve(house_lake)
    assert wire.query(body).status_code == 400
    wire.running.turn(field_case="any")
    assert wire.rows(body) == [{"Guid": SLAB, "Class": "Slab"}]


def test_products_in_another_order(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    usual = wire.guids()
    wire.running.turn(row_order="reversed")
    assert wire.guids() == usual[::-1]
    pages = [wire.rows({"fields": ["Guid"]}, page=page, pageSize=2) for page in (1, 2, 3)]
    assert [row["Guid"] for page in pages for row in page] == usual[::-1]


@pytest.mark.parametrize("keys", ["total", "fields"])
def test_available_data_with_fewer_keys(serve: Serve, house_lake: Path, keys: str) -> None:
    wire = serve(house_lake, available_keys=keys)
    told = wire.get(f"{wire.products}/properties/available-data").json()
    assert set(told) == {"total": {"fields", "totalCount"}, "fields": {"fields"}}[keys]


@pytest.mark.parametrize(("form", "kind"), [("word", str), ("uuid", str), ("number", int)])
def test_ids_of_operations(house_lake: Path, serve: Serve, form: str, kind: type) -> None:
    wire = serve(house_lake, operation_ids=form)
    started = wire.post(f"{wire.products}/quantities/query", TWO).json()
    assert type(started["id"]) is kind
    assert wire.get(f"/operations/{started['id']}").json()["id"] == started["id"]


def test_operations_with_nulls(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, operation_keys="nulls")
    started = wire.post(f"{wire.products}/quantities/query", TWO).json()
    assert (started["kind"], started["percentageCompleted"]) == (None, None)
    assert started["status"] == "Queued"


@pytest.mark.parametrize("shape", ["list", "object"])
def test_sums_in_smaller_units(serve: Serve, house_lake: Path, shape: str) -> None:
    wire = serve(house_lake, quantities_shape=shape, result_units="small")
    told = wire.result("quantities", TWO).json()
    if shape == "list":
        told = {one.pop("calculator"): one for one in told}
    assert told == {
        "NetVolume": {"value": 3450, "unit": "l"},
        "NetArea": {"value": 80000, "unit": "cm2"},
    }


def test_sums_without_a_unit_stay_in_si(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, quantities_shape="flat", result_units="small")
    assert wire.result("quantities", TWO).json() == {"NetVolume": 3.45, "NetArea": 8}


def test_sums_as_a_table_with_a_column_each(serve: Serve, house_lake: Path) -> None:
    wire: Wire = serve(house_lake, quantities_shape="csv_columns")
    assert wire.result("quantities", TWO).text.splitlines() == ["NetVolume,NetArea", "3.45,8"]
