"""Answers as the contract has them: JSON, and errors in the families that occur."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from werkzeug.wrappers import Response

from takeoff.sandbox.faults import WEB_PAGE

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_JSON = "application/json; charset=utf-8"


class Refused(Exception):
    """The request is answered with an error: its status, a word for programs, one for people."""

    def __init__(self, status: int, word: str, details: str, field: str | None = None) -> None:
        super().__init__(details)
        self.status = status
        self.word = word
        self.details = details
        self.field = field


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer(value: Any, status: int = 200) -> Response:
    body = value if isinstance(value, bytes) else json_bytes(value)
    return Response(body, status, content_type=_JSON)


def refusal(error: Refused, family: str) -> Response:
    """The body of an error, in one of the families of the switch `errors`."""
    if family == "empty":
        return Response(b"", error.status)
    if family == "text":
        return Response(error.details, error.status, content_type="text/plain; charset=utf-8")
    if family == "html":
        return Response(WEB_PAGE, error.status, content_type="text/html; charset=utf-8")
    if family == "old":
        return answer({"Error": error.word, "ErrorDetails": error.details}, error.status)
    if family == "problem":
        response = answer(_problem(error), error.status)
        response.content_type = "application/problem+json; charset=utf-8"
        return response
    return answer({"error": error.word, "errorDetails": error.details}, error.status)


def _problem(error: Refused) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": error.word,
        "status": error.status,
        "detail": error.details,
    }
    if error.field is not None:
        problem["errors"] = {error.field: [error.details]}
    return problem


def handle(*names: str | None) -> str:
    """A 22-character GUID of the sandbox's own for what the lake has only a name; always the same.

    The names are what it stands for, such as a kind, a project and a library.
    """
    number = uuid5(UUID(int=NAMESPACE_URL.int), json.dumps(names)).int
    digits = [(number >> (6 * place)) & 63 for place in range(21, -1, -1)]
    return "".join(_ALPHABET[digit] for digit in digits)
