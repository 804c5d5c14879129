"""Starting, stopping, serving many at once; and the sample building, figure by figure."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from small_lakes import open_lake, rows
from wire import FLOOR, WALL, Serve, Wire, fetch, lake_of, port, row_of_walls

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    from takeoff.jobs.fetch import IfcOptions, fetch_ifc

    lake = tmp_path_factory.mktemp("sample") / "lake"
    settings = Settings(lake=lake)
    files = sorted(SAMPLE.glob("*.ifc"))
    assert all(one.error is None for one in fetch_ifc(settings, files, IfcOptions(), Quiet()))
    return lake


@pytest.fixture(scope="module")
def sample_wire(sample_lake: Path) -> Iterator[Wire]:
    with Sandbox(open_layout(sample_lake)).start() as running:
        yield Wire(running)


def test_only_this_machine_can_reach_it(house_wire: Wire) -> None:
    for url in (house_wire.running.at("qonic").base_url, house_wire.running.storage_url):
        assert url.startswith("http://127.0.0.1:")


def test_stop_frees_ports_and_threads(house_lake: Path) -> None:
    before = threading.active_count()
    running = Sandbox(open_layout(house_lake)).start()
    ports = [port(running.at("qonic").base_url), port(running.storage_url)]
    Wire(running).rows()
    running.stop()
    running.stop()
    for one in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", one), timeout=5)
    assert threading.active_count() <= before
    with pytest.raises(requests.exceptions.ConnectionError):
        fetch(running.storage_url)


def test_a_port_that_is_taken_is_refused(house_wire: Wire, house_lake: Path) -> None:
    taken = port(house_wire.running.at("qonic").base_url)
    with pytest.raises(InputRefused, match=str(taken)):
        Sandbox(open_layout(house_lake), port=taken).start()
    with pytest.raises(InputRefused, match=str(taken)):
        Sandbox(open_layout(house_lake), storage_port=taken).start()


def test_tokens_differ_from_start_to_start(serve_new: Serve, house_lake: Path) -> None:
    assert (
        serve_new(house_lake).running.at("qonic").token
        != serve_new(house_lake).running.at("qonic").token
    )


def test_an_empty_lake_has_no_projects(tmp_path: Path, serve_new: Serve) -> None:
    open_layout(tmp_path / "lake", create=True)
    assert serve_new(tmp_path / "lake").get("/projects").json() == {"projects": []}


def test_many_ask_at_once(serve_new: Serve, tmp_path: Path) -> None:
    wire = serve_new(lake_of(tmp_path / "lake", row_of_walls(400)))
    with ThreadPoolExecutor(16) as many:
        pages = many.map(lambda page: wire.rows(page=page, pageSize=10), range(1, 41))
        guids = [row["Guid"] for page in pages for row in page]
    assert guids == [f"{number:022d}" for number in range(400)]
    assert len(wire.running.seen()) == 40


def test_the_lake_stays_as_it_was(house_lake: Path, serve_new: Serve) -> None:
    def files() -> dict[str, bytes]:
        found = (path for path in sorted(house_lake.rglob("*")) if path.is_file())
        return {str(path): path.read_bytes() for path in found}

    before = files()
    wire = serve_new(house_lake)
    wire.rows()
    wire.result("quantities", {"calculators": ["NetVolume"]})
    wire.running.stop()
    assert files() == before


def test_requests_are_told_without_what_is_secret(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    wire.query({"fields": ["Guid"]}, page=1)
    [seen] = wire.running.seen()
    assert (seen.origin, seen.endpoint, seen.method) == ("api", "properties", "POST")
    assert seen.path == f"/v1{wire.products}/properties/query?page=1"
    assert seen.body == '{"fields": ["Guid"]}'
    assert "authorization" in seen.headers
    wire.running.forget()
    assert wire.running.seen() == []


def test_look_ups_of_a_project(house_wire: Wire) -> None:
    project = house_wire.project
    [house, sfb] = sorted(
        house_wire.get(f"{project}/codifications").json()["codificationLibraries"],
        key=lambda library: library["name"],
    )
    assert "codes" not in sfb
    codes = house_wire.get(f"{project}/codifications/{sfb['guid']}").json()["codes"]
    shown = [(code["identification"], code["name"]) for code in codes]
    assert shown == [("21.11", "Outer walls"), ("21.12", None)]
    assert house["name"] == "House codes"
    assert house_wire.get(f"{project}/codifications/none").status_code == 404
    [library] = house_wire.get(f"{project}/material-libraries").json()["materialProperties"]
    names = [pairs[0]["value"] for pairs in library["properties"]]
    assert names == ["Air", "Brick"]
    path = f"{project}/material-libraries/{library['guid']}"
    assert house_wire.get(path).json() == library
    [types] = house_wire.get(f"{project}/types").json()["typesPerLibrary"].values()
    assert types[0][0] == {"name": "Name", "value": "W 200"}


def test_locations_nest_and_hold_their_guid(house_wire: Wire) -> None:
    [site] = house_wire.get(f"{house_wire.project}/locations").json()["locationViews"]
    [building] = site["children"]
    [floor] = building["children"]
    assert (site["name"], building["name"], floor["name"]) == ("Site", "House", "Ground")
    told = {pair["name"]: pair["value"] for pair in floor["properties"]}
    assert told == {"Guid": FLOOR, "LongName": "Ground floor"}
    where = house_wire.by_guid()[WALL]["SpatialLocation"]
    assert where["SpatialLocationId"] == told["Guid"]


def test_custom_properties_name_the_unit_of_what_is_served(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    sets = wire.get(f"{wire.project}/customProperties").json()["sets"]
    site = next(one for one in sets if one["name"] == "Site")
    units = {one["name"]: one["unitName"] for one in site["propertyDefinitions"]}
    assert units == {"Distance": "m", "Glow": "CANDELA", "Name": None}
    assert site["entityTypes"] == ["IfcWall"]
    wire.running.turn(property_units="as_written")
    sets = wire.get(f"{wire.project}/customProperties").json()["sets"]
    site = next(one for one in sets if one["name"] == "Site")
    units = {one["name"]: one["unitName"] for one in site["propertyDefinitions"]}
    assert units["Distance"] == "MILLI METRE"


def test_the_sample_is_served_whole(sample_wire: Wire, sample_lake: Path) -> None:
    with open_lake(sample_lake) as engine:
        wanted = rows(
            engine,
            "select model_id, count(distinct ifc_guid) from elements"
            " where role not in ('location', 'type') group by model_id order by model_id",
        )
    served = []
    for model in sample_wire.running.at("qonic").models:
        path = f"/projects/{model.project_id}/models/{model.model_id}/products/properties/query"
        told = sample_wire.post(path, {"fields": ["Guid"]}).json()
        assert told["totalCount"] == len({row["Guid"] for row in told["result"]})
        served.append((model.name, told["totalCount"]))
    assert served == wanted


def test_the_samples_figures_are_those_of_the_lake(sample_wire: Wire, sample_lake: Path) -> None:
    with open_lake(sample_lake) as engine:
        figures = rows(
            engine,
            "select elements.ifc_guid, quantities.source_name, quantities.source_set,"
            " quantities.value from quantities join elements using (snapshot_id, element_no)"
            " where quantities.model_id = 'Lindenhof_architecture' and quantities.origin = 'qto'"
            " and elements.role not in ('location', 'type')",
        )
    served = sample_wire.by_guid()
    wanted = {(guid, name): {"PropertySet": s, "Value": v} for guid, name, s, v in figures}
    assert len(wanted) > 300
    assert {key: served[key[0]][key[1]] for key in wanted} == wanted


def test_the_samples_sum_is_the_reports_sum(sample_wire: Wire, sample_lake: Path) -> None:
    """For walls, which are all counted and have no doubtful volume."""
    with open_lake(sample_lake) as engine:
        [(wanted,)] = rows(
            engine,
            "select sum(element_quantities.value_exact) from element_quantities"
            " join elements using (snapshot_id, element_no)"
            " where element_quantities.quantity = 'NetVolume' and elements.ifc_class = 'Wall'"
            " and elements.model_id = 'Lindenhof_architecture' and elements.role <> 'type'",
        )
    walls = [{"property": "Class", "operator": "Eq", "value": "Wall"}]
    body = {"calculators": ["NetVolume"], "filters": walls}
    told = sample_wire.result("quantities", body).json(parse_float=Decimal)
    assert told == {"NetVolume": wanted}


def test_export_is_the_very_file(sample_wire: Wire) -> None:
    started = sample_wire.post(f"{sample_wire.model}/export-ifc").json()
    assert sample_wire.finish(started["id"])[-1] == "Ready"
    answer = sample_wire.get(f"{sample_wire.model}/export-ifc/{started['id']}/result")
    content = fetch(answer.headers["Location"]).content
    assert content == (SAMPLE / "Lindenhof_architecture.ifc").read_bytes()
