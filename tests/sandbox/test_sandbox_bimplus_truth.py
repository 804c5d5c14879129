"""Whole buildings over raw HTTP: every element, figure and property of the lake is served."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bimplus_wire import Bimplus, Json, walked
from small_lakes import open_lake, rows
from wire import Wire

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
FACTORS = {"mm": 1e-3, "m": 1.0, "m2": 1.0, "m3": 1.0, "kg": 1.0, "s": 1.0}
# Values of one attribute of one element, told apart by neither set nor spelling of the unit.
Values = dict[tuple[str, str | None], list[Any]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's architecture with authored figures, and its structure with computed ones."""
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    from takeoff.jobs.fetch import IfcOptions, fetch_ifc

    lake = tmp_path_factory.mktemp("bimplus") / "lake"
    for name, geometry in (("architecture", False), ("structure", True)):
        file = SAMPLE / f"Lindenhof_{name}.ifc"
        options = IfcOptions(geometry=geometry)
        [outcome] = fetch_ifc(Settings(lake=lake), [file], options, Quiet())
        assert outcome.error is None
    return lake


@pytest.fixture(scope="module")
def served(lake: Path) -> Iterator[list[tuple[Json, list[Json]]]]:
    """For each model its tree, and all objects with their definitions."""
    with Sandbox(open_layout(lake)).start() as running:
        wire = Bimplus(Wire(running))
        models = []
        for one in wire.json(f"{wire.project}/divisions"):
            root = f"/{wire.slug}/objects/{one['topologyId']}"
            tree = wire.json(f"{root}/topology")
            types = dict.fromkeys(node["elementTypeId"] for node in walked(tree))
            objects = [
                told
                for type_id in types
                for told in wire.json(f"{root}/properties/24", params={"type": type_id})
            ]
            models.append((tree, objects))
        yield models


def _all(served: list[tuple[Json, list[Json]]]) -> Iterator[tuple[str, str, Json]]:
    """(GUID, text of the group, attribute) of everything that has a GUID."""
    for _, objects in served:
        for told in objects:
            guid = told["attributes"].get("ifc", {}).get("ifcgloballyuniqueid", {}).get("value")
            for group, attributes in told["attributes"].items():
                for attribute in attributes.values():
                    if guid is not None:
                        yield guid, told["localizedAttributeGroups"][group], attribute


def test_the_tree_and_the_lists_have_the_same_objects(
    served: list[tuple[Json, list[Json]]],
) -> None:
    for tree, objects in served:
        nodes = {node["id"] for node in walked(tree)}
        assert {told["id"] for told in objects} == nodes - {tree["id"]}
        assert len(objects) == len(nodes) - 1


def test_every_element_but_types_is_served(
    served: list[tuple[Json, list[Json]]], lake: Path
) -> None:
    with open_lake(lake) as engine:
        sql = "select ifc_guid, source_class, role from elements where role <> 'type'"
        wanted = rows(engine, sql)
    found = [
        (node["ifcId"], node["ifcType"])
        for tree, _ in served
        for node in walked(tree)
        if "ifcId" in node
    ]
    assert Counter(found) == Counter((guid, name) for guid, name, _ in wanted)


def test_parts_hang_from_their_wholes(served: list[tuple[Json, list[Json]]], lake: Path) -> None:
    with open_lake(lake) as engine:
        sql = "select element_id, parent_id from elements where parent_id is not null"
        wanted = set(rows(engine, sql))
    found = {
        (child["ifcId"], node.get("ifcId"))
        for tree, _ in served
        for node in walked(tree)
        for child in node["children"]
        if child.get("isChild") and "ifcId" in child
    }
    assert found == wanted


def test_storeys_are_the_lakes(served: list[tuple[Json, list[Json]]], lake: Path) -> None:
    with open_lake(lake) as engine:
        sql = "select element_id, storey_id from elements where role in ('physical', 'space')"
        wanted = {guid: storey for guid, storey in rows(engine, sql) if storey is not None}
    found = {guid: storey for tree, _ in served for guid, storey in _storeys(tree, None)}
    assert len(wanted) > 100
    assert {guid: found[guid] for guid in wanted} == wanted


def _storeys(node: Json, storey: str | None) -> Iterator[tuple[str, str | None]]:
    if node.get("ifcType") == "IfcBuildingStorey":
        storey = node["ifcId"]
    if "ifcId" in node:
        yield node["ifcId"], storey
    for child in node["children"]:
        yield from _storeys(child, storey)


def test_every_figure_is_served(served: list[tuple[Json, list[Json]]], lake: Path) -> None:
    """Within 1e-9 of the lake's figure in SI; counts have no unit on the wire."""
    with open_lake(lake) as engine:
        figures = rows(
            engine,
            "select elements.ifc_guid, quantities.basis, quantities.source_set,"
            " quantities.quantity, quantities.source_name, quantities.unit, quantities.value"
            " from quantities join elements using (snapshot_id, element_no)"
            " where elements.role <> 'type'",
        )
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for guid, group, attribute in _all(served):
        if isinstance(attribute.get("value"), int | float):
            factor = FACTORS.get(attribute.get("unit", ""), 1.0)
            found[guid, group, attribute["name"]].append(attribute["value"] * factor)
    assert len(figures) > 1500
    for guid, basis, source_set, quantity, source_name, _, value in figures:
        is_own = basis == "authored"
        group = (source_set or "IFC") if is_own else "Calculated properties"
        name = source_name if is_own else quantity or source_name
        near = found[guid, group, name]
        assert any(math.isclose(value, one, rel_tol=1e-9) for one in near), (guid, group, name)


def test_every_property_is_served(served: list[tuple[Json, list[Json]]], lake: Path) -> None:
    with open_lake(lake) as engine:
        properties = rows(
            engine,
            "select elements.ifc_guid, properties.set_name, properties.name,"
            " properties.value_kind, coalesce(properties.text, cast(properties.flag as varchar))"
            " from properties join elements using (snapshot_id, element_no)"
            " where elements.role <> 'type'",
        )
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for guid, group, attribute in _all(served):
        found[guid, group, attribute["name"]].append(attribute.get("value"))
    assert len(properties) > 400
    for guid, set_name, name, kind, text in properties:
        near = found[guid, set_name or "IFC", name]
        if kind == "flag":
            assert (text == "true") in near
        elif kind == "text":
            assert text in near
        else:
            assert near


def test_materials_and_codes_are_served(served: list[tuple[Json, list[Json]]], lake: Path) -> None:
    with open_lake(lake) as engine:
        layers = rows(
            engine,
            "select elements.ifc_guid, materials.material, materials.thickness_m from materials"
            " join elements using (snapshot_id, element_no)"
            " where materials.role = 'layer' and elements.role <> 'type'",
        )
        codes = rows(
            engine,
            "select elements.ifc_guid, codes.system, codes.code from codes"
            " join elements using (snapshot_id, element_no) where elements.role <> 'type'",
        )
    found = []
    for tree, objects in served:
        guids = {node["id"]: node.get("ifcId") for node in walked(tree)}
        for told in objects:
            if told["type"] in ("MaterialLayer", "SlabLayer"):
                thickness = told["attributes"]["quantity"]["thickness"]
                assert thickness["unit"] == "mm"
                found.append((guids[told["parent"]], told["name"], thickness["value"] / 1000))
    assert Counter(found) == Counter(layers)
    told_codes = {
        (guid, attribute["name"], attribute["value"])
        for guid, group, attribute in _all(served)
        if group == "Classification"
    }
    assert len(codes) > 50
    assert set(codes) <= told_codes


def test_an_attribute_is_in_an_object_once(served: list[tuple[Json, list[Json]]]) -> None:
    for _, objects in served:
        for told in objects:
            ids = [one["id"] for group in told["attributes"].values() for one in group.values()]
            assert len(ids) == len(set(ids))
