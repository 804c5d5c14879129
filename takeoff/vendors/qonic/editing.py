"""Changing a model's products: sessions, modifications, and what becomes of them.

Contract section 6. A change is personal until it is published: the caller's own product query shows
it at once, sums and exports do not. None of these requests is ever repeated by itself. Every
function raises VendorRefused, TryLater (then nobody knows whether it was done), and NotUnderstood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from takeoff.core.errors import VendorRefused
from takeoff.core.plain import as_json, harmless
from takeoff.core.refs import ModelRef
from takeoff.http.messages import Json, Request, path_of
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers
from takeoff.vendors.qonic.answers import member, text

Scalar = str | bool | int | float | Decimal | None

SESSION_HEADER = "X-Client-Session-Id"
# The columns of a product that are no properties, and that a modification must not take for one.
PLAIN_FIELDS = ("Guid", "Class", "Name", "SpatialLocation", "Code", "MaterialLayerSet")

_SHOWN = 5
_FORBIDDEN = 403
# What a second session of a user, or one that comes too soon, is refused with; 409 by guess.
_CONFLICTS = (400, 409)


@dataclass(frozen=True)
class Property:
    """A property of a product, as it is written. A decimal keeps all of its digits."""

    set_name: str
    value: Scalar


# A plain field such as Name has its value alone; null clears it.
Written = Property | Scalar
# Field name -> Guid of the product -> value.
Values = Mapping[str, Mapping[str, Written]]


@dataclass(frozen=True)
class Modifications:
    """What one request changes: all of it, or nothing if anything of it is refused.

    `update` takes what a product has, `add` what it has not, `add_or_update` either. Null clears a
    value in `update`; in `delete` it is what every value must be.
    """

    add: Values = field(default_factory=dict)
    update: Values = field(default_factory=dict)
    delete: Values = field(default_factory=dict)
    add_or_update: Values = field(default_factory=dict)

    @property
    def body(self) -> Json:
        """As the contract writes it; what is empty is left out."""
        kinds = {
            "add": self.add,
            "update": self.update,
            "delete": self.delete,
            "addOrUpdate": self.add_or_update,
        }
        return Json(as_json({kind: _values(found) for kind, found in kinds.items() if found}))


@dataclass(frozen=True)
class Problem:
    """Why one value was refused. A dotted `field` is a part of one; what is not said is null."""

    guid: str | None
    field: str | None
    error: str | None
    description: str | None

    @property
    def words(self) -> str:
        """In one line for people."""
        where = " ".join(filter(None, (self.guid, self.field)))
        what = ": ".join(filter(None, (self.error, self.description))) or "no reason is given"
        return harmless(f"{where}: {what}" if where else what)


class ModificationsRefused(VendorRefused):
    """The service refused values of a request, and so applied nothing of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = "; ".join(problem.words for problem in problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__(
            f"Qonic refused {len(problems)} of the values and applied none of the request: "
            f"{shown}{more}."
        )
        self.problems = tuple(problems)


class SessionRefused(VendorRefused):
    """No session was started: another one is open, or the model is still worked on."""


def new_session_id() -> str:
    """An id for `start_session`; nobody else may know it."""
    return str(uuid4())


@redacted()
def start_session(session: Session, ref: ModelRef, session_id: str) -> None:
    """Begin to change the model. The service ends a session after 30 minutes without activity.

    Raises: SessionRefused if the user has another session of this model, or has just ended one.
    """
    request = _model_request("POST", ref, "start-session", session_id=session_id)
    try:
        _asked(session, request)
    except VendorRefused as refusal:
        if refusal.status not in _CONFLICTS:
            raise
        raise SessionRefused(
            f"{refusal} Either another session of yours is open for this model - one that was "
            "killed ends by itself 30 minutes after its last change - or the service still works "
            "on the one before: then the model is newer than what was fetched; fetch it again.",
            refusal.status,
        ) from None


@redacted()
def modify(session: Session, ref: ModelRef, session_id: str, modifications: Modifications) -> None:
    """Apply all of the modifications. Raises: ModificationsRefused if none were applied."""
    request = _model_request(
        "POST", ref, "products", session_id=session_id, body=modifications.body
    )
    _refuse(request, _asked(session, request))


@redacted()
def delete_product(session: Session, ref: ModelRef, session_id: str, guid: str) -> None:
    """Take the product out of the model. Raises: ModificationsRefused."""
    request = _model_request("DELETE", ref, "products", guid, session_id=session_id)
    _refuse(request, _asked(session, request))


@redacted()
def end_session(session: Session, ref: ModelRef, session_id: str) -> None:
    """End the session; that succeeds, too, if the service does not know it any more."""
    _asked(session, _model_request("POST", ref, "end-session", session_id=session_id))


@redacted()
def discard(session: Session, ref: ModelRef, session_id: str) -> None:
    """Drop the caller's changes that are not published, those made outside this session, too."""
    _asked(session, _model_request("POST", ref, "discard", session_id=session_id))


@redacted()
def publish(session: Session, ref: ModelRef, title: str, description: str | None = None) -> None:
    """Show everybody the caller's changes in all models of the project; none is fine, too."""
    body = {"title": title, "description": description}
    told = {key: value for key, value in body.items() if value is not None}
    _asked(session, _model_request("POST", ref, "publish", body=told))


def _values(values: Values) -> dict[str, dict[str, object]]:
    return {
        name: {guid: _value(written) for guid, written in by_guid.items()}
        for name, by_guid in values.items()
    }


def _value(written: Written) -> object:
    if isinstance(written, Property):
        return {"PropertySet": written.set_name, "Value": written.value}
    return written


def _model_request(
    method: str, ref: ModelRef, *rest: str, session_id: str | None = None, body: Any = None
) -> Request:
    path = path_of("projects", ref.project_id, "models", ref.model_id, *rest)
    headers = () if session_id is None else ((SESSION_HEADER, session_id),)
    return Request(method, path, json_body=body, headers=headers)


def _asked(session: Session, request: Request) -> bytes:
    """The answer's bytes; whoever may not edit is told so."""
    content = BytesIO()
    with _may_edit():
        session.ask(request, content)
    return content.getvalue()


@contextmanager
def _may_edit() -> Iterator[None]:
    try:
        yield
    except VendorRefused as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        raise VendorRefused(
            f"{refusal} To edit, the login needs the scope models:write, which takeoff login qonic "
            "--write asks for, and you the right to edit this model.",
            refusal.status,
        ) from None


def _refuse(request: Request, raw: bytes) -> None:
    """Raises: ModificationsRefused if the answer names errors, whatever its status was."""
    if not raw.strip():
        return
    found = answers.parsed(raw, request.target)
    listed = member(found, "errors") if isinstance(found, dict) else None
    if found is not None and not isinstance(found, dict):
        raise answers.refused(request.target, raw, "it is no object")
    if listed is not None and not isinstance(listed, list):
        raise answers.refused(request.target, raw, "errors is no array")
    if listed:
        raise ModificationsRefused([_problem(item) for item in listed])


def _problem(item: object) -> Problem:
    if not isinstance(item, dict):
        return Problem(None, None, None, str(item))
    keys = ("guid", "field", "error", "description")
    return Problem(*(text(member(item, key)) for key in keys))
