"""What is asked and what came: requests and answers as plain values, bounds and patience."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from takeoff.core.errors import InputRefused
from takeoff.core.sink import Asked

# Where content is wanted: a file to be made, or something open for reading and writing.
Into = Path | BinaryIO


@dataclass(frozen=True)
class Limits:
    """How much is asked at once, how long is waited, and how big an answer may be.

    `total_s` bounds one request with all its repetitions and waits; a long download gets a second
    more for each `slowest_bytes_per_s` that came. A vendor that asks for a longer wait than
    `longest_wait_s` ends the request. `max_ratio` is unpacked to packed bytes.
    """

    parallel: int = 8
    attempts: int = 6
    connect_s: float = 10
    read_s: float = 120
    total_s: float = 900
    longest_wait_s: float = 300
    slowest_bytes_per_s: int = 16 << 10
    max_bytes: int = 8 << 30
    max_ratio: int = 200


class Json(str):
    """A body that is JSON already, such as one whose numbers have more digits than a double."""


@dataclass(frozen=True)
class Request:
    """One request under a session's base URL.

    `path` begins with a slash, its segments are escaped (see `path_of`). `is_question` says that
    a POST changes nothing, so that it may be repeated; GET and HEAD always may. At most one of
    `json_body` and `form` is given. One that `yields` is sent when none that does not waits. What
    is not shown in `repr` may be confidential.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    json_body: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    is_question: bool = False
    with_auth: bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    yields: bool = False

    @property
    def may_repeat(self) -> bool:
        """Whether asking twice does no more than asking once."""
        return self.is_question or self.method in ("GET", "HEAD")

    @property
    def target(self) -> str:
        """Path and query, without host."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path

    @property
    def body(self) -> bytes | None:
        """The bytes that are sent: the same value gives the same bytes."""
        if self.form is not None:
            return urlencode(self.form).encode()
        if self.json_body is None:
            return None
        if isinstance(self.json_body, Json):
            return self.json_body.encode()
        return json.dumps(self.json_body, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def asked(self) -> Asked:
        """What tells this request from others, for the sink and the evidence."""
        body = self.body
        sha256 = None if body is None else hashlib.sha256(body).hexdigest()
        return Asked(self.method, self.target, sha256)


@dataclass(frozen=True)
class Answer:
    """A complete answer of status 2xx; its content lies where the asker wanted it, unpacked.

    `headers` are a few harmless ones, names in lower case. `wait_s` is what the vendor asks us to
    wait before asking again; null if it does not. `is_framed` is false if the connection's end was
    the only sign that this is all: whoever reads the content must then prove that it is complete
    (for JSON that was done). `path` is null if the content was not written to a path.
    """

    status: int
    headers: Mapping[str, str]
    bytes: int
    sha256: str
    path: Path | None
    wait_s: float | None
    is_framed: bool


@dataclass(frozen=True)
class Knock:
    """That somebody answers under a base URL. `time` is what their clock says; null if not told."""

    status: int
    time: datetime | None


def path_of(*segments: str) -> str:
    """`/projects/a%2Fb` for `projects`, `a/b`: each segment escaped.

    Raises: InputRefused for an empty segment, `.` and `..`, which would name another path.
    """
    for segment in segments:
        if segment in ("", ".", ".."):
            raise InputRefused(f"'{segment}' cannot be the id or name of anything at a vendor.")
    return "".join("/" + quote(segment, safe="") for segment in segments)
