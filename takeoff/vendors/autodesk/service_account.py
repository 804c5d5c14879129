"""Tokens for batch jobs: a service account says who it is in a signed token, and nobody logs in.

What it gets is a three-legged token, as Model Properties wants. The account must be a member of
the project, with View and Download on the folders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from takeoff.core.errors import InputRefused
from takeoff.http.auth import basic
from takeoff.http.messages import Request
from takeoff.vendors.autodesk.endpoints import TOKEN

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NEEDS = (
    "Signing in as a service account needs the packages pyjwt and cryptography; "
    "install them with: pip install 'takeoff[autodesk]'."
)
# The service refuses a signed token that is good for longer.
_GOOD_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class ServiceAccount:
    """A service account of an application, and the private key (PEM) that was made for it.

    `client_secret` is that of the application; null if it has none.
    """

    client_id: str
    account_id: str
    key_id: str
    private_key: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("data:read",)


def account_request(
    base_url: str,
    *,
    client_id: str,
    client_secret: str | None,
    account_id: str,
    key_id: str,
    private_key: str,
    now: datetime,
) -> Request:
    """As `token_request`, by the words that the settings have for a service account."""
    account = ServiceAccount(client_id, account_id, key_id, private_key, client_secret)
    return token_request(account, base_url, now)


def token_request(account: ServiceAccount, base_url: str, now: datetime) -> Request:
    """The request that changes a freshly signed token into an access token.

    Its answer is read by `takeoff.http.auth.tokens_of`; it has no refresh token: sign anew.
    Raises: InputRefused if the key is no RSA key, or the package for signing is not installed.
    """
    form = {
        "grant_type": GRANT,
        "assertion": assertion(account, base_url, now),
        "scope": " ".join(account.scopes),
    }
    if account.client_secret is None:
        form["client_id"] = account.client_id
        return Request("POST", TOKEN, form=form, with_auth=False)
    header = ("Authorization", basic(account.client_id, account.client_secret))
    return Request("POST", TOKEN, form=form, with_auth=False, headers=(header,))


def assertion(account: ServiceAccount, base_url: str, now: datetime) -> str:
    """The signed token (JWT, RS256), good for 5 minutes. Raises as `token_request`."""
    try:
        # What PyJWT signs by, which it does without if it is not there.
        import cryptography  # noqa: F401
        import jwt
    except ModuleNotFoundError as error:
        raise InputRefused(_NEEDS) from error
    claims = {
        "iss": account.client_id,
        "sub": account.account_id,
        "aud": base_url.rstrip("/") + TOKEN,
        "exp": int((now + _GOOD_FOR).timestamp()),
        "scope": list(account.scopes),
    }
    headers = {"kid": account.key_id}
    try:
        return jwt.encode(claims, account.private_key, algorithm="RS256", headers=headers)
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise InputRefused(
            f"The private key '{account.key_id}' cannot sign: it is no RSA key in PEM form; "
            "download it again where the key was made."
        ) from error
