"""What a faithful server of Bimplus must do whatever it is asked: log-in, limits, odd requests."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from bimplus_wire import LENGTH, Bimplus, small_house
from wire import TIMEOUT_S, Serve, lake_of

from takeoff.lake.layout import open_layout


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lakes") / "bimplus", small_house())


@pytest.fixture
def wire(serve: Serve, lake: Path) -> Bimplus:
    return Bimplus(serve(lake))


def test_both_words_prove_a_token_and_no_other(wire: Bimplus) -> None:
    token = wire.service.token
    for word, status in (("BimPlus", 200), ("Bearer", 200), ("bimplus", 200), ("Basic", 401)):
        answer = wire.get("/teams", headers={"Authorization": f"{word} {token}"})
        assert answer.status_code == status, word
    assert wire.get("/teams", headers={"Authorization": None}).status_code == 401
    assert wire.get("/teams", headers={"Authorization": "BimPlus 00"}).status_code == 401


def _log_in(wire: Bimplus, **changes: object) -> requests.Response:
    told = wire.service.told
    account = {name: told[name] for name in ("user_id", "password", "application_id")}
    body = {**account, **changes}
    return wire.ask("POST", "/authorize", json=body, headers={"Authorization": None})


def test_a_password_gets_a_token_that_lapses(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_token_s="0"))
    told = _log_in(wire).json()
    assert (told["token_type"], told["expires_in"], len(told["access_token"])) == ("BimPlus", 0, 32)
    lapsed = {"Authorization": f"BimPlus {told['access_token']}"}
    assert wire.get("/projects", headers=lapsed).status_code == 401
    wire.running.turn(bimplus_token_s="7199")
    told = _log_in(wire).json()
    good = {"Authorization": f"{told['token_type']} {told['access_token']}"}
    about = wire.get("/authorize", headers=good).json()
    assert 7100 < about["expires_in"] <= 7199
    assert "@" not in about["user_id"]


def test_log_in_needs_user_password_and_application(wire: Bimplus) -> None:
    assert _log_in(wire, application_id=None).status_code == 400
    assert _log_in(wire, password="another").status_code == 401
    assert _log_in(wire, user_id="nobody@sandbox.example").status_code == 401
    told = _log_in(wire, client_id="c-1", remember_me=True).json()
    assert told["client_id"] == "c-1"
    assert told["remember_me"] is True
    assert told["remember_me_expires_in"] > told["expires_in"]


def test_what_is_secret_is_not_written_down(wire: Bimplus) -> None:
    _log_in(wire)
    wire.get(f"{wire.division}/download", params={"api-token": wire.service.token})
    written = repr(wire.running.seen())
    assert wire.service.told["password"] not in written
    assert wire.service.token not in written
    assert "api-token=..." in written


def test_a_token_in_the_address_opens_downloads_only(wire: Bimplus) -> None:
    asked = {"params": {"api-token": wire.service.token}, "headers": {"Authorization": None}}
    assert wire.get(f"{wire.division}/download", **asked).status_code == 404  # it has no file
    assert wire.get(wire.division, **asked).status_code == 401


def test_cross_token_and_openid_configuration(wire: Bimplus) -> None:
    told = wire.ask("POST", "/cross-token").json()
    assert (told["expires_in"], told["token_type"]) == (299, "BimPlus")
    asked = {"headers": {"Authorization": None}}
    openid = wire.get("/.well-known/openid-configuration", **asked).json()
    assert openid["issuer"].startswith("https://login.allplan.com/realms/allplan")


def test_odd_paths_lead_where_plain_ones_do(wire: Bimplus) -> None:
    projects = wire.json("/projects")
    assert wire.json("//projects", params={"_": "1700000000000"}) == projects
    assert wire.json(f"/{wire.slug}/projects/") == projects
    assert wire.json(f"//projects/{wire.project_id.upper()}/divisions?_=1") == wire.json(
        f"{wire.project}/divisions"
    )
    assert wire.json("/content/units/") == wire.json("/content/units")
    assert wire.json("/content/freeattributes/")


def test_a_get_may_say_that_it_is_json(wire: Bimplus) -> None:
    assert wire.get("/teams", headers={"Content-Type": "application/json"}).status_code == 200


def test_a_body_that_is_no_json_is_refused(wire: Bimplus) -> None:
    for path in (f"{wire.project}/divisions", f"/{wire.slug}/services/BaseQuantities"):
        for body in ("[object Object]", "[]", ""):
            asked = {"headers": {"Content-Type": "application/json"}}
            assert wire.ask("POST", path, data=body, **asked).status_code == 400


def test_what_there_is_not_is_not_found(wire: Bimplus) -> None:
    for path in (
        "/nobody/projects",
        f"/{wire.slug}/projects/none",
        f"/{wire.slug}/divisions/none",
        f"/{wire.slug}/objects/none",
        f"/{wire.slug}/no-such-thing",
        f"{wire.root}/topology?revision=9",
    ):
        assert wire.get(path).status_code == 404, path


def test_another_origin_may_ask(wire: Bimplus) -> None:
    origin = {"Origin": "http://viewer.example", "Authorization": None}
    told = wire.ask("OPTIONS", wire.division, headers=origin)
    assert told.status_code in (200, 204)
    allowed = told.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"authorization", "content-type", "if-none-match", "cache-control"} <= set(allowed)
    answer = wire.get(wire.division, headers={"Origin": "http://viewer.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "http://viewer.example"
    exposed = answer.headers["Access-Control-Expose-Headers"].replace(" ", "").split(",")
    assert {"ETag", "X-Total-Count"} <= set(exposed)


def test_requests_an_hour_are_counted(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_rate="3", bimplus_rate_retry_after_s="7"))
    left = [wire.get("/teams").headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    spent = wire.get("/teams")
    assert (spent.status_code, spent.headers["Retry-After"]) == (429, "7")
    assert spent.headers["X-RateLimit-Limit"] == "3"
    wire.running.turn(bimplus_rate_status="403")
    answers = [wire.get("/teams") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 403]
    assert answers[3].headers["X-RateLimit-Remaining"] == "0"
    wire.running.turn(bimplus_rate="0", bimplus_rate_headers="absent")
    assert "X-RateLimit-Limit" not in wire.get("/teams").headers


def test_the_hour_begins_anew(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_rate="1", bimplus_rate_window_s="0"))
    assert [wire.get("/teams").status_code for _ in range(3)] == [200, 200, 200]


def test_without_a_login_there_are_sixty(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake))
    nobody = {"headers": {"Authorization": None}}
    assert wire.get("/teams", **nobody).headers["X-RateLimit-Limit"] == "60"
    wire.running.turn(bimplus_rate_anonymous="1")
    assert [wire.get("/teams", **nobody).status_code for _ in range(2)] == [401, 429]


def test_errors_in_all_families(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake))

    def error(family: str) -> requests.Response:
        wire.running.turn(bimplus_errors=family)
        answer = wire.get(f"/{wire.slug}/divisions/none")
        assert answer.status_code == 404
        return answer

    assert "none" in error("json").json()["message"]
    assert "none" in error("oauth").json()["error_description"]
    assert "none" in error("exception").json()["ExceptionMessage"]
    assert error("text").headers["Content-Type"].startswith("text/plain")
    assert error("empty").content == b""
    assert error("html").text.startswith("<!doctype html>")


def test_json_may_be_labelled_text_and_begin_with_a_mark(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_json="text_bom"))
    answer = wire.get("/teams")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.content.startswith(b"\xef\xbb\xbf[")
    wire.running.turn(bimplus_json="json_bom")
    assert wire.get("/teams").content.startswith(b"\xef\xbb\xbf[")


def test_faults_come_where_they_are_asked_for(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, fault="503_seconds", fault_at="bimplus_topology"))
    path = f"{wire.root}/topology"
    told = wire.get(path)
    assert (told.status_code, told.headers["Retry-After"]) == (503, "1")
    assert wire.get(path).status_code == 200


def test_a_column_is_a_place_of_its_own(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, fault="500", fault_at="bimplus_column"))
    assert wire.get(f"/content/freeattributes/{LENGTH}").status_code == 200
    path = f"{wire.root}/attributes/{LENGTH}"
    assert wire.get(path, params={"children": "true"}).status_code == 500


def test_a_dead_token_stays_dead(serve_new: Serve, lake: Path) -> None:
    wire = Bimplus(serve_new(lake, fault="401_dead", fault_at="bimplus_objects"))
    assert wire.get(wire.root).status_code == 401
    assert wire.get("/teams").status_code == 401


def test_a_server_without_models_has_no_projects(serve_new: Serve, tmp_path: Path) -> None:
    open_layout(tmp_path / "lake", create=True)
    running = serve_new(tmp_path / "lake").running
    service = running.at("bimplus")
    headers = {"Authorization": f"BimPlus {service.token}"}
    told = requests.get(f"{service.base_url}/projects", headers=headers, timeout=TIMEOUT_S)
    assert told.json() == []
