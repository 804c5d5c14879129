"""The eleven facts of the contract's section 0, each through the whole way: a fetch from a sandbox
that is told to behave so, and the same asked over raw HTTP where the wire itself is the fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from both_ways import Row, Tables, hurry, settings
from qonic_building import SLABS, WALLS, building
from vendors_under_test import products, rows_of

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.http.auth import Bearer
from takeoff.http.clock import Clock
from takeoff.http.session import Session
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.bimplus import calls, client, endpoints, login, object_calls
from takeoff.vendors.bimplus.login import Password

TIMEOUT_S = 20
WALL = "10074eef-9418-4d64-9c6d-23932835a7f1"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("traps") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


class Asker:
    """A sandbox, its only model, and a session with it."""

    def __init__(self, running: Running, lake: Path, patch: pytest.MonkeyPatch) -> None:
        self.running, self._lakes, self._patch = running, lake, patch
        self.service = running.at("bimplus")
        [self.served] = self.service.models
        self.slug = self.service.told["slug"]
        self.count = 0

    def turn(self, **switches: str) -> None:
        self.running.turn(**{one.name: one.default for one in SWITCHES} | switches)
        self.running.forget()

    def fetched(
        self,
        asking: Mapping[str, str] | None = None,
        *,
        is_hurried: bool = True,
        **switches: str,
    ) -> Tables:
        """The rows of a fetch while the sandbox is told so."""
        self.turn(**switches)
        self.count += 1
        lake = self._lakes / f"lake-{self.count}"
        self._patch.undo()
        if is_hurried:
            hurry(self._patch)
        [outcome] = fetch_models(
            settings(lake, self.running, "bimplus"),
            "bimplus",
            ModelOptions(asking=dict(asking or {})),
            Quiet(),
        )
        if outcome.error is not None:
            raise outcome.error
        return rows_of(lake, outcome)

    def asked(self, part: str) -> list[str]:
        """Addresses that were asked for and have this in them."""
        return [one.path for one in self.running.seen() if part in one.path]

    def raw(self, path: str, method: str = "GET", word: str = "BimPlus", **told: Any) -> Any:
        headers = {"Authorization": f"{word} {self.service.token}"}
        return requests.request(
            method, self.service.base_url + path, headers=headers, timeout=TIMEOUT_S, **told
        )

    def json(self, path: str) -> Any:
        answer = self.raw(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content.decode("utf-8-sig"))

    def model(self) -> dict[str, Any]:
        """The model's details."""
        found: dict[str, Any] = self.json(f"/{self.slug}/divisions/{self.served.model_id}")
        return found

    def session(self, scheme: str = "BimPlus", token: str | None = None) -> Session:
        auth = Bearer(token or self.service.token, scheme)
        return Session(self.service.base_url, auth, name="Bimplus", hints=client.HINTS)


@pytest.fixture
def asker(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    found = Asker(running, tmp_path, monkeypatch)
    found.turn()
    return found


def figures(rows: Tables, quantity: str, role: str = "physical") -> dict[str, Decimal | None]:
    """A figure of the elements with that role, by GUID."""
    guids = {row["element_no"]: row["ifc_guid"] for row in rows["elements"] if row["role"] == role}
    return {
        guids[row["element_no"]]: row["value_exact"]
        for row in rows["quantities"]
        if row["quantity"] == quantity and row["element_no"] in guids
    }


def keys(node: dict[str, Any]) -> set[str]:
    """The keys of a node of the tree and of all below it."""
    return set(node).union(*(keys(one) for one in node.get("children") or ()))


def in_groups(rows: Tables, group: str) -> list[Row]:
    """Figures that stand in the group."""
    return [row for row in rows["quantities"] if row["source_set"] == group]


def test_fact_1_a_ready_token_goes_first_and_a_password_still_gets_one(asker: Asker) -> None:
    asker.fetched()
    assert asker.asked("authorize") == []
    told = asker.service.told
    password = Password(told["user_id"], told["password"], told["application_id"])
    with Session(asker.service.base_url, None, name="Bimplus") as session:
        answer = session.ask_json(login.password_request(password))
    tokens = login.password_tokens(answer, Clock())
    assert (tokens.scheme, answer["expires_in"]) == ("BimPlus", 7199)
    for scheme in ("BimPlus", "Bearer"):
        with asker.session(scheme, tokens.access_token) as session:
            assert [team.slug for team in calls.teams(session)] == [asker.slug]
    wrong = Password(told["user_id"], "not this one", told["application_id"])
    with Session(asker.service.base_url, None, name="Bimplus") as session:
        with pytest.raises(VendorRefused) as refused:
            session.ask_json(login.password_request(wrong))
    assert "not this one" not in str(refused.value)


def test_fact_1_what_a_login_answers_is_never_shown(asker: Asker) -> None:
    """Even if it is no JSON: the password was in the body, and a token may be in the answer."""
    asker.turn(fault="broken", fault_at="bimplus_auth", fault_count="all")
    told = asker.service.told
    password = Password(told["user_id"], told["password"], told["application_id"])
    with Session(asker.service.base_url, None, name="Bimplus") as session:
        with pytest.raises(NotUnderstood) as refused:
            session.ask_json(login.password_request(password))
    assert str(refused.value).endswith("something that is no JSON.")


def test_fact_2_the_model_has_no_quantities_but_its_objects_have(asker: Asker) -> None:
    details = asker.model()
    assert not {key for key in details if "quantit" in key.lower()}
    rows = asker.fetched()
    assert len(figures(rows, "NetVolume")) == WALLS + SLABS
    [tree] = asker.asked("/topology")
    assert details["topologyId"] in tree
    assert all(details["topologyId"] in one for one in asker.asked("/properties/"))


@pytest.mark.parametrize("form", ["absent", "some"])
def test_fact_3_a_value_without_its_unit_is_kept_and_never_counted(asker: Asker, form: str) -> None:
    usual, rows = asker.fetched(), asker.fetched(bimplus_units=form)
    asked = {one.partition("?")[0].rpartition("/")[2] for one in asker.asked("/properties/")}
    assert asked == {str(endpoints.DEFINITIONS + endpoints.SETS)}
    assert len(rows["quantities"]) == len(usual["quantities"])
    bare = [row for row in rows["quantities"] if row["source_unit"] is None]
    assert bare
    for row in bare:
        if row["source_set"] != "quantity" and row["kind"] != "count":
            assert (row["value"], row["unit"], row["unit_status"]) == (None, None, "unknown")
        assert row["source_value"] is not None
    assert {row["value"] for row in rows["quantities"] if row["source_unit"]} <= {
        row["value"] for row in usual["quantities"]
    }


@pytest.mark.parametrize("lengths", ["mm", "m", "mixed"])
def test_fact_4_lengths_are_millimetres_or_what_stands_with_them(
    asker: Asker, lengths: str
) -> None:
    rows = asker.fetched(bimplus_lengths=lengths, bimplus_quantity_group="units")
    assert sorted(map(float, figures(rows, "Length").values())) == [
        2 * number + 1.5 for number in range(WALLS)
    ]
    units = {row["source_unit"] for row in rows["quantities"] if row["unit"] == "m"}
    assert units == ({"mm", "m"} if lengths == "mixed" else {lengths})


def test_fact_4_the_built_in_group_without_units_is_millimetres_and_else_unknown(
    asker: Asker,
) -> None:
    rows = asker.fetched(bimplus_quantity_group="no_unit", bimplus_units="absent")
    lengths = [row for row in in_groups(rows, "quantity") if row["source_name"] == "Length"]
    assert {(row["unit"], row["unit_status"]) for row in lengths} == {("m", "assumed")}
    assert sorted(row["value"] for row in lengths) == [2 * n + 1.5 for n in range(WALLS)]
    others = [row for row in in_groups(rows, "quantity") if row["kind"] in ("area", "volume")]
    assert others
    assert {row["value"] for row in others} == {None}


def test_fact_5_layers_are_objects_and_no_sum_counts_them_beside_their_wall(
    asker: Asker,
) -> None:
    with_layers = asker.fetched()
    without = asker.fetched(bimplus_layers="attributes")
    parts = [row for row in with_layers["elements"] if row["role"] == "part"]
    walls = {row["element_id"] for row in with_layers["elements"] if row["ifc_class"] == "Wall"}
    assert len(parts) == 2 * WALLS
    assert {row["parent_id"] for row in parts} == walls
    assert [row for row in without["elements"] if row["role"] == "part"] == []
    assert len(products(with_layers)) == len(products(without)) == WALLS + SLABS
    assert figures(with_layers, "NetVolume") == figures(without, "NetVolume")


def test_fact_6_disciplines_are_ids_objects_layers_or_a_map(asker: Asker) -> None:
    slug, model_id = asker.slug, asker.served.model_id
    ids = asker.model()["disciplines"]
    assert all(isinstance(one, str) for one in ids)
    told = asker.json(f"/{slug}/projects/{asker.served.project_id}")["disciplines"]
    assert {one["divisionId"] for one in told} == {model_id}
    layers = asker.json(f"/{slug}/divisions/{model_id}/disciplines")
    assert {"category", "name", "ifcType", "id"} == set(layers[0])
    keyed = asker.json(f"/{slug}/element-types/disciplines")
    assert isinstance(keyed, dict)
    with asker.session() as session:
        assert list(calls.model(session, slug, model_id).disciplines) == ids
        project = calls.project(session, slug, asker.served.project_id)
        assert [one.id for one in project.disciplines] == [one["id"] for one in told]
        found = calls.disciplines(session, slug, model_id)
        assert [one.id for one in found] == [one["id"] for one in layers]
        assert {one.id for one in object_calls.type_disciplines(session, slug)} == set(keyed)


@pytest.mark.parametrize("key", ["sizeMB", "sizeInMB"])
def test_fact_7_the_size_in_german_is_never_read(asker: Asker, key: str) -> None:
    asker.turn(bimplus_size_key=key)
    told = asker.model()
    whole = f"{told['size'] / 2**20:.2f}".rstrip("0").rstrip(".")
    assert told[key] == whole.replace(".", ",")
    with asker.session() as session:
        assert calls.model(session, asker.slug, told["id"]).size_bytes == told["size"]


def test_fact_8_a_fetch_asks_once_for_each_type(asker: Asker) -> None:
    rows = asker.fetched()
    types = {row["text"] for row in rows["properties"] if row["name"] == "elementtyp"}
    lists = asker.asked("/properties/")
    assert len(lists) == len(set(lists)) == len(types)
    assert len(asker.running.seen()) - len(lists) < 15


@pytest.mark.parametrize(
    ("status", "headers"),
    [("429", "shown"), ("429", "absent"), ("403", "shown"), ("403", "absent")],
)
def test_fact_8_a_spent_limit_ends_in_words(asker: Asker, status: str, headers: str) -> None:
    """403 with X-RateLimit-Remaining: 0 is waited for, too; without the header it is a refusal."""
    spent = {"bimplus_rate": "6", "bimplus_rate_status": status, "bimplus_rate_headers": headers}
    is_told = status == "429" or headers == "shown"
    with pytest.raises(TryLater if is_told else VendorRefused, match=status):
        asker.fetched(**spent)


def test_fact_8_a_limit_is_waited_for(asker: Asker) -> None:
    usual = asker.fetched()
    few = {"bimplus_rate": "12", "bimplus_rate_window_s": "3", "bimplus_rate_retry_after_s": "1"}
    assert asker.fetched(is_hurried=False, bimplus_rate_headers="absent", **few) == usual
    assert 429 in {one.status for one in asker.running.seen()}


def test_fact_9_calculated_quantities_are_asked_for_by_modelid_and_only_if_wanted(
    asker: Asker,
) -> None:
    asker.fetched()
    assert asker.asked("BaseQuantities") == []
    rows = asker.fetched({"base_quantities": "true"}, bimplus_calculated="moves_tag")
    [seen] = [one for one in asker.running.seen() if "BaseQuantities" in one.path]
    body = json.loads(seen.body or "")["baseQuantities"]
    assert (body["modelId"], body["projectId"]) == (
        asker.served.model_id,
        asker.served.project_id,
    )
    calculated = [row for row in rows["quantities"] if row["basis"] == "vendor_calculated"]
    assert {row["unit_status"] for row in calculated} == {"own"}
    assert calculated


def test_fact_10_short_info_drops_who_is_who_and_is_never_asked(asker: Asker) -> None:
    topology = f"/{asker.slug}/objects/{asker.model()['topologyId']}/topology"
    whole, short = (keys(asker.json(topology + query)) for query in ("", "?shortinfo=true"))
    assert whole - short == {"parent", "ifcId", "ifcType"}
    usual = asker.fetched()
    assert asker.asked("shortinfo") == []
    rows = asker.fetched(bimplus_tree_keys="no_ifc")
    assert [row["ifc_guid"] for row in rows["elements"]] == [
        row["ifc_guid"] for row in usual["elements"]
    ]
    assert figures(rows, "NetVolume") == figures(usual, "NetVolume")


@pytest.mark.parametrize("form", ["text", "text_bom", "json_bom"])
def test_fact_11_json_is_read_whatever_it_is_labelled(asker: Asker, form: str) -> None:
    usual = asker.fetched()
    assert asker.fetched(bimplus_json=form) == usual
    answer = asker.raw("/teams")
    assert answer.headers["Content-Type"].startswith(("text/plain", "application/json"))
    assert answer.content.startswith(b"\xef\xbb\xbf") == form.endswith("bom")


def test_a_model_that_moves_is_asked_for_once_more_and_then_refused(asker: Asker) -> None:
    usual = asker.fetched()
    assert asker.fetched(bimplus_tag="moves_once") == usual
    with pytest.raises(NotUnderstood, match="edited while it was read"):
        asker.fetched(bimplus_tag="moves")


def test_no_token_is_in_any_address(asker: Asker) -> None:
    asker.fetched()
    assert [one for one in asker.running.seen() if asker.service.token in one.path] == []
    assert asker.asked("api-token") == []
    assert "GET" in {one.method for one in asker.running.seen()}
