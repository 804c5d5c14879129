"""Answers as the contract has them: JSON in its odd wrappings, and errors in all families."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from takeoff.sandbox.faults import WEB_PAGE
from takeoff.sandbox.switches import Switches

_JSON = "application/json; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_BOM = "\ufeff"


class Refused(Exception):
    """The request is answered with an error: its status, and words for people."""

    def __init__(self, status: int, message: str, word: str = "invalid_request") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.word = word


def answer(value: Any, switches: Switches, status: int = 200) -> Response:
    """`value` as JSON; text is taken for JSON already."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    form = switches["bimplus_json"]
    if form.endswith("bom"):
        text = _BOM + text
    content_type = _TEXT if form.startswith("text") else _JSON
    return Response(text.encode(), status, content_type=content_type)


def refusal(error: Refused, family: str) -> Response:
    """The body of an error, in one of the families of the switch `bimplus_errors`."""
    if family == "empty":
        return Response(b"", error.status)
    if family == "text":
        return Response(error.message, error.status, content_type=_TEXT)
    if family == "html":
        return Response(WEB_PAGE, error.status, content_type="text/html; charset=utf-8")
    if family == "oauth":
        told = {"error": error.word, "error_description": error.message}
    elif family == "exception":
        told = {"Message": "An error has occurred.", "ExceptionMessage": error.message}
    else:
        told = {"message": error.message}
    return Response(json.dumps(told), error.status, content_type=_JSON)


def body() -> dict[str, Any]:
    """The request's JSON object. Raises: Refused with 400 if it is none."""
    told = request.get_json(force=True, silent=True)
    if not isinstance(told, dict):
        raise Refused(400, "The body is not a JSON object.")
    return told


def is_asked(name: str) -> bool:
    """Whether a query parameter says yes."""
    return request.args.get(name, "").lower() in ("true", "1")


def german_megabytes(size: int) -> str:
    """Bytes / 2^20 with a comma and up to two decimals: 6,88."""
    return f"{size / 2**20:.2f}".rstrip("0").rstrip(".").replace(".", ",")
