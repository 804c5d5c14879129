"""Lakes on an object store that is this process's own memory, and machines that share one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from takeoff.core import lake_url
from takeoff.core.lake_url import LakeUrl


@contextmanager
def memory() -> Iterator[Any]:
    """fsspec's store in memory, empty, which a lake may be at."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    store = fsspec.filesystem("memory")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(lake_url.STORES, "memory", "fsspec")
        store.rm("/", recursive=True)
        yield store
        store.rm("/", recursive=True)


def machine(folder: Path, name: str) -> LakeUrl:
    """The one lake, as a machine with a mirror of its own knows it."""
    return LakeUrl("memory://bucket/lake", folder / name)


def objects(store: Any) -> dict[str, bytes]:
    """Every object of the lake, by its name there."""
    found = store.find("/bucket/lake")
    return {path.removeprefix("/bucket/lake/"): store.cat_file(path) for path in found}
