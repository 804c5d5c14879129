"""What no document tells about tables and feeds, in every shape that is likely."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from itwin_served import (
    CDM,
    FEED,
    FILES,
    MAPPINGS,
    ODATA,
    OF_MAPPING,
    RUN,
    Service,
    as_csv,
    as_json,
    asked,
    defined,
    fetched,
    query,
    recorded,
    rows,
    serve_table,
    text,
    warned,
)
from loopback import Reply, Seen

from takeoff.core.errors import NotUnderstood, TryLater
from takeoff.vendors.itwin.plan import Options

FROM_FEED = Options(reader="odata")
COLUMNS = {"ECInstanceId": "string", "UserLabel": "string", "NetVolume": "double"}
VOLUME = [defined("NetVolume", quantityType="Volume", calculatedPropertyType="Volume")]
HEADER = "ECInstanceId,UserLabel,NetVolume"


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.stop()


SAME = {
    "header": f"{HEADER}\n0x1,a,1.5\n0x2,,\n",
    "no header": "0x1,a,1.5\n0x2,,\n",
    "no last line end": "0x1,a,1.5\n0x2,,",
    "carriage returns": f"{HEADER}\r\n0x1,a,1.5\r\n0x2,,\r\n",
    "byte order mark": f"\ufeff{HEADER}\n0x1,a,1.5\n0x2,,\n",
    "byte order mark alone": "\ufeff0x1,a,1.5\n0x2,,\n",
    "all quoted": '"ECInstanceId","UserLabel","NetVolume"\n"0x1","a","1.5"\n"0x2","",""\n',
    "other digits": "0x1,a,1.50\n0x2,,\n",
    "exponent": "0x1,a,1.5E0\n0x2,,\n",
    "header in another case": "ecinstanceid,userlabel,netvolume\n0x1,a,1.5\n0x2,,\n",
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME.keys())
def test_a_partition_reads_the_same_in_every_form(
    service: Service, tmp_path: Path, content: str
) -> None:
    serve_table(service, COLUMNS, content, VOLUME)
    _, found = fetched(service, tmp_path)
    assert [(row["element_id"], row["name"]) for row in found["elements"]] == [
        ("0x1", "a"),
        ("0x2", None),
    ]
    [figure] = found["quantities"]
    assert (figure["source_value"], figure["value"], figure["quantity"]) == (
        "1.5",
        1.5,
        "NetVolume",
    )
    assert warned(found) == []


def test_quoted_text_keeps_commas_quotes_and_line_ends(service: Service, tmp_path: Path) -> None:
    serve_table(service, COLUMNS, '0x1,"a, ""b""\nc",1.5\n0x2,"d",2\n')
    _, found = fetched(service, tmp_path)
    assert [row["name"] for row in found["elements"]] == ['a, "b"\nc', "d"]


REFUSED = {
    "too narrow": ("0x1,a,1.5\n0x2,a\n", "Expected 3 columns, got 2"),
    "too wide": ("0x1,a,1.5\n0x2,a,1,2\n", "Expected 3 columns, got 4"),
    "open quote": ('0x1,a,1.5\n0x2,"a,1\n0x3,b,2\n', "no whole CSV"),
    "other header": ("ECInstanceId,Name,NetVolume\n0x1,a,1.5\n", "header names other columns"),
    "no id": (f"{HEADER}\n,a,1.5\n", "no ECInstanceId"),
    "no UTF-8": (b"0x1,\xff,1.5\n", "UTF8"),
    "an error page": ('{"error":{"code":"x"}}', "Expected 3 columns"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_partition_that_is_not_the_table_is_refused(
    service: Service, tmp_path: Path, content: str | bytes, said: str
) -> None:
    serve_table(service, COLUMNS, content)
    asked(service, tmp_path)
    with pytest.raises(NotUnderstood, match=said):
        rows(tmp_path)


def test_empty_partitions_and_tables_without_any_are_empty(
    service: Service, tmp_path: Path
) -> None:
    """If there is nothing else in the model, the names of the columns at least must come."""
    proofs = {"": "none", "\ufeff": "none", HEADER: "protocol_end", f"{HEADER}\n": "protocol_end"}
    for number, (content, proof) in enumerate(proofs.items()):
        serve_table(service, COLUMNS, content)
        brought, found = fetched(service, tmp_path / str(number))
        assert (brought.proof.kind, found["elements"]) == (proof, [])
        assert warned(found) == ["no_elements"]


def test_several_partitions_are_one_table_with_their_own_evidence(
    service: Service, tmp_path: Path
) -> None:
    _, found = fetched(service, tmp_path)
    walls = found["elements"][:3]
    assert walls[0]["evidence_no"] == walls[1]["evidence_no"] != walls[2]["evidence_no"]
    assert [row["source_row"] for row in walls] == [0, 1, 0]


def test_a_partition_is_followed_to_storage_without_our_token(
    service: Service, tmp_path: Path
) -> None:
    def redirected(seen: Seen) -> Reply:
        place = query(seen)["location"]
        return Reply(302, headers={"Location": f"{service.storage.url}/{place}?sig=x"})

    def stored(seen: Seen) -> Reply:
        return as_csv(FILES[seen.target.partition("?")[0][1:]])

    service.set(f"GET {CDM}/partitions", redirected)
    service.storage.script = stored
    brought = asked(service, tmp_path)
    assert brought.proof.kind == "protocol_end"
    assert len(service.storage.seen) == 3
    assert all("authorization" not in seen.headers for seen in service.storage.seen)


@pytest.mark.parametrize("content_type", ["text/csv", "application/octet-stream", "text/plain"])
def test_the_content_type_of_a_partition_means_nothing(
    service: Service, tmp_path: Path, content_type: str
) -> None:
    serve_table(service, COLUMNS, "")
    reply = Reply(body=b"0x1,a,1\n", headers={"Content-Type": content_type})
    service.set(f"GET {CDM}/partitions", reply)
    _, found = fetched(service, tmp_path)
    assert len(found["elements"]) == 1


def test_a_partition_without_a_length_is_asked_for_again_and_then_refused(
    service: Service, tmp_path: Path
) -> None:
    serve_table(service, COLUMNS, "")
    body, headers = b"0x1,a,1\n", {"Content-Type": "text/csv"}
    open_ended = Reply(body=body, headers=headers, framing="none")
    service.set(f"GET {CDM}/partitions", open_ended, Reply(body=body, headers=headers))
    assert asked(service, tmp_path / "once").proof.kind == "protocol_end"
    service.set(f"GET {CDM}/partitions", open_ended)
    with pytest.raises(TryLater, match="without its length"):
        asked(service, tmp_path / "ever")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_run_may_be_answered_with_any_2xx(service: Service, tmp_path: Path, status: int) -> None:
    runs = as_json(recorded("mapping_extractions.json"))
    service.set(f"GET {OF_MAPPING}/extractions", as_json({"extractions": []}), runs)
    queued = recorded("extraction.json")
    queued["extraction"]["state"] = "Queued"
    running = json.loads(json.dumps(queued))
    running["extraction"]["state"] = "Running"
    service.set(f"POST {MAPPINGS}/extractions", as_json(queued, status))
    service.set(
        f"GET {RUN}",
        as_json(running, **{"Retry-After": "40"}),
        as_json(running),
        as_json(recorded("extraction.json")),
    )
    assert asked(service, tmp_path).proof.kind == "protocol_end"
    assert len(service.asked(f"POST {MAPPINGS}/extractions")) == 1


def _feed(service: Service, folder: Path) -> list[tuple[str, Any]]:
    _, found = fetched(service, folder, FROM_FEED)
    kept = ("element_id", "source_name", "source_value", "unit", "source_set")
    return [tuple(row[key] for key in kept) for row in found["quantities"]]


def test_a_feed_brings_the_rows_of_the_tables(service: Service, tmp_path: Path) -> None:
    def plain(folder: Path, options: Options | None) -> dict[str, list[dict[str, Any]]]:
        _, found = fetched(service, folder, options)
        unlike = ("evidence_no", "source_row")
        return {
            table: [{k: v for k, v in row.items() if k not in unlike} for row in items]
            for table, items in found.items()
        }

    assert plain(tmp_path / "feed", FROM_FEED) == plain(tmp_path / "tables", None)


@pytest.mark.parametrize("end", ["absent", None, ""])
def test_a_feed_ends_where_there_is_no_next_link(
    service: Service, tmp_path: Path, end: str | None
) -> None:
    last = recorded("odata_walls_1.json")
    if end != "absent":
        last["@odata.nextLink"] = end
    first = as_json(recorded("odata_walls_0.json"))
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", first, as_json(last))
    _, found = fetched(service, tmp_path, FROM_FEED)
    assert len(found["elements"]) == 4


@pytest.mark.parametrize(
    "link", ["?sequence=1", "?$skiptoken=a%2Fb%3D%3D", "?api-version=v1&sequence=1", "/page-2"]
)
def test_the_next_link_of_a_feed_is_followed_as_it_is(
    service: Service, tmp_path: Path, link: str
) -> None:
    first = recorded("odata_walls_0.json")
    first["@odata.nextLink"] = f"BASE{FEED}/Takeoff_Walls_ab12{link}"
    last = as_json(recorded("odata_walls_1.json"))
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", as_json(first), last)
    service.set(f"GET {FEED}/Takeoff_Walls_ab12/page-2", last)
    _, found = fetched(service, tmp_path, FROM_FEED)
    assert len(found["elements"]) == 4
    targets = [seen.target for seen in service.server.seen]
    assert sum("Takeoff_Walls_ab12" in target for target in targets) == 2


def test_a_next_link_that_leads_back_is_refused(service: Service, tmp_path: Path) -> None:
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", as_json(recorded("odata_walls_0.json")))
    with pytest.raises(NotUnderstood, match="links back"):
        asked(service, tmp_path, FROM_FEED)


def test_a_next_link_to_another_host_is_refused(service: Service, tmp_path: Path) -> None:
    first = recorded("odata_walls_0.json")
    first["@odata.nextLink"] = "https://evil.example/odata?sequence=1"
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", as_json(first))
    with pytest.raises(NotUnderstood, match="evil.example"):
        asked(service, tmp_path, FROM_FEED)


@pytest.mark.parametrize("ending", ["", "_ab12", "_Mapping_1", "_0_1", "_Walls_ab12"])
@pytest.mark.parametrize("has_display_names", [True, False])
def test_names_of_feed_tables_may_end_in_anything(
    service: Service, tmp_path: Path, ending: str, *, has_display_names: bool
) -> None:
    expected = _feed(service, tmp_path / "before")

    def renamed(content: str) -> str:
        for group, suffix in (("Walls", "_ab12"), ("Concrete", "_cd34")):
            content = content.replace(f"Takeoff_{group}{suffix}", f"Takeoff_{group}{ending}")
        return content

    metadata = renamed(text("odata_metadata.xml"))
    if not has_display_names:
        metadata = metadata.replace("Bentley.iTwin.Reporting.DisplayName", "Other")
    service.set(f"GET {ODATA}/$metadata", Reply(body=metadata.encode()))
    service.set(f"GET {ODATA}", Reply(body=renamed(text("odata_service.json")).encode()))
    for name in ("Takeoff_Walls_ab12", "Takeoff_Concrete_cd34"):
        service.routes[f"GET {FEED}/{renamed(name)}"] = service.routes[f"GET {FEED}/{name}"]
    walls = recorded("odata_walls_0.json")
    walls["@odata.nextLink"] = renamed(walls["@odata.nextLink"])
    last = as_json(recorded("odata_walls_1.json"))
    service.set(f"GET {FEED}/{renamed('Takeoff_Walls_ab12')}", as_json(walls), last)
    assert _feed(service, tmp_path / "after") == expected


def test_a_group_whose_name_begins_another_is_told_apart(service: Service, tmp_path: Path) -> None:
    groups = recorded("groups.json")
    groups["groups"][1]["groupName"] = "Walls_ext"
    service.set(f"GET {OF_MAPPING}/groups", as_json(groups))

    def renamed(content: str) -> str:
        return content.replace("Takeoff_Concrete_cd34", "Takeoff_Walls_ext_cd34")

    metadata = renamed(text("odata_metadata.xml"))
    metadata = metadata.replace("Bentley.iTwin.Reporting.DisplayName", "Other")
    service.set(f"GET {ODATA}/$metadata", Reply(body=metadata.encode()))
    service.set(f"GET {ODATA}", Reply(body=renamed(text("odata_service.json")).encode()))
    service.routes[f"GET {FEED}/Takeoff_Walls_ext_cd34"] = service.routes[
        f"GET {FEED}/Takeoff_Concrete_cd34"
    ]
    brought, found = fetched(service, tmp_path, FROM_FEED)
    assert brought.proof.kind == "protocol_end"
    assert {row["source_set"] for row in found["quantities"] if row["element_no"] == 3} == {
        "Takeoff.Walls_ext"
    }


@pytest.mark.parametrize(
    ("edm", "given", "expected"),
    [
        ("Edm.Boolean", True, ("flag", True)),
        ("Edm.Boolean", "true", ("flag", True)),
        ("Edm.Int32", 7, ("number", 7.0)),
        ("Edm.Int64", 7, ("number", 7.0)),
        ("Edm.Int64", "7", ("number", 7.0)),
        ("Edm.Int64", 9007199254740993, ("text", "9007199254740993")),
        ("Edm.Double", "1.5", ("number", 1.5)),
        ("Edm.Int64", 9007199254740992, ("number", 9007199254740992.0)),
        ("Edm.Decimal", 1.5, ("number", 1.5)),
        ("Edm.Decimal", 1234567890.1234567, ("text", "1234567890.1234567")),
        ("Edm.String", 7, ("text", "7")),
        ("Edm.DateTimeOffset", "2026-01-05T10:00:00Z", ("text", "2026-01-05T10:00:00Z")),
        ("Edm.Something", "x", ("text", "x")),
        ("Edm.String", "007", ("text", "007")),
    ],
)
def test_every_edm_type_is_read(
    service: Service, tmp_path: Path, edm: str, given: object, expected: tuple[str, object]
) -> None:
    metadata = text("odata_metadata.xml")
    typed = metadata.replace(
        '<Property Name="FireRating" Type="Edm.String"/>',
        f'<Property Name="FireRating" Type="{edm}"/>',
    )
    assert f'"FireRating" Type="{edm}"' in typed
    service.set(f"GET {ODATA}/$metadata", Reply(body=typed.encode()))
    page = recorded("odata_walls_1.json")
    page["value"][0]["FireRating"] = given
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", as_json(page))
    _, found = fetched(service, tmp_path, FROM_FEED)
    [row] = [row for row in found["properties"] if row["name"] == "FireRating"]
    assert (row["value_kind"], row[expected[0]]) == expected


def test_a_column_of_a_feed_that_nobody_declares_is_kept(service: Service, tmp_path: Path) -> None:
    page = recorded("odata_walls_1.json")
    page["value"][0] |= {"Extra": {"a": 1.5}, "@odata.id": "x"}
    service.set(f"GET {FEED}/Takeoff_Walls_ab12", as_json(page))
    _, found = fetched(service, tmp_path, FROM_FEED)
    [row] = [row for row in found["properties"] if row["name"] == "Extra"]
    assert row["text"] == '{"a": 1.5}'


def test_schemas_of_one_namespace_may_repeat(service: Service, tmp_path: Path) -> None:
    expected = _feed(service, tmp_path / "before")
    metadata = text("odata_metadata.xml")
    between = '</Schema>\n<Schema Namespace="Insights_and_Reporting_Extractor">\n'
    split = metadata.replace(
        '<EntityType Name="Takeoff_Concrete', f'{between}<EntityType Name="Takeoff_Concrete'
    )
    service.set(f"GET {ODATA}/$metadata", Reply(body=split.encode()))
    assert _feed(service, tmp_path / "after") == expected


@pytest.mark.parametrize(
    "metadata",
    [
        "no xml",
        '<!DOCTYPE x [<!ENTITY a "b">]><x/>',
        '<x><EntitySet Name="a" EntityType="b.c"/></x>',
    ],
)
def test_metadata_that_is_none_is_refused(service: Service, tmp_path: Path, metadata: str) -> None:
    service.set(f"GET {ODATA}/$metadata", Reply(body=metadata.encode()))
    with pytest.raises(NotUnderstood):
        asked(service, tmp_path, FROM_FEED)


@pytest.mark.parametrize("address", ["Takeoff_Walls_ab12", "1/2/3/4", "1//Takeoff_Walls_ab12", ""])
def test_an_address_of_another_form_is_refused(
    service: Service, tmp_path: Path, address: str
) -> None:
    listed = recorded("odata_service.json")
    listed["value"][0]["url"] = address
    service.set(f"GET {ODATA}", as_json(listed))
    with pytest.raises(NotUnderstood):
        asked(service, tmp_path, FROM_FEED)


@pytest.mark.parametrize("class_id", ["0x1a4", "BuildingPhysical.Wall", "IfcWall"])
def test_ecclassid_is_opaque(service: Service, tmp_path: Path, class_id: str) -> None:
    columns = {"ECInstanceId": "string", "ECClassId": "string"}
    serve_table(service, columns, f"0x1,{class_id}\n", group="Things")
    _, found = fetched(service, tmp_path)
    assert found["elements"][0]["source_class"] == class_id
    assert found["elements"][0]["role"] == "physical"
