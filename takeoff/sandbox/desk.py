"""What every vendor's stand-in works with, and what it shows of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from flask import Flask

from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.sandbox.faults import Control
from takeoff.sandbox.seen import Register
from takeoff.sandbox.storage import Storage

# Reads an IFC file: the lake that it is in then, and its snapshot there. Raises: TakeoffError.
ReadIfc = Callable[[Path], tuple[Layout, Snapshot]]


@dataclass(frozen=True)
class Desk:
    """The lake that is served, of which `snapshots` are shown, and what all vendors share.

    `read_ifc` reads a file that was uploaded; without it nothing can be imported.
    """

    layout: Layout
    snapshots: tuple[Snapshot, ...]
    control: Control
    register: Register
    storage: Storage
    read_ifc: ReadIfc | None = None


@dataclass(frozen=True)
class Served:
    """One model: its ids on the wire, as text, and the snapshot behind it."""

    project_id: str
    model_id: str
    name: str
    snapshot: Snapshot


@dataclass(frozen=True)
class Door:
    """One vendor's stand-in.

    `app()`, made at its first call, answers every path whose first segment is one of `prefixes`;
    with none, whatever no other vendor answers. `is_prefixed`: other segments may stand before
    those. `base_path` follows the address of this machine in the base URL. `told` are further words
    for those who want to use it.
    `warm` reads every model now; `close` frees them.
    """

    app: Callable[[], Flask]
    prefixes: tuple[str, ...]
    base_path: str
    token: str = field(repr=False)
    models: Callable[[], list[Served]]
    told: Mapping[str, str] = field(repr=False)
    warm: Callable[[], None]
    close: Callable[[], None]
    is_prefixed: bool = False


def once(make: Callable[[], Flask]) -> Callable[[], Flask]:
    """Makes the application when it is first asked for, and only then: it takes longer than all
    else in starting a sandbox, and most sandboxes are asked as one vendor.
    """
    made: list[Flask] = []
    making = Lock()

    def app() -> Flask:
        with making:
            if not made:
                made.append(make())
        return made[0]

    return app
