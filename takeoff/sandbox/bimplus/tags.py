"""ETags of models: what they are, how they are written, and when they move."""

from __future__ import annotations

import threading

from takeoff.sandbox.bimplus.catalogue import Division
from takeoff.sandbox.bimplus.vocabulary import own_id
from takeoff.sandbox.switches import Switches


class Tags:
    """The tags as the switches have them; what is counted begins anew when they are turned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: Switches | None = None
        self._answers = 0

    def objects_answered(self, switches: Switches) -> None:
        """An answer with objects goes out, after which a tag may move."""
        with self._lock:
            self._renew(switches)
            self._answers += 1

    def header(self, division: Division, switches: Switches) -> str | None:
        """The ETag header of a model now; None if the switches leave it out."""
        forms = {"strong": '"{}"', "weak": 'W/"{}"', "bare": "{}"}
        form = forms.get(switches["bimplus_tag_form"])
        return None if form is None else form.format(self._tag(division, switches))

    def is_same(self, division: Division, given: str | None, switches: Switches) -> bool:
        """Whether If-None-Match names the tag, with or without W/ and quotes."""
        if given is None or switches["bimplus_tag_form"] == "absent":
            return False
        tags = [part.strip().removeprefix("W/").strip('"') for part in given.split(",")]
        return "*" in tags or self._tag(division, switches) in tags

    def _tag(self, division: Division, switches: Switches) -> str:
        with self._lock:
            self._renew(switches)
            moves = {"moves_once": min(self._answers, 1), "moves": self._answers}
            moved = moves.get(switches["bimplus_tag"], 0)
        snapshot = division.snapshot
        held = None if snapshot is None else snapshot.snapshot_id
        return own_id("tag", division.id, held, division.changes, moved)

    def _renew(self, switches: Switches) -> None:
        if switches is not self._switches:
            self._switches, self._answers = switches, 0
