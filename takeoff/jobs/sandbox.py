"""Sandbox: a lake served on this machine as the vendors' services would serve it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from takeoff.config import Settings
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox, read_switches


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
    Raises: InputRefused for an unknown switch or a port that is taken; LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    port, storage_port = ports
    sandbox = Sandbox(layout, read_switches(switches), port=port, storage_port=storage_port)
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
