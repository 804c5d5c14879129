"""A service of recorded answers on this machine, and what asking and reading it gives."""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

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
from takeoff.vendors.itwin import client, decode  # noqa: E402
from takeoff.vendors.itwin.plan import Options  # noqa: E402

RECORDED = ROOT / "tests" / "recorded" / "itwin"
ITWIN = "2f0c6d1e-0001-4a00-8000-000000000001"
IMODEL = "5e10a7b2-0001-4b00-8000-000000000001"
MAPPING = "e3eb0000-0001-4d00-8000-000000000001"
WALLS, CONCRETE = "9a000000-0001-4e00-8000-000000000001", "9a000000-0001-4e00-8000-000000000002"
EXTRACTION = "40f70000-0001-4f00-8000-000000000001"
REPORT = "617c0000-0001-4100-8000-000000000001"
MANIFEST = "7d0c0000-0001-4200-8000-000000000001"
LATEST = "13a6000000000000000000000000000000000004"
TOKEN = "token-of-the-test"

MAPPINGS = "/grouping-and-mapping/datasources/imodel-mappings"
OF_MAPPING = f"{MAPPINGS}/{MAPPING}"
RUN = f"{MAPPINGS}/extractions/{EXTRACTION}"
CDM = f"{OF_MAPPING}/extractions/{EXTRACTION}/cdm"
ODATA = f"/insights/reporting/odata/{REPORT}"
FEED = f"{ODATA}/1/{MANIFEST}"
REF = ModelRef("itwin", ITWIN, IMODEL, "Bridge 7", "Pier")

Rows = dict[str, list[dict[str, Any]]]
Answered = Reply | Callable[[Seen], Reply | None]


def text(name: str) -> str:
    """A recorded answer; BASE and STORAGE stand for the servers' addresses."""
    return (RECORDED / name).read_bytes().decode()


def recorded(name: str) -> Any:
    """A recorded JSON answer."""
    return json.loads(text(name))


def as_csv(content: str | bytes, **headers: str) -> Reply:
    body = content.encode() if isinstance(content, str) else content
    return Reply(body=body, headers={"Content-Type": "text/csv", **headers})


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers)


def error(status: int, code: str, **headers: str) -> Reply:
    return as_json({"error": {"code": code, "message": f"It says {code}."}}, status, **headers)


def query(seen: Seen) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(seen.target.partition("?")[2]).items()}


def path(seen: Seen) -> str:
    return unquote(seen.target.partition("?")[0])


def partitions(files: dict[str, str | bytes]) -> Callable[[Seen], Reply]:
    """Answers by the location that is asked for."""
    return lambda seen: as_csv(files[query(seen)["location"]])


FILES: dict[str, str | bytes] = {
    "Walls/part00000.csv": text("walls_0.csv"),
    "Walls/part00001.csv": text("walls_1.csv"),
    "Concrete/part00000.csv": text("concrete_0.csv"),
}


def _feed_of_walls(seen: Seen) -> Reply:
    number = query(seen).get("sequence", "0")
    return as_json(recorded(f"odata_walls_{number}.json"))


def routes() -> dict[str, Answered]:
    """The answers of a service where nothing goes wrong, by method and path."""
    names = {
        "/itwins/": "itwins.json",
        "/imodels": "imodels.json",
        f"/imodels/{IMODEL}": "imodel.json",
        f"/imodels/{IMODEL}/operations/create": "create_operation.json",
        f"/imodels/{IMODEL}/namedversions": "named_versions.json",
        f"/imodels/{IMODEL}/changesets": "changesets.json",
        f"/imodels/{IMODEL}/changesets/4": "changeset.json",
        MAPPINGS: "mappings.json",
        f"{OF_MAPPING}/groups": "groups.json",
        f"{OF_MAPPING}/groups/{WALLS}/properties": "properties_walls.json",
        f"{OF_MAPPING}/groups/{CONCRETE}/properties": "properties_concrete.json",
        f"{OF_MAPPING}/extractions": "mapping_extractions.json",
        RUN: "extraction.json",
        f"{RUN}/logs": "logs.json",
        CDM: "cdm.json",
        "/insights/reporting/reports": "reports.json",
        f"/insights/reporting/reports/{REPORT}": "report.json",
        f"/insights/reporting/reports/{REPORT}/datasources/imodelMappings": "report_mappings.json",
        ODATA: "odata_service.json",
        f"{FEED}/Takeoff_Concrete_cd34": "odata_concrete_0.json",
    }
    found: dict[str, Answered] = {
        f"GET {where}": as_json(recorded(name)) for where, name in names.items()
    }
    found[f"GET {CDM}/partitions"] = partitions(FILES)
    found[f"GET {FEED}/Takeoff_Walls_ab12"] = _feed_of_walls
    metadata = text("odata_metadata.xml").encode()
    found[f"GET {ODATA}/$metadata"] = Reply(
        body=metadata, headers={"Content-Type": "application/xml"}
    )
    return found


class Service:
    """Answers by method and path; `routes` may be changed at any time."""

    def __init__(self) -> None:
        self.routes = routes()
        self.server = Server(self._answer)
        self.storage = Server(lambda seen: error(404, "NotFound"))
        self.clock = FakeClock()

    def set(self, route: str, *answers: Answered) -> None:
        """The answers one after the other, the last one for ever."""
        left = list(answers)

        def answer(seen: Seen) -> Reply | None:
            now = left.pop(0) if len(left) > 1 else left[0]
            return now if isinstance(now, Reply) else now(seen)

        self.routes[route] = answer

    def asked(self, route: str) -> list[Seen]:
        """The requests of this method and path."""
        return [seen for seen in self.server.seen if f"{seen.method} {path(seen)}" == route]

    @contextmanager
    def session(self) -> Iterator[Session]:
        with Session(
            self.server.url,
            Bearer(TOKEN),
            name=client.NAME,
            hints=client.HINTS,
            keep_headers=client.HEADERS,
            clock=self.clock,
        ) as session:
            yield session

    def stop(self) -> None:
        self.server.stop()
        self.storage.stop()

    def _answer(self, seen: Seen) -> Reply | None:
        found = self.routes.get(f"{seen.method} {path(seen)}")
        if found is None:
            return error(404, "ResourceNotFound")
        reply = found if isinstance(found, Reply) else found(seen)
        if reply is None:
            return None
        body = reply.body.replace(b"BASE", self.server.url.encode())
        body = body.replace(b"STORAGE", self.storage.url.encode())
        headers = {
            key: value.replace("BASE", self.server.url) for key, value in reply.headers.items()
        }
        return Reply(reply.status, body, headers, reply.framing, reply.packed, reply.cut)


@dataclass(frozen=True)
class Folder:
    """Stands for a run: a folder that outlives a kill."""

    folder: Path


def asked(service: Service, folder: Path, options: Options | None = None) -> Brought:
    """Ask for the model and keep its answers in `folder`, as a run that may be killed does."""
    folder.mkdir(parents=True, exist_ok=True)
    with service.session() as session:
        return client.ask(REF, session, Journal(Folder(folder)), Quiet(), options)


def documents(folder: Path) -> list[Document]:
    """What was kept, numbered as the lake numbers evidence."""
    kept = Journal(Folder(folder)).answers()
    return [Document(no, one.asked.path, one.path, "") for no, one in enumerate(kept)]


def quantity_names() -> QuantityNames:
    """The rules that takeoff ships."""
    with (ROOT / "data" / "rules" / "quantity_names.csv").open(encoding="utf-8") as file:
        return QuantityNames.from_rows(list(csv.DictReader(file)))


def rows(folder: Path) -> Rows:
    """The neutral rows of what was kept, in the order of each table's key."""
    found: Rows = defaultdict(list)
    for table, batch in decode.decode(
        documents(folder), names=quantity_names(), options={}, work=folder, progress=Quiet()
    ):
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
        found[table].extend(batch.to_pylist())
    for table, items in found.items():
        items.sort(key=lambda row: [(row[key] is None, row[key]) for key in TABLES[table].key])
    return found


def fetched(service: Service, folder: Path, options: Options | None = None) -> tuple[Brought, Rows]:
    """Asked and decoded."""
    return asked(service, folder, options), rows(folder)


def warned(found: Rows) -> list[str]:
    """The codes of the warnings, in order."""
    return [row["code"] for row in found["warnings"]]


def serve_table(
    service: Service,
    columns: dict[str, str],
    content: str | bytes,
    properties: list[dict[str, Any]] | None = None,
    group: str = "Walls",
) -> None:
    """Let the only mapping have one group, whose table has these columns and this content."""
    listed = recorded("groups.json")
    listed["groups"] = [{**listed["groups"][0], "groupName": group}]
    service.set(f"GET {OF_MAPPING}/groups", as_json(listed))
    of_group = f"GET {OF_MAPPING}/groups/{WALLS}/properties"
    service.set(of_group, as_json({"properties": properties or [], "_links": {}}))
    attributes = [{"name": name, "dataType": kind} for name, kind in columns.items()]
    entity = {"name": group, "attributes": attributes, "partitions": [{"location": "t/0.csv"}]}
    service.set(f"GET {CDM}", as_json({"entities": [entity]}))
    service.set(f"GET {CDM}/partitions", partitions({"t/0.csv": content}))


def defined(name: str, data_type: str = "Double", **more: Any) -> dict[str, Any]:
    """A property definition as the service lists it."""
    return {"id": name, "propertyName": name, "dataType": data_type, **more}
