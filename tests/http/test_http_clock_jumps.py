"""The time of day jumps while something is fetched: what lasts is measured by another clock."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from loopback import FakeClock, Reply, in_turn

from takeoff.core.errors import TryLater
from takeoff.core.refs import Operation
from takeoff.http.auth import MARGIN_S, Refreshing, Tokens, tokens_of
from takeoff.http.messages import Limits, Request
from takeoff.http.operations import Patience, wait

ASK = Request("GET", "/rows")
ROWS = Reply(body=b"[1, 2]")


class Jumping(FakeClock):
    """A time of day that is up to two minutes off, each time it is looked at by another amount."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._jumps = random.Random(seed)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._jumps.uniform(-120, 120))


@pytest.fixture(params=range(3))
def jumping(request: pytest.FixtureRequest) -> Iterator[Jumping]:
    return Jumping(request.param)


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({}, [0.5, 1, 2]),
        ({"Retry-After": "7"}, [7, 7, 7]),
        (
            {
                "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
                "Retry-After": "Sun, 01 Mar 2026 12:00:09 GMT",
            },
            [9, 9, 9],
        ),
    ],
)
def test_pauses_are_as_long_as_ever(serve, open_session, jumping, headers, slept) -> None:
    busy = Reply(503, headers=headers)
    api = serve(in_turn(busy, busy, busy, ROWS))
    session = open_session(api.url, clock=jumping)
    assert session.ask_json(ASK) == [1, 2]
    assert jumping.slept == pytest.approx(slept)


def test_a_date_without_the_servers_clock_is_off_by_the_jump_at_most(
    serve, open_session, jumping
) -> None:
    """Never past the longest pause that is waited for at all."""
    busy = Reply(503, headers={"Retry-After": "Sun, 01 Mar 2026 12:01:00 GMT"})
    api = serve(in_turn(busy, ROWS))
    assert open_session(api.url, clock=jumping).ask_json(ASK) == [1, 2]
    assert 0.5 <= jumping.spent_s <= 60 + 120


def test_a_jump_neither_ends_patience_nor_stretches_it(serve, open_session, jumping) -> None:
    api = serve(in_turn(Reply(503)))
    limits = Limits(attempts=100, total_s=90)
    with pytest.raises(TryLater, match="run the same command later"):
        open_session(api.url, clock=jumping, limits=limits).ask(ASK, BytesIO())
    assert 60 <= jumping.spent_s <= 90


def test_an_operation_is_waited_for_as_long_as_ever(jumping) -> None:
    looks = [Operation("1", "running")] * 8 + [Operation("1", "ready")]

    def look(operation_id: str) -> Operation:
        return looks.pop(0)

    patience = Patience(first_s=10, growth=1, longest_s=10, total_s=95)
    assert wait(looks[0], look, name="It", patience=patience, clock=jumping).state == "ready"
    assert jumping.slept == [10] * 9


def test_a_token_is_renewed_when_its_time_has_passed(jumping) -> None:
    """Two minutes at most too early or too late; too late is answered with 401, and renewed."""
    made: list[float] = []

    def exchange(old: Tokens) -> Tokens:
        made.append(jumping.spent_s)
        return tokens_of({"access_token": f"t{len(made)}", "expires_in": 3600}, jumping, old)

    auth = Refreshing(Tokens("t0", "again", jumping.now()), exchange, clock=jumping)
    for _ in range(4 * 60):
        auth.authorization()
        jumping.sleep(60)
    pauses = [later - one for one, later in zip(made, made[1:], strict=False)]
    assert len(made) in (4, 5)
    # Between the answer and what it means twice the clock is looked at.
    assert all(abs(pause - (3600 - MARGIN_S)) <= 2 * 120 + 60 for pause in pauses)


def test_a_token_whose_end_is_known_is_not_judged_by_the_time_of_day(clock) -> None:
    """Jumps after it came change nothing, however far they go."""
    made: list[float] = []

    def exchange(old: Tokens) -> Tokens:
        made.append(clock.spent_s)
        return Tokens("new", "again", clock.now() + timedelta(hours=1))

    first = Tokens("old", "again", clock.now() + timedelta(hours=1))
    auth = Refreshing(first, exchange, clock=clock)
    for jump_s in (7200, -7200, 0):
        clock.jump_to(jump_s)
        assert auth.authorization() == "Bearer old"
    clock.sleep(3600 - MARGIN_S)
    clock.jump_to(-7200)
    assert auth.authorization() == "Bearer new"
    assert made == [3600 - MARGIN_S]
