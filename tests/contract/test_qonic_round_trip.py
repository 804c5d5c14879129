"""Models read from IFC, served as Qonic and fetched: the same, but for what the wire cannot carry.

Every difference is given a kind by the rules here, and each kind must be explained in
qonic_cannot_carry.csv. Only files are compared: nothing here knows how either side was read.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from both_ways import Both, Row, both_ways, by_guid, served, served_and_fetched
from small_lakes import Model

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SAMPLES = ("architecture", "services", "structure", "structure with geometry")
PUBLIC = (
    "BIMWhale_LargeBuilding",
    "Duplex_A_20110907",
    "Duplex_Electrical_20121207",
    "PCERT_Building-Architecture",
    "PCERT_Building-Hvac",
    "PCERT_Building-Structural",
    "Schependomlaan_breedplaatvloeren",
    "Schependomlaan_kalkzandsteen",
    "Schependomlaan_staal",
)
# Those of them that have losses which no other model has.
ODD = (
    "Duplex_A_20110907",
    "Duplex_Electrical_20121207",
    "PCERT_Building-Architecture",
    "Schependomlaan_staal",
)
# Made for what a reader stumbles over: repeated and missing GUIDs, odd names, numbers and places.
HOSTILE = ("guid_case", "guid_twice_and_missing", "names", "numbers", "two_buildings")

MADE_UP = "made up"

SAME_COLUMNS = (
    "ifc_class",
    "name",
    "building_id",
    "building_name",
    "storey_id",
    "storey_name",
    "space_id",
    "space_name",
    "is_external",
    "load_bearing",
)
NO_COLUMNS = (
    "source_id",
    "authoring_id",
    "predefined_type",
    "type_id",
    "type_name",
    "mark",
    "discipline",
    "storey_elevation_m",
    "system",
    "phase",
    "parent_id",
)
OWN_FIELDS = ("Guid", "Class", "Name", "SpatialLocation", "Code", "MaterialLayerSet")
PLACES = ("site", "building", "storey", "space")
CALCULATORS = ("Length", "NetArea", "GrossArea", "NetVolume", "GrossVolume")
# The first figure of a product counts: as it stands in a quantity set, else in another, else
# as the service calculated it.
ORIGINS = ("qto", "pset", "dynamic")
UNLISTED = "unlisted"


class Difference(NamedTuple):
    """What was sent and did not come back so."""

    kind: str
    where: str
    sent: object
    came: object


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("both_ways")


@cache
def _both(name: str, data: Path, folder: Path) -> Both:
    """`data` has the public models."""
    at = folder / name.replace(" ", "_")
    if name == MADE_UP:
        return served_and_fetched(_made_up().commit(at / "sent"), at)
    stem, _, geometry = name.partition(" with ")
    ifc = SAMPLE / f"Lindenhof_{stem}.ifc"
    if name in PUBLIC:
        ifc = data / "ifc" / f"{name}.ifc"
    elif name in HOSTILE:
        ifc = SAMPLE / "hostile" / f"{name}.ifc"
    return both_ways(ifc, at, geometry=bool(geometry))


def _made_up() -> Model:
    """Codes as no model of the others has them."""
    model = Model("codes")
    model.add("1hQ0000000000000000001").code("NL-SfB", "21.11", "Outer walls")
    model.code("NL-SfB", "21.12", "Outer walls, solid")
    model.add("1hQ0000000000000000002").code("NL-SfB", "21.11", "Facades")
    return model


@pytest.fixture(scope="module", params=[MADE_UP, *SAMPLES, *HOSTILE, *PUBLIC])
def both(request: pytest.FixtureRequest, folder: Path) -> Both:
    is_public = request.param in PUBLIC
    data = request.getfixturevalue("shared") if is_public else SAMPLE
    return _both(request.param, data, folder)


def listed() -> dict[str, str]:
    with (Path(__file__).parent / "qonic_cannot_carry.csv").open(encoding="utf-8") as file:
        return {row["kind"]: f"{row['what']}: {row['why']}" for row in csv.DictReader(file)}


def test_every_difference_is_of_a_kind_that_the_wire_forces(both: Both) -> None:
    known = listed()
    others = [one for one in differences(both) if one.kind not in known]
    assert others[:5] == []


def test_the_same_products_come_each_once(both: Both) -> None:
    came = [row["ifc_guid"] for row in both.came["elements"]]
    assert sorted(came) == sorted(row["ifc_guid"] for row in served(both.sent["elements"]))
    assert len(came) == len(set(came))
    assert [row["element_id"] for row in both.came["elements"]] == came


def test_the_services_totals_are_our_own_sums(both: Both) -> None:
    """Ours are of what came; of what came without its unit the figure that was sent is added."""
    stated = {
        (row["quantity"], row["filter"]): row["value_exact"] for row in both.came["control_totals"]
    }
    assert stated == own_totals(both)
    classes = {row["ifc_class"] for row in both.came["elements"]}
    counts = {asked for quantity, asked in stated if quantity == "Count"}
    assert counts == {None, *(f"Class Eq {name}" for name in classes)}


def test_every_kind_on_the_list_is_met(shared: Path, folder: Path) -> None:
    """A kind that no model has any more is not forced by the wire."""
    models = [_both(name, shared, folder) for name in (MADE_UP, *SAMPLES, *HOSTILE, *ODD)]
    met = {one.kind for both in models for one in differences(both)}
    assert set(listed()) - met == set()


def differences(both: Both) -> Iterator[Difference]:
    yield from _not_served(both)
    yield from _elements(both)
    yield from _codes(both)
    yield from _materials(both)
    yield from _locations(both)
    yield from _values(both)
    for row in both.sent["relations"]:
        yield Difference("relations", row["from_element_id"], row, None)
    for row in both.sent["boxes"]:
        yield Difference("boxes", row["element_id"], row, None)
    for table in ("relations", "boxes", "changes_stated"):
        for row in both.came[table]:
            yield Difference(UNLISTED, table, None, row)


def _not_served(both: Both) -> Iterator[Difference]:
    guids = {row["ifc_guid"] for row in served(both.sent["elements"])}
    numbers = {row["element_no"] for row in served(both.sent["elements"])}
    for row in both.sent["elements"]:
        if row["element_no"] in numbers:
            continue
        guid = row["ifc_guid"]
        kind = "guid_missing" if guid is None else "guid_repeated"
        if row["role"] in ("location", "type"):
            kind = "role_not_served"
        elif kind == "guid_repeated" and guid not in guids:
            kind = UNLISTED
        yield Difference(kind, row["element_id"], row["role"], None)


def _elements(both: Both) -> Iterator[Difference]:
    came = {row["ifc_guid"]: row for row in both.came["elements"]}
    for sent in served(both.sent["elements"]):
        got = came.get(sent["ifc_guid"])
        if got is None:
            yield Difference(UNLISTED, "elements", sent["ifc_guid"], None)
            continue
        for column in SAME_COLUMNS:
            if sent[column] != got[column]:
                yield Difference(_of_element(column, sent, got), column, sent[column], got[column])
        for column in NO_COLUMNS:
            if got[column] is not None:
                yield Difference(UNLISTED, column, sent[column], got[column])
            elif sent[column] is not None:
                yield Difference("element_column", column, sent[column], None)
        if sent["role"] != got["role"]:
            is_part = (sent["role"], got["role"]) == ("part", "physical")
            kind = "part_as_physical" if is_part else UNLISTED
            yield Difference(kind, "role", sent["role"], got["role"])
        if sent["source_class"] != got["source_class"]:
            is_same = got["source_class"] == sent["ifc_class"]
            kind = "source_class" if is_same else UNLISTED
            yield Difference(kind, "class", sent["source_class"], got["source_class"])


def _of_element(column: str, sent: Row, got: Row) -> str:
    if sent[column] == "" and got[column] is None:
        return "empty_text"
    if column == "building_id" and got[column] is None and not sent["building_name"]:
        return "building_unnamed"
    return UNLISTED


def _codes(both: Both) -> Iterator[Difference]:
    sent, came = by_guid(both.sent, "codes"), by_guid(both.came, "codes")
    for guid in sent.keys() | came.keys():
        got = {(row["system"], row["code"]): row for row in came[guid]}
        if len(got) != len(came[guid]):
            yield Difference(UNLISTED, "codes", sent[guid], came[guid])
        systems: set[str] = set()
        for row in sorted(sent[guid], key=lambda row: row["ordinal"]):
            match = got.pop((row["system"], row["code"]), None)
            if row["code"] is None:
                yield Difference("code_without_identification", guid, row, match)
            elif match is None:
                kind = "code_repeated" if row["system"] in systems else UNLISTED
                yield Difference(kind, guid, row, None)
            elif (row["edition"], row["title"]) != (match["edition"], match["title"]):
                kind = "code_title" if row["edition"] == match["edition"] else UNLISTED
                yield Difference(kind, guid, row, match)
            systems.add(row["system"])
        for match in got.values():
            yield Difference(UNLISTED, guid, None, match)


def _materials(both: Both) -> Iterator[Difference]:
    sent, came = by_guid(both.sent, "materials"), by_guid(both.came, "materials")
    for guid in sent.keys() | came.keys():
        ordered = sorted(sent[guid], key=lambda row: row["ordinal"])
        layers = [row for row in ordered if row["role"] == "layer"]
        for row in ordered:
            if row["role"] != "layer":
                yield Difference("material_without_layers", guid, row["material"], None)
        wanted = [", ".join(row["material"] or "" for row in layers)] if layers else []
        got = [row["material"] for row in came[guid]]
        if [text for text in wanted if text] != got:
            yield Difference(UNLISTED, guid, wanted, got)
        if len(layers) > 1:
            yield Difference("material_layers_joined", guid, len(layers), got)
        for row in layers:
            numbers = [row[name] for name in ("thickness_m", "share", "volume_m3")]
            if any(number is not None for number in numbers):
                yield Difference("material_numbers", guid, numbers, None)


def _locations(both: Both) -> Iterator[Difference]:
    got = {row["location_id"]: row for row in both.came["locations"]}
    sent = {row["location_id"]: row for row in both.sent["locations"]}
    for guid, row in sent.items():
        match = got.pop(guid, None)
        if row["kind"] not in PLACES:
            kind = "location_project" if row["kind"] == "project" and not match else UNLISTED
            yield Difference(kind, guid, row, match)
            continue
        if match is None:
            yield Difference(UNLISTED, guid, row, None)
            continue
        parent = sent.get(row["parent_id"])
        wanted = row["parent_id"] if parent and parent["kind"] in PLACES else None
        if (row["name"] or None, wanted) != (match["name"], match["parent_id"]):
            yield Difference(UNLISTED, guid, row, match)
        if row["kind"] != match["kind"]:
            yield Difference(_of_place(both, guid), guid, row, match)
        if row["elevation_m"] is not None:
            yield Difference("location_elevation", guid, row["elevation_m"], match["elevation_m"])
    for match in got.values():
        yield Difference(UNLISTED, "locations", None, match)


def _of_place(both: Both, guid: str) -> str:
    columns = ("building_id", "storey_id", "space_id")
    used = {row[column] for row in both.came["elements"] for column in columns}
    return UNLISTED if guid in used else "location_kind"


class Values(NamedTuple):
    """All that stands under one name in one element."""

    properties: list[Row]
    figures: list[Row]


def _values(both: Both) -> Iterator[Difference]:
    sent, came = _named(both, "sent"), _named(both, "came")
    for key in sent.keys() | came.keys():
        wanted, got = sent.get(key, Values([], [])), came.get(key, Values([], []))
        for kind, was, now in _compared(key[1], wanted, got):
            yield Difference(kind, f"{key[0]} {key[1]}", was, now)


def _named(both: Both, side: str) -> dict[tuple[str, str], Values]:
    """Properties and figures by GUID and name. What is calculated has a name space of its own."""
    found: dict[tuple[str, str], Values] = defaultdict(lambda: Values([], []))
    rows = both.sent if side == "sent" else both.came
    for guid, properties in by_guid(rows, "properties").items():
        for row in properties:
            found[guid, row["name"]].properties.append(row)
    for guid, figures in by_guid(rows, "quantities").items():
        for row in figures:
            name = row["source_name"]
            if row["basis"] != "authored":
                name = f"calculated {row['quantity'] or name}"
            found[guid, name].figures.append(row)
    return found


def _compared(name: str, sent: Values, came: Values) -> Iterator[tuple[str, object, object]]:
    empty = [row for row in sent.properties if row["value_kind"] == "none" or row["text"] == ""]
    full = [row for row in sent.properties if row not in empty]
    for row in empty:
        yield "empty_text" if row["text"] == "" else "value_not_set", row, None
    if name in OWN_FIELDS:
        if full or sent.figures:
            yield "field_name_taken", [*full, *sent.figures], None
        if came.properties or came.figures:
            yield UNLISTED, None, came
        return
    figures = [row for row in sent.figures if row["value_exact"] is not None]
    for row in sent.figures:
        if row["value_exact"] is None and not full:
            yield "value_not_set", row, None
    places = {row["set_name"] for row in full} | {row["source_set"] for row in figures}
    count = max(len(full), len(figures), len(places))
    if count == 0 or len(came.properties) > 1 or len(came.figures) > 1:
        if came.properties or came.figures:
            yield UNLISTED, sent, came
        return
    if count > 1:
        yield "name_repeated", sent, came
    if came.figures:
        yield from _figure(came, full, figures)
    elif came.properties:
        yield from _property(came.properties[0], full, figures)
    else:
        yield UNLISTED, sent, came


def _figure(
    came: Values, properties: list[Row], figures: list[Row]
) -> Iterator[tuple[str, object, object]]:
    [got] = came.figures
    same_set = [row for row in figures if row["source_set"] == got["source_set"]]
    if got["value_exact"] is None:
        value = Decimal(got["source_value"])
        is_sent = any(row["value_exact"] == value for row in same_set) and got["quantity"] is None
        yield "kind_not_told" if is_sent else UNLISTED, figures, got
        return
    meaning = ("quantity", "kind", "unit", "value_exact", "value")
    same = [row for row in same_set if all(row[name] == got[name] for name in meaning)]
    if not same:
        yield UNLISTED, figures, got
        return
    if got["origin"] != same[0]["origin"] or got["basis"] != same[0]["basis"]:
        yield "origin_not_told", same[0], got
    if got["source_unit"] != same[0]["source_unit"]:
        yield "unit_as_written", same[0], got
    for row in came.properties:
        if (row["set_name"], row["number"]) != (got["source_set"], got["value"]):
            yield UNLISTED, properties, row


def _property(
    got: Row, properties: list[Row], figures: list[Row]
) -> Iterator[tuple[str, object, object]]:
    value = ("set_name", "value_kind", "text", "number", "flag")
    in_set = [row for row in figures if row["source_set"] == got["set_name"]]
    if any(row["value"] == got["number"] and got["number"] is not None for row in in_set):
        yield UNLISTED if _is_quantity_set(got["set_name"]) else "figure_without_unit", in_set, got
        return
    same = [row for row in properties if all(row[name] == got[name] for name in value)]
    if not same or in_set:
        yield UNLISTED, [*properties, *figures], got
    elif same[0]["unit"] != got["unit"]:
        yield "unit_of_property" if got["unit"] is None else UNLISTED, same[0], got


def _is_quantity_set(name: str | None) -> bool:
    return name is not None and (name.startswith("Qto_") or name == "BaseQuantities")


def own_totals(both: Both) -> dict[tuple[str, str | None], Decimal]:
    """What the service should state for the model and for each class."""
    classes = {row["ifc_guid"]: row["ifc_class"] for row in both.came["elements"]}
    totals: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for ifc_class in classes.values():
        for asked in (None, f"Class Eq {ifc_class}"):
            totals["Count", asked] += 1
    for (guid, quantity), exact in _counted(both).items():
        for asked in (None, f"Class Eq {classes[guid]}"):
            totals[quantity, asked] += exact
    return dict(totals)


def _counted(both: Both) -> dict[tuple[str, str], Decimal]:
    """For each product and calculator the one figure that counts."""
    found: dict[tuple[str, str], tuple[tuple[int, int], Decimal]] = {}
    came, sent = by_guid(both.came, "quantities"), _named(both, "sent")
    rows = [(guid, row) for guid, rows in came.items() for row in rows]
    rows += [(guid, row) for guid, row in _without_unit(both, sent)]
    for guid, row in rows:
        if row["quantity"] in CALCULATORS and row["value_exact"] is not None:
            origin = row["origin"] if row["origin"] in ORIGINS else "pset"
            candidate = (ORIGINS.index(origin), row["ordinal"]), row["value_exact"]
            key = guid, row["quantity"]
            found[key] = min(found.get(key, candidate), candidate)
    return {key: exact for key, (_, exact) in found.items()}


def _without_unit(both: Both, sent: dict[tuple[str, str], Values]) -> Iterator[tuple[str, Row]]:
    """Figures that the service has and counts, but that come as mere numbers."""
    for difference in _values(both):
        if difference.kind == "figure_without_unit" and isinstance(difference.sent, list):
            guid = difference.where.split(" ", 1)[0]
            yield guid, difference.sent[0]
