"""Calls of the system that fail."""

from __future__ import annotations

import errno
import os
from typing import Any


class FailsAt:
    """Stands for a function of `os` whose n-th call fails, as a dying disk makes it fail."""

    def __init__(self, real: Any, call: int, error: int = errno.EIO) -> None:
        self._real = real
        self._left = call
        self._error = error

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise OSError(self._error, os.strerror(self._error))
        return self._real(*arguments, **named)
