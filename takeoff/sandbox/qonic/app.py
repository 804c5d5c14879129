"""The routes of Qonic under /v1 that are asked about products, and those of its log-in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from takeoff.sandbox.hooks import add_hooks
from takeoff.sandbox.qonic.answers import Refused, answer, refusal
from takeoff.sandbox.qonic.auth import SCOPES
from takeoff.sandbox.qonic.export import ifc_file
from takeoff.sandbox.qonic.library_routes import LIBRARY_ROUTES
from takeoff.sandbox.qonic.model import Model
from takeoff.sandbox.qonic.pages import (
    field_names,
    filters_of,
    looks,
    must_be_object,
    read_fields,
    read_paging,
    read_query,
)
from takeoff.sandbox.qonic.results import CALCULATORS, dynamic_file, quantities_file
from takeoff.sandbox.qonic.service import MODEL, PRODUCTS, Service
from takeoff.sandbox.qonic.viewer import viewer_routes
from takeoff.sandbox.qonic.writing import import_routes, session_routes
from takeoff.sandbox.seen import Register

# The places in the switches' words; whatever is not here is a look-up.
_PLACES = {
    "projects": "projects",
    "models": "models",
    "available": "available",
    "query": "properties",
    "quantities": "quantities",
    "quantities_result": "quantities_result",
    "dynamic_available": "dynamic_available",
    "dynamic": "dynamic",
    "dynamic_result": "dynamic_result",
    "operation": "operations",
    "export": "export",
    "export_result": "export_result",
    "start_session": "sessions",
    "end_session": "sessions",
    "modify": "modify",
    "delete_product": "modify",
    "publish": "publish",
    "discard": "discard",
    "upload_url": "upload_url",
    "create_model": "create_model",
    "app_windows": "viewer",
    "active_selection": "viewer",
    "select": "viewer",
    "product_profile": "viewer",
    "scopes": "auth",
    "authorize": "auth",
    "consent": "auth",
    "apps": "auth",
    "tokens": "auth",
    "revoke": "auth",
    "withdraw": "auth",
    "token": "token",
}
_NO_LOGIN = ("scopes", "authorize", "consent", "apps", "token")
# Blueprints whose routes change models; which scope each single call wants is not documented.
_CHANGING = ("sessions", "imports")


def api_app(service: Service, register: Register) -> Flask:
    """The service as a web application."""
    app = Flask("takeoff.sandbox.qonic")
    control = service.control

    def refuse(fault: str, status: int) -> Response:
        if fault == "401_dead":
            service.auth.kill(request.headers.get("Authorization"))
        family = "html" if fault == "html_error" else control.switches["errors"]
        return refusal(
            Refused(status, "Fault", f"The sandbox was told to answer {status}."), family
        )

    add_hooks(app, "api", control, register, endpoint=_place, refuse=refuse)

    @app.before_request
    def log_in() -> None:
        header = request.headers.get("Authorization")
        if (request.endpoint or "").rpartition(".")[2] not in _NO_LOGIN:
            service.auth.check(header)
        if request.blueprint in _CHANGING:
            service.auth.must_allow(header, "models:write")

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refusal(error, control.switches["errors"])

    @app.errorhandler(HTTPException)
    def no_route(error: HTTPException) -> Response:
        # products/query was a path once; that a product may be deleted does not bring it back.
        methods = set(getattr(error, "valid_methods", None) or ())
        is_product = error.code == 405 and methods <= {"DELETE", "OPTIONS"}
        status = 404 if is_product else error.code or 500
        told = Refused(status, error.name.replace(" ", ""), error.description or "")
        return refusal(told, control.switches["errors"])

    told = (_log_in_routes, _product_routes, _operation_routes, session_routes, import_routes)
    for routes in (*told, viewer_routes, *LIBRARY_ROUTES):
        app.register_blueprint(routes(service), url_prefix="/v1")
    return app


def _place() -> str:
    return _PLACES.get((request.endpoint or "").rpartition(".")[2], "lookups")


def _body() -> Any:
    body = request.get_json(silent=True)
    must_be_object(body)
    return body


def _log_in_routes(service: Service) -> Blueprint:
    routes = Blueprint("log_in", __name__)
    auth, control = service.auth, service.control

    @routes.get("/auth/scopes")
    def scopes() -> Response:
        key = control.switches["scope_shape"]
        return answer({"scopes": [s if key == "text" else {key: s} for s in SCOPES]})

    @routes.get("/auth/authorize")
    def authorize() -> Response:
        location = auth.authorize(request.args, control.switches)
        return Response(b"", 302, {"Location": location})

    @routes.post("/auth/consent")
    def consent() -> Response:
        location = auth.authorize(request.form, control.switches)
        return Response(b"", 302, {"Location": location})

    @routes.post("/auth/token")
    def token() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise Refused(400, "invalid_request", "The token endpoint takes a form.")
        told = answer(auth.exchange(request.form, control.switches))
        told.headers["Cache-Control"] = "no-store"
        return told

    @routes.get("/public-api-applications/config")
    def apps() -> Response:
        return answer({"api_python_sample": auth.client_id, "qonic_excel": auth.client_id})

    @routes.get("/auth/tokens")
    def tokens() -> Response:
        ids = auth.ids()
        is_text = control.switches["token_shape"] == "text"
        return answer(ids if is_text else [{"id": one} for one in ids])

    @routes.delete("/auth/tokens/<token_id>")
    def revoke(token_id: str) -> Response:
        auth.revoke(token_id)
        return Response(b"", 204)

    @routes.delete("/auth/consents/<app_id>")
    def withdraw(app_id: str) -> Response:
        auth.withdraw(app_id)
        return Response(b"", 204)

    return routes


def _product_routes(service: Service) -> Blueprint:
    routes = Blueprint("products", __name__)
    control, pages = service.control, service.pages

    @routes.get("/projects")
    def projects() -> Response:
        shown = [{"id": _id(p.number), "name": p.name} for p in service.projects]
        return answer({"projects": shown})

    @routes.get("/projects/<project_id>/models")
    def models(project_id: str) -> Response:
        project = service.project(project_id)
        return answer({"models": [{"id": _id(m.number), "name": m.name} for m in project.models]})

    @routes.get(f"{PRODUCTS}/properties/available-data")
    def available(project_id: str, model_id: str) -> Response:
        model = service.mine(project_id, model_id)
        names = list(model.columns(looks(control.switches)))
        return answer(field_names(names, request.args, control.switches))

    @routes.post(f"{PRODUCTS}/properties/query")
    def query(project_id: str, model_id: str) -> Response:
        switches = control.switches
        model = service.mine(project_id, model_id)
        asked = read_query(_body(), model, switches)
        return answer(pages.answer(asked, read_paging(request.args, switches), switches))

    def _id(number: str) -> int | str:
        return number if control.switches["ids"] == "text" else int(number)

    return routes


def _operation_routes(service: Service) -> Blueprint:
    routes = Blueprint("operations", __name__)
    control = service.control

    @routes.get("/operations/<operation_id>")
    def operation(operation_id: str) -> Response:
        shown, is_over = service.operations.look_up(operation_id)
        told = answer(shown)
        wait_s = control.switches.number("operation_retry_after_s")
        if wait_s is not None and not is_over:
            told.headers["Retry-After"] = str(wait_s)
        return told

    @routes.post(f"{PRODUCTS}/quantities/query")
    def quantities(project_id: str, model_id: str) -> Response:
        switches = control.switches
        model, body = service.published(project_id, model_id), _body()
        calculators = _calculators(body.get("calculators"))
        rows = _matching(model, body)
        make = lambda: quantities_file(model, calculators, rows, switches)  # noqa: E731
        return service.started("CalculateQuantities", make)

    @routes.get(f"{PRODUCTS}/quantities/<operation_id>/result")
    def quantities_result(project_id: str, model_id: str, operation_id: str) -> Response:
        return service.redirected(operation_id)

    @routes.get(f"{PRODUCTS}/dynamic-properties/available-data")
    def dynamic_available(project_id: str, model_id: str) -> Response:
        names = list(service.published(project_id, model_id).dynamic)
        return answer(field_names(names, request.args, control.switches))

    @routes.post(f"{PRODUCTS}/dynamic-properties/query")
    def dynamic(project_id: str, model_id: str) -> Response:
        switches = control.switches
        model, body = service.published(project_id, model_id), _body()
        fields = read_fields(body.get("fields"), model.dynamic, switches)
        rows = _matching(model, body)
        make = lambda: dynamic_file(model, fields, rows, switches)  # noqa: E731
        return service.started("CalculateDerivedProperties", make)

    @routes.get(f"{PRODUCTS}/dynamic-properties/<operation_id>/result")
    def dynamic_result(project_id: str, model_id: str, operation_id: str) -> Response:
        return service.redirected(operation_id)

    @routes.post(f"{MODEL}/export-ifc")
    def export(project_id: str, model_id: str) -> Response:
        model = service.published(project_id, model_id)
        return service.started("ExportIfc", lambda: ifc_file(model))

    @routes.get(f"{MODEL}/export-ifc/<operation_id>/result")
    def export_result(project_id: str, model_id: str, operation_id: str) -> Response:
        return service.redirected(operation_id)

    def _matching(model: Model, body: Any) -> Any:
        shape = looks(control.switches)
        filters = filters_of(body, model.columns(shape), control.switches)
        return service.pages.rows(model, filters, shape)

    return routes


def _calculators(given: Any) -> list[str]:
    """Raises: Refused with 400 unless it is an array of the six, with one at least."""
    if not isinstance(given, list) or not given:
        raise Refused(400, "InvalidCalculators", "Name one calculator at least.", "calculators")
    for name in given:
        if name not in CALCULATORS:
            what = f"There is no calculator '{name}'; there are {', '.join(CALCULATORS)}."
            raise Refused(400, "InvalidCalculators", what, "calculators")
    return list(dict.fromkeys(given))
