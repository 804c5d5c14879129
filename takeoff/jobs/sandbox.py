"""Sandbox: a lake served on this machine as the vendors' services would serve it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.core.refs import Snapshot
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.lake.layout import Layout, open_layout
from takeoff.sandbox import ReadIfc, Sandbox, read_switches


def serve(
    settings: Settings,
    switches: Sequence[str],
    ports: tuple[int, int],
    *,
    seconds: float | None,
    ready: Callable[[str], None],
) -> None:
    """Serve until interrupted, or for so many seconds.

    `ready` is given one line of JSON once the service answers: base URL and token by vendor, and
    the storage's address. `ports` are those of the service and of its storage; 0 is any free one.
    What is uploaded and changed is gone in the end; the lake is only read.
    Raises: InputRefused for an unknown switch or a port that is taken; LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    port, storage_port = ports
    with tempfile.TemporaryDirectory(prefix="takeoff-") as folder:
        sandbox = Sandbox(
            layout,
            read_switches(switches),
            port=port,
            storage_port=storage_port,
            read_ifc=ifc_reader(settings, Path(folder)),
        )
        _serve(sandbox, seconds, ready)


def ifc_reader(settings: Settings, folder: Path) -> ReadIfc:
    """What reads IFC files that are uploaded, each into a lake of its own in the folder.

    It raises what fetching the file would.
    """

    def read(path: Path) -> tuple[Layout, Snapshot]:
        lake = Path(tempfile.mkdtemp(dir=folder))
        options = IfcOptions(geometry=False)
        [fetched] = fetch_ifc(replace(settings, lake=lake), [path], options, Quiet())
        if fetched.error is not None:
            raise fetched.error
        assert fetched.snapshot is not None  # there is one if there is no error
        return open_layout(lake), fetched.snapshot

    return read


def _serve(sandbox: Sandbox, seconds: float | None, ready: Callable[[str], None]) -> None:
    with sandbox.start() as running:
        services = {vendor: running.at(vendor) for vendor in running.vendors}
        doors = {
            vendor: {"base_url": one.base_url, "token": one.token, **one.told}
            for vendor, one in services.items()
        }
        ready(json.dumps({**doors, "storage_url": running.storage_url}))
        ends_at = None if seconds is None else time.monotonic() + seconds
        while ends_at is None or time.monotonic() < ends_at:
            time.sleep(0.1)
