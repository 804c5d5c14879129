"""Bodies on their way to disk: unpacked, measured, bounded, and proved to be all there is."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from takeoff.core import json_text
from takeoff.core.errors import LakeUnusable, NotUnderstood
from takeoff.http.messages import Into, Limits

_GZIP = b"\x1f\x8b"
_GZIP_ONLY = 31
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENOUGH = 4
_PIECE = 1 << 20
# A short text of zeros packs far better than any bound; below this size it does no harm.
_RATIO_COUNTS_FROM = 16 << 20
# One value of honest data ends long before: JSON, CSV and STEP all have one of these behind it.
_SEPARATOR = re.compile(rb"[,:;{}\[\]\n]")
_LONGEST_VALUE = 16 << 20
_JSON_PROVED_UP_TO = 256 << 20


class CutOff(Exception):
    """The body ended too early, or is damaged; another try may bring all of it."""


@dataclass(frozen=True)
class Body:
    """What was written: bytes unpacked, their sha256, and whether the end was marked as such."""

    bytes: int
    sha256: str
    is_framed: bool


def stream(
    chunks: Iterable[bytes],
    target: BinaryIO,
    *,
    name: str,
    encoding: str,
    has_length: bool,
    is_json: bool,
    limits: Limits,
) -> Body:
    """Write the body to `target`, unpacked if its encoding or its first bytes say gzip.

    `has_length` says that the transport itself notices a cut. Otherwise the end of a gzip stream
    is a mark, and JSON, by its type or its first byte, must end where it may. `name` says in
    errors whose body it is.
    Raises: CutOff; NotUnderstood for an unknown encoding, more bytes than the bounds allow, or a
    value that does not end.
    """
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise NotUnderstood(f"{name} came packed as '{encoding}', which was not asked for.")
    counted = _Counted(chunks)
    pieces = _gunzipped(counted) if encoding.endswith("gzip") else iter(counted)
    first, pieces = _first_bytes(pieces)
    is_packed = encoding.endswith("gzip") or first.startswith(_GZIP)
    if first.startswith(_GZIP):
        pieces = _gunzipped(pieces)
    else:
        is_json = is_json or first.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b"[")
    digest, size, unbroken = hashlib.sha256(), 0, 0
    for piece in pieces:
        size += len(piece)
        _check_size(name, size, counted.bytes, limits)
        unbroken = 0 if _SEPARATOR.search(piece) else unbroken + len(piece)
        _check_value(name, unbroken)
        digest.update(piece)
        target.write(piece)
    is_framed = has_length or (is_packed and counted.bytes > 0)
    if is_json and not is_framed:
        _must_be_whole_json(target, size, name)
    return Body(size, digest.hexdigest(), is_framed)


@contextmanager
def opened(into: Into) -> Iterator[BinaryIO]:
    """`into`, empty; a path has no file afterwards if the block fails.

    Raises: LakeUnusable if it cannot be written.
    """
    if not isinstance(into, Path):
        into.seek(0)
        into.truncate()
        yield into
        return
    try:
        with into.open("w+b") as target:
            yield target
    except OSError as error:
        into.unlink(missing_ok=True)
        raise LakeUnusable(f"Cannot write {into}: {error.strerror}.") from error
    except BaseException:
        into.unlink(missing_ok=True)
        raise


class _Counted:
    """Chunks passed on as they are, counted on the way."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.bytes += len(chunk)
            yield chunk


def _first_bytes(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first few bytes at least, unless there are fewer, and all pieces again."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= _ENOUGH:
            break
    return first, chain([first], pieces)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of all members, each with its trailer checked; nothing if nothing came."""
    member = None
    for chunk in chunks:
        while chunk:
            member = member or zlib.decompressobj(wbits=_GZIP_ONLY)
            try:
                yield member.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise CutOff("is damaged: its gzip stream does not unpack") from error
            chunk = member.unconsumed_tail
            if member.eof:
                chunk, member = member.unused_data, None
    if member is not None:
        raise CutOff("broke off in the middle of its gzip stream")


def _check_size(name: str, size: int, came: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise NotUnderstood(
            f"{name} is larger than {limits.max_bytes:,} bytes, the most that is taken; "
            "ask for less at once."
        )
    if size > _RATIO_COUNTS_FROM and size > came * limits.max_ratio:
        raise NotUnderstood(
            f"{name} unpacks to more than {limits.max_ratio} times its size; "
            "that is no honest data, so it was not read on."
        )


def _check_value(name: str, unbroken: int) -> None:
    """`unbroken` bytes have come since anything could end; whoever reads them holds them all."""
    if unbroken > _LONGEST_VALUE:
        raise NotUnderstood(
            f"{name} holds a value of more than {_LONGEST_VALUE >> 20} MiB that does not end; "
            "that is no honest data, so it was not read on."
        )


def _must_be_whole_json(target: BinaryIO, size: int, name: str) -> None:
    """One JSON value, or several as in lines, the last one closed."""
    if size > _JSON_PROVED_UP_TO:
        raise NotUnderstood(
            f"{name} came without a length and is too large to check ({size:,} bytes); "
            "ask for less at once."
        )
    target.seek(0)
    text = target.read().decode("utf-8-sig", "replace").strip()
    at = 0
    try:
        while at < len(text) or not at:
            at = _past_space(text, json_text.SCANNER.raw_decode(text, at)[1])
    except (ValueError, RecursionError) as error:
        raise CutOff("came without a length and is no complete JSON") from error


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
