from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.core.refs import Operation, OperationState
from takeoff.http.operations import Patience, wait

QUEUED = Operation("op-1", "queued", 0)


def _looks(*operations: Operation):
    left = list(operations)

    def look(operation_id: str) -> Operation:
        assert operation_id == "op-1"
        return left.pop(0) if len(left) > 1 else left[0]

    return look


def _in(state: OperationState, **more: object) -> Operation:
    return replace(QUEUED, state=state, **more)


def test_waits_through_all_states_that_are_no_end(clock) -> None:
    ready = _in("ready", percent=100)
    between = [_in("running"), _in("waiting_for_file"), _in("unknown"), _in("queued")]
    noticed: list[Operation] = []
    ended = wait(QUEUED, _looks(*between, ready), name="Count", clock=clock, notice=noticed.append)
    assert ended == ready
    assert noticed == [*between, ready]
    assert clock.slept == [1, 1.5, 2.25, 3.375, 5.0625]


def test_pauses_grow_to_their_bound(clock) -> None:
    running = [_in("running")] * 12
    wait(QUEUED, _looks(*running, _in("ready")), name="Count", clock=clock)
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[-1] == 15


def test_asked_pause_is_kept(clock) -> None:
    looks = _looks(_in("running", wait_s=40), _in("running", wait_s=0.1), _in("ready"))
    wait(replace(QUEUED, wait_s=20), looks, name="Count", clock=clock)
    assert clock.slept == [20, 40, 2.25]


def test_no_look_if_it_is_ready_at_once(clock) -> None:
    ready = _in("ready")
    assert wait(ready, _looks(_in("failed")), name="Count", clock=clock) == ready
    assert clock.slept == []


def test_operation_that_hangs(clock) -> None:
    patience = Patience(total_s=60)
    with pytest.raises(TryLater, match=r"Count is still 'running' at 40 % after 60 s \(operation"):
        wait(
            QUEUED,
            _looks(_in("running", percent=40)),
            name="Count",
            clock=clock,
            patience=patience,
        )
    assert 45 < clock.spent_s <= 60


def test_failed_operation_says_why(clock) -> None:
    with pytest.raises(VendorRefused, match="Count failed at the vendor with: no geometry"):
        wait(QUEUED, _looks(_in("failed", problem="no geometry")), name="Count", clock=clock)
    with pytest.raises(VendorRefused, match="without a reason"):
        wait(_in("failed"), _looks(QUEUED), name="Count", clock=clock)


@pytest.mark.parametrize("state", ["partial", "skipped"])
def test_what_is_not_all_is_not_taken_for_it(clock, state) -> None:
    ended = _in(state, problem="2 of 3 files")
    with pytest.raises(NotUnderstood, match=rf"ended as '{state}' with: 2 of 3 files"):
        wait(QUEUED, _looks(ended), name="Import", clock=clock)
    assert wait(QUEUED, _looks(ended), name="Import", clock=clock, accept=("ready", state)) == ended


def test_signed_link_is_not_shown() -> None:
    assert len(get_args(OperationState)) == 8
    assert "sig=1" not in repr(_in("ready", result_url="https://storage/x?sig=1"))
