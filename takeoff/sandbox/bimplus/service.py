"""What the routes work on, and the words that they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import answers
from takeoff.sandbox.bimplus.accounts import Accounts
from takeoff.sandbox.bimplus.answers import Refused
from takeoff.sandbox.bimplus.catalogue import SHARED, SLUG, TEAM_ID, Catalogue, Division
from takeoff.sandbox.bimplus.comparison import Comparisons
from takeoff.sandbox.bimplus.content import File, Objects
from takeoff.sandbox.bimplus.limits import Limits
from takeoff.sandbox.bimplus.tags import Tags
from takeoff.sandbox.desk import Desk
from takeoff.sandbox.switches import Switches


@dataclass(frozen=True)
class Service:
    """The stand-in's state. `attachments` are files that were made on request, by their ids."""

    desk: Desk
    catalogue: Catalogue
    accounts: Accounts = field(default_factory=Accounts)
    limits: Limits = field(default_factory=Limits)
    tags: Tags = field(default_factory=Tags)
    comparisons: Comparisons = field(default_factory=Comparisons)
    attachments: dict[str, File] = field(default_factory=dict)

    @property
    def switches(self) -> Switches:
        return self.desk.control.switches

    def answer(self, value: Any, status: int = 200) -> Response:
        return answers.answer(value, self.switches, status)

    def tagged(self, division: Division, make: Any) -> Response:
        """The answer that `make` makes, with the model's ETag; 304 if the client has that."""
        switches = self.switches
        tag = self.tags.header(division, switches)
        if self.tags.is_same(division, request.headers.get("If-None-Match"), switches):
            told = Response(b"", 304)
        else:
            told = make()
        if tag is not None:
            told.headers["ETag"] = tag
        return told

    def objects(self, division: Division) -> Objects:
        """The model's objects in the revision that the request asks for."""
        return self.catalogue.objects(division, self.switches, asked_revision())

    def status(self, division: Division) -> str | None:
        """The status of a model now; null if it is not told."""
        if division.snapshot is None:
            return "EMPTY"
        status = self.switches["bimplus_status"]
        if status == "PROCESSING_ONCE":
            polls = self.switches.number("polls") or 0
            looked = self.desk.control.count(f"bimplus status of {division.id}")
            return "DONE" if looked >= polls else "PROCESSING"
        return None if status == "absent" else status


def asked_revision() -> int | None:
    """Raises: Refused with 400 if it is no number."""
    text = request.args.get("revision")
    if not text:
        return None
    if not text.isdigit():
        raise Refused(400, f"There is no revision {text}.")
    return int(text)


def check_slug() -> None:
    """Raises: Refused with 404 for a team that there is not."""
    slug = g.get("slug")
    if slug is not None and slug.lower() not in (SLUG, TEAM_ID, SHARED):
        raise Refused(404, f"There is no team {slug}.")


def is_shared() -> bool:
    """Whether the request is for the vendor's own catalogue rather than a team."""
    return bool(g.get("slug") == SHARED)
