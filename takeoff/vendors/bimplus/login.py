"""How a login to Bimplus begins: by the vendor's OIDC server, or the old way by password.

The password way is to be removed by the vendor in 2026. A token that somebody hands in needs none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from takeoff.http.auth import OAuthApp, Tokens, tokens_of
from takeoff.http.clock import Clock
from takeoff.http.messages import Request, path_of

AUTHORITY = "https://login.allplan.com/realms/allplan"
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Password:
    """A login by password. `user` is an e-mail; the vendor gives an application id on request.

    `client_id` tells several logins of one user apart; null if there is but one.
    """

    user: str
    password: str = field(repr=False)
    application_id: str
    client_id: str | None = None
    is_remembered: bool = False


def password_request(login: Password) -> Request:
    """The request that changes a password into a token; never repeated by itself."""
    body = {
        "user_id": login.user,
        "password": login.password,
        "application_id": login.application_id,
        "remember_me": login.is_remembered,
    }
    if login.client_id is not None:
        body["client_id"] = login.client_id
    return Request("POST", path_of("authorize"), json_body=body, with_auth=False)


def password_tokens(answer: Any, clock: Clock) -> Tokens:
    """The token in the answer; its scheme is the answer's own `token_type`.

    How long it lives is what the answer says, whatever the vendor's pages say.
    Raises: VendorRefused; NotUnderstood if there is no token.
    """
    return tokens_of(answer, clock)


def oauth_app(
    authority: str, client_id: str, redirect_uri: str, client_secret: str | None = None
) -> OAuthApp:
    """Where a login at the vendor's OIDC server begins and gets its tokens.

    The access token is handed to the service as it is. The contract names the authority only; its
    address is that of a Keycloak realm, whose two places are always these.
    """
    places = "/protocol/openid-connect"
    return OAuthApp(
        f"{authority.rstrip('/')}{places}/auth",
        f"{places}/token",
        client_id,
        redirect_uri,
        SCOPES,
        client_secret,
        extra=(("response_type", "code"),),
    )
