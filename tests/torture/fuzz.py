"""Odd evidence of every reader: rows or one of our own errors, quickly and within the memory."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from reading import READERS, Lake, Recorded, odd, recorded

from .tally import Part, Sizes, Tally, each

_MOST_MORE_MIB = 200
_MOST_S = 60


def _fuzz(reader: str, seeds: Sequence[int], folder: Path) -> Tally:
    lake, read = Lake(folder / "lake"), recorded(reader)
    assert lake.outcome(read, Random(0)) == "rows"
    before_mib = _peak_mib()

    def once(seed: int) -> str:
        chance, began = Random(seed), time.monotonic()
        ended = lake.outcome(odd(read, chance), chance)
        seconds, more_mib = time.monotonic() - began, _peak_mib() - before_mib
        assert seconds < _MOST_S, f"it took {seconds:.0f} s"
        assert more_mib < _MOST_MORE_MIB, f"by now it took {more_mib:.0f} MiB more"
        return ended

    return each(seeds, once)


def _bodies(seeds: Sequence[int], folder: Path) -> Tally:
    """Odd models with the geometry of all bodies, each in a process of its own: it may die."""
    lake, plain = Lake(folder / "lake"), recorded("ifc")
    read = Recorded("ifc", {"geometry": True}, plain.answers)

    def once(seed: int) -> str:
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            chance = Random(seed)
            os.write(tell, _ended(lambda: lake.outcome(odd(read, chance), chance)).encode())
            os._exit(0)
        os.close(tell)
        with os.fdopen(told, "rb") as said:
            ended = said.read().decode()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code == 0, f"the process died: {code}"
        assert " " not in ended, ended
        return ended

    return each(seeds, once)


def _ended(work: Callable[[], str]) -> str:
    """What `work` gives, or in some words what it raises."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - a fork must not go on as its parent
        return f"{type(error).__name__}: {error}"[:2_000]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_READERS = tuple(
    Part(
        f"fuzz: {reader}",
        f"rows, or one of our own errors, within {_MOST_S} s and {_MOST_MORE_MIB} MiB more",
        Sizes(few=1, short=200, full=5_000),
        partial(_fuzz, reader),
    )
    for reader in READERS
)
_BODIES = Part(
    "fuzz: bodies in ifc",
    "rows, or one of our own errors; the process lives",
    Sizes(few=1, short=50, full=2_000),
    _bodies,
)
PARTS = (*_READERS, _BODIES)
