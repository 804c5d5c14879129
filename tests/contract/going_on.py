"""What an unfinished fetch has got, and what was asked for after it was taken up again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vendors_under_test import Vendor

from takeoff.sandbox import SWITCHES, Running, Seen

Wire = tuple[str, str, str | None]


def turn(running: Running, **switches: str) -> None:
    """Only these switches are not at their defaults."""
    running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)


@dataclass(frozen=True)
class Got:
    """What the folder of an unfinished fetch says that it has: answers, and what was started."""

    held: frozenset[Wire]
    started: frozenset[str]


def got(lake: Path) -> Got:
    lines = []
    for journal in sorted(lake.glob("work/*/journal.jsonl")):
        whole = journal.read_bytes().rpartition(b"\n")[0]
        lines += [json.loads(line) for line in whole.splitlines()]
    held = {(one["method"], one["path"], one["body_sha256"]) for one in lines if "note" not in one}
    notes = [one["note"] for one in lines if "note" in one]
    return Got(frozenset(held), frozenset(notes))


def asked(running: Running, vendor: Vendor) -> list[tuple[Seen, Wire]]:
    """Requests to the vendor, as the journal names them: without the base URL's path."""
    found = []
    base_path = urlsplit(running.at(vendor.name).base_url).path
    for one in running.seen():
        body = None if one.body is None else hashlib.sha256(one.body.encode()).hexdigest()
        if one.origin == "api":
            found.append((one, (one.method, one.path.removeprefix(base_path), body)))
    return found


def must_not_repeat(running: Running, vendor: Vendor, before: Got) -> None:
    """What was asked since then is nothing of that."""
    wires = asked(running, vendor)
    held = [one for one, wire in wires if wire in before.held]
    again = [one for one in held if one.endpoint not in vendor.versions]
    assert not again, f"asked again for {again}"
    begun = [wire for one, wire in wires if one.endpoint in vendor.starts]
    twice = [w for w in begun if any(str(w[2]) in note and w[1] in note for note in before.started)]
    assert not twice, f"started again: {twice}"
