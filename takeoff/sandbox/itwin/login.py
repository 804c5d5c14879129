"""The routes of the authority, which the sandbox serves beside the API."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import Refused, answer
from takeoff.sandbox.itwin.service import Service


def routes(service: Service) -> Blueprint:
    found = Blueprint("login", __name__)
    auth = service.auth

    @found.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return answer(auth.discovery(request.host_url.rstrip("/")))

    @found.get("/.well-known/openid-configuration/jwks")
    def keys_of_tokens() -> Response:
        """None: tokens of the sandbox are not signed."""
        return answer({"keys": []})

    @found.get("/connect/authorize")
    def authorize() -> Response:
        location = auth.authorize(request.args, service.switches)
        return Response(b"", 302, {"Location": location})

    @found.post("/connect/token")
    def token() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            return _refusal(Refused(400, "invalid_request", "The token endpoint takes a form."))
        header = request.headers.get("Authorization")
        try:
            told = answer(auth.exchange(request.form, header, service.switches))
        except Refused as error:
            return _refusal(error)
        told.headers["Cache-Control"] = "no-store"
        return told

    return found


def _refusal(error: Refused) -> Response:
    """As OAuth has it, not as the platform does."""
    return answer({"error": error.code, "error_description": error.message}, error.status)
