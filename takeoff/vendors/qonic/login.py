"""Where a login to Qonic is made: an authorization code with PKCE, under the service itself; and
how what was given out is taken back.
"""

from __future__ import annotations

from io import BytesIO

from takeoff.http.auth import OAuthApp
from takeoff.http.messages import Request, path_of
from takeoff.http.redact import redacted
from takeoff.http.session import Session

SCOPES = ("projects:read", "models:read", "libraries:read")
# What a login needs beside these to change things, such as to write back figures.
WRITE_SCOPES = ("projects:write", "models:write", "libraries:write")


def oauth_app(
    base_url: str, client_id: str, redirect_uri: str, client_secret: str | None = None
) -> OAuthApp:
    """Where a login to this service begins and gets its tokens."""
    return OAuthApp(
        f"{base_url.rstrip('/')}/auth/authorize",
        "/auth/token",
        client_id,
        redirect_uri,
        SCOPES,
        client_secret,
    )


@redacted()
def revoke_token(session: Session, token_id: str) -> None:
    """End a token that the user has given out, by its id of `calls.tokens`.

    Raises: VendorRefused if there is none; TryLater, then nobody knows whether it was done.
    """
    session.ask(Request("DELETE", path_of("auth", "tokens", token_id)), BytesIO())


@redacted()
def withdraw_consent(session: Session, client_id: str) -> None:
    """Take back the user's consent to an application: it can renew no login any more.

    Raises: VendorRefused if there is none; TryLater, then nobody knows whether it was done.
    """
    session.ask(Request("DELETE", path_of("auth", "consents", client_id)), BytesIO())
