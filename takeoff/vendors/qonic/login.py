"""Where a login to Qonic is made: an authorization code with PKCE, under the service itself."""

from __future__ import annotations

from takeoff.http.auth import OAuthApp

SCOPES = ("projects:read", "models:read", "libraries:read")


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
