"""Routes of the account: log-in, teams."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import shown
from takeoff.sandbox.bimplus.accounts import token_of
from takeoff.sandbox.bimplus.answers import Refused, body
from takeoff.sandbox.bimplus.catalogue import SLUG, TEAM_ID
from takeoff.sandbox.bimplus.service import Service

PLACES = {
    "authorize": "bimplus_auth",
    "about_token": "bimplus_auth",
    "cross_token": "bimplus_auth",
    "openid": "bimplus_auth",
    "teams": "bimplus_teams",
    "team": "bimplus_teams",
}
_AUTHORITY = "https://login.allplan.com/realms/allplan"


def routes(service: Service) -> Blueprint:
    """Under /v2."""
    routes = Blueprint("account", __name__)
    accounts = service.accounts

    @routes.post("/authorize")
    def authorize() -> Response:
        return service.answer(accounts.log_in(body(), service.switches))

    @routes.get("/authorize")
    def about_token() -> Response:
        return service.answer(accounts.about(token_of(request.headers.get("Authorization"))))

    @routes.post("/cross-token")
    def cross_token() -> Response:
        return service.answer(accounts.cross_token())

    @routes.get("/.well-known/openid-configuration")
    def openid() -> Response:
        return service.answer(
            {
                "issuer": _AUTHORITY,
                "authorization_endpoint": f"{_AUTHORITY}/protocol/openid-connect/auth",
                "token_endpoint": f"{_AUTHORITY}/protocol/openid-connect/token",
                "end_session_endpoint": f"{_AUTHORITY}/protocol/openid-connect/logout",
                "scopes_supported": ["openid", "profile", "email"],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    @routes.get("/teams")
    def teams() -> Response:
        return service.answer([shown.team()])

    @routes.get("/teams/<team_id>")
    def team(team_id: str) -> Response:
        if team_id.lower() not in (SLUG, TEAM_ID):
            raise Refused(404, f"There is no team {team_id}.")
        return service.answer(shown.team())

    return routes
