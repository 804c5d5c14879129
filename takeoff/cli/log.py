"""What a long command does, line by line on stderr: for cron, CI, and whoever reads it later.

In the form json a line is one object: `at` (UTC), `level` (info, warning, error), `message`, and
what belongs to it: `total` of a step, what was `done` of it in how many `seconds`, the `exit_code`
that an error leads to. In the form text it is the same in words.
Neither has a secret, or a character that steers a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from takeoff.cli.bars import Bars
from takeoff.core.progress import Progress
from takeoff.http.redact import redact

FORMS = ("text", "json")
_LOGGER = "takeoff"


@contextmanager
def progress(form: str | None) -> Iterator[Progress]:
    """Bars on a terminal; with a form of log its lines instead, those of waits and retries too."""
    if form is None:
        with Bars() as bars:
            yield bars
        return
    handler, logger, steps = _Lines(form), logging.getLogger(_LOGGER), _Steps(form)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield steps
    finally:
        steps.end()
        logger.removeHandler(handler)
        logger.setLevel(before)


def tell(form: str, level: str, message: str, **facts: int | float) -> None:
    """Write one line."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    message = redact(message)
    if form == "json":
        line = json.dumps({"at": at, "level": level, "message": message, **facts})
    else:
        more = "".join(f", {name} {value}" for name, value in facts.items())
        line = f"{at} {level} {message}{more}"
    sys.stderr.write(f"{line}\n")


class _Steps:
    """A line when a step begins, and when it has ended, with how much was done."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._title: str | None = None
        self._done, self._began_s = 0, 0.0

    def step(self, title: str, total: int | None = None) -> None:
        self.end()
        self._title, self._done, self._began_s = title, 0, time.monotonic()
        facts = {} if total is None else {"total": total}
        tell(self._form, "info", title, **facts)

    def advance(self, done: int = 1) -> None:
        self._done += done

    def end(self) -> None:
        """The step is over, if there is one."""
        if self._title is not None and self._done:
            seconds = round(time.monotonic() - self._began_s, 3)
            tell(self._form, "info", f"done: {self._title}", done=self._done, seconds=seconds)
        self._title = None


class _Lines(logging.Handler):
    """Records of our loggers as lines."""

    def __init__(self, form: str) -> None:
        super().__init__(logging.INFO)
        self._form = form

    def emit(self, record: logging.LogRecord) -> None:
        tell(self._form, record.levelname.lower(), record.getMessage())
