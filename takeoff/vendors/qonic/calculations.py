"""Operations from start to result: started once, waited for, fetched; a killed fetch goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from takeoff.core.errors import VendorRefused
from takeoff.core.refs import Operation, OperationState
from takeoff.core.sink import Asked, Sink
from takeoff.http import operations
from takeoff.http.clock import Clock, StoppableClock, Stopped
from takeoff.http.messages import Request
from takeoff.http.operations import Patience
from takeoff.http.session import LinkEnded, Session
from takeoff.vendors.qonic import answers, endpoints
from takeoff.vendors.qonic.answers import member, text

_STATES: dict[str, OperationState] = {
    "queued": "queued",
    "inprogress": "running",
    "ready": "ready",
    "failed": "failed",
}
_WORDS = ("errorDetails", "detail", "message", "error")
_BOM = b"\xef\xbb\xbf"
# An IFC file is STEP's clear text, between these lines.
_FIRST_LINE, _LAST_LINE = b"ISO-10303-21", b"END-ISO-10303-21"
_LOOKED_AT = 4096
_NOT_READY = 400
# Noted in the place of an operation that was started for a model that has changed since.
_FORGOTTEN = ""
_UNKNOWN = 404


@dataclass(frozen=True)
class Calculation:
    """What to start, and what then has its result. `order` is the place of the evidence.

    The result is kept as the answer to its request, or else as `document`.
    """

    name: str
    start: Request
    result: Callable[[str], Request]
    order: tuple[int, ...]
    document: Asked | None = None

    @property
    def key(self) -> str:
        """Under which the started operation is noted."""
        return f"operation {self.start.method} {self.start.target} {self.start.asked.body_sha256}"

    def kept_as(self, operation_id: str) -> Asked:
        """What the result is called in the sink."""
        return self.result(operation_id).asked if self.document is None else self.document


@dataclass(frozen=True)
class Early:
    """An operation that has ended, and, once it was brought, its result: not kept yet."""

    operation: Operation
    result: Path | None = None
    status: int | None = None


class Begun:
    """Operations started early, so that the service works on them while other answers come.

    They are looked at and their results brought, too, `at_once` of them, and nobody waits for them
    when the block ends; if it fails, nothing more is asked for. Their requests let all others go
    first. What could not be started or brought, or was not ready, is left to `run`, which tells of
    a refusal. With `is_fresh` those that were started before are forgotten and started again.
    `ended` holds those that have ended, by the key of the calculation.
    """

    def __init__(
        self, session: Session, sink: Sink, patience: Patience, at_once: int, *, is_fresh: bool
    ) -> None:
        self._session, self._sink, self._patience = session, sink, patience
        self._is_fresh = is_fresh
        self._clock = StoppableClock(session.clock)
        self._pool = ThreadPoolExecutor(at_once)
        self._turns = BoundedSemaphore(2 * session.limits.parallel)
        self.ended: dict[str, Early] = {}
        self._keys: set[str] = set()
        self._is_wanted = True

    def __enter__(self) -> Begun:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._clock.stop()
        self._is_wanted = kind is None
        try:
            self._pool.shutdown(cancel_futures=not self._is_wanted)
        finally:
            self._is_wanted = False

    def begin(self, calculation: Calculation) -> None:
        """Start it, once."""
        if calculation.key in self._keys:
            return
        self._keys.add(calculation.key)
        if self._is_fresh:
            self._sink.note(calculation.key, _FORGOTTEN)
        if not self._sink.noted(calculation.key):
            self._pool.submit(self._begun, calculation)

    def _begun(self, calculation: Calculation) -> None:
        with self._turn():
            operation = _started(self._session, self._sink, calculation, yields=True)
        operation = operations.wait(
            operation,
            self._looked,
            name=calculation.name,
            patience=self._patience,
            clock=self._clock,
        )
        self.ended[calculation.key] = Early(operation)
        with self._turn():
            part = self._sink.part()
            status = _bring(self._session, calculation, operation.id, part, yields=True)
        self.ended[calculation.key] = Early(operation, part, status)

    def _looked(self, operation_id: str) -> Operation:
        with self._turn():
            return look(self._session, operation_id, yields=True)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Raises: Stopped if nobody wants the answer any more."""
        with self._turns:
            if not self._is_wanted:
                raise Stopped
            yield


def run(
    session: Session,
    sink: Sink,
    calculation: Calculation,
    patience: Patience,
    clock: Clock | None = None,
    *,
    early: Early | None = None,
) -> str:
    """Start it unless that was done, wait, and keep its result; the id of its operation.

    It waits by `clock`, which may be one that can be stopped, or else by the session's. `early` is
    how far this fetch has got with it.

    A link that has ended twice, or an operation that the service no longer knows (how long it does
    is not documented), makes it start once more.
    Raises: VendorRefused if it fails; TryLater if it takes too long; NotUnderstood.
    """
    clock = session.clock if clock is None else clock
    known = sink.noted(calculation.key) or None
    if known is not None and sink.held(calculation.kept_as(known)) is not None:
        return known
    if early is not None and early.result is not None:
        _keep(sink, calculation, early.operation.id, early.result, early.status)
        return early.operation.id
    operation = early.operation if early is not None else _known(session, known)
    operation = operation or _started(session, sink, calculation)
    try:
        return _finished(session, sink, calculation, operation, patience, clock)
    except VendorRefused as refusal:
        if refusal.status != _UNKNOWN and not isinstance(refusal, LinkEnded):
            raise
        operation = _started(session, sink, calculation)
        return _finished(session, sink, calculation, operation, patience, clock)


def _known(session: Session, operation_id: str | None) -> Operation | None:
    """What has become of an operation that was started before; null if the service forgot it."""
    if operation_id is None:
        return None
    try:
        return look(session, operation_id)
    except VendorRefused as refusal:
        if refusal.status != _UNKNOWN:
            raise
        return None


def _started(
    session: Session, sink: Sink, calculation: Calculation, *, yields: bool = False
) -> Operation:
    operation = asked(session, replace(calculation.start, yields=yields))
    sink.note(calculation.key, operation.id)
    return operation


def _finished(
    session: Session,
    sink: Sink,
    calculation: Calculation,
    operation: Operation,
    patience: Patience,
    clock: Clock,
) -> str:
    """Wait for the operation and keep its result.

    The result is answered with 400 while the operation is not ready; then it is looked at again.
    """
    for is_last in (False, True):
        operation = _ended(session, calculation, operation, patience, clock)
        try:
            part = sink.part()
            status = _bring(session, calculation, operation.id, part)
            _keep(sink, calculation, operation.id, part, status)
            break
        except LinkEnded:
            raise
        except VendorRefused as refusal:
            if refusal.status != _NOT_READY or is_last:
                raise
            operation = look(session, operation.id)
    return operation.id


def _ended(
    session: Session,
    calculation: Calculation,
    operation: Operation,
    patience: Patience,
    clock: Clock,
) -> Operation:
    return operations.wait(
        operation,
        lambda operation_id: look(session, operation_id),
        name=calculation.name,
        patience=patience,
        clock=clock,
    )


def _bring(
    session: Session,
    calculation: Calculation,
    operation_id: str,
    part: Path,
    *,
    yields: bool = False,
) -> int:
    """Write the result there, seen to be whole; the answer's status."""
    request = replace(calculation.result(operation_id), yields=yields)
    answer = session.download(request, part)
    if calculation.document is not None:
        _must_be_ifc(part, request.target)
    elif not answer.is_framed:
        _must_prove_itself(part, request.target)
    return answer.status


def _keep(
    sink: Sink, calculation: Calculation, operation_id: str, part: Path, status: int | None
) -> None:
    kept_as = calculation.kept_as(operation_id)
    sink.keep(kept_as, part, order=calculation.order, status=status)


def _must_prove_itself(path: Path, name: str) -> None:
    """Raises: NotUnderstood if neither the connection nor the content tells whether it is whole."""
    raw = answers.plain(path, name)
    if not answers.looks_like_json(raw) and not path.read_bytes().startswith(answers.GZIP):
        raise answers.refused(name, raw, "it came without its length, so it may be cut short")
    if answers.looks_like_json(raw):
        answers.parsed(raw, name)


def _must_be_ifc(path: Path, name: str) -> None:
    """Raises: NotUnderstood unless it is an IFC file with its first and its last line."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
        file.seek(max(0, path.stat().st_size - _LOOKED_AT))
        end = file.read()
    if not start.removeprefix(_BOM).lstrip().startswith(_FIRST_LINE):
        raise answers.refused(name, start, "it is no IFC file")
    if _LAST_LINE not in end:
        raise answers.refused(name, start, "the IFC file breaks off before its last line")


def look(session: Session, operation_id: str, *, yields: bool = False) -> Operation:
    """The operation as it is now. Raises: VendorRefused; TryLater; NotUnderstood."""
    return asked(session, replace(endpoints.operation(operation_id), yields=yields))


def asked(session: Session, request: Request) -> Operation:
    """The operation that a request starts or looks at. Raises as `look`."""
    content = BytesIO()
    answer = session.ask(request, content)
    return read(content.getvalue(), request.target, answer.wait_s)


def read(raw: bytes, name: str, wait_s: float | None = None) -> Operation:
    """The operation that an answer describes. Raises: NotUnderstood."""
    found = _object(raw, name)
    operation_id = text(member(found, "id"))
    if operation_id is None:
        raise answers.refused(name, raw, "the operation has no id")
    percent = member(found, "percentageCompleted")
    return Operation(
        operation_id,
        _STATES.get(str(member(found, "status")).casefold(), "unknown"),
        percent if isinstance(percent, float) else None,
        wait_s,
        problem=_problem(found),
    )


def _problem(found: Mapping[str, Any]) -> str | None:
    said = member(found, *_WORDS)
    return None if said is None else said if isinstance(said, str) else json.dumps(said)


def _object(raw: bytes, name: str) -> dict[str, Any]:
    found = answers.parsed(raw.removeprefix(_BOM), name)
    if not isinstance(found, dict):
        raise answers.refused(name, raw, "it is no object")
    return found
