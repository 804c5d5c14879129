"""Every call of the contract: what goes over the wire, and what its answer becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from bimplus_served import MODEL, PROJECT, TOPOLOGY, Service, as_json, guid, serving, session
from loopback import FakeClock, Reply, Seen

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.http.session import Session
from takeoff.vendors.bimplus import calls, client, login, object_calls
from takeoff.vendors.bimplus.calls import Draft
from takeoff.vendors.bimplus.shapes import Attribute, ElementType, TokenInfo, Unit

A, B, C = guid(11), guid(12), guid(13)

# The example of contract 4.2, with our own ids for its placeholders.
EXAMPLE_MODEL = f"""
{{"id": "{MODEL}", "name": "Model A", "description": null, "projectId": "{PROJECT}",
 "topologyId": "{TOPOLOGY}", "teamSlug": "acme",
 "disciplines": ["0f106af0-a919-44c5-b211-15bd5ef620b6"], "status": "DONE",
 "url": "/acme/divisions/{MODEL}/download",
 "fileType": "Ifc", "inputType": "IFC_IMPORT", "created": "2015-07-07T09:21:15",
 "createdby": {{"id": "{A}", "email": "a@b.c"}},
 "changed": "2015-07-07T09:21:16", "changedby": {{"id": "{A}", "email": "a@b.c"}},
 "size": 39216128, "sizeMB": "37,4", "importFileName": "house.ifc", "importFileSize": 12631230,
 "revisionObjects": [{{"id": "{B}", "name": "First", "description": "", "projectId": "{PROJECT}",
   "divisionId": "{MODEL}", "revisionNr": 1, "created": "2015-07-07T09:21:15",
   "createdby": {{"id": "{A}", "email": "a@b.c"}}, "topologyId": "{TOPOLOGY}",
   "inputType": "IFC_IMPORT"}}]}}
"""
EXAMPLE_ATTRIBUTE = (
    f'{{"id": "{A}", "name": "n", "description": "", "parent": "{B}", "type": "double", '
    f'"minvalue": "0", "defaultvalue": "5", "decimal": 2, "unitid": "{C}", "unit": "mm", '
    '"optionalsymbol": "", "visible": 1, "changeable": 0, "controltype": "TextBox"}'
)

OBJECT = {"id": A, "attributes": {}}
ENTRY = {"id": A, "name": "n", "type": "double", "unit": "mm", "unitid": B}
TYPE = {"type": "Column", "category": "/1/10/2/", "ifcType": "ID_IFCColumn", "id": A}


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        running.answers.clear()
        yield running


Ask = Callable[[Session], Any]

READS: list[tuple[Ask, str, Any]] = [
    (lambda s: calls.team(s, "acme"), "/teams/acme", {"id": A, "slug": "acme"}),
    (lambda s: calls.projects(s), "/projects", []),
    (
        lambda s: calls.projects(s, "acme", disciplines=False, recycle_bin=True),
        "/acme/projects?disciplines=false&recycleBin=true",
        [],
    ),
    (lambda s: calls.team_models(s, "acme"), "/acme/divisions", [{"id": A}]),
    (lambda s: calls.user_models(s), "/divisions", [{"id": A}]),
    (
        lambda s: calls.project_models(s, "acme", A, modify_only=True),
        f"/acme/projects/{A}/divisions?modifyonly=true",
        [{"id": A}],
    ),
    (lambda s: calls.model(s, "acme", A), f"/acme/divisions/{A}", {"id": A}),
    (lambda s: calls.revisions(s, "acme", A), f"/acme/divisions/{A}/revisions", [{"id": B}]),
    (lambda s: calls.project_revisions(s, "acme", A), f"/acme/projects/{A}/revisions", []),
    (lambda s: calls.revision(s, "acme", A), f"/acme/revisions/{A}", {"id": A}),
    (
        lambda s: calls.comparison(s, "acme", A, 2, 1),
        f"/acme/divisions/{A}/revisionscomparison/2/1",
        {"status": "PENDING"},
    ),
    (lambda s: object_calls.tree(s, "acme", A), f"/acme/objects/{A}/topology", {"id": A}),
    (lambda s: object_calls.project_tree(s, "acme", A), f"/acme/projects/{A}/topology", {"id": A}),
    (lambda s: object_calls.element_types(s, "acme"), "/acme/element-types", [TYPE]),
    (lambda s: object_calls.element_type(s, "acme", A), f"/acme/element-types/{A}", TYPE),
    (
        lambda s: object_calls.types_of_discipline(s, "acme", B),
        f"/acme/element-types/disciplines/{B}",
        [TYPE],
    ),
    (lambda s: object_calls.topology_types(s, "acme"), "/acme/element-types/topology", [TYPE]),
    (
        lambda s: object_calls.project_element_types(s, "acme", B),
        f"/acme/projects/{B}/element-types",
        [{**TYPE, "elementsCount": 7}],
    ),
    (lambda s: object_calls.object_(s, "acme", A), f"/acme/objects/{A}", OBJECT),
    (
        lambda s: object_calls.object_with(s, "acme", A, 24),
        f"/acme/objects/{A}/properties/24",
        OBJECT,
    ),
    (
        lambda s: object_calls.object_flat(s, "acme", A),
        f"/acme/objects/{A}?freeattributes=true&internal=true&attributedefinition=true",
        OBJECT,
    ),
    (
        lambda s: object_calls.objects(s, "acme", A, B),
        f"/acme/objects/{A}/properties/8?type={B}",
        {"Objects": [OBJECT]},
    ),
    (
        lambda s: object_calls.layer(s, "acme", A, B),
        f"/acme/objects/{A}?layer={B}&internal=true",
        [OBJECT],
    ),
    (
        lambda s: object_calls.column(s, "acme", A, B),
        f"/acme/objects/{A}/attributes/{B}?children=true",
        {C: 14.25},
    ),
    (
        lambda s: object_calls.attribute(s, "acme", A, B),
        f"/acme/objects/{A}/attributes/{B}?attributeDefinition=true",
        ENTRY,
    ),
    (
        lambda s: object_calls.export_excel(s, "acme", A, B),
        f"/acme/projects/{A}/objects/export/excel?typeId={B}",
        {"attachment_id": C},
    ),
    (
        lambda s: object_calls.filtered(s, "acme", A, B),
        f"/acme/projects/{A}/filters/{B}",
        {"count": 3},
    ),
    (lambda s: object_calls.units(s, "mm"), "/content/units?symbol=mm", [{"id": A}]),
    (lambda s: object_calls.unit(s, A), f"/content/units/{A}", {"id": A, "unit": "mm"}),
    (lambda s: object_calls.attributes(s, "acme"), "/acme/freeattributes", [ENTRY]),
    (
        lambda s: object_calls.attribute_tree(s),
        "/content/freeattributes?topology=true",
        {"children": []},
    ),
    (
        lambda s: object_calls.attribute_entry(s, A, "acme"),
        f"/acme/freeattributes/{A}",
        ENTRY,
    ),
    (lambda s: object_calls.attribute_groups(s), "/content/freeattributegroups", [{"id": A}]),
    (
        lambda s: object_calls.group_attributes(s, B, "acme"),
        f"/acme/freeattributegroups/{B}/freeattributes",
        [ENTRY],
    ),
]


@pytest.mark.parametrize(("ask", "target", "answer"), READS, ids=[read[1] for read in READS])
def test_calls_that_read_ask_as_the_contract_writes(
    service: Service, ask: Ask, target: str, answer: Any
) -> None:
    service.answers[target] = answer
    with session(service) as open_session:
        assert ask(open_session) is not None
    [seen] = service.server.seen
    assert (seen.method, seen.body) == ("GET", b"")
    assert seen.headers["authorization"].startswith("BimPlus ")


def test_the_models_of_the_contracts_example_are_read(service: Service) -> None:
    service.answers[f"/acme/divisions/{MODEL}"] = Reply(body=EXAMPLE_MODEL.encode())
    with session(service) as open_session:
        found = calls.model(open_session, "acme", MODEL)
    assert (found.status, found.topology_id, found.team_slug) == ("DONE", TOPOLOGY, "acme")
    assert (found.size_bytes, found.import_file) == (39216128, "house.ifc")
    assert (found.import_bytes, found.has_file, found.is_deleted) == (12631230, True, False)
    assert found.created == "2015-07-07T09:21:15"
    assert [(one.number, one.topology_id) for one in found.revisions] == [(1, TOPOLOGY)]


def test_a_catalogue_entry_has_other_keys_than_a_definition(service: Service) -> None:
    service.answers[f"/content/freeattributes/{A}"] = Reply(body=EXAMPLE_ATTRIBUTE.encode())
    with session(service) as open_session:
        found = object_calls.attribute_entry(open_session, A)
    assert found == Attribute(A, "n", "double", "mm", C, "TextBox")


def test_whose_token_it_is_comes_with_an_id_for_the_user(service: Service) -> None:
    answer = {"user_id": A.upper(), "audience": B, "expires_in": 2271650, "applicationName": "x"}
    service.answers["/authorize"] = answer
    with session(service) as open_session:
        assert calls.token_info(open_session) == TokenInfo(A, "x", 2271650.0)


def test_types_units_and_columns_are_values(service: Service) -> None:
    layer = {"id": B.upper(), "name": "x"}
    service.answers[f"/acme/element-types/{A}"] = {**TYPE, "layer": layer, "elementsCount": "7"}
    service.answers[f"/content/units/{A}"] = {"id": A, "unit": "mm", "contexUnitType": "LENGTHUNIT"}
    service.answers[f"/acme/objects/{A}/attributes/{B}"] = {C.upper(): 1}
    with session(service) as open_session:
        type_ = object_calls.element_type(open_session, "acme", A)
        assert object_calls.unit(open_session, A) == Unit(A, "mm", "LENGTHUNIT")
        assert object_calls.column(open_session, "acme", A, B) == {C: 1}
    assert type_ == ElementType(A, "Column", None, "ID_IFCColumn", B, "/1/10/2/", 7)


@pytest.mark.parametrize("answer", [[A.upper(), B], [{"Id": A}, {"id": B}], {"resultlist": [A, B]}])
def test_objects_are_found_by_a_value_in_every_form_of_answer(
    service: Service, answer: Any
) -> None:
    """Contract 6.1: what the answer looks like is not documented."""
    path = f"/acme/objects/{PROJECT}/query?{C}=0%24x&divisions={A}%2C{B}"
    service.answers[path] = answer
    with session(service) as open_session:
        found = object_calls.find_objects(open_session, "acme", PROJECT, C, "0$x", [A, B])
    assert found == [A, B]


@pytest.mark.parametrize("answer", [{"a": 1}, [None], "text"])
def test_an_answer_that_lists_no_ids_is_refused(service: Service, answer: Any) -> None:
    service.answers[f"/acme/objects/{PROJECT}/query"] = answer
    with session(service) as open_session, pytest.raises(NotUnderstood, match="no list of ids"):
        object_calls.find_objects(open_session, "acme", PROJECT, C, "x")


def pages(first: int, refusal: int | None) -> Callable[[Seen], Reply]:
    """Three objects on pages of two that count from `first`."""
    objects = [{"id": one} for one in (A, B, C)]

    def of(seen: Seen) -> Reply:
        page = int(seen.target.partition("page=")[2].partition("&")[0]) - first
        listed = objects[page * 2 : page * 2 + 2] if page >= 0 else []
        return Reply(refusal) if refusal and not listed else as_json(listed)

    return of


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("refusal", [None, 400, 404])
def test_pages_may_count_from_0_or_1(service: Service, first: int, refusal: int | None) -> None:
    service.answers[f"/acme/objects/{TOPOLOGY}"] = pages(first, refusal)
    with session(service) as open_session:
        listed = object_calls.objects_paged(open_session, "acme", TOPOLOGY, ("type", A), 2)
        assert [one["id"] for one in listed] == [A, B, C]
    assert service.server.seen[0].target.endswith(f"?type={A}&page=0&pageSize=2")


def test_pages_that_repeat_end(service: Service) -> None:
    service.answers[f"/acme/objects/{TOPOLOGY}"] = [{"id": A}]
    with session(service) as open_session:
        listed = object_calls.objects_paged(open_session, "acme", TOPOLOGY, ("layer", B))
        assert [one["id"] for one in listed] == [A]
    asked = [seen.target.split("page=")[1][0] for seen in service.server.seen]
    assert asked == ["0", "1", "2"], "page 1 may be page 0 again, so page 2 is asked for, too"


def test_pages_of_nothing_that_is_there_are_refused(service: Service) -> None:
    with session(service) as open_session, pytest.raises(VendorRefused):
        list(object_calls.objects_paged(open_session, "acme", TOPOLOGY, ("type", A)))


def test_a_model_is_made_with_what_is_given_and_nothing_else(service: Service) -> None:
    path = f"/acme/projects/{PROJECT}/divisions"
    service.answers[path] = Reply(201, EXAMPLE_MODEL.encode())
    with session(service) as open_session:
        made = calls.create_model(open_session, "acme", PROJECT, Draft("Model A"))
        calls.create_model(open_session, "acme", PROJECT, Draft("M", "d", TOPOLOGY, (A,)))
    assert made.id == MODEL
    bodies = [json.loads(one.body) for one in service.server.seen]
    assert bodies == [
        {"name": "Model A"},
        {"name": "M", "description": "d", "topologyId": TOPOLOGY, "disciplines": [A]},
    ]
    assert {one.method for one in service.server.seen} == {"POST"}


@pytest.mark.parametrize("answer", [Reply(body=EXAMPLE_MODEL.encode()), Reply(204), Reply(200)])
def test_a_model_that_is_changed_is_told_as_it_is_then(service: Service, answer: Reply) -> None:
    changes = [answer, Reply(body=EXAMPLE_MODEL.encode())]
    service.answers[f"/acme/divisions/{MODEL}"] = lambda seen: changes.pop(0)
    with session(service) as open_session:
        changed = calls.update_model(open_session, "acme", MODEL, Draft("Model A", "new"))
    assert changed.id == MODEL
    assert service.server.seen[0].method == "PUT"
    assert json.loads(service.server.seen[0].body) == {"name": "Model A", "description": "new"}


@pytest.mark.parametrize(
    ("reply", "found"),
    [(Reply(204), None), (Reply(200), None), (Reply(body=b'{"any": [1]}'), {"any": [1]})],
)
def test_a_model_is_moved_and_a_layer_of_it_hidden(
    service: Service, reply: Reply, found: dict[str, Any] | None
) -> None:
    """What is answered is not documented: an object is handed on, whatever it says."""
    for rest in ("move", f"disciplines/{A}"):
        service.answers[f"/acme/divisions/{MODEL}/{rest}"] = reply
    with session(service) as open_session:
        assert calls.move_model(open_session, "acme", MODEL, {"projectId": B}) == found
        assert calls.set_private(open_session, "acme", MODEL, A, is_private=False) == found
    told = [(one.method, json.loads(one.body)) for one in service.server.seen]
    assert told == [("PUT", {"projectId": B}), ("PUT", {"private": False})]


@pytest.mark.parametrize("body", [b"", b'{"id": "x"}', b"deleted", b"[object Object]"])
def test_whatever_a_deletion_is_answered_with_it_is_done(service: Service, body: bytes) -> None:
    service.answers[f"/acme/divisions/{MODEL}"] = Reply(body=body)
    with session(service) as open_session:
        assert calls.delete_model(open_session, "acme", MODEL) is None
    [seen] = service.server.seen
    assert (seen.method, seen.body) == ("DELETE", b"")


def test_nothing_may_be_labelled_as_a_web_page(service: Service) -> None:
    """Web frameworks say so of every answer without content."""
    page = {"Content-Type": "text/html; charset=utf-8"}
    service.answers[f"/acme/divisions/{MODEL}"] = Reply(headers=page)
    service.head_type = page["Content-Type"]
    with session(service) as open_session:
        calls.delete_model(open_session, "acme", MODEL)
        assert calls.head(open_session, "acme", MODEL).value is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: calls.create_model(s, "acme", PROJECT, Draft("x")),
        lambda s: calls.update_model(s, "acme", MODEL, Draft("x")),
        lambda s: calls.move_model(s, "acme", MODEL, {"projectId": A}),
        lambda s: calls.set_private(s, "acme", MODEL, A, is_private=True),
        lambda s: calls.delete_model(s, "acme", MODEL),
        lambda s: calls.create_revision(s, "acme", MODEL, "x"),
        lambda s: calls.update_revision(s, "acme", A, {"name": "x"}),
        lambda s: object_calls.base_quantities(s, "acme", PROJECT, MODEL),
    ],
    ids="create update move hide delete revise change_revision calculate".split(),
)
def test_what_changes_something_is_never_repeated_by_itself(service: Service, change: Ask) -> None:
    for path in (
        f"/acme/projects/{PROJECT}/divisions",
        f"/acme/divisions/{MODEL}",
        f"/acme/divisions/{MODEL}/move",
        f"/acme/divisions/{MODEL}/disciplines/{A}",
        f"/acme/divisions/{MODEL}/revisions",
        f"/acme/revisions/{A}",
        "/acme/services/BaseQuantities",
    ):
        service.answers[path] = 503
    with session(service) as open_session, pytest.raises(TryLater, match="not asked again"):
        change(open_session)
    assert len(service.server.seen) == 1


def test_a_name_that_exists_is_refused(service: Service) -> None:
    service.answers[f"/acme/projects/{PROJECT}/divisions"] = Reply(409, b"Name exists")
    with session(service) as open_session, pytest.raises(VendorRefused, match="Name exists"):
        calls.create_model(open_session, "acme", PROJECT, Draft("x"))


def test_revisions_are_made_changed_and_compared(service: Service) -> None:
    made = {"id": A, "name": "x", "revisionNr": 3, "divisionId": MODEL, "applicationId": B}
    service.answers[f"/acme/divisions/{MODEL}/revisions"] = Reply(201, json.dumps(made).encode())
    service.answers[f"/acme/revisions/{A}"] = {**made, "name": "y"}
    service.answers[f"/acme/divisions/{MODEL}/revisionscomparison/3/2"] = Reply(200)
    with session(service) as open_session:
        assert calls.create_revision(open_session, "acme", MODEL, "x").number == 3
        assert calls.update_revision(open_session, "acme", A, {"name": "y"}).name == "y"
        calls.compare(open_session, "acme", MODEL, 3, 2)
    told = [(one.method, json.loads(one.body)) for one in service.server.seen]
    assert told == [("POST", {"name": "x"}), ("PUT", {"name": "y"}), ("POST", {})]


def test_a_file_is_downloaded_by_revision_as_it_was_uploaded(service: Service) -> None:
    binary = {"Content-Type": "application/octet-stream"}
    service.answers[f"/acme/divisions/{MODEL}/download?revision=2"] = Reply(
        body=b"ISO-10303-21;", headers=binary
    )
    service.answers[f"/acme/attachments/{A}/download"] = Reply(body=b"PK", headers=binary)
    file, sheet = BytesIO(), BytesIO()
    with session(service) as open_session:
        assert calls.download(open_session, "acme", MODEL, file, 2).bytes == 13
        object_calls.attachment(open_session, "acme", A, sheet)
    assert (file.getvalue(), sheet.getvalue()) == (b"ISO-10303-21;", b"PK")
    assert not [one for one in service.server.seen if "token" in one.target]


def test_the_tag_of_a_topology_is_asked_for_by_revision(service: Service) -> None:
    with session(service) as open_session:
        tag = calls.head_object(open_session, "acme", TOPOLOGY, 2)
    assert service.tag == f'"{tag.value}"'
    assert service.server.seen[0].target.endswith(f"/objects/{TOPOLOGY}?revision=2")


def test_calculated_quantities_are_a_map_of_maps(service: Service) -> None:
    service.answers["/acme/services/BaseQuantities"] = {A.upper(): {B.upper(): 14.25}}
    with session(service) as open_session:
        found = object_calls.base_quantities(open_session, "acme", PROJECT, MODEL, [0])
        assert found == {A: {B: 14.25}}
        service.answers["/acme/services/BaseQuantities"] = {"jobId": 5}
        with pytest.raises(NotUnderstood, match="no map of maps"):
            object_calls.base_quantities(open_session, "acme", PROJECT, MODEL)
    body = json.loads(service.server.seen[0].body)
    assert body["runAsync"] is False
    assert body["baseQuantities"]["settings"] == {"overwriteExistingSettings": False}
    assert json.loads(service.server.seen[1].body)["baseQuantities"]["quantities"] == [*range(19)]


@pytest.mark.parametrize("answer", [b"[]", b"{", b"", b"<html>", b"5"])
def test_an_answer_of_another_form_is_refused_with_its_beginning(
    service: Service, answer: bytes
) -> None:
    service.answers[f"/acme/projects/{A}"] = Reply(body=answer)
    with session(service) as open_session, pytest.raises(NotUnderstood):
        calls.project(open_session, "acme", A)


def test_ids_that_would_name_another_path_are_refused(service: Service) -> None:
    with session(service) as open_session, pytest.raises(InputRefused):
        calls.model(open_session, "acme", "..")
    assert service.server.seen == []


def test_every_call_is_listed_with_the_function_that_makes_it() -> None:
    listed = {call.function.__name__ for call in client.CALLS}
    ours = {
        name
        for module in (calls, object_calls)
        for name, one in vars(module).items()
        if callable(one)
        and getattr(one, "__module__", "") == module.__name__
        and not isinstance(one, type)
        and not name.startswith("_")
    }
    assert ours <= listed
    assert len({(call.method, call.path) for call in client.CALLS}) == len(client.CALLS)
    assert all(call.does and call.path.startswith("/") for call in client.CALLS)


def test_a_login_begins_at_the_vendors_own_server() -> None:
    app = client.oauth_app(client.AUTHORITY + "/", "our-id", "http://localhost:8080/callback")
    assert app.authorize_url == (
        "https://login.allplan.com/realms/allplan/protocol/openid-connect/auth"
    )
    assert app.token_path == "/protocol/openid-connect/token"
    assert app.scopes == ("openid", "profile", "email")
    assert app.client_secret is None


def test_a_login_by_password_that_is_refused_says_why() -> None:
    with pytest.raises(VendorRefused, match="wrong password"):
        login.password_tokens({"error": "wrong password"}, FakeClock())
    request = login.password_request(login.Password("a@b.c", "p", A, B, is_remembered=True))
    assert request.json_body["client_id"] == B
    assert request.json_body["remember_me"] is True
