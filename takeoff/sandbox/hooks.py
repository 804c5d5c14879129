"""What happens to every request before and after its own handler: faults, waits, the register."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask, g, request
from werkzeug.wrappers import Response

from takeoff.sandbox.faults import Control, headers_of, spoiled, status_of
from takeoff.sandbox.seen import Register

_SECRET = ("auth", "token", "storage")
_TOKEN = re.compile(r"(token=)[^&]*")


def add_hooks(
    app: Flask,
    origin: str,
    control: Control,
    register: Register,
    *,
    endpoint: Callable[[], str],
    refuse: Callable[[str, int], Response] | None = None,
) -> None:
    """Let the switches work on an application.

    `endpoint` names the request's place in the switches' words; `refuse` makes the answer of a
    fault that is a status, and may do more, such as letting a token lapse.
    """

    @app.before_request
    def begin() -> Response | None:
        g.fault, g.body = control.fault(endpoint()), None
        # A client that is gone in the middle of its request leaves no body.
        g.body = request.get_data(as_text=True) if request.is_json else None
        control.wait(g.fault)
        status = status_of(g.fault)
        if status is None:
            return None
        answer = Response(b"", status) if refuse is None else refuse(g.fault, status)
        retry_after_s = control.switches.number("retry_after_s") or 0
        answer.headers.update(headers_of(g.fault, retry_after_s))
        return answer

    @app.after_request
    def end(answer: Response) -> Response:
        here = endpoint()
        is_secret = here.rpartition("_")[2] in _SECRET
        register.add(
            origin,
            here,
            request.method,
            request.path if is_secret else _TOKEN.sub(r"\1...", request.full_path.rstrip("?")),
            request.headers.keys(),
            None if is_secret else g.body,
            answer.status_code,
        )
        return spoiled(answer, g.fault, control.switches["framing"], request.url)
