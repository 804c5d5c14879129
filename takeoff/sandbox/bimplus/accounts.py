"""Log-in as the contract has it: tokens of the OIDC server, which are just there, and passwords."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any
from uuid import uuid4

from takeoff.sandbox.bimplus.answers import Refused
from takeoff.sandbox.bimplus.vocabulary import own_id
from takeoff.sandbox.switches import Switches

USER = "surveyor@sandbox.example"
USER_GUID = own_id("user", USER)
_WORDS = ("bimplus", "bearer")
_HANDED_OUT_S = 7 * 24 * 3600
_CROSS_S = 299
_REMEMBERED_S = 4 * 7 * 24 * 3600


class Accounts:
    """The tokens of one run of the sandbox and its one account; safe to share by threads.

    `password` and `application_id` are random. No token is part of a text that a log sees.
    """

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe(18)
        self.application_id = uuid4().hex
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}

    def issue(self, lifetime_s: int = _HANDED_OUT_S) -> str:
        """A new token."""
        token = secrets.token_hex(16)
        with self._lock:
            self._expiry[token] = time.monotonic() + lifetime_s
        return token

    def remaining_s(self, token: str) -> float | None:
        """Seconds that a token has left; None if it is not good."""
        with self._lock:
            expires = self._expiry.get(token)
        left = None if expires is None else expires - time.monotonic()
        return left if left is not None and left > 0 else None

    def kill(self, token: str) -> None:
        """It is unknown from now on."""
        with self._lock:
            self._expiry.pop(token, None)

    def log_in(self, told: dict[str, Any], switches: Switches) -> dict[str, Any]:
        """A token for the account's password. Raises: Refused with 400 or 401."""
        missing = [n for n in ("user_id", "password", "application_id") if not told.get(n)]
        if missing:
            raise Refused(400, f"{missing[0]} is missing.")
        if not _is_application(told["application_id"], self.application_id):
            raise Refused(401, "The application is not known.", "invalid_client")
        is_known = str(told["user_id"]).lower() == USER
        if not is_known or not secrets.compare_digest(str(told["password"]), self.password):
            raise Refused(401, "User and password do not fit.", "invalid_grant")
        lifetime_s = switches.number("bimplus_token_s") or 0
        answer: dict[str, Any] = {
            "access_token": self.issue(lifetime_s),
            "expires_in": lifetime_s,
            "client_id": told.get("client_id") or str(uuid4()),
            "token_type": "BimPlus",
        }
        if told.get("remember_me") is True:
            answer |= {
                "remember_me": True,
                "remember_me_token": secrets.token_hex(16),
                "remember_me_expires_in": _REMEMBERED_S,
            }
        return answer

    def cross_token(self) -> dict[str, Any]:
        return {
            "cross_token": self.issue(_CROSS_S),
            "expires_in": _CROSS_S,
            "token_type": "BimPlus",
        }

    def about(self, token: str) -> dict[str, Any]:
        """What the service says of a token that is good."""
        return {
            "user_id": USER_GUID,
            "audience": own_id("application", self.application_id),
            "expires_in": int(self.remaining_s(token) or 0),
            "applicationName": "Sandbox",
        }


def token_of(header: str | None) -> str:
    """The token of an Authorization header with either word; empty if there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() in _WORDS else ""


def _is_application(told: Any, known: str) -> bool:
    return str(told).replace("-", "").lower() == known
