"""Answers as the contract has them: JSON, errors, moments, and ids of the sandbox's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import request
from werkzeug.wrappers import Response

from takeoff.sandbox.faults import WEB_PAGE
from takeoff.sandbox.switches import Switches

_JSON = "application/json; charset=utf-8"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Refused(Exception):
    """The request is answered with an error: status, code, words, and what is wrong where."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        details: Sequence[Mapping[str, str | None]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = tuple(details)


def missing(code: str, what: str, target: str | None = None) -> Refused:
    """404 for something that there is not."""
    return Refused(404, code, f"Requested {what} is not available.", target=target)


def invalid(target: str, message: str, code: str = "InvalidValue") -> Refused:
    """422 for one value of a request."""
    detail = {"code": code, "message": message, "target": target}
    told = "The request is invalid; see details."
    return Refused(422, "InvalidiModelsRequest", told, details=[detail])


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer(value: Any, status: int = 200) -> Response:
    body = value if isinstance(value, bytes) else json_bytes(value)
    return Response(body, status, content_type=_JSON)


def refusal(error: Refused, switches: Switches) -> Response:
    """The body of an error in the shape that the switches ask for."""
    family = switches["itwin_errors"]
    if error.status == 401 and switches["itwin_401"] != "wrapped":
        body = {"code": error.code, "message": error.message}
        return answer(b"" if switches["itwin_401"] == "empty" else body, 401)
    if family == "empty":
        return Response(b"", error.status)
    if family == "text":
        return Response(error.message, error.status, content_type="text/plain; charset=utf-8")
    if family == "html":
        return Response(WEB_PAGE, error.status, content_type="text/html; charset=utf-8")
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if family == "full":
        told["target"] = error.target
        if error.details:
            told["details"] = list(error.details)
    return answer({"error": told}, error.status)


def body() -> dict[str, Any]:
    """The JSON object that was sent. Raises: Refused with 422."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Refused(422, "InvalidRequestBody", "The body is a JSON object.")
    return given


def required(given: Mapping[str, Any], name: str) -> Any:
    """One value of a body. Raises: Refused with 422 if it is not there."""
    value = given.get(name)
    if value is None or value == "":
        detail = {"code": "MissingRequiredProperty", "message": f"Give {name}.", "target": name}
        told = "A required property is missing."
        raise Refused(422, "InvalidiModelsRequest", told, details=[detail])
    return value


def link(path: str) -> dict[str, str]:
    """An absolute link to a path of this service."""
    return {"href": absolute(path)}


def absolute(path: str) -> str:
    return request.host_url.rstrip("/") + path


def platform_time(moment: datetime, switches: Switches) -> str:
    """As iModels writes moments: seven digits of a second and Z."""
    return _time(moment, switches["itwin_timestamps"], "z7")


def mapping_time(moment: datetime, switches: Switches) -> str:
    """As Grouping and Mapping and Reporting write moments: whole seconds and an offset."""
    return _time(moment, switches["itwin_timestamps"], "offset")


def own_id(*names: object) -> str:
    """A UUID for what the lake has no such id of; the same from start to start."""
    return str(uuid5(NAMESPACE_URL, json.dumps(["takeoff", *map(str, names)])))


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _time(moment: datetime, spelling: str, usual: str) -> str:
    form = usual if spelling == "mixed" else spelling
    whole = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f".{moment.microsecond:06d}0"
    return {"z7": f"{whole}{digits}Z", "offset7": f"{whole}{digits}+00:00"}.get(
        form, f"{whole}+00:00"
    )
