"""Waiting for work that a vendor does for us: one poller for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.core.refs import Operation, OperationState
from takeoff.http.clock import Clock

_READY: frozenset[OperationState] = frozenset(("ready",))
_ENDS: frozenset[OperationState] = frozenset(("ready", "partial", "skipped", "failed"))


@dataclass(frozen=True)
class Patience:
    """Pauses between looks grow from `first_s` by `growth` up to `longest_s`; `total_s` in all."""

    first_s: float = 1
    growth: float = 1.5
    longest_s: float = 15
    total_s: float = 3600


def wait(
    started: Operation,
    look: Callable[[str], Operation],
    *,
    name: str,
    patience: Patience | None = None,
    clock: Clock | None = None,
    accept: Collection[OperationState] = _READY,
    notice: Callable[[Operation], None] = lambda operation: None,
) -> Operation:
    """Look at the operation until it has ended in one of the states `accept`.

    `look` asks for the operation with an id. A pause that the vendor asks for is kept; states that
    we do not know are waited for. `notice` hears of each look. `name` says in errors what it is.
    Raises: VendorRefused with the vendor's words if it failed; NotUnderstood if it ended in another
    state; TryLater if it did not end in time.
    """
    patience = Patience() if patience is None else patience
    clock = Clock() if clock is None else clock
    deadline = clock.monotonic() + patience.total_s
    operation, pause_s = started, patience.first_s
    while operation.state not in _ENDS:
        asked_s = 0 if operation.wait_s is None else operation.wait_s
        wait_s = max(pause_s, asked_s) + clock.chance() * pause_s / 10
        if clock.monotonic() + wait_s > deadline:
            raise TryLater(_too_slow(name, operation, patience))
        clock.sleep(wait_s)
        pause_s = min(pause_s * patience.growth, patience.longest_s)
        operation = look(operation.id)
        notice(operation)
    return _ended(name, operation, accept)


def _ended(name: str, operation: Operation, accept: Collection[OperationState]) -> Operation:
    if operation.state in accept:
        return operation
    said = "without a reason" if operation.problem is None else f"with: {operation.problem}"
    if operation.state == "failed":
        raise VendorRefused(f"{name} failed at the vendor {said} (operation {operation.id}).")
    raise NotUnderstood(
        f"{name} ended as '{operation.state}' {said} (operation {operation.id}); "
        "that is not all that was asked for, so nothing was committed; look at it at the vendor, "
        "then fetch again."
    )


def _too_slow(name: str, operation: Operation, patience: Patience) -> str:
    percent = "" if operation.percent is None else f" at {operation.percent:g} %"
    return (
        f"{name} is still '{operation.state}'{percent} after {patience.total_s:g} s "
        f"(operation {operation.id}); run the same command later, it is looked for again."
    )
