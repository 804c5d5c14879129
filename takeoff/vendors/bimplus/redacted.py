"""What leaves the client in an error: an answer is quoted without what looks like a secret.

The service's own links may carry a token in their query.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from takeoff.core.errors import NotUnderstood
from takeoff.http.redact import redact


@contextmanager
def redacted() -> Iterator[None]:
    """Also as a decorator. The error that quotes the answer as it was is not shown behind ours."""
    try:
        yield
    except NotUnderstood as error:
        raise type(error)(redact(str(error))) from None
