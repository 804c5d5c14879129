"""Answers that a contract prints beside those that a sandbox writes: the same members and kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any


def differing(wanted: Any, given: Any, where: str, may_lack: Collection[str] = ()) -> Iterator[str]:
    """Where an answer lacks what is printed, or has something else there.

    `may_lack` are members that an answer has only where there is something to say.
    """
    if wanted is None or given is None:
        return
    if isinstance(wanted, dict):
        if not isinstance(given, dict):
            yield f"{where} is {type(given).__name__}"
            return
        for key, value in wanted.items():
            if key in given:
                yield from differing(value, given[key], f"{where}.{key}", may_lack)
            elif key not in may_lack:
                yield f"{where}.{key} is missing"
    elif isinstance(wanted, list):
        if not isinstance(given, list):
            yield f"{where} is {type(given).__name__}"
        elif wanted:
            if not given:
                yield f"{where} is empty"
            for number, item in enumerate(given):
                yield from differing(wanted[0], item, f"{where}[{number}]", may_lack)
    elif isinstance(wanted, bool) != isinstance(given, bool) or not isinstance(
        given, (int, float) if isinstance(wanted, int | float) else type(wanted)
    ):
        yield f"{where} is {type(given).__name__}"
