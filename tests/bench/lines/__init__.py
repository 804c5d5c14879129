"""The lines of the benchmark, one module each: a new line is one new file, found by its name.

A module offers `races(room)`, which yields one Race after the other; what a race needs may stay
open until the next one is asked for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from tests.bench.race import Race
from tests.bench.room import Room


class Named(Protocol):
    """What a module of this folder offers."""

    def races(self, room: Room) -> Iterator[Race]:
        """Each with all that it needs made and running."""


def names() -> list[str]:
    """The lines that there are, in alphabetical order."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def line(name: str) -> Named:
    """The line of this name, which is one of `names`."""
    return cast(Named, import_module(f"{__name__}.{name.replace('-', '_')}"))
