"""Authentication, Data Management and Model Properties as one web application."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from takeoff.sandbox.autodesk import hubs, index
from takeoff.sandbox.autodesk.answers import OAuthRefused, Refused, answer, refusal
from takeoff.sandbox.autodesk.auth import Auth
from takeoff.sandbox.autodesk.catalogue import Catalogue
from takeoff.sandbox.faults import Control
from takeoff.sandbox.hooks import add_hooks
from takeoff.sandbox.seen import Register

_LOGIN = "login"
# The places of the routes of Data Management and of the log-in; others go by their own names.
_PLACES = {
    "hubs": "hubs",
    "projects": "projects",
    "top_folders": "folders",
    "contents": "folders",
    "versions": "items",
    "tip": "items",
    "item": "items",
    "authorize": "auth",
    "index_camel": "index",
    "diff_camel": "diff",
}


def api_app(
    catalogue: Catalogue,
    service: index.IndexService,
    auth: Auth,
    control: Control,
    register: Register,
) -> Flask:
    """The service as a web application."""
    app = Flask("takeoff.sandbox.autodesk")

    def refused(error: Refused) -> Response:
        return refusal(error, control.switches["autodesk_errors"], request.path)

    def fault(name: str, status: int) -> Response:
        if name == "401_dead":
            auth.kill(request.headers.get("Authorization"))
        family = "html" if name == "html_error" else control.switches["autodesk_errors"]
        told = Refused(status, "Fault", f"The sandbox was told to answer {status}.")
        return refusal(told, family, request.path)

    add_hooks(app, "api", control, register, endpoint=_place, refuse=fault)

    @app.before_request
    def log_in() -> None:
        blueprint = (request.endpoint or "").partition(".")[0]
        if blueprint == _LOGIN:
            return
        auth.check(
            request.headers.get("Authorization"),
            needs_user=blueprint != "hubs",
            two_legged=int(control.switches["autodesk_two_legged"]),
        )

    app.register_error_handler(Refused, refused)

    @app.errorhandler(HTTPException)
    def no_route(error: HTTPException) -> Response:
        word = error.name.replace(" ", "")
        return refused(Refused(error.code or 500, word, error.description or ""))

    app.register_blueprint(_log_in_routes(auth, control))
    app.register_blueprint(hubs.routes(catalogue, control))
    app.register_blueprint(index.routes(service))
    return app


def _place() -> str:
    name = (request.endpoint or "").rpartition(".")[2]
    return f"autodesk_{_PLACES.get(name, name)}"


def _log_in_routes(auth: Auth, control: Control) -> Blueprint:
    made = Blueprint(_LOGIN, __name__, url_prefix="/authentication/v2")

    @made.get("/authorize")
    def authorize() -> Response:
        location = auth.authorize(request.args, control.switches)
        return Response(b"", 302, {"Location": location})

    @made.post("/token")
    def token() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise OAuthRefused(400, "invalid_request", "The token endpoint takes a form.")
        given = request.authorization
        basic = None
        if given is not None and given.type == "basic":
            basic = given.username or "", given.password or ""
        host = request.host_url.rstrip("/")
        told = answer(auth.exchange(request.form, basic, host, control.switches))
        told.headers["Cache-Control"] = "no-store"
        return told

    return made
