"""The eleven facts of the contract that break naive clients, each as a test of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bimplus_served import (
    MODEL,
    PROJECT,
    RECORDED,
    TOKEN,
    TREE,
    WALLS,
    Service,
    asked,
    codes,
    fetched,
    guid,
    recorded,
    rows,
    serving,
    session,
)
from loopback import FakeClock, Reply, Seen

from takeoff.core.errors import VendorRefused
from takeoff.vendors.bimplus import calls, endpoints, known, login, object_calls, shapes, tree
from takeoff.vendors.bimplus.client import Options
from takeoff.vendors.bimplus.login import Password

GROSS_SIDE, NET_SIDE, AREA = (
    "f32b5ea8-fc02-4fdb-a20f-7a8e260a191c",
    "b500238d-70b7-4647-947c-a3f28c34fe1c",
    "c1959d2b-9b78-a648-3469-4b54b6fe0fe6",
)
NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


def figures(found: dict[str, list[dict[str, Any]]], number: int) -> dict[str, Any]:
    """The figures of one object by set and name."""
    return {
        f"{row['source_set']}.{row['source_name']}": row
        for row in found["quantities"]
        if row["element_id"] == guid(number)
    }


def test_fact_1_a_ready_token_goes_before_a_login_by_password(service: Service) -> None:
    """The token goes into the header with the vendor's word, or with the usual one."""
    for scheme in ("BimPlus", "Bearer"):
        with session(service, scheme=scheme) as open_session:
            assert calls.teams(open_session)[0].slug == "acme"
    assert {one.headers["authorization"] for one in service.server.seen} == {
        f"BimPlus {TOKEN}",
        f"Bearer {TOKEN}",
    }
    tokens = login.password_tokens(recorded("authorize"), FakeClock())
    assert (tokens.access_token, tokens.scheme) == (TOKEN, "BimPlus")
    assert tokens.expires_at is not None
    assert (tokens.expires_at - FakeClock.START).total_seconds() == 7199
    request = login.password_request(Password("me@example.org", "se cret", guid(7)))
    assert (request.method, request.target, request.with_auth) == ("POST", "/authorize", False)
    assert request.json_body["application_id"] == guid(7)
    assert "client_id" not in request.json_body
    assert not request.may_repeat
    assert "se cret" not in repr(request)


def test_fact_2_quantities_come_by_topology_and_objects_not_from_the_model(
    service: Service, tmp_path: Path
) -> None:
    brought, found = fetched(service, tmp_path)
    assert brought.proof.kind == "protocol_end"
    assert "8 objects of 6 element types" in brought.proof.detail
    assert figures(found, 20)["freeattributes.Net Volume"]["value_exact"] == Decimal("1.2351")
    asked_types = [path.rpartition("type=")[2] for path in service.asked("/properties/24")]
    told = tree.read(json.dumps(recorded("tree")).encode(), TREE).by_type(structure=False)
    assert set(told) <= set(asked_types)
    assert len(asked_types) == len(set(asked_types))


def test_fact_3_definitions_are_asked_for_and_a_value_without_unit_is_not_summed(
    service: Service, tmp_path: Path
) -> None:
    _, found = fetched(service, tmp_path)
    asked_for = {path.split("/")[-1].partition("?")[0] for path in service.asked("/24")}
    assert asked_for == {str(endpoints.DEFINITIONS + endpoints.SETS)}
    without = figures(found, 20)["quantity.Volume"]
    assert (without["source_value"], without["value"], without["unit"]) == ("1.407", None, None)
    assert without["unit_status"] == "unknown"
    said = [row["text"] for row in found["warnings"] if row["code"] == "unit_missing"]
    assert any("quantity.Volume" in text for text in said)


def test_fact_4_the_built_in_group_is_in_millimetres_and_others_carry_their_unit(
    service: Service, tmp_path: Path
) -> None:
    _, found = fetched(service, tmp_path)
    plain = figures(found, 41)
    assert (plain["quantity.width"]["value"], plain["quantity.width"]["unit"]) == (1.0, "m")
    assert plain["quantity.width"]["unit_status"] == "assumed"
    assert plain["quantity.area"]["value"] is None
    in_mm, in_m = figures(found, 20)["quantity.Length"], figures(found, 21)["quantity.Length"]
    assert (in_mm["source_unit"], in_m["source_unit"]) == ("mm", "m")
    assert in_mm["value_exact"] == in_m["value_exact"] == Decimal("4.45")


def test_fact_5_parts_are_not_counted_beside_their_wholes(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    roles = {row["element_id"]: (row["role"], row["parent_id"]) for row in found["elements"]}
    assert roles[guid(20)] == ("physical", None)
    assert roles[guid(30)] == roles[guid(31)] == ("part", guid(20))
    assert roles[guid(40)] == ("opening", guid(20))
    volumes = [row for row in found["quantities"] if row["quantity"] == "NetVolume"]
    tops = [row["value_exact"] for row in volumes if roles[row["element_id"]][0] == "physical"]
    assert sum(tops) == Decimal("1.2351") + Decimal("3.5")
    assert {(row["from_element_id"], row["kind"]) for row in found["relations"]} == {
        (guid(30), "part_of"),
        (guid(31), "part_of"),
        (guid(40), "voids"),
    }


def test_fact_6_disciplines_are_ids_objects_or_a_map(service: Service) -> None:
    building = "0f106af0-a919-44c5-b211-15bd5ef620b6"
    keyed = {building.upper(): {"name": "ID_BuildingModel", "category": "/1/"}}
    service.answers["/acme/element-types/disciplines"] = keyed
    with session(service) as open_session:
        [model] = calls.project_models(open_session, "acme", PROJECT)
        project = calls.project(open_session, "acme", PROJECT)
        listed = calls.disciplines(open_session, "acme", MODEL)
        [from_map] = object_calls.type_disciplines(open_session, "acme")
    assert model.disciplines[0] == building
    assert [(one.id, one.model_id) for one in project.disciplines] == [(building, MODEL)]
    assert listed[0].id == building
    assert (from_map.id, from_map.name) == (building, "ID_BuildingModel")


@pytest.mark.parametrize("key", ["sizeMB", "sizeInMB"])
def test_fact_7_the_size_in_words_is_never_read(key: str) -> None:
    answer = {**recorded("division"), key: "0,0 or any text"}
    assert shapes.model(answer).size_bytes == 39216128
    del answer["size"]
    assert shapes.model(answer).size_bytes is None


def test_fact_8_a_model_costs_a_request_per_type_and_waits_when_few_are_left(
    service: Service, tmp_path: Path
) -> None:
    asked(service, tmp_path)
    types, per_model = 7, 8
    assert len(service.server.seen) == types + per_model
    clock = FakeClock()
    spent = Reply(403, b"", {"X-RateLimit-Remaining": "0", "Retry-After": "7"})
    few = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "249"}
    replies = [spent, Reply(body=json.dumps(recorded("teams")).encode(), headers=few)]
    service.answers["/teams"] = lambda seen: replies.pop(0)
    with session(service, clock) as open_session:
        assert calls.teams(open_session)
    assert clock.spent_s >= 7


def test_fact_9_calculated_quantities_call_the_division_a_model(
    service: Service, tmp_path: Path
) -> None:
    body = endpoints.base_quantities("acme", PROJECT, MODEL, (0, 12)).json_body
    assert body["baseQuantities"]["modelId"] == MODEL
    assert body["baseQuantities"]["quantities"] == [0, 12]
    asked(service, tmp_path / "usual")
    assert service.asked("BaseQuantities", "POST") == []
    _, found = fetched(service, tmp_path / "calculated", Options(base_quantities=True))
    assert len(service.asked("BaseQuantities", "POST")) == 1
    calculated = [row for row in found["quantities"] if row["basis"] == "vendor_calculated"]
    assert [
        (row["element_id"], row["quantity"], row["value_exact"], row["unit"], row["source_row"])
        for row in calculated
    ] == [
        (guid(20), "GrossSideArea", Decimal("12.25"), "m2", 2),
        (guid(20), "NetVolume", Decimal("1.24"), "m3", 0),
        (guid(21), "NetVolume", Decimal("2.5"), "m3", 1),
    ]


def test_fact_10_short_info_is_never_asked_for_because_it_drops_who_is_who(
    service: Service, tmp_path: Path
) -> None:
    asked(service, tmp_path)
    assert service.asked("/topology") == [TREE]
    short = endpoints.tree("acme", guid(3), short_info=True, hide_elements=True, revision=2)
    assert short.target == f"{TREE}?revision=2&hideElements=true&shortinfo=true"


@pytest.mark.parametrize("blanks", [b"", b"\r\n\t "])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_fact_11_json_may_be_labelled_as_text(
    service: Service, tmp_path: Path, mark: bytes, blanks: bytes
) -> None:
    clean = fetched(service, tmp_path / "clean")[1]

    def labelled(answer: Any) -> Reply:
        body = mark + blanks + json.dumps(answer).encode() + blanks
        return Reply(body=body, headers={"Content-Type": "text/plain; charset=utf-8"})

    service.answers |= {path: labelled(answer) for path, answer in service.answers.items()}
    assert fetched(service, tmp_path / "labelled")[1] == clean


def test_the_vendors_three_families_of_area_stay_apart(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    of_wall = figures(found, 20)
    assert of_wall["freeattributes.Bruttoseitenfläche"]["quantity"] == "GrossSideArea"
    assert of_wall["freeattributes.Net Side Area"]["quantity"] == "NetSideArea"
    assert of_wall["freeattributes.Area"]["quantity"] is None
    assert of_wall["freeattributes.Area"]["value_exact"] == Decimal("11.5")
    assert {known.QUANTITIES[one].name for one in (GROSS_SIDE, NET_SIDE, AREA)} == {
        "GrossSideArea",
        "NetSideArea",
        "Area",
    }
    assert known.QUANTITIES[NET_VOLUME] == known.Quantity("volume", "NetVolume")


def test_no_token_is_ever_in_an_address(service: Service, tmp_path: Path) -> None:
    service.answers[WALLS] = Reply(500, b'{"message": "see ?api-token=' + TOKEN.encode() + b'"}')
    with pytest.raises(Exception, match="500") as caught:
        asked(service, tmp_path)
    assert TOKEN not in str(caught.value)
    assert not [one.target for one in service.server.seen if TOKEN in one.target]
    names = [file.read_text(encoding="utf-8") for file in RECORDED.glob("*.json")]
    assert not [text for text in names if "api-token" in text]


def test_a_dead_token_is_said(service: Service) -> None:
    with (
        session(service, token="f" * 32) as open_session,
        pytest.raises(VendorRefused, match="log in to Bimplus again"),
    ):
        calls.teams(open_session)


def test_unknown_parameters_and_prefixes_do_no_harm(service: Service, tmp_path: Path) -> None:
    """The base path of the service may have a prefix; every path follows it."""
    asked(service, tmp_path)
    seen: list[Seen] = service.server.seen
    assert {one.target[:8] for one in seen} == {"/any/v2/"}
    assert codes(rows(tmp_path)) >= {"layer_skipped", "unit_missing"}
