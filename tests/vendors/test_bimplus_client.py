"""Asking Bimplus: what is asked, what is kept, and when it is all there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bimplus_served import (
    DETAILS,
    DOWNLOAD,
    MODEL,
    PROJECT,
    REF,
    TAG,
    TOKEN,
    TOPOLOGY,
    TREE,
    WALLS,
    Service,
    as_json,
    asked,
    codes,
    documents,
    fetched,
    guid,
    journal,
    queried,
    recorded,
    rows,
    serving,
    session,
)
from loopback import FakeClock, Reply, Seen

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import ModelRef, SourceVersion
from takeoff.vendors.bimplus import calls, client, states, tags
from takeoff.vendors.bimplus.glance import Glance
from takeoff.vendors.bimplus.pace import LIMIT, REMAINING, Pace
from takeoff.vendors.bimplus.parts import Parts
from takeoff.vendors.bimplus.shapes import model as model_of


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


def test_models_are_those_of_all_projects_with_the_names_of_both(service: Service) -> None:
    listed = recorded("divisions")
    deleted = {**listed[0], "id": guid(4).upper(), "name": "Old", "recycleBin": True}
    waiting = {**listed[0], "id": "{" + guid(5).upper() + "}", "name": "New", "status": "PENDING"}
    service.answers[f"/acme/projects/{PROJECT}/divisions"] = [*listed, deleted, waiting]
    with session(service) as open_session:
        found = client.models(open_session)
        assert found == client.models(open_session, PROJECT.upper())
    assert found == [
        ModelRef("bimplus", PROJECT, MODEL, "Lindenhof", "Model A"),
        ModelRef("bimplus", PROJECT, guid(5), "Lindenhof", "New"),
    ]


def test_a_project_that_is_not_shown_is_refused_with_those_that_are(service: Service) -> None:
    with session(service) as open_session, pytest.raises(InputRefused, match="Lindenhof"):
        client.models(open_session, guid(77))


@pytest.mark.parametrize("hint", ["team id", "team's projects"])
def test_a_project_without_a_slug_is_looked_for_in_the_teams(service: Service, hint: str) -> None:
    [project] = recorded("projects")
    del project["teamSlug"]
    if hint == "team's projects":
        del project["teamId"]
    service.answers["/projects?disciplines=false"] = [project]
    service.answers["/acme/projects?disciplines=false"] = [project]
    other = {"id": guid(98), "slug": "other"}
    service.answers["/teams"] = [other, *recorded("teams")]
    service.answers["/other/projects?disciplines=false"] = []
    with session(service) as open_session:
        assert client.slug(open_session, REF) == "acme"


@pytest.mark.parametrize("written", [f'"{TAG}"', f'W/"{TAG}"', TAG, f' W/"{TAG}" '])
def test_the_version_is_the_tag_without_quotes(service: Service, written: str) -> None:
    service.tag = written
    with session(service) as open_session:
        assert client.version(open_session, REF) == SourceVersion("etag", TAG)
        assert calls.head(open_session, "acme", MODEL, TAG) == calls.Tag(TAG, True)
        assert calls.head(open_session, "acme", MODEL, "another") == calls.Tag(TAG, False)
    sent = [one.headers.get("if-none-match") for one in service.server.seen if one.method == "HEAD"]
    assert sent == [None, f'"{TAG}"', '"another"']


@pytest.mark.parametrize("status", [200, 405, 501])
def test_without_a_tag_every_fetch_is_one_of_its_own(
    service: Service, tmp_path: Path, status: int
) -> None:
    service.tag = None
    if status != 200:
        service._head = lambda seen, target: Reply(status)  # type: ignore[method-assign]
    with session(service) as open_session:
        assert client.version(open_session, REF) == SourceVersion("none", None)
    assert "tag_missing" in codes(fetched(service, tmp_path)[1])


def test_tags_of_nothing_are_none() -> None:
    assert [tags.plain(text) for text in (None, "", '""', 'W/""')] == [None] * 4


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("DONE", None),
        ("DONE_REFRESHED", None),
        ("DONE_WITH_ERRORS", None),
        ("DONE_WITH_ERRORS_REFRESHED", None),
        ("DONE_EMPTY_MODEL", None),
        ("done", None),
        ("DONE_IN_A_NEW_WAY", None),
        ("PREPARING", TryLater),
        ("PENDING", TryLater),
        ("PROCESSING", TryLater),
        ("IDENTICAL_EXPORT_PROCESSING", TryLater),
        ("UNKNOWN", TryLater),
        ("EMPTY", TryLater),
        ("WAITING_FOR_GODOT", TryLater),
        (None, TryLater),
        ("FAILED", VendorRefused),
    ],
)
def test_status_tells_whether_a_model_can_be_read(
    status: str | None, error: type[Exception] | None
) -> None:
    model = model_of({**recorded("division"), "status": status})
    problem = states.problem(model)
    assert type(problem) is (error or type(None))
    assert states.has_errors(model) is ("WITH_ERRORS" in (status or ""))
    assert states.is_empty(model) is (status == "DONE_EMPTY_MODEL")


def test_a_model_that_is_not_ready_is_asked_for_nothing_more(
    service: Service, tmp_path: Path
) -> None:
    service.answers[DETAILS]["status"] = "PROCESSING"
    with pytest.raises(TryLater, match="not ready"):
        asked(service, tmp_path)
    assert service.asked("/topology") == []


def test_a_model_imported_with_errors_comes_with_a_warning(
    service: Service, tmp_path: Path
) -> None:
    service.answers[DETAILS]["status"] = "DONE_WITH_ERRORS"
    _, found = fetched(service, tmp_path)
    assert "imported_with_errors" in codes(found)
    assert len(found["elements"]) == 10


def test_what_is_kept_is_in_the_order_of_the_contract_whatever_came_first(
    service: Service, tmp_path: Path
) -> None:
    asked(service, tmp_path)
    names = [document.name for document in documents(tmp_path)]
    assert names[:5] == [
        DETAILS,
        f"/acme/projects/{PROJECT}/element-types",
        f"{DETAILS}/disciplines",
        "/content/units",
        TREE,
    ]
    assert names[5] == WALLS
    assert names[-1] == "bimplus-asked.json"


def test_a_killed_fetch_goes_on_and_asks_nothing_twice(service: Service, tmp_path: Path) -> None:
    walls = service.answers[WALLS]
    service.answers[WALLS] = Reply(400, b"killed")
    with pytest.raises(VendorRefused):
        asked(service, tmp_path)
    assert service.asked("/topology") == [TREE]
    service.answers[WALLS] = walls
    service.server.seen.clear()
    brought, found = fetched(service, tmp_path)
    assert service.asked("/topology") == service.asked("/units") == []
    assert WALLS in service.asked("/properties/24")
    clean = fetched(service, tmp_path / "clean")
    assert (brought, found) == clean


def test_what_a_try_of_another_state_had_kept_is_asked_for_again(
    service: Service, tmp_path: Path
) -> None:
    walls = service.answers[WALLS]
    service.answers[WALLS] = 400
    with pytest.raises(VendorRefused):
        asked(service, tmp_path)
    service.answers[WALLS], service.tag = walls, '"another"'
    service.server.seen.clear()
    asked(service, tmp_path)
    assert service.asked("/topology") == [TREE]


def moving(service: Service, times: int) -> None:
    """The tag moves while objects are read, so many times."""
    left = list(range(times))

    def walls(seen: Seen) -> Reply:
        if left:
            service.tag = f'"moved {left.pop()}"'
        return as_json(recorded("objects_wall"))

    service.answers[WALLS] = walls


def test_a_tag_that_moves_makes_all_be_asked_once_more(service: Service, tmp_path: Path) -> None:
    moving(service, 1)
    brought, found = fetched(service, tmp_path)
    assert brought.version == SourceVersion("etag", "moved 0")
    assert service.asked("/topology") == [TREE, TREE]
    assert len(service.asked("/properties/24")) == 2 * 7
    assert len(found["elements"]) == 10


def test_a_tag_that_moves_twice_is_refused(service: Service, tmp_path: Path) -> None:
    moving(service, 2)
    with pytest.raises(NotUnderstood, match="edited while it was read"):
        asked(service, tmp_path)


@pytest.mark.parametrize("change", ["missing", "strange"])
def test_objects_that_are_not_those_of_the_tree_are_refused(
    service: Service, tmp_path: Path, change: str
) -> None:
    if change == "missing":
        service.answers[WALLS].pop()
    else:
        service.answers[WALLS].append({**service.answers[WALLS][0], "id": guid(29)})
    with pytest.raises(NotUnderstood, match="element type 10074eef"):
        asked(service, tmp_path)
    assert service.asked("/topology") == [TREE, TREE]


def test_objects_of_a_skipped_layer_may_be_in_a_list(service: Service, tmp_path: Path) -> None:
    service.answers[WALLS].append({**service.answers[WALLS][0], "id": guid(60)})
    _, found = fetched(service, tmp_path)
    assert guid(60) not in {row["element_id"] for row in found["elements"]}


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_service_without_property_sets_is_asked_without_them(
    service: Service, tmp_path: Path, status: int
) -> None:
    clean = fetched(service, tmp_path / "clean")[1]
    for path in list(service.answers):
        if "/properties/24?" in path:
            service.answers[path.replace("/24?", "/8?")] = service.answers[path]
            service.answers[path] = status
    found = fetched(service, tmp_path / "without")[1]
    assert found["quantities"] == clean["quantities"]
    assert codes(found) - codes(clean) == {"sets_missing"}


def test_a_list_with_sets_that_lacks_objects_is_asked_for_without_them(
    service: Service, tmp_path: Path
) -> None:
    service.answers[WALLS.replace("/24?", "/8?")] = service.answers[WALLS]
    service.answers[WALLS] = []
    found = fetched(service, tmp_path)[1]
    assert len(found["elements"]) == 10
    assert "sets_missing" in codes(found)


def test_what_places_say_may_be_missing(service: Service, tmp_path: Path) -> None:
    item = f"/acme/objects/{TOPOLOGY}/properties/24?type=d72696e0-6f5e-4883-a54d-f36ccb3b5f3b"
    service.answers[item] = 403
    _, found = fetched(service, tmp_path)
    assert {row["storey_elevation_m"] for row in found["elements"]} == {None}
    assert len(found["elements"]) == 10


@pytest.mark.parametrize("lacking", ["element-types", "disciplines", "units"])
@pytest.mark.parametrize("status", [403, 404])
def test_look_ups_may_be_missing(
    service: Service, tmp_path: Path, lacking: str, status: int
) -> None:
    [path] = [path for path in service.answers if path.endswith(lacking)]
    service.answers[path] = status
    _, found = fetched(service, tmp_path)
    said = [row["text"] for row in found["warnings"] if row["code"] == "lookup_missing"]
    assert len(said) == 1
    assert len(found["elements"]) == 10


@pytest.mark.parametrize("at", [TREE, WALLS])
@pytest.mark.parametrize("status", [403, 404])
def test_without_objects_the_imported_file_is_fetched(
    service: Service, tmp_path: Path, at: str, status: int
) -> None:
    service.answers[at] = status
    service.answers[DOWNLOAD] = Reply(
        body=b"ISO-1", headers={"Content-Type": "application/octet-stream"}
    )
    brought = asked(service, tmp_path)
    assert brought.is_document
    assert brought.version == SourceVersion("etag", TAG)
    assert brought.proof.kind == "protocol_end"
    assert str(status) in brought.proof.detail
    kept = journal(tmp_path).answers()
    [document] = [one for one in kept if one.asked.method == "DOCUMENT"]
    assert (document.asked.path, document.path.read_bytes()) == ("lindenhof.ifc", b"ISO-1")


def test_neither_objects_nor_file_are_both_said(service: Service, tmp_path: Path) -> None:
    service.answers[TREE], service.answers[DOWNLOAD] = 403, 404
    with pytest.raises(VendorRefused, match=r"its tree \(403\).*imported file is refused \(404\)"):
        asked(service, tmp_path)


def test_a_model_without_topology_is_its_file_and_another_size_is_said(
    service: Service, tmp_path: Path
) -> None:
    service.answers[DETAILS] |= {"topologyId": None, "importFileName": "C:\\up\\..\\a.IFCZIP"}
    service.answers[DOWNLOAD] = Reply(body=b"PK longer")
    brought = asked(service, tmp_path)
    assert brought.is_document
    assert "no topologyId" in brought.proof.detail
    assert "9 bytes; 5 bytes are stated" in brought.proof.detail
    [document] = [one for one in journal(tmp_path).answers() if one.asked.method == "DOCUMENT"]
    assert document.asked.path == "a.IFCZIP"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"importFileName": None}, "no imported file"),
        ({"url": None}, "no imported file"),
        ({"importFileName": "house.skp"}, "no IFC file"),
    ],
)
def test_a_model_without_topology_and_ifc_file_is_refused(
    service: Service, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    service.answers[DETAILS] |= {"topologyId": None, **change}
    with pytest.raises(VendorRefused, match=why):
        asked(service, tmp_path)
    with session(service) as open_session, pytest.raises(VendorRefused, match=why):
        client.ask_document(REF, open_session, journal(tmp_path), Quiet())


def test_a_model_that_the_vendor_calls_empty_is_empty(service: Service, tmp_path: Path) -> None:
    del service.answers[DETAILS]["topologyId"]
    service.answers[DETAILS]["status"] = "DONE_EMPTY_MODEL_REFRESHED"
    brought, found = fetched(service, tmp_path)
    assert (brought.proof.kind, brought.stated_totals) == ("protocol_end", {"objects": 0})
    assert found["elements"] == []
    assert codes(found) == {"no_elements"}


def test_the_document_can_be_asked_for_alone(service: Service, tmp_path: Path) -> None:
    binary = {"Content-Type": "application/octet-stream"}
    service.answers[DOWNLOAD] = Reply(body=b"ISO-1", headers=binary, framing="none")
    for _ in range(2):
        with session(service) as open_session:
            brought = client.ask_document(REF, open_session, journal(tmp_path), Quiet())
        assert brought.is_document
    assert service.asked("/download") == [DOWNLOAD]
    assert service.asked("/topology") == []


def by_type(service: Service, answer: Any) -> None:
    """Whatever is asked of the walls' list, with any further parameters, is answered so."""
    path = WALLS.partition("?")[0]
    others = {key: value for key, value in service.answers.items() if key.startswith(path)}

    def of(seen: Seen) -> Reply:
        target = f"{path}?type={queried(seen)['type']}"
        made = answer(seen) if target == WALLS else others[target]
        return made if isinstance(made, Reply) else as_json(made)

    for target in others:
        del service.answers[target]
    service.answers[path] = of


def paged(first: int, wrapper: str | None, size: int = 1) -> Any:
    """The walls in pages that count from `first`; past the end comes nothing."""
    walls = recorded("objects_wall")

    def of(seen: Seen) -> Any:
        query = queried(seen)
        at = int(query["page"]) - first if "page" in query else 0
        page = walls[at * size : (at + 1) * size] if at >= 0 else []
        if wrapper is None:
            return page
        last = first + len(walls) // size - 1
        return {wrapper: page, "actualPage": first + at, "lastpage": last, "pagesize": size}

    return of


@pytest.mark.parametrize(
    "answer",
    [
        paged(1, None),
        paged(0, None),
        paged(1, "resultlist"),
        paged(0, "resultList"),
        paged(1, "Objects"),
        paged(1, "resultlist", 2),
    ],
    ids=["bare 1", "bare 0", "wrapped 1", "wrapped 0", "objects", "one page"],
)
def test_pages_are_read_in_every_form(service: Service, tmp_path: Path, answer: Any) -> None:
    clean = fetched(service, tmp_path / "clean")[1]
    by_type(service, answer)
    found = fetched(service, tmp_path / "paged")[1]
    assert [row["element_id"] for row in found["elements"]] == [
        row["element_id"] for row in clean["elements"]
    ]
    assert len(found["quantities"]) == len(clean["quantities"])


@pytest.mark.parametrize("total", [2, 3])
def test_chunks_are_read_to_their_end_also_after_a_kill(
    service: Service, tmp_path: Path, total: int
) -> None:
    one, other = recorded("objects_wall")

    def walls(seen: Seen) -> Reply:
        part = {"2": [other]}.get(queried(seen).get("chunk", "1"), [one])
        return as_json(part, X_Total_Count=str(total))

    by_type(service, walls)
    assert len(fetched(service, tmp_path)[1]["elements"]) == 10
    before = len(service.asked("/properties/24"))
    assert len(fetched(service, tmp_path)[1]["elements"]) == 10
    assert len(service.asked("/properties/24")) == before


def test_a_page_that_repeats_ends_the_list_and_is_not_taken_for_all(
    service: Service, tmp_path: Path
) -> None:
    first, _ = recorded("objects_wall")
    headers: dict[str, str] = {}
    by_type(service, lambda seen: as_json([first], **headers))
    for number, counted in enumerate(({}, {"X_Total_Count": "99"})):
        headers |= counted
        with pytest.raises(NotUnderstood, match="1 are missing"):
            asked(service, tmp_path / str(number))


@pytest.mark.parametrize("status", [400, 404])
def test_a_page_that_is_not_there_ends_the_list(
    service: Service, tmp_path: Path, status: int
) -> None:
    one, other = recorded("objects_wall")

    def walls(seen: Seen) -> Any:
        page = queried(seen).get("page")
        return {None: [one], "1": [one], "2": [other]}.get(page, Reply(status))

    by_type(service, walls)
    assert len(fetched(service, tmp_path)[1]["elements"]) == 10


def test_parts_that_say_nothing_of_more_are_the_whole_list() -> None:
    assert Parts(Glance(["a", "b"]), {"a", "b"}).next() is None
    assert Parts(Glance([]), {"a"}).next() is None
    assert Parts(Glance(["a"], chunks=1), {"a"}).next() is None


def test_few_requests_left_slow_the_client_down() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for remaining, slept in (("4999", 0.0), ("250", 0.0), ("249", 0.72), ("9", 0.72), ("", 0.72)):
        pace.saw({REMAINING: remaining, LIMIT: "5000"})
        before = clock.spent_s
        pace.wait()
        assert clock.spent_s - before == pytest.approx(slept)
    pace.saw({REMAINING: "1", LIMIT: "60"})
    pace.wait()
    assert clock.slept[-1] == 2.0
    pace.saw({REMAINING: "300"})
    before = clock.spent_s
    pace.wait()
    assert clock.spent_s == before


def test_a_fetch_slows_down_when_the_service_says_that_few_are_left(
    service: Service, tmp_path: Path
) -> None:
    clock = FakeClock()
    few = as_json(recorded("units"), X_RateLimit_Remaining="10", X_RateLimit_Limit="5000")
    service.answers["/content/units"] = few
    with session(service, clock) as open_session:
        client.ask(REF, open_session, journal(tmp_path), Quiet())
    assert clock.slept == [pytest.approx(0.72)] * 8


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"[1, 2", "no JSON"),
        (b'{"rows": []}', "no list of objects"),
        (b"[1]", "no list of objects"),
        (b'[{"name": "x"}]', "row 0 has no id"),
        (b"", "no JSON"),
    ],
)
def test_a_list_that_is_none_is_refused(
    service: Service, tmp_path: Path, answer: bytes, why: str
) -> None:
    service.answers[WALLS] = Reply(body=answer)
    with pytest.raises(NotUnderstood, match=why):
        asked(service, tmp_path)


@pytest.mark.parametrize("body", [b'{"message":"no such thing"}', b"no such thing", b""])
def test_errors_in_every_form_are_refusals_in_words(service: Service, body: bytes) -> None:
    """Contract 7: the body of an error is not documented: JSON, text, or nothing."""
    service.answers["/teams"] = Reply(400, body)
    with session(service) as open_session, pytest.raises(VendorRefused) as caught:
        calls.teams(open_session)
    assert ("no such thing" in str(caught.value)) is bool(body)


def test_an_answer_is_quoted_without_the_token_in_a_link(service: Service, tmp_path: Path) -> None:
    link = f"https://api.example/acme/divisions/1/download?api-token={TOKEN}"
    service.answers[WALLS] = {"next": link}
    with pytest.raises(NotUnderstood) as caught:
        asked(service, tmp_path)
    assert TOKEN not in str(caught.value)


def test_a_type_that_nobody_names_is_refused(service: Service, tmp_path: Path) -> None:
    wall = service.answers[TREE]["children"][0]["children"][0]
    del wall["elementTypeId"]
    assert len(fetched(service, tmp_path / "word")[1]["elements"]) == 10
    wall["type"] = "Wand"
    with pytest.raises(NotUnderstood, match="word of its type"):
        asked(service, tmp_path / "none")


def test_a_tree_with_more_than_the_project_is_said(service: Service, tmp_path: Path) -> None:
    path = f"/acme/projects/{PROJECT}/element-types"
    service.answers[path][0]["elementsCount"] = 1
    assert "count_differs" in codes(fetched(service, tmp_path)[1])


def test_the_same_rows_come_from_the_evidence_alone(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    service.server.stop()
    assert rows(tmp_path) == found
