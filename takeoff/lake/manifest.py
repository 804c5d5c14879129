"""The manifest of a snapshot: one small JSON file that people can read, with its own checksum."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from takeoff.core.errors import LakeUnusable, NotUnderstood
from takeoff.core.refs import DataFile, Evidence, ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.tables import SCHEMA_VERSION, TABLES
from takeoff.lake import disk

# 40,000 pieces of evidence; whatever is larger is none of ours, and is not read.
MOST_BYTES = 16 << 20
_CURE = (
    "bring the file back from a copy of the lake, "
    "or move it out of the lake and fetch its model again"
)
_END = b"\n"
_FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Snapshot, ModelRef, SourceVersion, Proof, DataFile, Evidence)
}
_FILE_NAME = re.compile(r"[0-9A-Za-z-]+\.parquet")


def to_bytes(snapshot: Snapshot) -> bytes:
    """The manifest's content. Text is ASCII with escapes, times are ISO 8601 in UTC.

    Raises: NotUnderstood if there is more of it than `read` takes.
    """
    content = json.loads(json.dumps(asdict(snapshot), default=datetime.isoformat))
    keys = sorted(content)
    content["checksum"] = {"of": keys, "sha256": _checksum(content, keys)}
    written = _written(content)
    if len(written) > MOST_BYTES:
        raise NotUnderstood(
            f"The model {snapshot.ref.model_id} came in {len(snapshot.evidence):,} answers and "
            f"{len(snapshot.files):,} files, more than a manifest of {MOST_BYTES:,} bytes names; "
            "fetch it in larger pages. Nothing was committed."
        )
    return written


def is_as_written(path: Path) -> bool:
    """Whether a manifest that can be read has the bytes that it was written with, too.

    Raises: LakeUnusable.
    """
    raw = _bytes(path)
    return raw == _written(json.loads(raw))


def _written(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode() + _END


def read(path: Path) -> Snapshot:
    """The snapshot that a manifest states. Keys that we do not know are passed over.

    Raises: LakeUnusable naming the file if it is damaged or of a newer schema.
    """
    raw = _bytes(path)
    if not raw.endswith(_END):
        raise _damaged(path, "is damaged: its end is missing")
    try:
        content = json.loads(raw)
        refuse_newer(content["schema_version"], path)
        checksum = content["checksum"]
        if _checksum(content, checksum["of"]) != checksum["sha256"]:
            raise _damaged(path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    return of_content(content, path)


def of_content(content: dict[str, Any], path: Path) -> Snapshot:
    """The snapshot that the content of the manifest `path` states; raises as `read`."""
    try:
        refuse_newer(content["schema_version"], path)
        snapshot = _snapshot(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    is_sound = all(is_ours(file.table, file.name) for file in snapshot.files)
    if snapshot.snapshot_id != path.stem or not is_sound:
        raise _damaged(path)
    return snapshot


def _bytes(path: Path) -> bytes:
    """What the file holds, never more than a manifest may. Raises: LakeUnusable."""
    with disk.usable(path, "read", _CURE), path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise _damaged(path, f"is damaged: it has more than {MOST_BYTES:,} bytes")
    return raw


def refuse_newer(version: int, path: Path) -> None:
    """Raises: LakeUnusable for a manifest of a schema that came later."""
    if version > SCHEMA_VERSION:
        raise LakeUnusable(
            f"Manifest {path} has tables of version {version}, this takeoff reads up to "
            f"{SCHEMA_VERSION}; install a newer takeoff."
        )


def is_ours(table: str, name: str) -> bool:
    """A manifest from elsewhere must not make us read outside the lake."""
    folder, _, last = name.rpartition("/")
    return table in TABLES and folder == f"data/{table}" and _FILE_NAME.fullmatch(last) is not None


def _checksum(content: dict[str, Any], keys: Iterable[str]) -> str:
    plain = json.dumps({key: content[key] for key in keys}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _snapshot(content: dict[str, Any]) -> Snapshot:
    known = _known(Snapshot, content)
    return Snapshot(
        **known
        | {
            "ref": ModelRef(**_known(ModelRef, content["ref"])),
            "taken_at": datetime.fromisoformat(content["taken_at"]),
            "source_version": SourceVersion(**_known(SourceVersion, content["source_version"])),
            "proof": Proof(**_known(Proof, content["proof"])),
            "files": tuple(DataFile(**_known(DataFile, file)) for file in content["files"]),
            "evidence": tuple(_evidence(item) for item in content["evidence"]),
        }
    )


def _evidence(content: dict[str, Any]) -> Evidence:
    fetched_at = datetime.fromisoformat(content["fetched_at"])
    return Evidence(**_known(Evidence, content) | {"fetched_at": fetched_at})


def _known(kind: type[Any], content: dict[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in _FIELDS[kind] if name in content}


def _damaged(path: Path, what: str = "is damaged") -> LakeUnusable:
    return LakeUnusable(f"Manifest {path} {what}; {_CURE}.")
