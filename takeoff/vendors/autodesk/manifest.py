"""What an index or diff was made of: the file and its versions, the views, what is stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from takeoff.vendors.autodesk.answers import counts, member, object_of, text
from takeoff.vendors.autodesk.job import problem_of

_FAILED = "failed"


@dataclass(frozen=True)
class View:
    """One view; rows name it by its id. `is_3d` is null if it is not said."""

    id: str
    name: str | None
    is_3d: bool | None


@dataclass(frozen=True)
class SeedFile:
    """A file that was indexed. Its lineage URN is the item's id, the same for all versions."""

    lineage_urn: str | None
    version_urn: str | None
    views: tuple[View, ...]


@dataclass(frozen=True)
class Manifest:
    """`previous` are the older files of a diff. `problem` is what it says about failures."""

    status: str | None
    files: tuple[SeedFile, ...]
    previous: tuple[SeedFile, ...]
    stats: Mapping[str, int]
    problem: str | None

    @property
    def is_failed(self) -> bool:
        """Whether it says that the result could not be made."""
        return self.status is not None and self.status.casefold() == _FAILED

    @property
    def stated_objects(self) -> int | None:
        """Rows of the result; null if it does not say."""
        return self.stats.get("objects")


def manifest_of(raw: bytes, name: str) -> Manifest:
    """The manifest in an answer. Raises: NotUnderstood if it is no JSON object."""
    given = object_of(raw, name)
    return Manifest(
        text(given.get("status")),
        _files(given.get("seedFiles")),
        _files(given.get("prev")),
        counts(given.get("stats")),
        problem_of(given.get("errors")),
    )


def _files(value: Any) -> tuple[SeedFile, ...]:
    return tuple(_file(item) for item in _list(value))


def _file(given: Any) -> SeedFile:
    return SeedFile(
        text(member(given, "lineageUrn")),
        text(member(given, "versionUrn")),
        tuple(
            View(view_id, text(member(view, "viewableName")), _flag(member(view, "is3d")))
            for view in _list(member(given, "views"))
            if (view_id := text(member(view, "id"))) is not None
        ),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _flag(value: Any) -> bool | None:
    """Samples of the documentation quote it."""
    words = {"true": True, "false": False}
    return value if isinstance(value, bool) else words.get(str(value).casefold())
