"""Geometry in a process of its own: a model that crashes the geometry kernel ends that, not us.

The other process runs `main`: it opens the file and writes what it finds to its output, as pickled
notes; it ends when nobody listens any more. `speaking` starts it and reads them.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from takeoff.core.errors import InputRefused

if TYPE_CHECKING:
    import ifcopenshell

# Links that the geometry kernel follows without a look at what they lead to: the process dies.
_FOLLOWED = (
    ("IfcRelAggregates", "RelatingObject", "IfcObjectDefinition"),
    ("IfcRelVoidsElement", "RelatedOpeningElement", "IfcFeatureElementSubtraction"),
)
_PROGRAM = "from takeoff.vendors.ifc import apart; apart.main()"
_LAST_WORDS = 300


class Unreadable(NamedTuple):
    """The file cannot be opened, or has other records than it should; nothing follows."""


class LeftOut(NamedTuple):
    """A record that was left out, and why."""

    text: str
    step_id: int


class Step(NamedTuple):
    """A step of the work begins; it has `total` parts."""

    title: str
    total: int | None


class Advance(NamedTuple):
    """So many more parts of the step are done."""

    done: int


class End(NamedTuple):
    """All is said."""


@contextmanager
def speaking(path: Path, name: str, record_count: int | None) -> Iterator[Iterator[object]]:
    """What a process of its own, which starts now, says of the bodies in the file at `path`.

    That is Unreadable, or LeftOut, Step, Advance, and `geometry.Measured` for each element.

    It must hold `record_count` records, if that is given. `name` is the model's, for errors.
    Raises: InputRefused, to whoever listens, if the process ends before it has said all.
    """
    wanted = "" if record_count is None else str(record_count)
    command = [sys.executable, "-c", _PROGRAM, str(path), wanted]
    # Whatever a model makes the kernel do, no login of ours is near.
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TAKEOFF_")}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        try:
            yield _notes(process, errors, name)
        finally:
            process.kill()


def _notes(process: subprocess.Popen[bytes], errors: IO[bytes], name: str) -> Iterator[object]:
    assert process.stdout is not None
    try:
        yield from _said(process.stdout)
    except EOFError:
        process.kill()
        said = _last_line(errors)
        raise InputRefused(_broken_off(name, process.wait(), said)) from None


def _said(stream: IO[bytes]) -> Iterator[object]:
    """Raises: EOFError if the stream ends before End."""
    while True:
        try:
            note = pickle.load(stream)  # noqa: S301 - our own process writes it
        except pickle.UnpicklingError:
            raise EOFError from None
        if isinstance(note, End):
            return
        yield note


def _broken_off(name: str, code: int, said: str) -> str:
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    more = f" ({said})" if said else ""
    return (
        f"{name}: ifcopenshell's geometry kernel broke off {how}{more}; nothing was committed. "
        "Read the model without its geometry (--no-geometry), or have it exported anew."
    )


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LAST_WORDS] if lines else ""


class _Speaker:
    """Writes notes to the program's output; nothing else gets there."""

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(1), "wb")
        # What the kernel prints is no note.
        os.dup2(2, 1)

    def say(self, note: object) -> None:
        pickle.dump(note, self._stream)

    def step(self, title: str, total: int | None = None) -> None:
        self.say(Step(title, total))
        self._stream.flush()

    def advance(self, done: int = 1) -> None:
        self.say(Advance(done))

    def end(self) -> None:
        self.say(End())
        self._stream.flush()


def main() -> None:
    """Open the file that is named and say what its bodies are; the program of the other process."""
    path, wanted = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_listener, daemon=True).start()
    speaker = _Speaker()
    from takeoff.vendors.ifc.geometry import figures

    opened = _opened(path)
    if opened is None or wanted not in ("", str(len(opened.entity_names()))):
        speaker.say(Unreadable())
    else:
        for note in _drop_stray_links(opened):
            speaker.say(note)
        for measured in figures(opened, speaker):
            speaker.say(measured)
    speaker.end()


def _end_with_listener() -> None:
    """Whoever started us holds our input open; when they are gone there is nothing to do."""
    sys.stdin.buffer.read()
    os._exit(1)


def _opened(path: Path) -> ifcopenshell.file | None:
    import ifcopenshell

    try:
        return ifcopenshell.open(path, ".ifc")
    except (ifcopenshell.Error, OSError):
        return None


def _drop_stray_links(opened: ifcopenshell.file) -> Iterator[LeftOut]:
    """Links that lead to what cannot stand there go."""
    for name, attribute, wanted in _FOLLOWED:
        for link in opened.by_type(name):
            end = getattr(link, attribute)
            if end is None or not end.is_a(wanted):
                found = "nothing" if end is None else f"#{end.id()}, an {end.is_a()}"
                text = f"#{link.id()}={name.upper()} leads to {found} where an {wanted} belongs, "
                yield LeftOut(f"{text}and was left out of the geometry.", link.id())
                opened.remove(link)
