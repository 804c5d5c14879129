"""Answers as the contract has them: JSON, and errors in the shapes of the API and its gateways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from takeoff.sandbox.faults import WEB_PAGE

_JSON = "application/json; charset=utf-8"
_JSON_API = "application/vnd.api+json; charset=utf-8"


class Refused(Exception):
    """The request is answered with an error: its status, a word for programs, one for people.

    `fields` are (field, detail) of what is wrong in a request.
    """

    def __init__(
        self, status: int, word: str, detail: str, fields: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.word = word
        self.detail = detail
        self.fields = fields


class OAuthRefused(Refused):
    """The token endpoint says no, in words of its own."""


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer(value: Any, status: int = 200) -> Response:
    return Response(json_bytes(value), status, content_type=_JSON)


def document(value: Any, status: int = 200) -> Response:
    """A JSON:API document."""
    return Response(json_bytes(value), status, content_type=_JSON_API)


def refusal(error: Refused, family: str, path: str) -> Response:
    """The body of an error, in one of the families of the switch `autodesk_errors`.

    In the family api its shape is that of the API that `path` belongs to.
    """
    if family == "html":
        return Response(WEB_PAGE, error.status, content_type="text/html; charset=utf-8")
    if isinstance(error, OAuthRefused):
        return answer({"error": error.word, "error_description": error.detail}, error.status)
    if family == "reason":
        return answer({"reason": error.detail}, error.status)
    if family == "gateway":
        told = {
            "developerMessage": error.detail,
            "errorCode": f"AUTH-{error.status:03d}",
            "moreInfo": "https://forge.autodesk.com/en/docs/oauth/v2/developers_guide/error_handling/",
        }
        return answer(told, error.status)
    if path.startswith(("/project/", "/data/")):
        told_error = {
            "id": "0" * 32,
            "status": str(error.status),
            "code": error.word.upper(),
            "title": error.word,
            "detail": error.detail,
        }
        return document({"jsonapi": {"version": "1.0"}, "errors": [told_error]}, error.status)
    return answer(problem(error), error.status)


def problem(error: Refused) -> dict[str, Any]:
    """The error object of the API."""
    return {
        "type": error.word,
        "title": error.word,
        "detail": error.detail,
        "errors": [
            {"field": field, "title": error.word, "detail": detail, "type": error.word}
            for field, detail in error.fields
        ],
    }
