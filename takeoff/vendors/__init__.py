"""The vendors: one folder each, found by name; others may be added by installed packages."""

from __future__ import annotations

import importlib
import importlib.util
from difflib import get_close_matches
from functools import cache
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

from takeoff.core.errors import InputRefused

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

ENTRY_POINTS = "takeoff.vendors"


def names() -> list[str]:
    """Names of all vendors, ours and those of installed packages, sorted."""
    return sorted(_ours() | {point.name for point in _added()})


@cache
def load(name: str) -> ModuleType:
    """The vendor `name`: a module that has `client`, `decode` and `cite`.

    Ours come first; a vendor of that name in the entry-point group `takeoff.vendors` is next.
    Raises: InputRefused if there is none, or a package that it needs is not installed.
    """
    try:
        if name in _ours():
            return importlib.import_module(f"{__name__}.{name}")
        for point in _added():
            if point.name == name:
                return _module(point.load(), name)
    except ModuleNotFoundError as error:
        raise InputRefused(
            f"Reading from '{name}' needs the package '{error.name}'; "
            f"install it with: pip install 'takeoff[{name}]'."
        ) from error
    raise InputRefused(_unknown(name))


def _ours() -> set[str]:
    return {module.name for module in iter_modules(__path__) if module.ispkg}


def _added() -> EntryPoints:
    """The vendors of installed packages; to look through all packages takes a while."""
    from importlib.metadata import entry_points

    return entry_points(group=ENTRY_POINTS)


def _module(loaded: object, name: str) -> ModuleType:
    if not isinstance(loaded, ModuleType):
        raise InputRefused(
            f"The entry point '{name}' in the group {ENTRY_POINTS} names no module; "
            "ask the maker of that package."
        )
    return loaded


def _unknown(name: str) -> str:
    known = names()
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(known)}."
    return f"There is no vendor '{name}'; {hint}"
