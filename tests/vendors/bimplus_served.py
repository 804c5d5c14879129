"""A tiny service that answers as Bimplus does, from recorded answers that a test may change."""

from __future__ import annotations

import copy
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "http"))

from loopback import FakeClock, Reply, Seen, Server  # noqa: E402

from takeoff.core.progress import Quiet  # noqa: E402
from takeoff.core.quantity_names import QuantityNames  # noqa: E402
from takeoff.core.refs import Brought, Document, ModelRef  # noqa: E402
from takeoff.core.tables import TABLES  # noqa: E402
from takeoff.http.auth import Bearer  # noqa: E402
from takeoff.http.session import Session  # noqa: E402
from takeoff.lake.journal import Journal  # noqa: E402
from takeoff.vendors.bimplus import client, decode  # noqa: E402
from takeoff.vendors.bimplus.client import Options  # noqa: E402

RECORDED = ROOT / "tests" / "recorded" / "bimplus"
TOKEN = "0123456789abcdef0123456789abcdef"
TAG = "f9efd399-5dc8-4be6-a4f9-2d6a3d6b2c11"
WALL = "10074eef-9418-4d64-9c6d-23932835a7f1"

Rows = dict[str, list[dict[str, Any]]]
Answer = Callable[[Seen], Reply]


def guid(number: int) -> str:
    """An id of the recorded answers."""
    return f"b1000000-0000-4000-8000-{number:012d}"


PROJECT, MODEL, TOPOLOGY = guid(1), guid(2), guid(3)
DETAILS = f"/acme/divisions/{MODEL}"
TREE = f"/acme/objects/{TOPOLOGY}/topology"
DOWNLOAD = f"{DETAILS}/download"
WALLS = f"/acme/objects/{TOPOLOGY}/properties/24?type={WALL}"
REF = ModelRef("bimplus", PROJECT, MODEL, "Lindenhof", "Model A")


def recorded(name: str) -> Any:
    """The answer of one recording."""
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["answer"]


def as_json(value: Any, **headers: str) -> Reply:
    """A usual answer."""
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(body=json.dumps(value).encode(), headers=given)


class Service:
    """Answers by path and query; `answers` may be changed by a test, a status stands for a refusal.

    Query parameters that begin with an underscore, and unknown paths, are treated as the service
    treats them. `tag` is the model's ETag, null for none.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        for file in sorted(RECORDED.glob("*.json")):
            one = json.loads(file.read_text(encoding="utf-8"))
            self.answers[one["path"]] = copy.deepcopy(one["answer"])
        self.tag: str | None = f'"{TAG}"'
        self.head_type = "application/json"
        self.server: Server

    def __call__(self, seen: Seen) -> Reply:
        if seen.headers.get("authorization") not in (f"BimPlus {TOKEN}", f"Bearer {TOKEN}"):
            return Reply(401, b'{"message": "no token"}')
        target = seen.target.removeprefix("/any/v2")
        if seen.method == "HEAD":
            return self._head(seen, target)
        answer = self.answers.get(target, self.answers.get(target.partition("?")[0], 404))
        if callable(answer):
            answer = answer(seen)
        if isinstance(answer, Reply):
            return answer
        return Reply(answer, b"") if isinstance(answer, int) else as_json(answer)

    def _head(self, seen: Seen, target: str) -> Reply:
        if self.tag is None:
            return Reply()
        asked = seen.headers.get("if-none-match", "").removeprefix("W/").strip('"')
        is_same = asked == self.tag.removeprefix("W/").strip('"')
        headers = {"ETag": self.tag, "Content-Type": self.head_type}
        return Reply(304 if is_same else 200, headers=headers)

    def asked(self, ending: str = "", method: str = "GET") -> list[str]:
        """Targets of the requests whose path ends so."""
        seen = [one for one in self.server.seen if one.method == method]
        return [
            one.target.removeprefix("/any/v2")
            for one in seen
            if one.target.partition("?")[0].endswith(ending)
        ]


def queried(seen: Seen) -> dict[str, str]:
    """The query of a request."""
    return dict(parse_qsl(urlsplit(seen.target).query))


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()
    service.server = Server(service)
    try:
        yield service
    finally:
        service.server.stop()


def session(
    service: Service, clock: FakeClock | None = None, token: str = TOKEN, scheme: str = "BimPlus"
) -> Session:
    """A session with the service, whose base path has a prefix; waiting costs no time."""
    return Session(
        f"{service.server.url}/any/v2",
        Bearer(token, scheme),
        name=client.NAME,
        hints=client.HINTS,
        keep_headers=client.HEADERS,
        clock=FakeClock() if clock is None else clock,
    )


@dataclass(frozen=True)
class Folder:
    """Stands for a run: a folder that outlives a kill."""

    folder: Path


def journal(folder: Path) -> Journal:
    folder.mkdir(parents=True, exist_ok=True)
    return Journal(Folder(folder))


def asked(service: Service, folder: Path, options: Options | None = None) -> Brought:
    """Ask for the model and keep its answers in `folder`, as a run that may be killed does."""
    with session(service) as open_session:
        return client.ask(REF, open_session, journal(folder), Quiet(), options)


def documents(folder: Path) -> list[Document]:
    """What was kept, numbered as the lake numbers evidence."""
    kept = journal(folder).answers()
    return [Document(no, one.asked.path, one.path, "") for no, one in enumerate(kept)]


def names() -> QuantityNames:
    """The rules that takeoff ships."""
    with (ROOT / "data" / "rules" / "quantity_names.csv").open(encoding="utf-8") as file:
        return QuantityNames.from_rows(list(csv.DictReader(file)))


def rows(folder: Path) -> Rows:
    """The neutral rows of what was kept, in the order of each key; every batch is checked."""
    found: Rows = defaultdict(list)
    for table, batch in decode.decode(
        documents(folder), names=names(), options={}, work=folder, progress=Quiet()
    ):
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
        found[table].extend(batch.to_pylist())
    for table, listed in found.items():
        listed.sort(key=lambda row: [(row[key] is None, row[key]) for key in TABLES[table].key])
    return found


def fetched(service: Service, folder: Path, options: Options | None = None) -> tuple[Brought, Rows]:
    """Asked and decoded."""
    return asked(service, folder, options), rows(folder)


def codes(found: Rows) -> set[str]:
    """The codes of the warnings."""
    return {row["code"] for row in found["warnings"]}
