"""Asks for IFC files: whether a path is a model that can be read, and what to call it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import InputRefused
from takeoff.vendors.ifc import container
from takeoff.vendors.ifc.model import checked_schema

_SUFFIXES = (".gz", ".ifc", ".ifczip", ".zip")
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True)
class IfcFile:
    """A file that looks like a model: its schema as stated, and how it is packed."""

    path: Path
    schema: str
    packing: str


def check(path: Path) -> IfcFile:
    """Look at the beginning of the file; the rest is judged when it is read.

    Raises: InputRefused if it is missing, no file, unreadable, or no IFC file of a schema that is
    read; NotUnderstood if it is packed and damaged.
    """
    if not path.exists():
        raise InputRefused(f"There is no file {path}; check the path.")
    if not path.is_file():
        raise InputRefused(f"{path} is not a file; name the .ifc files in it one by one.")
    try:
        start = container.head(path, path.name, _HEADER_BYTES)
    except OSError as error:
        raise InputRefused(
            f"Cannot read {path}: {error.strerror}; name a file that you may read, on a disk that "
            "is sound."
        ) from error
    if not start:
        raise InputRefused(f"{path.name} is empty; export the model again.")
    return IfcFile(path, checked_schema(start, path.name), container.kind(path))


def model_id(path: Path) -> str:
    """The file's name without its suffixes: `a.b.ifc.gz` is `a.b`."""
    name = path.name
    while Path(name).suffix.lower() in _SUFFIXES and Path(name).stem:
        name = Path(name).stem
    return name
