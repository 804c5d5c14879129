from __future__ import annotations

import threading
import time

import pytest
from loopback import FakeClock

from takeoff.http.clock import Clock, StoppableClock, Stopped


def test_a_clock_that_can_be_stopped_tells_the_time_of_the_other() -> None:
    fake = FakeClock(chance=0.25)
    clock = StoppableClock(fake)
    clock.sleep(2)
    assert fake.spent_s == pytest.approx(2)
    assert (clock.monotonic(), clock.now(), clock.chance()) == (fake.monotonic(), fake.now(), 0.25)


def test_a_stopped_clock_wakes_who_sleeps_and_lets_nobody_sleep() -> None:
    clock = StoppableClock(Clock())
    woken = []

    def sleep() -> None:
        with pytest.raises(Stopped):
            clock.sleep(3600)
        woken.append(True)

    sleeper = threading.Thread(target=sleep)
    began_s = time.monotonic()
    sleeper.start()
    clock.stop()
    sleeper.join(timeout=10)
    assert woken == [True]
    assert time.monotonic() - began_s < 10
    with pytest.raises(Stopped):
        clock.sleep(0)
