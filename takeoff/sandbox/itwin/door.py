"""iTwin among the vendors of the sandbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from takeoff.sandbox.desk import Desk, Door, Served, once
from takeoff.sandbox.hooks import add_hooks
from takeoff.sandbox.itwin import (
    extraction_routes,
    login,
    mapping_routes,
    old,
    platform,
    report_routes,
)
from takeoff.sandbox.itwin.answers import Refused, refusal
from takeoff.sandbox.itwin.auth import Auth
from takeoff.sandbox.itwin.creating import Creations
from takeoff.sandbox.itwin.extractions import Extractions
from takeoff.sandbox.itwin.mappings import Mappings
from takeoff.sandbox.itwin.places import NO_LOGIN, place_of
from takeoff.sandbox.itwin.reports import Reports
from takeoff.sandbox.itwin.service import USER, Service
from takeoff.sandbox.itwin.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CODES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "InsufficientPermissions",
    404: "NotFound",
    410: "Gone",
}
_FEED = ("service_document", "metadata", "entity")


def door(desk: Desk) -> Door:
    """The platform at the root of the API's address, over the models of `desk`."""
    service = _service(desk)

    def models() -> list[Served]:
        return [
            Served(imodel.itwin_id, imodel.id, imodel.name, imodel.snapshots[-1])
            for imodel in service.world.imodels()
            if imodel.is_of_lake
        ]

    def warm() -> None:
        for served in models():
            elements = service.world.elements(served.snapshot)
            _ = elements.properties, elements.by_class()

    told = {"client_id": service.auth.client_id, "client_secret": service.auth.client_secret}
    first = next(iter(models()), None)
    if first is not None:
        told["itwin_name"] = service.world.itwin(first.project_id).name
        told["imodel_name"] = first.name
    return Door(
        app=once(lambda: _app(service)),
        prefixes=(),
        base_path="",
        token=service.auth.issue(),
        models=models,
        told=told,
        warm=warm,
        close=lambda: None,
    )


def _service(desk: Desk) -> Service:
    world = World(desk.layout, desk.snapshots)
    mappings = Mappings(world, USER)
    extractions = Extractions(world, mappings)
    return Service(
        desk=desk,
        auth=Auth(),
        world=world,
        creations=Creations(world),
        mappings=mappings,
        extractions=extractions,
        reports=Reports(world, mappings, extractions),
    )


def _app(service: Service) -> Flask:
    """The service as a web application."""
    app = Flask("takeoff.sandbox.itwin")
    app.wsgi_app = _PlainPaths(app.wsgi_app)  # type: ignore[method-assign]
    control = service.desk.control
    add_hooks(app, "api", control, service.desk.register, endpoint=_place, refuse=_refuse(service))

    @app.before_request
    def log_in() -> None:
        name = _name()
        header = request.headers.get("Authorization")
        if name in _FEED and request.view_args is not None:
            service.auth.check_feed(header, request.view_args["report_id"].lower())
        elif name not in NO_LOGIN:
            service.auth.check(header)

    @app.after_request
    def plain_status(answered: Response) -> Response:
        if control.switches["itwin_created"] == "ok" and request.method == "POST":
            answered.status_code = 200 if answered.status_code < 204 else answered.status_code
        return answered

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refusal(error, control.switches)

    @app.errorhandler(HTTPException)
    def no_route(error: HTTPException) -> Response:
        code = error.name.replace(" ", "")
        told = Refused(error.code or 500, code, error.description or "")
        return refusal(told, control.switches)

    for module in (login, platform, mapping_routes, extraction_routes, report_routes, old):
        app.register_blueprint(module.routes(service))
    return app


def _refuse(service: Service) -> Callable[[str, int], Response]:
    """Makes the answers of faults that are a status."""

    def refuse(fault: str, status: int) -> Response:
        switches = service.switches
        if fault == "401_dead":
            service.auth.kill(request.headers.get("Authorization"))
        if fault == "html_error":
            switches = switches.turned({"itwin_errors": "html"})
        code = switches["itwin_429"] if status == 429 else _CODES.get(status, "ServiceError")
        told = f"The sandbox was told to answer {status}."
        answered = refusal(Refused(status, code, told), switches)
        if status == 429:
            answered.headers.update(_limit_headers(service))
        return answered

    return refuse


def _limit_headers(service: Service) -> dict[str, str]:
    if service.switches["itwin_429_header"] == "fallback":
        wait_s = str(service.switches.number("retry_after_s") or 0)
        name = "iTwinPlatform-RateLimit"
        return {f"{name}-Retry-After-Seconds": wait_s, f"{name}-RemainingCalls": "0"}
    name = "ITwinPlatform-RateLimited"
    return {f"{name}-Tier": "Trial", f"{name}-API": "sandbox", f"{name}-Operation": _name()}


def _name() -> str:
    """The name of the route that answers."""
    return (request.endpoint or "").rpartition(".")[2]


def _place() -> str:
    return place_of(_name())


class _PlainPaths:
    """Lets `/imodels/`, `/imodels` and `//imodels` be one: real clients write all of them."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = re.sub("/{2,}", "/", environ["PATH_INFO"])
        environ["PATH_INFO"] = path.rstrip("/") or "/"
        return self._app(environ, start_response)
