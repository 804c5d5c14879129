"""doctor names what is wrong and how to mend it, asks no more than it must, and tells no secret."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from packaging.requirements import Requirement
from small_lakes import Model

from takeoff import cli
from takeoff.http.auth import Tokens
from takeoff.http.session import Session
from takeoff.jobs.installed import examine_extra, examine_libraries, examine_python
from takeoff.jobs.token_store import FileStore


def _examined(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code of doctor, and its lines by what was looked at."""
    code = cli.main(["doctor", "--format", "csv", *arguments])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert all((row["status"] == "ok") is not bool(row["cure"]) for row in rows)
    return code, {row["check"]: row for row in rows}


def test_doctor_asks_no_service_where_none_is_configured(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Session, "_send")
    code, found = _examined(capsys)
    assert code == 0
    assert "none was asked" in found["services"]["found"]
    assert found["Python"]["status"] == "ok"
    assert list(desk.iterdir()) == []


def test_doctor_reads_the_lake_and_changes_nothing(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Model("house").add("wall").commit(desk / "lake")
    before = sorted(desk.rglob("*"))
    code, found = _examined(capsys, "--lake", "lake")
    assert code == 0
    assert "1 snapshot of 1 model, tables of version" in found["lake"]["found"]
    assert "GiB are free" in found["disk space"]["found"]
    assert sorted(desk.rglob("*")) == before


def test_doctor_warns_of_a_disk_that_is_nearly_full(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 8, 1 << 20))
    code, found = _examined(capsys, "--lake", "lake")
    assert (code, found["disk space"]["status"]) == (0, "warning")
    assert "still empty" in found["lake"]["found"]


@pytest.mark.parametrize(
    ("settings", "check", "code", "words"),
    [
        ("[takeoff]\nlaek = 'x'", "configuration", 3, "holds laek"),
        ("[takeoff", "configuration", 3, "Cannot read"),
        ("[vendors.qonc]", "configuration", 3, "no vendor 'qonc'"),
        ("[[models]]\nvendor = 'ifc'\nfiles = ['*.ifc']", "configuration", 3, "no file matches"),
        ("[takeoff]\nlake = 'takeoff.toml'", "lake", 7, "is a file"),
        ("[takeoff]\nlake = 'other'", "lake", 7, "is not a lake"),
        ("[vendors.qonic]", "login qonic", 4, "there is none"),
    ],
)
def test_doctor_names_what_is_wrong_and_goes_on(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    settings: str,
    check: str,
    code: int,
    words: str,
) -> None:
    (desk / "other").mkdir()
    (desk / "other" / "letter.txt").touch()
    (desk / "takeoff.toml").write_text(settings)
    found_code, found = _examined(capsys, "--offline")
    assert (found_code, found[check]["status"]) == (code, "failed")
    assert words in found[check]["found"]
    assert found["services"]["found"] == "not asked"


def test_doctor_names_settings_that_are_not_there(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = _examined(capsys, "--offline", "--config", "takeoff.toml", "--lake", "lake")
    assert (code, found["configuration"]["status"]) == (3, "failed")
    assert "There is no configuration file" in found["configuration"]["found"]
    assert "still empty" in found["lake"]["found"]


@pytest.mark.parametrize(
    ("hours", "renewed", "code", "words"),
    [(1, False, 0, "until 20"), (-1, False, 4, "it has ended"), (-1, True, 0, "renewed by itself")],
)
def test_doctor_says_until_when_a_login_is(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
    renewed: bool,
    code: int,
    words: str,
) -> None:
    place = Path(os.environ["TAKEOFF_TOKENS"])
    ends_at = datetime.now(UTC) + timedelta(hours=hours)
    tokens = Tokens("secret-token", "secret-refresh" if renewed else None, ends_at)
    FileStore(place).write("qonic https://api.qonic.com/v1", tokens)
    if renewed:
        monkeypatch.setenv("TAKEOFF_QONIC_CLIENT_ID", "c")
    found_code, found = _examined(capsys, "--offline")
    assert found_code == code
    assert words in found["login qonic"]["found"]
    assert "for you alone" in found["logins"]["found"]
    assert "secret" not in json.dumps(found)


@pytest.mark.parametrize(
    ("claims", "lacking"),
    [
        ({"scope": "projects:read models:read libraries:read issues:read"}, None),
        ({"scp": ["https://rights.example/projects:read", "libraries:read"]}, "models:read"),
        ({"scope": ""}, "projects:read models:read libraries:read"),
        ({"scope": 7}, None),
        ({"aud": "nobody says what it may"}, None),
    ],
)
def test_doctor_says_which_rights_a_token_lacks(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, object],
    lacking: str | None,
) -> None:
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    told = json.dumps({"exp": ends_at.timestamp(), **claims}).encode()
    token = f"head.{base64.urlsafe_b64encode(told).decode().rstrip('=')}.signature"
    monkeypatch.setenv("TAKEOFF_QONIC_TOKEN", token)
    code, found = _examined(capsys, "--offline")
    login = found["login qonic"]
    assert code == 0
    assert f"until {ends_at:%Y-%m-%d %H:%M}" in login["found"]
    assert login["status"] == ("ok" if lacking is None else "warning")
    assert lacking is None or login["cure"].endswith(f"or get a token with {lacking}")
    assert token not in json.dumps(found)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_doctor_names_logins_that_others_may_read(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Path(os.environ["TAKEOFF_TOKENS"])
    FileStore(place).write("qonic https://api.qonic.com/v1", Tokens("secret-token"))
    place.chmod(0o644)
    code, found = _examined(capsys, "--offline")
    assert (code, found["logins"]["status"]) == (3, "failed")
    assert "chmod 600" in found["logins"]["cure"]
    assert "secret" not in json.dumps(found)


@contextmanager
def _service(minutes_off: float, status: int = 404) -> Iterator[tuple[str, list[str]]]:
    """The base URL of a service whose clock is off, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Authorization')}")
            self.send_response(status)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.now(UTC) - timedelta(minutes=minutes_off), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
        server.shutdown()


@pytest.mark.parametrize(
    ("minutes_off", "status", "words"),
    [
        (1, "ok", "as this machine's"),
        (5, "warning", "5 minutes ahead of it"),
        (-3, "warning", "3 minutes behind it"),
    ],
)
def test_doctor_compares_clocks(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    minutes_off: float,
    status: str,
    words: str,
) -> None:
    with _service(minutes_off) as (base_url, asked):
        monkeypatch.setenv("TAKEOFF_QONIC_BASE_URL", base_url)
        monkeypatch.setenv("TAKEOFF_QONIC_TOKEN", "secret-token")
        code, found = _examined(capsys)
    assert asked == ["/v1 None"]
    assert (code, found["service qonic"]["status"]) == (0, "ok")
    assert found["clock of qonic"]["status"] == status
    assert words in found["clock of qonic"]["found"]
    assert "secret" not in json.dumps(found)


def test_doctor_names_a_service_that_is_ill_or_not_there(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEOFF_QONIC_TOKEN", "t")
    with _service(0, 503) as (base_url, _):
        monkeypatch.setenv("TAKEOFF_QONIC_BASE_URL", base_url)
        code, found = _examined(capsys)
    assert (code, found["service qonic"]["status"]) == (0, "warning")
    code, found = _examined(capsys)
    assert (code, found["service qonic"]["status"]) == (5, "failed")
    assert "cannot be reached" in found["service qonic"]["found"]


def test_libraries_are_held_against_what_is_needed() -> None:
    needs = [Requirement(text) for text in ("pyarrow>=18", "pandas>=999", "no-such-library")]
    too_old, missing = examine_libraries(needs)
    assert too_old.cure == "run: pip install 'pandas>=999'"
    assert (too_old.status, missing.status, missing.exit_code) == ("failed", "failed", 3)
    assert "is not installed" in missing.found
    assert [one.status for one in examine_libraries(needs[:1])] == ["ok"]
    assert examine_python(">=3.11").status == "ok"
    assert examine_python(">=4").status == "failed"


@pytest.mark.parametrize(
    ("need", "status", "words"),
    [
        ("pyarrow>=18", "ok", "installed"),
        ("no-such-library", "ok", "pip install 'takeoff[extra]'"),
        ("pyarrow>=999", "warning", "but >=999 is needed"),
    ],
)
def test_an_extra_that_is_not_there_is_no_fault(need: str, status: str, words: str) -> None:
    found = examine_extra(
        "extra", [Requirement(f"{need}; extra == 'extra'"), Requirement("duckdb")]
    )
    assert found.status == status
    assert words in found.found
