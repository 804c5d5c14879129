"""Start and stop the sandbox: two servers on this machine, reachable from nowhere else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.sandbox.faults import Control
from takeoff.sandbox.qonic.app import Service, api_app
from takeoff.sandbox.qonic.auth import Auth
from takeoff.sandbox.qonic.catalogue import Catalogue
from takeoff.sandbox.qonic.operations import Operations
from takeoff.sandbox.qonic.pages import Pages, looks
from takeoff.sandbox.seen import Register, Seen
from takeoff.sandbox.storage import Storage, storage_app
from takeoff.sandbox.switches import Switches

HOST = "127.0.0.1"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """One model: its ids on the wire, as text, and the snapshot behind it."""

    project_id: str
    model_id: str
    name: str
    snapshot: Snapshot


class Sandbox:
    """A stand-in for the vendors that serves `layout`'s lake; it is only ever read.

    Serves `snapshots`, or else the current one of every model. Nothing is read before it is asked
    for, so starting is quick. Raises, on start: LakeUnusable; InputRefused if a port is taken.
    """

    def __init__(
        self,
        layout: Layout,
        switches: Switches | Mapping[str, str] | None = None,
        *,
        snapshots: Sequence[Snapshot] | None = None,
        port: int = 0,
        storage_port: int = 0,
    ) -> None:
        self._layout = layout
        self._switches = switches if isinstance(switches, Switches) else Switches(switches)
        self._snapshots = snapshots
        self._ports = port, storage_port

    def start(self) -> Running:
        """Serve, in threads of this process, until `stop`."""
        snapshots = self._snapshots
        if snapshots is None:
            snapshots = current(read_snapshots(self._layout))
        control, register = Control(self._switches), Register()
        storage = Storage(control)
        service = Service(
            layout=self._layout,
            catalogue=Catalogue(self._layout, snapshots),
            control=control,
            auth=Auth(),
            storage=storage,
            pages=Pages(control),
            operations=Operations(),
        )
        port, storage_port = self._ports
        api = _Server(api_app(service, register), port)
        try:
            store = _Server(storage_app(storage, control, register), storage_port)
        except InputRefused:
            api.stop()
            raise
        storage.base_url = store.url
        return Running(service, register, api, store)


class Running:
    """A sandbox that serves; stop it, or use it in a `with`. Its token is not in its repr."""

    def __init__(
        self, service: Service, register: Register, api: _Server, storage: _Server
    ) -> None:
        self._service = service
        self._register = register
        self._servers = api, storage
        self.base_url = f"{api.url}/v1"
        self.storage_url = storage.url
        self.token = service.auth.issue()
        self.client_id = service.auth.client_id

    def __repr__(self) -> str:
        return f"Running({self.base_url!r}, storage_url={self.storage_url!r})"

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
    def models(self) -> list[Served]:
        """What is served, in the order of the lists on the wire."""
        return [
            Served(project.number, model.number, model.name, model.snapshot)
            for project, model in self._service.catalogue.models()
        ]

    @property
    def redirect_uris(self) -> list[str]:
        """Where log-in may send people back to."""
        return self._service.control.switches["redirect_uris"].split(",")

    def turn(self, **changes: str) -> None:
        """Turn these switches while it serves; whatever is counted begins anew.

        Operations and links keep what stood when they were made. Raises: InputRefused.
        """
        control = self._service.control
        control.turn(control.switches.turned(changes))

    def seen(self) -> list[Seen]:
        """The requests answered so far, in their order."""
        return self._register.all()

    def forget(self) -> None:
        """Begin the list of requests anew."""
        self._register.clear()

    def warm(self) -> None:
        """Read every model now, rather than when it is first asked for. Raises: LakeUnusable."""
        for _, model in self._service.catalogue.models():
            model.columns(looks(self._service.control.switches))
            _ = model.dynamic, model.counted

    def stop(self) -> None:
        """End both servers and free their ports; stopping twice is fine."""
        self._service.control.stopping.set()
        for server in self._servers:
            server.stop()
        for _, model in self._service.catalogue.models():
            model.close()


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests: their lines hold what is secret, such as links' signatures."""

    def log(self, type: str, message: str, *args: Any) -> None:
        _log.debug("%s: a request was answered", type)


class _Server:
    def __init__(self, app: Flask, port: int) -> None:
        try:
            self._server: BaseWSGIServer = make_server(
                HOST, port, app, threaded=True, request_handler=_Quiet
            )
        except (OSError, SystemExit) as error:
            raise InputRefused(f"Port {port} cannot be used; name another, or 0.") from error
        self.url = f"http://{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
