"""Asks the service for the list."""

from __future__ import annotations

import json
from dataclasses import dataclass

from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, Proof, SourceVersion
from takeoff.core.sink import Sink
from takeoff.http.messages import Request, path_of
from takeoff.http.session import Session

NAME = "Paper"
BASE_URL = "https://paper.example"
HINTS: dict[int, str] = {}


@dataclass(frozen=True)
class Options:
    """There is nothing to choose."""


def models(session: Session, project_id: str | None = None) -> list[ModelRef]:
    """Every list that there is."""
    names = session.ask_json(Request("GET", "/lists"))
    return [ModelRef("paper", "desk", name, "desk", name) for name in names]


def version(session: Session, ref: ModelRef) -> SourceVersion:
    """The edition that the list states."""
    edition = session.ask_json(Request("GET", path_of("lists", ref.model_id, "edition")))
    return SourceVersion("edition", str(edition))


def ask(
    ref: ModelRef, session: Session, sink: Sink, progress: Progress, options: Options | None = None
) -> Brought:
    """The whole list, which states how many lines it has."""
    request = Request("GET", path_of("lists", ref.model_id))
    path = sink.held(request.asked)
    if path is None:
        part = sink.part()
        answer = session.ask(request, part)
        path = sink.keep(request.asked, part, order=(0,), status=answer.status)
    stated = json.loads(path.read_bytes())["lines_in_all"]
    proof = Proof("stated_total", f"{stated} lines stated")
    return Brought(proof, {"elements": stated}, version(session, ref))
