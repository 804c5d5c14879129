"""How a login gets its tokens from Bentley's authority: as a service, or as a person.

The authority is another server than the API: ask these requests in a session of its own.
"""

from __future__ import annotations

import base64
from urllib.parse import quote

from takeoff.http.auth import OAuthApp
from takeoff.http.messages import Request

AUTHORITY = "https://ims.bentley.com"
SCOPE = "itwin-platform"
AUTHORIZE_PATH, TOKEN_PATH = "/connect/authorize", "/connect/token"


def by_form(client_id: str, client_secret: str, scope: str = SCOPE) -> Request:
    """Asks for a service's token with id and secret in the form, as the vendor documents it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope,
    }
    return Request("POST", TOKEN_PATH, form=form, with_auth=False, is_question=True)


def by_basic(client_id: str, client_secret: str, scope: str = SCOPE) -> Request:
    """Asks for a service's token with id and secret as HTTP Basic, as the vendor's library does.

    Both are form-encoded first (RFC 6749, section 2.3.1).
    """
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    header = ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    form = {"grant_type": "client_credentials", "scope": scope}
    return Request(
        "POST", TOKEN_PATH, form=form, with_auth=False, is_question=True, headers=(header,)
    )


def oauth_app(
    authority: str, client_id: str, redirect_uri: str, client_secret: str | None = None
) -> OAuthApp:
    """A native application that a person logs in to, or with a secret a service of its own.

    A person's tokens may be renewed; a service asks for new ones, and may not ask to renew.
    """
    scopes = (SCOPE, "offline_access") if client_secret is None else (SCOPE,)
    return OAuthApp(
        authority.rstrip("/") + AUTHORIZE_PATH,
        TOKEN_PATH,
        client_id,
        redirect_uri,
        scopes,
        client_secret,
        (("response_type", "code"),),
    )
