"""Everything that changes the file system, made durable, with errors that say what to do next."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from takeoff.core.errors import InputRefused, LakeUnusable

_CHUNK = 1 << 20
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_CHECK = "check that disk and run again"
_NEXT = {
    errno.ENOSPC: "free some space there and run again",
    errno.EDQUOT: "free some of your quota there and run again",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f) and run again",
    errno.EACCES: "get the right to do so, or name another lake",
    errno.EPERM: "get the right to do so, or name another lake",
    errno.EROFS: "make that disk writable, or name another lake",
}


@contextmanager
def usable(path: Path, doing: str, otherwise: str = _CHECK) -> Iterator[None]:
    """Whatever the file system refuses inside is raised as LakeUnusable naming `path`.

    `doing` completes "Cannot ...": read, write, create, remove. `otherwise` is what to do next
    where neither room nor a right is missing, as when a disk does not give back what it holds.
    """
    try:
        yield
    except OSError as error:
        what_next = _NEXT.get(error.errno or 0, otherwise)
        calming = "" if doing == "read" else " What was committed before is unchanged."
        raise LakeUnusable(
            f"Cannot {doing} {path}: {reason(error)}; {what_next}.{calming}"
        ) from error


def reason(error: BaseException | None) -> str:
    """What the system says is the matter, also of a LakeUnusable that `usable` raised for it."""
    if not isinstance(error, OSError):
        return str(error) if error is None or error.__cause__ is None else reason(error.__cause__)
    if error.errno == errno.EIO:
        return f"{os.strerror(errno.EIO)}, its disk may be failing"
    return os.strerror(error.errno) if error.errno else str(error)


def exists(path: Path) -> bool:
    """Whether something of this name is there."""
    with usable(path, "read"):
        return path.exists()


def is_absent(path: Path) -> bool:
    """Whether the file is surely not there; False in doubt."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def make_folder(path: Path) -> None:
    """The folder and those above it, durably; nothing if it is there."""
    if exists(path):
        return
    make_folder(path.parent)
    with usable(path, "create"):
        path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def make_scratch(path: Path) -> None:
    """The folder and those above it, for files that need not outlive a power cut."""
    with usable(path, "create"):
        path.mkdir(parents=True, exist_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """A small new file, durably."""
    with usable(path, "write"):
        path.write_bytes(content)
    sync_file(path)


def append(path: Path, content: bytes) -> None:
    """`content` at the end of a file of ours that is not published yet; all of it durable."""
    with usable(path, "write"), path.open("ab") as file:
        file.write(content)
    sync_file(path)


def publish(source: Path, target: Path) -> None:
    """The finished file `source` appears as `target`, whole and in one step, if the name is free.

    Not yet durable. `source` may stay as a second name of the same file. Where a file system knows
    no hard links it is a rename: not exclusive, but the names hold 48 random bits.
    """
    with usable(target, "create"):
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS or target.exists():
                raise
            source.rename(target)


def discard(paths: Iterable[Path]) -> None:
    """Remove files that nothing names; one that cannot be removed stays, and verify lists it."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a file of the lake; nothing if it is gone."""
    with usable(path, "remove"):
        path.unlink(missing_ok=True)


def replace(source: Path, target: Path) -> None:
    """`source` gets the name `target` in one step, also if it is taken; not yet durable."""
    with usable(target, "create"):
        source.replace(target)


def sync_file(path: Path) -> None:
    """Return once the file's content is on the disk."""
    with usable(path, "write"), path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return once the folder's names are on the disk. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    with usable(path, "write"):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def measure(path: Path, limit: int | None = None) -> tuple[int, str]:
    """Bytes and sha256 of a file of the lake, or of its first `limit` bytes."""
    digest, size = hashlib.sha256(), 0
    with usable(path, "read"), path.open("rb") as file:
        while chunk := file.read(_CHUNK if limit is None else min(_CHUNK, limit - size)):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def plain_text(text: str, what: str) -> str:
    """`text` itself, if it can be stored: a file name that is not Unicode cannot.

    Raises: InputRefused.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputRefused(
            f"The {what} {ascii(text)} is not valid Unicode text; rename it and fetch again."
        ) from error
    return text
