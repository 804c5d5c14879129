"""Raw answers and documents: kept as they came, compressed, once, under the sha256 of the content.

What a run adds is staged in its work folder and enters the lake with its commit, so that a fetch
that fails leaves the lake as it was.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood
from takeoff.core.refs import Document, Evidence
from takeoff.lake import disk, mirror
from takeoff.lake.journal import Answer
from takeoff.lake.layout import Layout
from takeoff.lake.work import Run

_CHUNK = 1 << 20
# Of 1, 2 and 3 the quickest, and for JSON and STEP files no larger: measured.
_LEVEL = 1
_SEAL_HEAD = struct.pack("<II", 0x184D2A50, 32)
_SEAL_BYTES = len(_SEAL_HEAD) + 32
_CURE = "bring the file back from a copy of the lake, or fetch the same model again"
_OTHER_COPY = "check that disk, and put the file back from a copy of it"
_SUFFIXES = re.compile(r"(\.[A-Za-z0-9]{1,10}){0,2}$")


class EvidenceStore:
    """The evidence of one snapshot, numbered from 0 in the order it is added."""

    def __init__(self, layout: Layout, run: Run) -> None:
        self._layout = layout
        self._run = run
        self._count = 0
        self._packing: set[str] = set()

    def add_file(self, path: Path, *, copy: bool = True) -> Evidence:
        """A document read from disk: method FILE, path = the file's name.

        Without `copy` only its sha256 is kept, and `location` says where the original lies.
        A copy in the lake that is missing or damaged is put right by the next commit.
        Raises: InputRefused if it cannot be read, or changes meanwhile; LakeUnusable.
        """
        name = disk.plain_text(path.name, "file name")
        content = _Measured(_original(path))
        if copy:
            self._stage(content, _size(path))
        else:
            content.drain()
        evidence = Evidence(
            evidence_no=self._count,
            method="FILE",
            path=name,
            body_sha256=None,
            status=None,
            bytes=content.bytes,
            sha256=content.sha256,
            fetched_at=datetime.now(UTC),
            location=None if copy else disk.plain_text(os.path.abspath(path), "path"),
        )
        self._count += 1
        if copy and _is_intact(self._layout, evidence):
            disk.discard([self._run.staged(evidence.sha256)])
        return evidence

    def pack(self, answer: Answer) -> None:
        """Begin to pack an answer that is kept, which may be added later; from any thread.

        `run.settle` raises what goes wrong with that: LakeUnusable, or NotUnderstood if the file is
        no longer what the journal kept.
        """
        self._packing.add(answer.sha256)
        self._run.begin(lambda: self._pack(answer))

    def add_answer(self, answer: Answer) -> Evidence:
        """A raw answer that a journal keeps; added in the order of its numbers.

        One that is not being packed yet is from here on, see `pack`.
        """
        evidence = Evidence(
            evidence_no=self._count,
            method=answer.asked.method,
            path=answer.asked.path,
            body_sha256=answer.asked.body_sha256,
            status=answer.status,
            bytes=answer.bytes,
            sha256=answer.sha256,
            fetched_at=answer.fetched_at,
        )
        self._count += 1
        if answer.sha256 not in self._packing:
            self.pack(answer)
        return evidence

    def lay_out(self, evidence: Evidence, folder: Path) -> Document:
        """As the function `lay_out`, also for what this run has not committed yet."""
        self._run.settle()
        staged = self._run.staged(evidence.sha256)
        if disk.exists(staged):
            return _lay_out(staged, evidence, folder)
        return lay_out(self._layout, evidence, folder)

    def _pack(self, answer: Answer) -> None:
        if _is_intact(self._layout, answer):
            return
        content = _Measured(_original(answer.path))
        self._stage(content, answer.bytes)
        if content.sha256 != answer.sha256:
            raise NotUnderstood(
                f"The answer to {answer.asked.path} was harmed on its way into the lake; check "
                "that disk and fetch again. Nothing was committed."
            )

    def _stage(self, content: _Measured, size: int) -> None:
        part = self._run.folder / f"evidence-{secrets.token_hex(6)}.part"
        with disk.usable(part, "write"), part.open("wb") as file:
            compressor = zstandard.ZstdCompressor(level=_LEVEL)
            sink = compressor.stream_writer(file, size=size, closefd=False)
            for chunk in content:
                sink.write(chunk)
            sink.flush(zstandard.FLUSH_FRAME)
        disk.append(part, _seal(disk.measure(part)[1]))
        staged = self._run.staged(content.sha256)
        disk.make_scratch(staged.parent)
        disk.replace(part, staged)


def lay_out(layout: Layout, evidence: Evidence, folder: Path) -> Document:
    """Evidence of a committed snapshot as a plain local file in `folder`, its sha256 checked again.

    The file's name is ours, its suffixes are those of the original. Evidence that was not copied
    into the lake is the original itself, where it lies.
    Raises: LakeUnusable if it is missing or damaged; InputRefused if the original of evidence that
    was not copied is gone or changed.
    """
    if evidence.location is not None:
        original = Path(evidence.location)
        _check_original(evidence, original)
        return _document(evidence, original)
    stored = layout.stored(evidence.sha256)
    return mirror.read(layout, stored, lambda path: _lay_out(path, evidence, folder))


def check(layout: Layout, evidence: Evidence) -> None:
    """Read the evidence whole and compare bytes and sha256; raises as `lay_out`."""
    if evidence.location is not None:
        _check_original(evidence, Path(evidence.location))
    else:
        with mirror.judged(layout, layout.stored(evidence.sha256)) as stored:
            _check_stored(stored, evidence)


def is_mended(layout: Layout, evidence: Evidence) -> bool:
    """Whether a piece on an object store was harmed, and is right again by this machine's copy.

    Raises: as `check`, if there is no such copy.
    """
    if evidence.location is not None:
        return False
    stored = layout.stored(evidence.sha256)
    return mirror.is_mended(layout, stored, lambda path: _check_stored(path, evidence))


def _lay_out(stored: Path, evidence: Evidence, folder: Path) -> Document:
    target = folder / f"document-{evidence.evidence_no}{_suffixes(evidence.path)}"
    content = _Measured(_stored(stored, limit=evidence.bytes))
    disk.make_scratch(folder)
    with disk.usable(target, "write"), target.open("wb") as file:
        for chunk in content:
            file.write(chunk)
    content.must_be(evidence, stored)
    return _document(evidence, target)


def _document(evidence: Evidence, path: Path) -> Document:
    return Document(evidence.evidence_no, evidence.path, path, evidence.sha256)


def _suffixes(name: str) -> str:
    found = _SUFFIXES.search(name)
    return found.group() if found else ""


def _seal(sha256: str) -> bytes:
    """A skippable zstd frame, passed over by every reader: the sha256 of the bytes before it.

    Content alone cannot tell all damage: many flipped bits decompress to the same content.
    """
    return _SEAL_HEAD + bytes.fromhex(sha256)


def _is_sealed(stored: Path) -> bool:
    with disk.usable(stored, "read", _CURE):
        size = stored.stat().st_size - _SEAL_BYTES
        if size < 0:
            return False
        with stored.open("rb") as file:
            file.seek(size)
            seal = file.read()
    return seal == _seal(disk.measure(stored, size)[1])


def _check_stored(stored: Path, evidence: Evidence | Answer) -> None:
    content = _Measured(_stored(stored, limit=evidence.bytes))
    content.drain()
    content.must_be(evidence, stored)
    if not _is_sealed(stored):
        raise _damaged(stored)


def _check_original(evidence: Evidence, original: Path) -> None:
    content = _Measured(_original(original))
    content.drain()
    if content.sha256 != evidence.sha256:
        raise InputRefused(
            f"{original} has changed since it was fetched without a copy; "
            "put the file back as it was, or fetch it again."
        )


def _is_intact(layout: Layout, evidence: Evidence | Answer) -> bool:
    """Whether the lake has it; of a remote's object the bytes are counted, and a copy is read."""
    stored = layout.stored(evidence.sha256)
    return mirror.bring(layout, stored) and _holds(stored, evidence)


def _holds(stored: Path, evidence: Evidence | Answer) -> bool:
    try:
        _check_stored(stored, evidence)
    except LakeUnusable:
        return False
    return True


class _Measured:
    """Chunks passed on as they are, counted and hashed on the way."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._digest = hashlib.sha256()
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            self.bytes += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def drain(self) -> None:
        for _ in self:
            pass

    def must_be(self, evidence: Evidence | Answer, stored: Path) -> None:
        if (self.bytes, self.sha256) != (evidence.bytes, evidence.sha256):
            raise _damaged(stored)


def _size(path: Path) -> int:
    with _readable(path):
        return path.stat().st_size


def _original(path: Path) -> Iterator[bytes]:
    """The chunks of a file outside the lake, never more than it held at first.

    Raises: InputRefused if it cannot be read or has changed by the end.
    """
    with _readable(path), path.open("rb") as file:
        before = os.fstat(file.fileno())
        left = before.st_size
        while chunk := file.read(min(left, _CHUNK)):
            left -= len(chunk)
            yield chunk
        after = os.fstat(file.fileno())
    if left or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputRefused(f"{path} changed while it was read; fetch it again when it is finished.")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cure = _OTHER_COPY if error.errno == errno.EIO else "name a file that you may read"
        raise InputRefused(f"Cannot read {path}: {disk.reason(error)}; {cure}.") from error


def _stored(path: Path, limit: int) -> Iterator[bytes]:
    """The chunks of content in the lake, decompressed. Raises: LakeUnusable, also over `limit`."""
    if not disk.exists(path):
        raise LakeUnusable(f"Evidence {path} is missing; {_CURE}.")
    size = 0
    with disk.usable(path, "read", _CURE), path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        while chunk := _next(reader, path):
            size += len(chunk)
            if size > limit:
                raise _damaged(path)
            yield chunk


def _next(reader: zstandard.ZstdDecompressionReader, path: Path) -> bytes:
    try:
        return reader.read(_CHUNK)
    except zstandard.ZstdError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> LakeUnusable:
    return LakeUnusable(
        f"Evidence {path} is damaged: it does not hold the content it is named for; {_CURE}."
    )
