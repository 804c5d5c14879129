"""Asking one thing and keeping the answer: looked at first, paced, and not asked for twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from takeoff.core.sink import Sink
from takeoff.http.messages import Answer, Request
from takeoff.http.session import Session
from takeoff.vendors.bimplus import answers, glance
from takeoff.vendors.bimplus.glance import Glance
from takeoff.vendors.bimplus.pace import Pace

# Of a list that comes in chunks: how many there are. The answer itself does not say it.
CHUNKS = "x-total-count"


class Keeping:
    """Answers of one model; with `is_fresh` none that was kept before. Safe to use from threads."""

    def __init__(self, session: Session, sink: Sink) -> None:
        self._session, self._sink = session, sink
        self._pace = Pace(session.clock)
        self.is_fresh = False

    def answer(
        self,
        request: Request,
        order: tuple[int, ...],
        refuse: Callable[[Any], None] = lambda content: None,
        parse: Callable[[bytes, str], Any] = answers.parsed,
    ) -> bytes:
        """What the request is answered with, kept or asked for; it must be JSON, by `parse`.

        `refuse` raises for content that must not be kept.
        """
        held = None if self.is_fresh else self._sink.held(request.asked)
        if held is not None:
            return answers.plain(held)
        part = self._sink.part()
        answer = self._asked(request, part)
        raw = answers.plain(part)
        refuse(parse(raw, request.target))
        self._sink.keep(request.asked, part, order=order, status=answer.status)
        return raw

    def list_(self, request: Request, order: tuple[int, ...]) -> Glance:
        """What a list of objects holds; it is kept once it was understood."""
        held = None if self.is_fresh else self._sink.held(request.asked)
        noted = f"chunks {request.target}"
        if held is not None:
            chunks = self._sink.noted(noted)
            return replace(
                glance.at_objects(held, request.target),
                chunks=None if chunks is None else int(chunks),
            )
        part = self._sink.part()
        answer = self._asked(request, part)
        seen = glance.at_objects(part, request.target)
        chunks = answer.headers.get(CHUNKS, "").strip()
        if chunks.isascii() and chunks.isdigit():
            self._sink.note(noted, chunks)
            seen = replace(seen, chunks=int(chunks))
        self._sink.keep(request.asked, part, order=order, status=answer.status)
        return seen

    def _asked(self, request: Request, part: Path) -> Answer:
        self._pace.wait()
        answer = self._session.ask(request, part)
        self._pace.saw(answer.headers)
        return answer
