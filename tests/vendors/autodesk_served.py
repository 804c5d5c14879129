"""A small service on this machine that answers as the contract says, and can be told to misbehave.

It serves the recorded answers: one account, one project, one item with its versions, its index and
a comparison. What it was asked is kept in `seen`, also what came to its storage on another port.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from autodesk_rows import API, DIFF, INDEX, LINEAGE, PROJECT, Rows, read, recorded

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "http"))

from loopback import FakeClock, Reply, Seen, Server, serving  # noqa: E402

from takeoff.core.progress import Quiet  # noqa: E402
from takeoff.core.refs import Brought, Document, ModelRef  # noqa: E402
from takeoff.http.auth import Bearer  # noqa: E402
from takeoff.http.session import Session  # noqa: E402
from takeoff.lake.journal import Journal  # noqa: E402
from takeoff.vendors.autodesk import client  # noqa: E402
from takeoff.vendors.autodesk.options import Options  # noqa: E402

TOKEN = "token-that-nobody-may-see"
REF = ModelRef("autodesk", PROJECT, LINEAGE, "Pavilions", "Pavilion.rvt")
DATA = f"/data/v1/projects/b.{PROJECT}"


@dataclass
class Service:
    """What is answered. `states` are those of the job, look by look; the last one stays.

    `mode` is how files come: `enc` (Content-Encoding gzip), `raw` (gzip bytes without a word),
    `303` (from storage), `plain`. `refusals` are the first answers to paths with these endings.
    """

    states: list[str] = field(default_factory=lambda: ["FINISHED"])
    is_bare: bool = False
    mode: str = "enc"
    retry_at: str | None = None
    job: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, list[Reply]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    base: str = ""
    storage: str = ""
    seen: list[Seen] = field(default_factory=list)
    stored: list[Seen] = field(default_factory=list)

    def answer(self, seen: Seen) -> Reply:
        """One request to the API."""
        self.seen.append(seen)
        path = unquote(urlsplit(seen.target).path)
        for ending, replies in self.refusals.items():
            if path.endswith(ending) and replies:
                return replies.pop(0)
        if seen.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "AUTH-006")
        if path.startswith(("/project/", "/data/")):
            return self._listed(path, seen.target)
        return self._indexed(path, seen)

    def store(self, seen: Seen) -> Reply:
        """One request to storage, which fails if it sees our token."""
        self.stored.append(seen)
        if "authorization" in seen.headers:
            return Reply(status=400, body=b"<Error>Only one auth mechanism allowed</Error>")
        content = self.files[urlsplit(seen.target).path.strip("/")]
        return Reply(body=gzip.compress(content), headers={"Content-Type": "binary/octet-stream"})

    def asked(self, ending: str) -> list[Seen]:
        """The requests whose path ends so."""
        return [one for one in self.seen if urlsplit(one.target).path.endswith(ending)]

    def _listed(self, path: str, target: str) -> Reply:
        page = "2" if "number%5D=1" in target or "contents/co.sub" in path else "1"
        answers = {
            "/project/v1/hubs": "hubs.json",
            "/project/v1/hubs/b.aaaaaaaa-0000-4000-8000-00000000000a/projects": "projects.json",
            f"{DATA}/folders/urn:adsk.wipprod:fs.folder:co.top/contents": f"contents_{page}.json",
            f"{DATA}/items/{LINEAGE}/versions": "versions.json",
        }
        if path.endswith("/topFolders"):
            return self._json(recorded("top_folders.json"))
        if path.endswith("co.sub/contents"):
            return self._json(b'{"data":[]}')
        name = answers.get(path)
        return problem(404, "NotFound") if name is None else self._json(recorded(name))

    def _indexed(self, path: str, seen: Seen) -> Reply:
        rest = path.removeprefix(API)
        if rest in ("/indexes:batch-status", "/diffs:batch-status"):
            if seen.headers.get("content-type") != "application/json":
                return problem(415, "Unsupported")
            kind = rest.split(":")[0].strip("/")
            jobs = [self._job(kind)]
            return self._json(json.dumps(jobs if self.is_bare else {kind: jobs}).encode())
        kind, _, what = rest.strip("/").partition("/")
        job_id, _, file = what.partition("/")
        if job_id not in (INDEX, DIFF):
            return problem(404, "NotFound")
        if not file:
            return self._json(json.dumps(self._job(kind)).encode())
        if file == "manifest":
            name = "manifest.json" if kind == "indexes" else "diff_manifest.json"
            return self._json(self.files.get(f"{kind}/manifest", recorded(name)))
        return self._file(f"{kind}/{file}")

    def _job(self, kind: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if kind == "diffs":
            found = json.loads(self._based(recorded("diff_job.json")))
        elif state in ("FINISHED", "FAILED"):
            found = json.loads(self._based(recorded(f"job_{state.lower()}.json")))
        else:
            found = json.loads(self._based(recorded("job_processing.json")))
        found["state"] = "FINISHED" if kind == "diffs" else state
        if self.retry_at is not None:
            found["retryAt"] = self.retry_at
        return found | (self.job if kind == "indexes" else {})

    def _file(self, name: str) -> Reply:
        content = self.files.get(name)
        if content is None:
            return problem(404, "NotFound")
        if self.mode == "303":
            return Reply(status=303, headers={"Location": f"{self.storage}/{name}?sig=secret"})
        if self.mode == "raw":
            return Reply(body=gzip.compress(content))
        return Reply(body=content, packed=self.mode == "enc")

    def _json(self, content: bytes) -> Reply:
        return Reply(body=self._based(content), headers=dict(self.headers))

    def _based(self, content: bytes) -> bytes:
        return content.replace(b"{base}", self.base.encode())


def problem(status: int, kind: str, **headers: str) -> Reply:
    """An error in the service's own form."""
    body = {"type": kind, "title": kind, "detail": "It cannot be.", "errors": []}
    return Reply(status=status, body=json.dumps(body).encode(), headers=headers)


def service(**more: Any) -> Service:
    """A service with the imperial model, and the comparison with the version before."""
    files = {
        "indexes/fields": recorded("fields.jsonl"),
        "indexes/properties": recorded("properties.jsonl"),
        "diffs/fields": recorded("fields.jsonl"),
        "diffs/properties": recorded("diff_properties.jsonl"),
    }
    return Service(**{"files": files, **more})


@contextmanager
def running(told: Service) -> Iterator[Server]:
    """The service and its storage, on ports of their own."""
    with ExitStack() as servers:
        told.storage = servers.enter_context(serving(told.store)).url
        server = servers.enter_context(serving(told.answer))
        told.base = server.url
        yield server


@dataclass(frozen=True)
class Folder:
    """Stands for a run: a folder that outlives a kill."""

    folder: Path


@contextmanager
def opened(told: Service, clock: FakeClock | None = None) -> Iterator[Session]:
    """A session with the service; time passes only while somebody sleeps."""
    clock = FakeClock() if clock is None else clock
    with (
        running(told) as server,
        Session(
            server.url, Bearer(TOKEN), name=client.NAME, hints=client.HINTS, clock=clock
        ) as session,
    ):
        yield session


def asked(
    told: Service, folder: Path, options: Options | None = None, clock: FakeClock | None = None
) -> Brought:
    """Ask for the model and keep its answers in `folder`, as a run that may be killed does."""
    folder.mkdir(parents=True, exist_ok=True)
    with opened(told, clock) as session:
        return client.ask(REF, session, Journal(Folder(folder)), Quiet(), options)


def documents(folder: Path) -> list[Document]:
    """What was kept, numbered as the lake numbers evidence."""
    kept = Journal(Folder(folder)).answers()
    return [Document(no, one.asked.path, one.path, "") for no, one in enumerate(kept)]


def fetched(
    told: Service, folder: Path, options: Options | None = None, clock: FakeClock | None = None
) -> tuple[Brought, Rows]:
    """Asked and decoded."""
    brought = asked(told, folder, options, clock)
    return brought, read(folder, documents(folder))
