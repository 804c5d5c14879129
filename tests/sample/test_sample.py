"""The committed sample: reproducible, valid, and true by a second way of reckoning."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.guid
import ifcopenshell.util.element
import ifcopenshell.util.pset
import ifcopenshell.util.shape
import ifcopenshell.validate
import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
MODELS = (
    "Lindenhof_architecture.ifc",
    "Lindenhof_services.ifc",
    "Lindenhof_structure.ifc",
    "R2/Lindenhof_architecture.ifc",
)
NET = {"NetVolume": "volume", "Volume": "volume", "NetSurfaceArea": "area"}
GROSS = {"GrossVolume": "volume", "GrossSurfaceArea": "area"}


def author(out: Path, size: int) -> Path:
    command = [sys.executable, "-B", str(SAMPLE / "author.py"), "--size", str(size)]
    subprocess.run([*command, "--out", str(out)], check=True, timeout=120)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def size_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return author(tmp_path_factory.mktemp("size_1"), 1)


@pytest.fixture(scope="module")
def size_3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return author(tmp_path_factory.mktemp("size_3"), 3)


def test_authoring_again_gives_the_committed_bytes(size_1: Path) -> None:
    assert len(files(size_1)) > 30
    for name in sorted(files(size_1)):
        assert (size_1 / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_nothing_old_lies_among_the_committed_files(size_1: Path) -> None:
    committed = {
        name
        for name in files(SAMPLE)
        if Path(name).suffix in (".ifc", ".csv") and "__pycache__" not in name
    }
    assert committed == files(size_1)


def test_sample_is_small_text() -> None:
    paths = [SAMPLE / name for name in files(SAMPLE) if "__pycache__" not in name]
    assert sum(path.stat().st_size for path in paths) < 3_000_000
    for path in paths:
        path.read_text(encoding="utf-8")


def test_author_does_not_know_the_reader_under_test() -> None:
    for path in SAMPLE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "import takeoff" not in source
        assert "from takeoff" not in source


@pytest.mark.parametrize("name", MODELS)
def test_model_is_schema_valid(name: str) -> None:
    logger = ifcopenshell.validate.json_logger()
    ifcopenshell.validate.validate(ifcopenshell.open(SAMPLE / name), logger)
    assert logger.statements == []


# The validator leaves the rule files that it reads open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_model_obeys_the_rules_of_its_schema(name: str) -> None:
    logger = ifcopenshell.validate.json_logger()
    model = ifcopenshell.open(SAMPLE / name)
    ifcopenshell.validate.validate(model, logger, express_rules=True)
    assert logger.statements == []


@pytest.mark.parametrize("name", MODELS)
def test_guids_are_unique_and_well_formed(name: str) -> None:
    guids = [entity.GlobalId for entity in ifcopenshell.open(SAMPLE / name).by_type("IfcRoot")]
    assert max(Counter(guids).values()) == 1
    for guid in guids:
        assert ifcopenshell.guid.compress(ifcopenshell.guid.expand(guid)) == guid


@pytest.mark.parametrize("name", MODELS)
def test_quantity_sets_and_their_names_are_the_standard_ones(name: str) -> None:
    """Of IFC2X3 there is no published list; its sets are called BaseQuantities."""
    model = ifcopenshell.open(SAMPLE / name)
    sets = model.by_type("IfcElementQuantity")
    assert sets
    if model.schema == "IFC2X3":
        assert {one.Name for one in sets} == {"BaseQuantities"}
        return
    templates = ifcopenshell.util.pset.get_template(model.schema)
    for one in sets:
        known = templates.get_by_name(one.Name)
        assert known, one.Name
        names = {template.Name for template in known.HasPropertyTemplates}
        assert {quantity.Name for quantity in one.Quantities} <= names


@pytest.mark.parametrize("revision", ["", "R2"])
def test_every_product_and_type_is_in_the_truth_once(revision: str) -> None:
    truth = Counter(
        (row["model"], row["guid"], row["source_class"])
        for row in rows(SAMPLE / "truth" / revision / "elements.csv")
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for path in (SAMPLE / revision).glob("*.ifc"):
        model = ifcopenshell.open(path)
        for entity in [*model.by_type("IfcProduct"), *model.by_type("IfcTypeObject")]:
            found[(path.stem, entity.GlobalId, entity.is_a())] += 1
    assert found == truth


def test_types_and_storeys_are_those_that_ifcopenshell_finds() -> None:
    for row, entity in elements_of_the_truth():
        if row["role"] in ("type", "location"):
            continue
        kind = ifcopenshell.util.element.get_type(entity)
        assert (kind.Name if kind else "") == row["type"]
        storey = ifcopenshell.util.element.get_container(entity, ifc_class="IfcBuildingStorey")
        if row["role"] in ("physical", "part"):
            assert (storey.Name if storey else "") == row["storey"], row["name"]


def elements_of_the_truth() -> Iterator[tuple[dict[str, str], ifcopenshell.entity_instance]]:
    models = {path.stem: ifcopenshell.open(path) for path in SAMPLE.glob("*.ifc")}
    for row in rows(SAMPLE / "truth" / "elements.csv"):
        yield row, models[row["model"]].by_guid(row["guid"])


def test_authored_numbers_stand_in_the_files() -> None:
    """Raw numbers by ifcopenshell's own reading of sets; a name twice in a set keeps the last."""
    models = {path.stem: ifcopenshell.open(path) for path in SAMPLE.glob("*.ifc")}
    stated: dict[tuple[str, ...], set[float]] = defaultdict(set)
    for row in rows(SAMPLE / "truth" / "quantities.csv"):
        if row["origin"] in ("qto", "pset"):
            key = (row["model"], row["guid"], row["source_set"], row["source_name"])
            stated[key].add(float(row["source_value"]))
    for (model, guid, set_name, name), values in stated.items():
        sets = ifcopenshell.util.element.get_psets(
            models[model].by_guid(guid), should_inherit=False
        )
        assert sets[set_name][name] in values
    assert len(stated) > 900


@pytest.mark.parametrize("revision", ["", "R2"])
def test_computed_figures_agree_with_the_geometry_kernel(revision: str) -> None:
    assert compare_with_geometry(SAMPLE, revision) > 400


def compare_with_geometry(sample: Path, revision: str) -> int:
    """Volumes and surfaces of every body, net and gross; returns how many were compared."""
    truth: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in rows(sample / "truth" / revision / "quantities.csv"):
        if row["basis"] == "computed":
            truth[row["model"], row["guid"]][row["quantity"]] = float(row["value"])
    compared = 0
    for path in sorted((sample / revision).glob("*.ifc")):
        for uncut, quantities in ((False, NET), (True, GROSS)):
            for guid, measured in bodies(path, uncut):
                known = truth[path.stem, guid]
                for quantity in quantities.keys() & known.keys():
                    value = measured[quantities[quantity]]
                    assert value == pytest.approx(known[quantity], rel=1e-6), (guid, quantity)
                    compared += 1
    stated = sum(len(known.keys() & (NET | GROSS).keys()) for known in truth.values())
    assert compared == stated
    return compared


def bodies(path: Path, uncut: bool) -> Iterator[tuple[str, dict[str, float]]]:
    settings = ifcopenshell.geom.settings()
    settings.set("disable-opening-subtractions", uncut)
    for shape in ifcopenshell.geom.iterate(settings, ifcopenshell.open(path)):
        mesh = shape.geometry
        yield (
            shape.guid,
            {
                "volume": ifcopenshell.util.shape.get_volume(mesh),
                "area": ifcopenshell.util.shape.get_area(mesh),
            },
        )


def test_authored_and_computed_volumes_agree() -> None:
    """Where both are stated, one comes from an exporter's formula, the other from the body."""
    figures: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for row in rows(SAMPLE / "truth" / "quantities.csv"):
        figures[row["model"], row["guid"], row["quantity"], row["ifc_class"]][row["basis"]] = row[
            "value"
        ]
    pairs = {
        key: (Decimal(both["authored"]), Decimal(both["computed"]))
        for key, both in figures.items()
        if key[2] in ("NetVolume", "GrossVolume", "NetSideArea", "Volume")
        and key[3] != "Space"
        and {"authored", "computed"} <= both.keys()
    }
    assert len(pairs) > 150
    assert all(authored == computed for authored, computed in pairs.values())


@pytest.mark.parametrize("keys", [("ifc_class",), ("storey", "ifc_class")])
def test_totals_are_the_sums_of_the_elements(size_3: Path, keys: tuple[str, ...]) -> None:
    name = "by_class.csv" if len(keys) == 1 else "by_storey_class.csv"
    for folder in (SAMPLE, size_3):
        check_totals(folder / "truth", name, keys)


def check_totals(truth: Path, name: str, keys: tuple[str, ...]) -> None:
    """Adds up again from elements.csv and quantities.csv, by the words of the README."""
    group = {
        (row["model"], row["guid"]): tuple(row[key] for key in keys)
        for row in rows(truth / "elements.csv")
        if row["counted"] == "yes"
    }
    sizes = Counter(group.values())
    figures: dict[tuple[str, ...], list[tuple[int, Decimal]]] = defaultdict(list)
    order = ("qto", "attribute", "pset", "type", "geometry", "rule")
    for row in rows(truth / "quantities.csv"):
        rank = order.index(row["origin"])
        key = (row["model"], row["guid"], row["quantity"])
        figures[key].append((rank, Decimal(row["value"])))
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    counts: Counter[tuple[str, ...]] = Counter()
    doubtful: Counter[tuple[str, ...]] = Counter()
    for (model, guid, quantity), found in figures.items():
        if (model, guid) not in group:
            continue
        best = min(rank for rank, _ in found)
        values = {value for rank, value in found if rank == best}
        total = (*group[model, guid], quantity)
        if len(values) > 1:
            doubtful[total] += 1
        else:
            sums[total] += values.pop()
            counts[total] += 1
    for row in rows(truth / name):
        own = tuple(row[key] for key in keys)
        total = (*own, row["quantity"])
        assert int(row["elements"]) == sizes[own]
        if row["value"]:
            assert Decimal(row["value"]) == sums[total]
            assert int(row["counted"]) == counts[total]
            assert int(row["doubtful"]) == doubtful[total]
        if row["quantity"]:
            shares = [int(row[share]) for share in ("counted", "doubtful", "missing")]
            assert sum(shares) == sizes[own]


def test_every_element_is_counted_or_has_a_reason() -> None:
    elements = rows(SAMPLE / "truth" / "elements.csv")
    assert all((row["counted"] == "yes") == (row["reason"] == "") for row in elements)
    reasons = Counter((row["model"], row["reason"]) for row in elements if row["reason"])
    stated = {
        (row["model"], row["reason"]): int(row["elements"])
        for row in rows(SAMPLE / "truth" / "not_counted.csv")
    }
    assert reasons == stated
    markers = [row for row in elements if row["name"] == "Origin marker"]
    assert len({row["guid"] for row in markers}) == 1
    assert [row["counted"] for row in markers] == ["yes", "no", "no"]


def test_disciplines_share_their_places() -> None:
    places = [
        {
            (entity.GlobalId, entity.Name)
            for entity in model.by_type("IfcSpatialStructureElement")
            if not entity.is_a("IfcSpace")
        }
        | {(model.by_type("IfcProject")[0].GlobalId, "project")}
        for model in (ifcopenshell.open(SAMPLE / name) for name in MODELS)
    ]
    assert len(places[0]) == 7
    assert all(place == places[0] for place in places)


def test_changes_lead_from_the_old_totals_to_the_new() -> None:
    old = {row["guid"] for row in rows(SAMPLE / "truth" / "elements.csv")}
    new = {row["guid"] for row in rows(SAMPLE / "truth" / "R2" / "elements.csv")}
    changes = rows(SAMPLE / "truth" / "changes.csv")
    by_kind = defaultdict(set)
    for row in changes:
        by_kind[row["change"]].add(row["guid"])
        if row["change"] == "changed" and row["delta"]:
            assert Decimal(row["old_value"]) + Decimal(row["delta"]) == Decimal(row["new_value"])
    assert by_kind["added"] == new - old
    assert by_kind["removed"] == {
        row["guid"]
        for row in rows(SAMPLE / "truth" / "elements.csv")
        if row["model"] == "Lindenhof_architecture" and row["guid"] not in new
    }
    expected = {"added", "removed", "changed", "moved", "storey", "renamed", "property", "same"}
    assert by_kind.keys() == expected


@pytest.mark.slow
def test_larger_sizes_work(size_3: Path) -> None:
    counts = [
        sum(row["counted"] == "yes" for row in rows(folder / "truth" / "elements.csv"))
        for folder in (SAMPLE, size_3)
    ]
    assert counts[1] > 3 * counts[0]
    assert compare_with_geometry(size_3, "") > 2000


def test_hostile_twins_are_what_their_list_says() -> None:
    listed = {row["file"]: row for row in rows(SAMPLE / "hostile" / "files.csv")}
    assert listed.keys() == {path.name for path in (SAMPLE / "hostile").glob("*.ifc")}
    for name, row in listed.items():
        if row["expect"] == "read":
            model = ifcopenshell.open(SAMPLE / "hostile" / name)
            assert model.schema == row["schema"]
            whole = [one for one in model.by_type("IfcElement") if not one.Decomposes]
            assert len(whole) == int(row["physical"])


def test_hostile_texts_come_back_as_they_were() -> None:
    truth = {row["guid"]: row for row in rows(SAMPLE / "hostile" / "truth.csv")}
    walls = ifcopenshell.open(SAMPLE / "hostile" / "names.ifc").by_type("IfcWall")
    names = {wall.Name for wall in walls}
    assert {"", None, "=1+1", "../..", "x" * 300, "外壁 東側 壁"} <= names
    for wall in walls:
        assert (wall.Name or "") == truth[wall.GlobalId]["name"]
        assert (wall.Tag or "") == truth[wall.GlobalId]["mark"]
