"""One request, its answer as values: what all calls rest on."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from takeoff.core.plain import excerpt
from takeoff.http.messages import Request
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.bimplus import answers, shapes

Json = dict[str, Any]


@redacted()
def json_of(session: Session, request: Request) -> Any:
    """The JSON of an answer, also if it is labelled as text."""
    content = BytesIO()
    session.ask(request, content)
    return answers.parsed(answers.bare(content.getvalue()), request.path)


@redacted()
def changed(session: Session, request: Request) -> Json | None:
    """The object that a change is answered with; null if that is nothing."""
    content = BytesIO()
    session.ask(request, content)
    raw = answers.bare(content.getvalue())
    return answers.parsed(raw, request.path) if raw.startswith(b"{") else None


@redacted()
def object_of(session: Session, request: Request) -> Json:
    """The object that an answer is."""
    answer = json_of(session, request)
    if not isinstance(answer, dict):
        raise answers.refused(request.path, excerpt(answer), "it is no object")
    return answer


@redacted()
def objects_of(session: Session, request: Request) -> list[Json]:
    """The objects that an answer lists, by itself or in a wrapper."""
    answer = json_of(session, request)
    found = answers.listed(answer, "resultlist", "objects")
    if found is None:
        raise answers.refused(request.path, excerpt(answer), "it is no list of objects")
    return found


@redacted()
def one(session: Session, request: Request, of: shapes.Of[shapes.T]) -> shapes.T:
    """What the answer says of one thing."""
    return shapes.one(json_of(session, request), of, request.path)


@redacted()
def several(session: Session, request: Request, of: shapes.Of[shapes.T]) -> list[shapes.T]:
    """What the answer says of several."""
    return shapes.several(json_of(session, request), of, request.path)


def made(answer: Mapping[str, Any], of: shapes.Of[shapes.T], request: Request) -> shapes.T:
    """What a change is answered with."""
    return shapes.one(answer, of, request.path)
