"""The API as a web application: what happens to every request, and where each is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import account, lookups, models, object_reads
from takeoff.sandbox.bimplus.accounts import token_of
from takeoff.sandbox.bimplus.answers import Refused, refusal
from takeoff.sandbox.bimplus.service import Service, check_slug
from takeoff.sandbox.hooks import add_hooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NO_LOGIN = ("authorize", "openid")
# The places in the switches' words by the names of routes; whatever is not here is a look-up.
_PLACES = {**account.PLACES, **models.PLACES, **object_reads.PLACES, **lookups.PLACES}
_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, if-none-match, cache-control",
    "Access-Control-Expose-Headers": "ETag, X-Total-Count",
}


def api_app(service: Service) -> Flask:
    """The service under /v2, for the account and for its team."""
    app = Flask("takeoff.sandbox.bimplus")
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.wsgi_app = _OnePath(app.wsgi_app)  # type: ignore[method-assign]
    control, accounts = service.desk.control, service.accounts

    def refuse(fault: str, status: int) -> Response:
        if fault == "401_dead":
            accounts.kill(_token())
        family = "html" if fault == "html_error" else service.switches["bimplus_errors"]
        return refusal(Refused(status, f"The sandbox was told to answer {status}."), family)

    @app.before_request
    def preflight() -> Response | None:
        g.fault, g.body = "none", None
        return Response(b"", 204) if request.method == "OPTIONS" else None

    add_hooks(app, "api", control, service.desk.register, endpoint=_place, refuse=refuse)

    @app.before_request
    def may_ask() -> None:
        token = _token()
        is_known = accounts.remaining_s(token) is not None
        g.allowance = service.limits.take(token if is_known else "", service.switches)
        if g.allowance.is_spent:
            status = int(service.switches["bimplus_rate_status"])
            raise Refused(status, "The limit of requests an hour is reached.", "rate_limit")
        if not is_known and _name() not in _NO_LOGIN:
            raise Refused(401, "The token is missing, unknown or lapsed.", "invalid_token")
        check_slug()

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers.update(_ALLOWED)
        answer.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        _tell_limits(answer, service)
        return answer

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refusal(error, service.switches["bimplus_errors"])

    @app.errorhandler(HTTPException)
    def no_route(error: HTTPException) -> Response:
        told = Refused(error.code or 500, error.description or error.name)
        return refusal(told, service.switches["bimplus_errors"])

    _add_routes(app, service)
    return app


def _add_routes(app: Flask, service: Service) -> None:
    """What belongs to a team is answered without its slug too: /v2//projects."""
    app.register_blueprint(account.routes(service), url_prefix="/v2")
    for make in (models.routes, object_reads.routes, lookups.routes):
        app.register_blueprint(_for_team(make, service), url_prefix="/v2/<slug>")
        app.register_blueprint(make(service), url_prefix="/v2")


def _for_team(make: Callable[[Service], Blueprint], service: Service) -> Blueprint:
    routes = make(service)
    routes.name = f"{routes.name}_of_team"

    @routes.url_value_preprocessor
    def take_slug(_: str | None, values: dict[str, str] | None) -> None:
        g.slug = (values or {}).pop("slug", None)

    return routes


def _name() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def _place() -> str:
    return _PLACES.get(_name(), "bimplus_lookups")


def _token() -> str:
    """From the header; a download may have it in its address."""
    token = token_of(request.headers.get("Authorization"))
    return token or (request.args.get("api-token", "") if _name() == "download" else "")


def _tell_limits(answer: Response, service: Service) -> None:
    switches = service.switches
    allowance = g.get("allowance")
    if allowance is None:
        return
    if switches["bimplus_rate_headers"] == "shown":
        answer.headers["X-RateLimit-Limit"] = str(allowance.limit)
        answer.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
    retry_after_s = switches.number("bimplus_rate_retry_after_s")
    if allowance.is_spent and retry_after_s is not None:
        answer.headers["Retry-After"] = str(retry_after_s)


class _OnePath:
    """Takes //v2 and /any/v2 for /v2: clients put a prefix before it and leave slugs out."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        segments = [segment for segment in environ["PATH_INFO"].split("/") if segment]
        if "v2" in segments:
            segments = segments[segments.index("v2") :]
        environ["PATH_INFO"] = "/" + "/".join(segments)
        return self._app(environ, start_response)
