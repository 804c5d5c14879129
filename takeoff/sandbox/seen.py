"""What the sandbox was asked, for tests that assert on the wire. Values of headers are not kept."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

_KEPT = 100_000


@dataclass(frozen=True)
class Seen:
    """One request. `origin` is api or storage; `headers` are names in lower case.

    `path` has its query, but for log-in and storage, whose queries are secret. `body` is kept if
    it is JSON.
    """

    origin: str
    endpoint: str
    method: str
    path: str
    headers: frozenset[str]
    body: str | None
    status: int


class Register:
    """The latest requests in the order they were answered. Safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[Seen] = deque(maxlen=_KEPT)

    def add(
        self,
        origin: str,
        endpoint: str,
        method: str,
        path: str,
        headers: Iterable[str],
        body: str | None,
        status: int,
    ) -> None:
        """`headers` are their names."""
        names = frozenset(name.lower() for name in headers)
        one = Seen(origin, endpoint, method, path, names, body, status)
        with self._lock:
            self._seen.append(one)

    def all(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
