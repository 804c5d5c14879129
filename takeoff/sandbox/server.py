"""Start and stop the sandbox: two servers on this machine, reachable from nowhere else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import NotFound
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.sandbox.desk import Desk, Door, ReadIfc, Served
from takeoff.sandbox.doors import DOORS, SWITCHES
from takeoff.sandbox.faults import Control
from takeoff.sandbox.seen import Register, Seen
from takeoff.sandbox.storage import Storage, storage_app
from takeoff.sandbox.switches import Switches

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """A vendor's stand-in while it serves: where, and with what token. It is not in its repr."""

    base_url: str
    token: str = field(repr=False)
    told: Mapping[str, str] = field(repr=False)
    models: list[Served]


class Sandbox:
    """A stand-in for the vendors that serves `layout`'s lake; it is only ever read.

    Serves `snapshots`, or else the current one of every model. Nothing is read before it is asked
    for, so starting is quick. `read_ifc` reads uploaded IFC files into a lake of their own; without
    it no model can be imported. Raises, on start: LakeUnusable; InputRefused if a port is taken.
    """

    def __init__(
        self,
        layout: Layout,
        switches: Switches | Mapping[str, str] | None = None,
        *,
        snapshots: Sequence[Snapshot] | None = None,
        port: int = 0,
        storage_port: int = 0,
        read_ifc: ReadIfc | None = None,
    ) -> None:
        self._layout = layout
        given = switches if isinstance(switches, Switches) else Switches(SWITCHES, switches)
        self._switches = given
        self._snapshots = snapshots
        self._ports = port, storage_port
        self._read_ifc = read_ifc

    def start(self) -> Running:
        """Serve, in threads of this process, until `stop`."""
        snapshots = self._snapshots
        if snapshots is None:
            snapshots = current(read_snapshots(self._layout))
        control, register = Control(self._switches), Register()
        storage = Storage(control)
        shown = tuple(snapshots)
        desk = Desk(self._layout, shown, control, register, storage, self._read_ifc)
        doors = {vendor: opened(desk) for vendor, opened in DOORS.items()}
        port, storage_port = self._ports
        api = _Server(_ByFirstSegment(doors.values()), port)
        try:
            store = _Server(storage_app(storage, control, register), storage_port)
        except InputRefused:
            api.stop()
            raise
        storage.base_url = store.url
        return Running(desk, doors, api, store)


class Running:
    """A sandbox that serves; stop it, or use it in a `with`."""

    def __init__(
        self, desk: Desk, doors: Mapping[str, Door], api: _Server, storage: _Server
    ) -> None:
        self._desk, self._doors = desk, doors
        self._servers = api, storage
        self.storage_url = storage.url

    def __repr__(self) -> str:
        return f"Running({self._servers[0].url!r}, storage_url={self.storage_url!r})"

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def vendors(self) -> list[str]:
        """Names of those that are served."""
        return list(self._doors)

    def at(self, vendor: str) -> Service:
        """One vendor's stand-in as it is now; its models in the order of the lists on the wire."""
        door = self._doors[vendor]
        base_url = self._servers[0].url + door.base_path
        return Service(base_url, door.token, door.told, door.models())

    def turn(self, **changes: str) -> None:
        """Turn these switches while it serves; whatever is counted begins anew.

        Operations and links keep what stood when they were made. Raises: InputRefused.
        """
        control = self._desk.control
        control.turn(control.switches.turned(changes))

    def seen(self) -> list[Seen]:
        """The requests answered so far, in their order."""
        return self._desk.register.all()

    def forget(self) -> None:
        """Begin the list of requests anew."""
        self._desk.register.clear()

    def warm(self) -> None:
        """Read every model now, rather than when it is first asked for. Raises: LakeUnusable."""
        for door in self._doors.values():
            door.warm()

    def stop(self) -> None:
        """End both servers and free their ports; stopping twice is fine."""
        self._desk.control.stopping.set()
        for server in self._servers:
            server.stop()
        for door in self._doors.values():
            door.close()


class _ByFirstSegment:
    """Hands each request to the vendor that the first segment of its path belongs to; to one whose
    base path may have something before it, also if a later segment is its own.
    """

    def __init__(self, doors: Collection[Door]) -> None:
        self._doors = {prefix: door for door in doors for prefix in door.prefixes}
        self._others = next((door for door in doors if not door.prefixes), None)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        first, *later = environ["PATH_INFO"].lstrip("/").split("/")
        found = [self._doors[one] for one in later if one in self._doors]
        behind = next((door for door in found if door.is_prefixed), self._others)
        door = self._doors.get(first, behind)
        return (NotFound() if door is None else door.app())(environ, start_response)


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests: their lines hold what is secret, such as links' signatures."""

    def log(self, type: str, message: str, *args: Any) -> None:
        _log.debug("%s: a request was answered", type)


class _Server:
    def __init__(self, app: WSGIApplication, port: int) -> None:
        try:
            self._server: BaseWSGIServer = make_server(
                HOST, port, app, threaded=True, request_handler=_Quiet
            )
        except (OSError, SystemExit) as error:
            raise InputRefused(f"Port {port} cannot be used; name another, or 0.") from error
        self.url = f"http://{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
