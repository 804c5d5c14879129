"""New models from uploaded files: read beside the requests, listed once their import has ended."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from takeoff.core.errors import TakeoffError
from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.sandbox.desk import ReadIfc
from takeoff.sandbox.qonic.answers import Refused, handle
from takeoff.sandbox.qonic.catalogue import Catalogue, Project
from takeoff.sandbox.qonic.model import Model
from takeoff.sandbox.qonic.operations import READY, CannotBeMade, File, Operation, Operations
from takeoff.sandbox.storage import Storage
from takeoff.sandbox.switches import Switches

_Read = tuple[Layout, Snapshot]
# Suffixes that the vendor takes, and what the file is called here; null: it cannot be read here.
_SUFFIXES = {".ifc": ".ifc", ".zip": ".ifczip", ".rvt": None, ".skp": None, ".3dm": None}
_NOTHING = File(b"", "application/octet-stream")


@dataclass(frozen=True)
class _Asked:
    """What the body of a request to create a model says."""

    name: str
    url: str
    file_name: str


@dataclass
class _Import:
    project: Project
    number: str
    name: str
    reading: Future[_Read]
    operation: Operation | None = None
    is_listed: bool = False


class Imports:
    """All imports since the start; safe to share by threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        storage: Storage,
        operations: Operations,
        read_ifc: ReadIfc | None,
    ) -> None:
        self._catalogue, self._storage, self._operations = catalogue, storage, operations
        self._read_ifc = read_ifc
        self._lock = threading.Lock()
        self._imports: list[_Import] = []
        self._readers = ThreadPoolExecutor(1, "import")

    def create(self, project: Project, body: Any, place: str, switches: Switches) -> dict[str, Any]:
        """The answer that is model and operation at once. Raises: Refused with 400."""
        asked = _asked(body)
        content = self._storage.uploaded(asked.url)
        if content is None:
            raise Refused(400, "InvalidUploadUrl", "Nothing was put to this uploadUrl.")
        number = self._catalogue.new_number()
        suffix = _SUFFIXES[PurePosixPath(asked.file_name).suffix.lower()]
        reading = self._readers.submit(_read, self._read_ifc, content, suffix)
        one = _Import(project, number, asked.name, reading)
        one.operation = self._operations.start(
            "ImportIfc", place, _made(reading), switches, is_done=reading.done
        )
        with self._lock:
            self._imports.append(one)
        guid = handle("model", project.number, number)
        return {"modelId": number, "modelGuid": guid, **one.operation.shown()}

    def list_ended(self) -> None:
        """From now on models whose import has ended well are in their project's list."""
        with self._lock:
            for one in self._imports:
                if one.is_listed or one.operation is None or one.operation.status != READY:
                    continue
                layout, snapshot = one.reading.result()
                model = Model(layout, snapshot, one.number, one.name)
                self._catalogue.add(one.project, model)
                one.is_listed = True

    def close(self) -> None:
        """What has not begun to be read is not read any more."""
        self._readers.shutdown(cancel_futures=True)


def _asked(body: Any) -> _Asked:
    if not isinstance(body, dict):
        raise Refused(400, "InvalidBody", "The body is a JSON object.")
    texts = [body.get(key) for key in ("modelName", "uploadUrl", "uploadFileName")]
    name, url, file_name = texts
    if not all(isinstance(one, str) and one for one in texts):
        raise Refused(400, "InvalidBody", "Give modelName, uploadUrl and uploadFileName.")
    tags = body.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(t, str) for t in tags)):
        raise Refused(400, "InvalidBody", "tags is an array of texts.", "tags")
    if PurePosixPath(str(file_name)).suffix.lower() not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        raise Refused(400, "InvalidFileName", f"A file is one of {known}.", "uploadFileName")
    return _Asked(str(name), str(url), str(file_name))


def _read(read_ifc: ReadIfc | None, content: bytes, suffix: str | None) -> _Read:
    if read_ifc is None or suffix is None:
        raise CannotBeMade("This sandbox cannot read files of this kind.")
    with tempfile.TemporaryDirectory(prefix="takeoff-") as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        try:
            return read_ifc(path)
        except TakeoffError as error:
            raise CannotBeMade(f"The file cannot be imported: {error}") from error


def _made(reading: Future[_Read]) -> Callable[[], File]:
    def make() -> File:
        reading.result()
        return _NOTHING

    return make
