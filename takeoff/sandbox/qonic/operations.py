"""Long-running operations: each look-up brings them on; only a finished one has a result."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.switches import Switches

READY = "Ready"
FAILED = "Failed"
STRANGE = "AwaitingResources"
_FAILURE = "The calculation broke off."


class CannotBeMade(Exception):
    """Why an operation fails, in words for people."""


@dataclass(frozen=True)
class File:
    """A result as the storage gives it."""

    content: bytes
    content_type: str


@dataclass
class Operation:
    """One operation. `place` is the path of the collection that it was started at.

    It is in progress until `is_done`; then `make` gives its result.
    """

    id: str
    kind: str
    place: str
    make: Callable[[], File | None]
    switches: Switches
    is_done: Callable[[], bool] = lambda: True
    lookups: int = 0
    words: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def status(self) -> str:
        end = self.switches["operation"]
        polls = self.switches.number("polls") or 0
        if end == "unknown_state" and 0 < self.lookups <= polls:
            return STRANGE
        if self.lookups == 0 and polls:
            return "Queued"
        if self.lookups < polls or end == "hung" or not self.is_done():
            return "InProgress"
        if end in ("failed", "failed_words") or self.file is None:
            return FAILED
        return READY

    @cached_property
    def file(self) -> File | None:
        """Its result; None if it cannot be made of what the lake holds."""
        try:
            return self.make()
        except CannotBeMade as reason:
            self.words = str(reason)
            return None

    def shown(self) -> dict[str, Any]:
        """The operation object of the contract."""
        status = self.status
        shown_id = int(self.id) if self.switches["operation_ids"] == "number" else self.id
        if self.switches["operation_keys"] == "few":
            return {"id": shown_id, "status": status}
        polls = self.switches.number("polls") or 1
        percent = 100 if status == READY else min(99, 100 * self.lookups // (polls + 1))
        shown: dict[str, Any] = {
            "id": shown_id,
            "kind": self.kind,
            "status": status,
            "percentageCompleted": percent,
        }
        if self.switches["operation_keys"] == "nulls":
            shown |= {"kind": None, "percentageCompleted": None}
        words = _FAILURE if self.switches["operation"] == "failed_words" else self.words
        if status == FAILED and words:
            shown |= {"error": "CalculationFailed", "errorDetails": words}
        return shown


class Operations:
    """All operations since the start; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, Operation] = {}

    def start(
        self,
        kind: str,
        place: str,
        make: Callable[[], File | None],
        switches: Switches,
        *,
        is_done: Callable[[], bool] = lambda: True,
    ) -> Operation:
        new_id = _new_id(switches["operation_ids"])
        operation = Operation(new_id, kind, place, make, switches, is_done)
        with self._lock:
            self._by_id[operation.id] = operation
        return operation

    def look_up(self, operation_id: str) -> tuple[dict[str, Any], bool]:
        """The operation one step on, and whether it is over. Raises: Refused with 404."""
        operation = self._find(operation_id)
        with operation.lock:
            operation.lookups += 1
            return operation.shown(), operation.status in (READY, FAILED)

    def ready(self, operation_id: str, place: str) -> Operation:
        """The finished operation. Raises: Refused with 400 before and without success, 404."""
        operation = self._find(operation_id)
        if operation.place != place:
            raise _unknown(operation_id)
        with operation.lock:
            status = operation.status
        if status != READY:
            raise Refused(400, "OperationNotReady", f"The operation is {status}.")
        return operation

    def _find(self, operation_id: str) -> Operation:
        with self._lock:
            operation = self._by_id.get(operation_id)
        if operation is None:
            raise _unknown(operation_id)
        return operation


def _new_id(form: str) -> str:
    if form == "number":
        return str(secrets.randbits(48) + 1)
    return str(uuid4()) if form == "uuid" else f"op-{secrets.token_hex(8)}"


def _unknown(operation_id: str) -> Refused:
    return Refused(404, "OperationNotFound", f"There is no operation {operation_id}.")
