"""A lake at s3://, by commands as people type them, against a local S3 server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from machines import Machine
from s3_server import SECRET, Server
from small_lakes import Model

from takeoff.core.errors import LakeUnusable
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.remote import Remote
from takeoff.lake.verify import verify
from takeoff.sandbox import Running, Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STRUCTURE = ROOT / "data" / "sample" / "Lindenhof_structure.ifc"
PATIENCE_S = 60
REPORT = ("report", "takeoff", "--by", "class", "--quantity", "NetVolume", "--format", "csv")
# Every object is sent, and then nobody hears of it again.
SENDS_AND_WAITS = """
import sys, time
from pathlib import Path
from takeoff.cli import main
from takeoff.lake.remote import Remote
put, told = Remote.put, Path(sys.argv[1])
def send_and_wait(self, source, name):
    with told.open("a") as file:
        file.write(name + "\\n")
    put(self, source, name)
    told.with_suffix(".sent").touch()
    time.sleep(600)
Remote.put = send_and_wait
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def fetched(here: Machine) -> Machine:
    here.takeoff("fetch", "ifc", STRUCTURE)
    return here


def test_what_one_machine_fetches_another_reports(
    fetched: Machine, there: Machine, tmp_path: Path
) -> None:
    fetched.takeoff("fetch", "ifc", STRUCTURE, "--lake", tmp_path / "local")
    assert (
        there.takeoff(*REPORT).splitlines()[1:]
        == fetched.takeoff(*REPORT, "--lake", tmp_path / "local").splitlines()[1:]
    )
    (snapshot,) = read_snapshots(open_layout(there.place))
    brought = {path.parent.name for path in there.place.mirror.glob("data/*/*")}
    assert brought < {file.table for file in snapshot.files}


def test_an_explanation_quotes_evidence_of_another_machine(
    fetched: Machine, there: Machine
) -> None:
    by_class = ("explain", "--report", "takeoff", "--by", "class", "--where", "ifc_class=Beam")
    assert "IFCQUANTITY" in there.takeoff(*by_class, "--where", "quantity=NetVolume")


def test_a_file_fetched_again_is_unchanged(fetched: Machine, there: Machine) -> None:
    assert "unchanged" in fetched.takeoff("fetch", "ifc", STRUCTURE, "--format", "csv")
    assert "unchanged" in there.takeoff("fetch", "ifc", STRUCTURE, "--format", "csv")


@pytest.mark.parametrize("harm", ["flipped", "cut", "missing"])
def test_verify_names_harmed_objects_and_rebuild_puts_them_right(
    harm: str, fetched: Machine, tmp_path: Path
) -> None:
    assert fetched.takeoff("verify", "--format", "csv").splitlines()[1:] == []
    remote = Remote(fetched.url)
    names = ("data/elements/", "data/quantities/", "evidence/")
    harmed = [name for name in remote.names("") if name.startswith(names)]
    assert len(harmed) == 3
    for name in harmed:
        do_harm(remote, name, harm, tmp_path / "object")
    found = fetched.takeoff("verify", "--format", "csv", code=LakeUnusable.exit_code)
    assert [line.split(",")[:2] for line in found.splitlines()[1:]] == [
        ["damage", remote.at(name)] for name in harmed
    ]
    fetched.takeoff("rebuild")
    assert fetched.takeoff("verify", "--format", "csv").splitlines()[1:] == []


def test_rebuild_puts_a_harmed_manifest_right_by_the_copy(fetched: Machine, tmp_path: Path) -> None:
    remote = Remote(fetched.url)
    (name,) = remote.names("snapshots")
    do_harm(remote, name, "cut", tmp_path / "object")
    found = fetched.takeoff("verify", "--format", "csv", code=LakeUnusable.exit_code)
    assert f"damage,{remote.at(name)}," in found
    fetched.takeoff("rebuild")
    assert fetched.takeoff("verify", "--format", "csv").splitlines()[1:] == []


def do_harm(remote: Remote, name: str, harm: str, scratch: Path) -> None:
    assert remote.fetch(name, scratch)
    content = bytearray(scratch.read_bytes())
    content[len(content) // 2] ^= 1
    scratch.write_bytes(content if harm == "flipped" else content[: len(content) // 2])
    if harm == "missing":
        remote.delete([name])
    else:
        remote.put(scratch, name)


def test_a_login_is_neither_said_nor_kept(fetched: Machine) -> None:
    for command in (REPORT, ("verify",), ("doctor",), ("snapshots", "--format", "json")):
        fetched.takeoff(*command)
    assert SECRET not in "".join(fetched.said)
    kept = [path for path in fetched.cache.rglob("*") if path.is_file()]
    assert kept
    assert all(SECRET.encode() not in path.read_bytes() for path in kept)


def test_one_name_is_created_once(url: str) -> None:
    """By the store itself: two processes cannot both believe that they have committed."""
    Remote(url).create(b"one", "snapshots/20260101T000000Z-0123456789ab.json")
    with pytest.raises(LakeUnusable, match="is there already, with other content"):
        Remote(url).create(b"two", "snapshots/20260101T000000Z-0123456789ab.json")


def test_doctor_tries_to_write_and_leaves_nothing(fetched: Machine) -> None:
    before = Remote(fetched.url).names("")
    found = fetched.takeoff("doctor", "--format", "csv")
    assert f"ok,lake,{fetched.url}: 1 snapshot of 1 model" in found.replace('"', "")
    assert "ok,lake is writable,yes" in found
    assert Remote(fetched.url).names("") == before


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    house = Model("house")
    for number in range(20):
        house.add(f"wall-{number}").figure("NetVolume", number)
    house.commit(tmp_path / "served")
    switches = {"polls": "0", "page_limit": "5"}
    with Sandbox(open_layout(tmp_path / "served"), switches).start() as running:
        yield running


def test_a_fetch_killed_while_it_sends_goes_on_with_what_it_has(
    here: Machine, service: Running, tmp_path: Path
) -> None:
    qonic = service.at("qonic")
    access = {"TAKEOFF_QONIC_BASE_URL": qonic.base_url, "TAKEOFF_QONIC_TOKEN": qonic.token}
    told = tmp_path / "told"
    killed = subprocess.Popen(
        [sys.executable, "-c", SENDS_AND_WAITS, str(told), "fetch", "qonic"],
        env={**here.environ, **access},
    )
    deadline = time.monotonic() + PATIENCE_S
    while not told.with_suffix(".sent").exists():
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    assert Remote(here.url).names("snapshots") == {}
    assert len(pages_asked(service)) > 1

    service.forget()
    here.takeoff("fetch", "qonic", **access)
    assert pages_asked(service) == []
    (snapshot,) = read_snapshots(open_layout(here.place))
    assert snapshot.rows("elements") == 20
    report = verify(open_layout(here.place))
    assert report.is_sound
    left = {str(finding.file).removeprefix(f"{here.url}/") for finding in report.findings}
    assert left <= set(told.read_text().split())


def pages_asked(service: Running) -> list[str]:
    """What was asked for rows; a count of products, without their figures, tells a version only."""
    pages = [one.body or "" for one in service.seen() if one.endpoint == "properties"]
    return [body for body in pages if body != '{"fields":["Guid"],"filters":[]}']


def test_what_cannot_be_reached_is_tried_later(here: Machine) -> None:
    here.takeoff("snapshots", code=5, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "it cannot be reached; look at the network" in here.last_words
    assert here.last_words.count("\n") == 1


def test_a_missing_bucket_is_said_to_be_missing(here: Machine) -> None:
    here.takeoff("fetch", "ifc", STRUCTURE, "--lake", "s3://nowhere-at-all/lake", code=7)
    assert "There is no bucket for s3://nowhere-at-all/lake" in here.last_words


def test_without_a_login_that_is_what_lacks(here: Machine, tmp_path: Path) -> None:
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    here.takeoff("snapshots", code=7, AWS_EC2_METADATA_DISABLED="true", **none)
    assert "no login for it was found" in here.last_words


@contextmanager
def refusing(code: str) -> Iterator[str]:
    """The address of a store that answers 403 to whatever it is asked."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{SECRET}</Message></Error>"

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as store:
        thread = threading.Thread(target=store.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{store.server_port}"
        store.shutdown()
        thread.join()


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAccessKeyId"])
def test_a_refusal_is_the_lakes_and_quotes_no_more_than_its_name(here: Machine, code: str) -> None:
    with refusing(code) as address:
        here.takeoff("snapshots", code=7, AWS_ENDPOINT_URL=address)
    assert f"You may not list {here.url}/snapshots, {code}; get the right to" in here.last_words
    assert SECRET not in here.last_words


def test_two_lakes_in_one_bucket_do_not_see_each_other(fetched: Machine, server: Server) -> None:
    other = Machine(f"{fetched.url}-2", fetched.cache, server)
    other.takeoff("snapshots", code=7)
    assert f"There is no lake at {other.url}" in other.last_words
    layout = Layout(other.place.mirror, Remote(other.url))
    assert layout.remote is not None
    assert layout.remote.top() == []
