"""The ten facts of the contract that break naive clients, each as a test of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from qonic_rows import decoded, page, query
from qonic_served import Serve, asked, documents, fetched, rows, session, turned, walls

from takeoff.core.errors import NotUnderstood
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox, Seen
from takeoff.vendors.qonic import asked as record
from takeoff.vendors.qonic import endpoints, paths

COUNT = 12


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("facts") / "lake"
    walls(COUNT).commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture
def serve(running: Running) -> Serve:
    return partial(turned, running)


def requests(sandbox: Running, ending: str) -> list[Seen]:
    return [one for one in sandbox.seen() if one.path.partition("?")[0].endswith(ending)]


def bodies(sandbox: Running, ending: str) -> list[Any]:
    return [json.loads(one.body or "null") for one in requests(sandbox, ending)]


def test_fact_1_a_product_query_answers_one_page_and_all_are_asked_for(
    serve: Serve, tmp_path: Path
) -> None:
    sandbox = serve(page_limit="5")
    _, found = fetched(sandbox, tmp_path)
    assert len(found["elements"]) == COUNT
    asked_pages = {
        one.path.partition("?")[2] for one in requests(sandbox, "products/properties/query")
    }
    assert {f"page={number}&pageSize=5000" for number in (1, 2, 3)} <= asked_pages


def test_fact_2_available_data_is_paged_too(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(available_limit="2")
    asked(sandbox, tmp_path)
    listed = requests(sandbox, "products/properties/available-data")
    assert len(listed) > 2
    [fields] = {tuple(body["fields"]) for body in bodies(sandbox, "products/properties/query")} - {
        ("Guid",)
    }
    assert {"Guid", "Class", "Name", "SpatialLocation", "Code", "NetVolume"} <= set(fields)


def test_fact_3_only_documented_operators_are_sent(serve: Serve, tmp_path: Path) -> None:
    """`Contains` would count a curtain wall among the walls."""
    sandbox = serve()
    asked(sandbox, tmp_path)
    filters = [one["filters"] for one in bodies(sandbox, "quantities/query")]
    assert sorted(json.dumps(one) for one in filters) == sorted(
        json.dumps(one)
        for one in (
            [],
            [{"property": "Class", "operator": "Eq", "value": "Slab"}],
            [{"property": "Class", "operator": "Eq", "value": "Wall"}],
        )
    )


def test_fact_4_field_names_are_pascal_case_and_read_in_any_case(tmp_path: Path) -> None:
    for number, keys in enumerate((("Guid", "Class", "Name"), ("guid", "class", "name"))):
        product = dict(zip(keys, ("g", "Wall", "W"), strict=True))
        [row] = decoded(tmp_path / str(number), [(query(), page(product))])["elements"]
        assert (row["element_id"], row["ifc_class"], row["name"]) == ("g", "Wall", "W")
    body = endpoints.products("1", "2", 1, ["Guid"]).json_body
    assert body["fields"] == ["Guid"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_fact_5_an_unset_property_is_an_object_of_two_nothings(
    tmp_path: Path, nothing: str | None
) -> None:
    unset = {"PropertySet": nothing, "Value": nothing}
    given = {"PropertySet": "Pset_WallCommon", "Value": "EI60"}
    products = [{"Guid": "a", "FireRating": unset}, {"Guid": "b", "FireRating": given}]
    found = decoded(tmp_path, [(query(), page(*products))])["properties"]
    assert [(row["element_id"], row["set_name"], row["text"]) for row in found] == [
        ("b", "Pset_WallCommon", "EI60")
    ]


def test_fact_6_code_and_spatial_location_are_objects(tmp_path: Path) -> None:
    place = {"Site": "S", "Building": "B", "Floor": "L", "Space": "", "SpatialLocationId": "x"}
    code = {"lib": {"Identification": "21.11"}, "other": {"Identification": "3"}}
    product = {"Guid": "a", "Class": "Wall", "SpatialLocation": place, "Code": code}
    found = decoded(tmp_path, [(query(), page(product))])
    assert [(row["system"], row["code"]) for row in found["codes"]] == [
        ("lib", "21.11"),
        ("other", "3"),
    ]
    [row] = found["elements"]
    assert (row["building_name"], row["storey_name"], row["space_name"]) == ("B", "L", None)


def test_fact_7_operations_are_looked_up_without_project_and_model(
    serve: Serve, tmp_path: Path
) -> None:
    sandbox = serve(polls="2")
    asked(sandbox, tmp_path)
    looked = {one.path for one in sandbox.seen() if one.endpoint == "operations"}
    assert looked
    assert {path.rpartition("/")[0] for path in looked} == {"/v1/operations"}


def test_fact_8_a_result_answers_400_as_long_as_it_is_not_ready(
    serve: Serve, tmp_path: Path
) -> None:
    """So one 400 after Ready makes the client look at the operation again, not give up."""
    sandbox = serve(fault="400", fault_at="quantities_result", fault_count="1")
    asked(sandbox, tmp_path)
    assert [one.status for one in sandbox.seen() if one.status == 400] == [400]
    assert rows(tmp_path)["control_totals"]


@pytest.mark.parametrize("code", ["301", "302", "303", "307", "308"])
def test_fact_9_results_are_fetched_from_storage_without_the_login(
    serve: Serve, tmp_path: Path, code: str
) -> None:
    sandbox = serve(redirect_code=code, storage_headers="refuse")
    asked(sandbox, tmp_path)
    stored = [one for one in sandbox.seen() if one.origin == "storage"]
    assert {one.status for one in stored} == {200}
    assert not [one for one in stored if "authorization" in one.headers]
    kept = [document.name for document in documents(tmp_path)]
    assert not [name for name in kept if "?" in name and "page=" not in name]


def test_fact_10_quantities_are_sums_and_no_figures_of_products(
    serve: Serve, tmp_path: Path
) -> None:
    _, found = fetched(serve(), tmp_path)
    totals = {(row["quantity"], row["filter"]): row["value"] for row in found["control_totals"]}
    volume = sum(range(COUNT)) + COUNT / 4
    assert totals["NetVolume", None] == volume
    assert totals["NetVolume", "Class Eq Wall"] + totals["NetVolume", "Class Eq Slab"] == volume
    told = {(row["quantity"], row["basis"]) for row in found["quantities"]}
    assert told == {("NetVolume", "authored"), ("GrossFootPrintArea", "vendor_calculated")}
    assert len(found["quantities"]) == 2 * COUNT


def test_ids_that_differ_in_case_only_stay_apart(serve: Serve, tmp_path: Path) -> None:
    _, found = fetched(serve(), tmp_path)
    ids = [row["element_id"] for row in found["elements"]]
    assert len(ids) == len(set(ids)) == COUNT
    assert len({one.casefold() for one in ids}) == COUNT - 1


def test_the_record_of_what_was_asked_comes_back_as_it_was(tmp_path: Path) -> None:
    filters = (record.Filter("Class", "Eq", 'Wand "Ö"'),)
    one = record.Record((1, 2), (record.Sum("op-1", ()), record.Sum("op-2", filters)))
    answer = record.Answer(paths.ASKED, 0, record.written(one))
    assert record.read(answer) == one
    assert one.sum_of("op-3") is None


def test_a_stated_total_that_is_no_number_is_refused(tmp_path: Path) -> None:
    from takeoff.vendors.qonic import glance

    path = tmp_path / "page"
    path.write_text('{"totalCount":"many","result":[]}')
    with pytest.raises(NotUnderstood, match="totalCount"):
        glance.Glancer().at_products(path, query(), None)


def test_a_session_is_not_needed_to_decode(serve: Serve, tmp_path: Path) -> None:
    """The evidence alone gives the same rows again."""
    sandbox = serve(page_limit="5")
    with session(sandbox):
        _, first = fetched(sandbox, tmp_path)
    assert rows(tmp_path) == first
