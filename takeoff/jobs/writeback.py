"""Write-back: codes or figures put onto the products of a model at Qonic, as properties.

Planned first, by what the service has now; then applied in one session, all or nothing; published
only if that is asked for. What a killed write-back has left open is told by the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, TakeoffError
from takeoff.core.progress import Progress
from takeoff.core.refs import ModelRef
from takeoff.http.session import Session
from takeoff.jobs.logins import vendor_session
from takeoff.jobs.writeback_left import left_open, purpose
from takeoff.jobs.writeback_plan import VENDOR, Change, Plan, Target, meant
from takeoff.lake.journal import Journal
from takeoff.lake.layout import open_layout
from takeoff.lake.work import Run
from takeoff.vendors.qonic import editing
from takeoff.vendors.qonic.editing import Modifications, Property

# Values in one request; all requests of a write-back are in one session.
BATCH = 1000


def apply(settings: Settings, planned: Plan, progress: Progress) -> int:
    """Write all of it in one session, or nothing; how many values were written.

    If anything fails, the caller's changes that are not published are discarded, those made
    elsewhere, too, and the session is ended.
    Raises: InputRefused if the model has changed since it was fetched, a property stands in another
    set, or a killed write-back is left; VendorRefused; TryLater; NotUnderstood; LakeUnusable.
    """
    _refuse(planned)
    layout = open_layout(settings.lake_path())
    left = left_open(layout, planned.ref)
    if left is not None:
        raise InputRefused(left)
    if not planned.to_write:
        return 0
    with vendor_session(settings, VENDOR) as vendor, Run(layout, purpose(planned.ref)) as run:
        return _Writing(vendor, planned, run, progress).written()


def discard_left(settings: Settings, target: Target) -> bool:
    """Discard the caller's unpublished changes if a write-back was killed; whether one was.

    Its session is ended. Raises: InputRefused; VendorRefused; TryLater; NotUnderstood;
    LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    ref = meant(layout, target).ref
    if left_open(layout, ref) is None:
        return False
    with vendor_session(settings, VENDOR) as vendor, Run(layout, purpose(ref)) as run:
        session_id = Journal(run).noted("session")
        if session_id is not None:
            _dropped(vendor, ref, session_id)
    return True


def publish(settings: Settings, target: Target, title: str) -> None:
    """Publish all of the caller's changes in the model's project, whoever made them.

    Raises: InputRefused; VendorRefused; TryLater; NotUnderstood; LakeUnusable.
    """
    ref = meant(open_layout(settings.lake_path()), target).ref
    with vendor_session(settings, VENDOR) as vendor:
        editing.publish(vendor, ref, title)


class _Writing:
    """A plan on its way to the service."""

    def __init__(self, vendor: Session, planned: Plan, run: Run, progress: Progress) -> None:
        self._vendor, self._ref, self._changes = vendor, planned.ref, planned.to_write
        self._run, self._journal, self._progress = run, Journal(run), progress
        self._session_id = editing.new_session_id()

    def written(self) -> int:
        """Raises what went wrong, with what has become of the changes."""
        self._note()
        self._start()
        try:
            self._modify()
        except BaseException as error:
            told = self._undone(error)
            if told is None:
                raise
            raise told from error
        self._run.discard()
        self._end()
        return len(self._changes)

    def _note(self) -> None:
        """On disk before the session begins, so that whoever comes after a kill knows of it."""
        self._journal.note("values", str(len(self._changes)))
        self._journal.note("answered", "0")
        self._journal.note("began", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        self._journal.note("session", self._session_id)

    def _start(self) -> None:
        try:
            editing.start_session(self._vendor, self._ref, self._session_id)
        except TakeoffError:
            self._run.discard()
            # Whether it has begun may not be known; to end what has not begun succeeds.
            with suppress(TakeoffError):
                editing.end_session(self._vendor, self._ref, self._session_id)
            raise

    def _modify(self) -> None:
        self._progress.step("writing", len(self._changes))
        for start in range(0, len(self._changes), BATCH):
            batch = self._changes[start : start + BATCH]
            editing.modify(self._vendor, self._ref, self._session_id, _modifications(batch))
            self._journal.note("answered", str(start + len(batch)))
            self._progress.advance(len(batch))

    def _end(self) -> None:
        try:
            editing.end_session(self._vendor, self._ref, self._session_id)
        except TakeoffError as error:
            raise _again(
                error,
                f"All {len(self._changes)} values were written, but the session could not be ended "
                f"({error}); by itself it ends after 30 minutes.",
            ) from error

    def _undone(self, error: BaseException) -> TakeoffError | None:
        """The error with what was done about it, null for one that is not of ours.

        The record stays if nothing could be done.
        """
        try:
            _dropped(self._vendor, self._ref, self._session_id)
        except TakeoffError as other:
            told = f"{error} What was written before could not be discarded: {other}"
        else:
            self._run.discard()
            told = f"{error} Your unpublished changes were discarded and the session was ended."
        return _again(error, told) if isinstance(error, TakeoffError) else None


def _again(error: TakeoffError, words: str) -> TakeoffError:
    """An error of the same family with other words."""
    family = next(
        kind for kind in type(error).__mro__ if kind.__module__ == TakeoffError.__module__
    )
    found: TakeoffError = family(words)
    return found


def _dropped(vendor: Session, ref: ModelRef, session_id: str) -> None:
    """Nothing of a session stays, and it is over."""
    try:
        editing.discard(vendor, ref, session_id)
    finally:
        editing.end_session(vendor, ref, session_id)


def _modifications(changes: Sequence[Change]) -> Modifications:
    add: dict[str, dict[str, editing.Written]] = {}
    update: dict[str, dict[str, editing.Written]] = {}
    for change in changes:
        kind = add if change.old is None else update
        value = None if change.state == "cleared" else Property(change.set_name, change.new)
        kind.setdefault(change.property_name, {})[change.element_id] = value
    return Modifications(add=add, update=update)


def _refuse(planned: Plan) -> None:
    if planned.obstacle is not None:
        raise InputRefused(planned.obstacle)
    other = [change for change in planned.changes if change.state == "in_other_set"]
    if other:
        first = other[0]
        in_set = None if first.old is None else first.old.set_name
        raise InputRefused(
            f"{len(other)} products have {first.property_name} in another property set, such as "
            f"{first.element_id} in {in_set}; a product has one property of a name: choose another."
        )
