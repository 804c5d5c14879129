"""Misbehaviour on the wire, seen with the standard library's client where framing matters."""

from __future__ import annotations

import gzip
import http.client
import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from wire import Serve, Wire, fetch

from takeoff.core.errors import InputRefused
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Sandbox, Switches, read_switches


def _raw(wire: Wire) -> http.client.HTTPResponse:
    base = urlsplit(wire.running.at("qonic").base_url)
    connection = http.client.HTTPConnection(base.hostname or "", base.port, timeout=20)
    path = f"{base.path}{wire.products}/properties/query"
    connection.request("POST", path, "{}", {**wire.headers, "Content-Type": "application/json"})
    return connection.getresponse()


@pytest.mark.parametrize("status", ["400", "403", "404", "410", "500", "502", "503", "504"])
def test_statuses(serve: Serve, house_lake: Path, status: str) -> None:
    wire = serve(house_lake, fault=status)
    assert [wire.query().status_code for _ in range(2)] == [int(status), 200]


def test_faults_at_a_place_and_moment(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="500", fault_at="models", fault_skip="1", fault_count="2")
    assert wire.get("/projects").status_code == 200
    statuses = [wire.get(f"{wire.project}/models").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    wire.running.turn(fault_count="all")
    assert [wire.get(f"{wire.project}/models").status_code for _ in range(3)] == [200, 500, 500]
    wire.running.turn(fault="none")
    assert wire.get(f"{wire.project}/models").status_code == 200


def test_429_says_when_in_seconds_as_a_date_or_not(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="429_seconds", retry_after_s="3")
    answer = wire.query()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    wire.running.turn(fault="429_date", retry_after_s="60")
    moment = parsedate_to_datetime(wire.query().headers["Retry-After"])
    assert 55 < (moment - datetime.now(UTC)).total_seconds() < 61
    wire.running.turn(fault="429_none")
    assert "Retry-After" not in wire.query().headers


def test_401_in_the_middle_and_a_dead_token(serve_new: Serve, house_lake: Path) -> None:
    wire = serve_new(house_lake, fault="401", fault_skip="1")
    assert [wire.query().status_code for _ in range(3)] == [200, 401, 200]
    wire.running.turn(fault="401_dead")
    assert [wire.query().status_code for _ in range(3)] == [200, 401, 401]


def test_web_pages_instead_of_json(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="html")
    answer = wire.query()
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")
    wire.running.turn(fault="html_error")
    assert wire.query().status_code == 502


def test_empty_and_broken_bodies_are_whole_to_http(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="empty")
    assert wire.query().content == b""
    wire.running.turn(fault="broken")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        wire.query().json()


@pytest.mark.parametrize("framing", ["length", "chunked", "gzip_length", "gzip_chunked"])
def test_cut_bodies_that_http_itself_notices(serve: Serve, house_lake: Path, framing: str) -> None:
    answer = _raw(serve(house_lake, fault=f"cut_{framing}"))
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead):
        answer.read()


def test_cut_bodies_that_http_does_not_notice(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    whole = len(wire.query().content)
    wire.running.turn(fault="cut_close")
    answer = _raw(wire)
    assert answer.headers["Content-Length"] is None
    assert len(answer.read()) == whole // 2
    wire.running.turn(fault="cut_gzip_close")
    answer = _raw(wire)
    assert answer.headers["Content-Encoding"] == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(answer.read())


@pytest.mark.parametrize(
    "framing", ["length", "close", "chunked", "gzip_length", "gzip_close", "gzip_chunked"]
)
def test_whole_bodies_in_every_framing(serve: Serve, house_lake: Path, framing: str) -> None:
    wire = serve(house_lake, framing=framing)
    answer = _raw(wire)
    body = answer.read()
    if framing.startswith("gzip"):
        body = gzip.decompress(body)
    assert len(json.loads(body)["result"]) == 5
    assert (answer.headers["Content-Length"] is not None) == framing.endswith("length")
    assert (answer.headers["Transfer-Encoding"] == "chunked") == framing.endswith("chunked")
    assert len(wire.rows()) == 5


def test_reset_connection(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        wire.query()
    assert wire.query().status_code == 200


def test_slow_answers_end_with_the_sandbox(house_lake: Path) -> None:
    running = Sandbox(open_layout(house_lake), {"fault": "slow", "slow_s": "60"}).start()
    wire = Wire(running)
    with pytest.raises(requests.exceptions.ReadTimeout):
        wire.post(f"{wire.products}/properties/query", {}, timeout=0.2)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 5


def test_faults_at_the_storage(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, polls="0", fault="503", fault_at="storage")
    started = wire.start("quantities", {"calculators": ["Count"]})
    location = wire.location("quantities", started)
    assert [fetch(location).status_code for _ in range(2)] == [503, 200]
    wire.running.turn(fault="cut_length")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        fetch(location)


def test_redirect_loop_at_the_api(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, fault="redirect_loop", fault_at="projects", fault_count="all")
    answer = wire.get("/projects")
    assert answer.headers["Location"] == f"{wire.running.at('qonic').base_url}/projects"


@pytest.mark.parametrize(
    ("family", "keys"),
    [
        ("details", {"error", "errorDetails"}),
        ("old", {"Error", "ErrorDetails"}),
        ("problem", {"type", "title", "status", "detail", "errors"}),
    ],
)
def test_families_of_errors(serve: Serve, house_lake: Path, family: str, keys: set[str]) -> None:
    answer = serve(house_lake, errors=family).query({"fields": "Guid"})
    assert answer.status_code == 400
    assert set(answer.json()) == keys


def test_errors_that_are_no_json(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, errors="empty")
    assert wire.get("/operations/none").content == b""
    wire.running.turn(errors="html")
    assert wire.get("/operations/none").headers["Content-Type"].startswith("text/html")
    wire.running.turn(errors="text")
    assert wire.get("/operations/none").text == "There is no operation none."


def test_every_switch_has_a_meaning_and_stands_at_one_of_its_values() -> None:
    for switch in SWITCHES:
        assert switch.meaning
        assert switch.refusal(switch.default) is None
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)


def test_faults_follow_one_another_as_scheduled(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, faults="503@projects+1*2, 500@any+2, 404@operations*all")
    statuses = [wire.get("/projects").status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]
    assert [wire.get("/operations/none").status_code for _ in range(2)] == [404, 404]


def test_switches_are_read_as_written_on_a_command_line() -> None:
    switches = read_switches(["total=absent", "page_limit = 1000"])
    assert (switches["total"], switches.number("page_limit")) == ("absent", 1000)
    assert Switches(SWITCHES)["total"] == "stated"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("totl=absent", "did you mean total"),
        ("total=none", "stated, absent, grows_once, moving"),
        ("page_limit=many", "a whole number"),
        ("faults=503", "written FAULT@PLACE"),
        ("faults=5030@any", "written FAULT@PLACE"),
        ("faults=503@nowhere", "cannot be at 'nowhere'"),
        ("total", "NAME=VALUE"),
    ],
)
def test_wrong_switches_are_refused(given: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        read_switches([given])
