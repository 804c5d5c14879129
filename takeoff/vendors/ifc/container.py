"""From a .ifc, .ifczip or .ifc.gz file to the plain IFC text in it, told by content."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar, cast

from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood

# IFC text shrinks to a fifth to a twentieth. What unpacks to more than this is no honest model.
_MOST_TIMES = 400
_MOST_BYTES = 64 << 30
_FREE_BYTES = 64 << 20
_CHUNK = 1 << 20
_ENCRYPTED = 1
_DRIVE = re.compile(r"[A-Za-z]:")
# Of other packings zipfile unpacks a piece at once, however much it becomes: 4 kB may be 4 GB.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
T = TypeVar("T")
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)


def plain(path: Path, name: str, work: Path) -> Path:
    """The file itself if it is plain, else its model unpacked into the folder `work`.

    Raises: InputRefused if it is a zip with no model or two, encrypted, packed in another way than
    zip files are, or unpacks to an impossible size; NotUnderstood if it is cut short or damaged;
    LakeUnusable if `work` is full.
    """
    if kind(path) == "plain":
        return path
    with opened(path, name) as source:
        target = scratch_file(work)
        try:
            with target.open("wb") as file:
                _copy(source, file, name, _limit(path))
        except BaseException as error:
            target.unlink(missing_ok=True)
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
                raise no_room(work, error) from error
            raise
    return target


def scratch_file(work: Path) -> Path:
    """A new empty .ifc file in the folder `work`, whatever else lies there.

    Raises: LakeUnusable if there is no room for it.
    """
    try:
        handle, name = tempfile.mkstemp(suffix=".ifc", prefix="unpacked-", dir=work)
    except OSError as error:
        raise no_room(work, error) from error
    os.close(handle)
    return Path(name)


def kind(path: Path) -> str:
    """`zip`, `gzip` or `plain`, by the file's first bytes."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "gzip" if start.startswith(b"\x1f\x8b") else "plain"


def head(path: Path, name: str, size: int) -> bytes:
    """The first `size` bytes of the IFC text. Raises as `plain` does."""
    with opened(path, name) as source:
        return source.read(size)


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The IFC text in the file as a stream; damage met while reading raises NotUnderstood.

    Raises also: InputRefused for forms of zip that are not read.
    """
    try:
        with _open(path, name) as stream:
            yield stream
    except _DAMAGE as error:
        raise NotUnderstood(
            f"{name} is damaged or cut short and cannot be unpacked ({error}); copy the file again."
        ) from error


@contextmanager
def _open(path: Path, name: str) -> Iterator[IO[bytes]]:
    packing = kind(path)
    if packing == "zip":
        with _known_form(lambda: zipfile.ZipFile(path), name) as archive:
            model = _model_in(archive, name)
            _check_size(name, model.file_size, _limit(path))
            with _known_form(lambda: archive.open(model), name) as stream:
                yield stream
    elif packing == "gzip":
        with gzip.open(path) as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        with path.open("rb") as file:
            yield file


def _known_form(opening: Callable[[], T], name: str) -> T:
    """What `opening` gives. Raises: InputRefused for forms of zip that Python does not read.

    Its word for these, later versions and strong encryption among them, is NotImplementedError,
    which nothing else says while a file is opened. A name that is no text is damage as other is.
    """
    try:
        return opening()
    except NotImplementedError as error:
        raise _rare(name) from error
    except UnicodeDecodeError as error:
        raise zipfile.BadZipFile(f"a member's name is no text: {error}") from error


def _model_in(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The one model among the members; their paths are never used as paths."""
    members = [member for member in archive.infolist() if _is_model(member.filename)]
    outside = [member.filename for member in archive.infolist() if _leads_out(member.filename)]
    if outside:
        raise InputRefused(
            f"{name} has a member that leads out of its folder ({outside[0]!r}); pack it again."
        )
    if not members:
        raise InputRefused(f"{name} is a zip file without an .ifc file in it.")
    if len(members) > 1:
        raise InputRefused(
            f"{name} holds {len(members)} models ({members[0].filename!r}, "
            f"{members[1].filename!r}, ...); unpack it and fetch them one by one."
        )
    if members[0].flag_bits & _ENCRYPTED:
        raise InputRefused(f"{name} is encrypted; unpack it with its password and fetch the .ifc.")
    if members[0].compress_type not in _PACKINGS:
        raise _rare(name)
    return members[0]


def _rare(name: str) -> InputRefused:
    return InputRefused(
        f"{name} is packed in a way that is rare in zip files; unpack it and fetch the .ifc."
    )


def _is_model(member: str) -> bool:
    """Whether it is called one, and is not what macOS puts beside each file."""
    folder, _, name = member.rpartition("/")
    beside = name.startswith("._") or "__MACOSX" in folder.split("/")
    return name.lower().endswith(".ifc") and not beside


def _leads_out(member: str) -> bool:
    parts = member.replace("\\", "/").split("/")
    has_drive = len(parts) > 1 and _DRIVE.fullmatch(parts[0]) is not None
    return ".." in parts or parts[0] == "" or has_drive


def _limit(path: Path) -> int:
    return min(_MOST_BYTES, _FREE_BYTES + _MOST_TIMES * path.stat().st_size)


def _copy(source: IO[bytes], target: IO[bytes], name: str, limit: int) -> None:
    done = 0
    while chunk := source.read(_CHUNK):
        done += len(chunk)
        _check_size(name, done, limit)
        target.write(chunk)


def _check_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise InputRefused(
            f"{name} unpacks to more than {limit >> 20} MiB, which no model of its size does; "
            "unpack it yourself and fetch the .ifc if it is right."
        )


def no_room(work: Path, error: OSError) -> LakeUnusable:
    """The error to raise where `work` takes no more."""
    return LakeUnusable(f"Cannot unpack a model into {work}: {error.strerror}; make room there.")


def remove(path: Path, original: Path) -> None:
    """Delete the unpacked model, if it is one."""
    if path != original:
        path.unlink(missing_ok=True)
