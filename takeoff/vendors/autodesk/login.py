"""Where a person logs in to Autodesk: an authorization code with PKCE, under the service itself."""

from __future__ import annotations

from takeoff.http.auth import OAuthApp
from takeoff.vendors.autodesk import endpoints

SCOPES = ("data:read",)


def oauth_app(
    base_url: str, client_id: str, redirect_uri: str, client_secret: str | None = None
) -> OAuthApp:
    """Where a login to this service begins and gets its tokens."""
    return OAuthApp(
        base_url.rstrip("/") + endpoints.AUTHORIZE,
        endpoints.TOKEN,
        client_id,
        redirect_uri,
        SCOPES,
        client_secret,
        extra=(("response_type", "code"),),
        is_secret_in_header=True,
    )
