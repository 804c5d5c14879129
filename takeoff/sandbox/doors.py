"""The vendors that have a stand-in, and all switches: this is where a new one is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from werkzeug.routing import Map

from takeoff.core.errors import InputRefused
from takeoff.lake.layout import Layout
from takeoff.sandbox import autodesk, bimplus, itwin, qonic
from takeoff.sandbox.desk import Desk, Door
from takeoff.sandbox.faults import Control
from takeoff.sandbox.seen import Register
from takeoff.sandbox.storage import Storage
from takeoff.sandbox.switches import GENERAL, Switch, Switches

_VENDORS = {"qonic": qonic, "autodesk": autodesk, "bimplus": bimplus, "itwin": itwin}
DOORS: dict[str, Callable[[Desk], Door]] = {name: module.door for name, module in _VENDORS.items()}
_PLACES = (*(place for module in _VENDORS.values() for place in module.ENDPOINTS), "storage", "any")
SWITCHES: tuple[Switch, ...] = (
    *GENERAL,
    Switch("fault_at", "properties", "which requests fault spoils", _PLACES),
    Switch(
        "faults",
        "",
        "faults beside that one: FAULT@PLACE+SKIP*COUNT with commas between, such as "
        "503@any+2,reset@storage*all; of several at one request the first spoils it",
        _PLACES,
        "schedule",
    ),
    *(switch for module in _VENDORS.values() for switch in module.SWITCHES),
)


def read_switches(texts: Iterable[str]) -> Switches:
    """Switches written NAME=VALUE, as on the command line. Raises: InputRefused."""
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputRefused(f"A switch is written NAME=VALUE, not '{text}'.")
        given[name.strip()] = value.strip()
    return Switches(SWITCHES, given)


def routes(vendor: str) -> tuple[str, Map] | None:
    """The base path and all routes of the vendor's stand-in; null if it has none."""
    if vendor not in DOORS:
        return None
    control = Control(Switches(SWITCHES))
    desk = Desk(Layout(Path("nowhere")), (), control, Register(), Storage(control))
    door = DOORS[vendor](desk)
    return door.base_path, door.app().url_map
