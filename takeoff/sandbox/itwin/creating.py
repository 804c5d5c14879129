"""iModels that are created, cloned or forked: what was asked, and how far the service is."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from takeoff.sandbox.itwin.answers import Refused, invalid, missing, required
from takeoff.sandbox.itwin.world import Changeset, IModel, Origin, World
from takeoff.sandbox.switches import Switches

SCHEDULED, SUCCESSFUL, FAILED, WAITING = "scheduled", "successful", "failed", "waitingForFile"
_STRANGE = "waitingForResources"
_SQLITE = b"SQLite format 3\x00"
_MOST_BYTES = 64 * 2**20


@dataclass
class BaselineFile:
    """A file that a model is made from. `size` is as announced, `content` as uploaded."""

    id: str
    signature: str
    size: int
    content: bytes | None = None
    is_complete: bool = False
    lookups: int = 0


@dataclass
class Creation:
    """The operation that makes a model, with the switches as they stood at its start."""

    imodel: IModel
    switches: Switches
    file: BaselineFile | None = None
    is_instant: bool = False
    lookups: int = 0

    @property
    def end(self) -> str:
        """The state that it comes to."""
        word = self.switches["itwin_create_operation"]
        general = self.switches["operation"]
        if self.file is not None:
            return SUCCESSFUL if self.file_end == "initialized" else FAILED
        if self.is_instant:
            return SUCCESSFUL
        if word == "successful" and general != "ready":
            return FAILED if general.startswith("failed") else general
        is_fork = self.imodel.origin is not None and self.imodel.origin.kind == "forked_from"
        return SUCCESSFUL if word.endswith("FederationGuids") and not is_fork else word

    @property
    def file_end(self) -> str:
        is_sqlite = self.file is not None and (self.file.content or b"").startswith(_SQLITE)
        return self.switches["itwin_baseline_file"] if is_sqlite else "initializationFailed"

    @property
    def state(self) -> str:
        polls = 0 if self.is_instant else (self.switches.number("polls") or 0)
        if self.file is not None and not self.file.is_complete:
            return WAITING
        if self.end == "unknown_state":
            return _STRANGE if 0 < self.lookups <= polls else self._ended(polls)
        if self.end == "hung" or self.file_hangs:
            return SCHEDULED
        return self._ended(polls)

    @property
    def file_hangs(self) -> bool:
        return self.file is not None and self.file_end == "hung"

    @property
    def file_state(self) -> str:
        """The state of the baseline file."""
        assert self.file is not None  # asked of models with a file only
        if not self.file.is_complete:
            return WAITING
        polls = self.switches.number("polls") or 0
        if self.file.lookups < polls or self.file_hangs:
            return "initializationScheduled"
        return self.file_end

    def _ended(self, polls: int) -> str:
        if self.lookups < polls:
            return SCHEDULED
        return SUCCESSFUL if self.end == "unknown_state" else self.end


class Creations:
    """All creations since the start; safe to share by threads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.RLock()
        self._by_model: dict[str, Creation] = {}

    def create(self, given: Mapping[str, Any], switches: Switches) -> Creation:
        """POST /imodels. Raises: Refused with 404, 409 or 422."""
        itwin = self._world.itwin(str(required(given, "iTwinId")))
        name = str(required(given, "name"))
        mode = str(given.get("creationMode") or "").lower()
        now = datetime.now(UTC)
        baseline = (Changeset(0, "", "", None, now),)
        imodel = IModel("", itwin.id, name, given.get("description"), now, fixed=baseline)
        if mode in ("", "empty"):
            return self._add(Creation(imodel, switches, is_instant=True))
        if mode == "frombaseline":
            size = (required(given, "baselineFile") or {}).get("size")
            if not isinstance(size, int) or not 0 < size <= _MOST_BYTES:
                raise invalid("size", f"size is a whole number up to {_MOST_BYTES}.")
            file = BaselineFile(str(uuid4()), secrets.token_urlsafe(32), size)
            return self._add(Creation(imodel, switches, file))
        if mode == "fromimodelversion":
            template = required(given, "template")
            source = self._world.imodel(str(required(template, "iModelId")))
            wanted = template.get("changesetId")
            upto = self._upto(source, wanted, None, switches)
            made = self._world.copied(source, upto, "state", switches)
            imodel.fixed = made.fixed
            return self._add(Creation(imodel, switches))
        raise invalid("creationMode", "Give empty, fromiModelVersion or fromBaseline.")

    def copy(
        self, source: IModel, given: Mapping[str, Any], kind: str, switches: Switches
    ) -> Creation:
        """POST clone or fork; `kind` is cloned_from or forked_from. Raises: Refused."""
        itwin = self._world.itwin(str(required(given, "iTwinId")))
        wanted_id, wanted_index = given.get("changesetId"), given.get("changesetIndex")
        if wanted_id is not None and wanted_index is not None:
            told = "Give changesetId or changesetIndex, not both."
            raise invalid("changesetIndex", told, "MutuallyExclusivePropertiesProvided")
        upto = self._upto(source, wanted_id, wanted_index, switches)
        is_fork = kind == "forked_from"
        kept = "history" if not is_fork or given.get("preserveHistory") is True else "state"
        imodel = self._world.copied(source, upto, kept, switches)
        imodel.itwin_id = itwin.id
        imodel.name = str(given.get("name") or self._free_name(source.name, itwin.id))
        imodel.description = given.get("description", source.description)
        imodel.containers = int(given.get("containersEnabled") or 0)
        relationship = str(uuid4()) if is_fork else None
        imodel.origin = Origin(kind, source.id, upto.id, relationship)
        return self._add(Creation(imodel, switches))

    def look_up(self, imodel: IModel) -> dict[str, Any]:
        """The create operation of a model, one step on."""
        with self._lock:
            creation = self._by_model.get(imodel.id)
            if creation is not None:
                creation.lookups += 1
                self._settle(creation)
            state = SUCCESSFUL if creation is None else creation.state
        return {"state": state, **_origins(imodel.origin)}

    def file(self, imodel: IModel) -> Creation:
        """Raises: Refused with 404 if the model is not made from a file."""
        with self._lock:
            creation = self._by_model.get(imodel.id)
        if creation is None or creation.file is None:
            raise missing("BaselineFileNotFound", "Baseline File")
        return creation

    def look_up_file(self, imodel: IModel) -> dict[str, Any]:
        """The baseline file of a model, one step on."""
        creation = self.file(imodel)
        assert creation.file is not None  # else `file` had refused
        with self._lock:
            creation.file.lookups += 1
            self._settle(creation)
            state = creation.file_state
        return {"id": creation.file.id, "state": state, "fileSize": creation.file.size}

    def complete(self, imodel: IModel) -> dict[str, Any]:
        """Raises: Refused with 409 if the sizes differ, 422 if it was completed before."""
        creation = self.file(imodel)
        file = creation.file
        assert file is not None  # else `file` had refused
        with self._lock:
            if file.is_complete:
                raise invalid("state", "The file was completed before.", "InvalidChange")
            if file.content is None or len(file.content) != file.size:
                found = 0 if file.content is None else len(file.content)
                told = f"The file has {found} bytes, {file.size} were announced."
                raise Refused(409, "DataConflict", told)
            file.is_complete = True
            creation.lookups = 0
        return {"id": file.id, "state": creation.file_state, "fileSize": file.size}

    def upload(self, file_id: str, signature: str, content: bytes) -> bool:
        """Keep what was uploaded by a signed link; false if the link is none of ours."""
        with self._lock:
            for creation in self._by_model.values():
                file = creation.file
                if file is not None and file.id == file_id:
                    if not secrets.compare_digest(file.signature, signature):
                        return False
                    file.content = content
                    return True
        return False

    def _add(self, creation: Creation) -> Creation:
        creation.imodel.id = str(uuid4())
        creation.imodel.is_ready = creation.is_instant
        with self._lock:
            self._world.add(creation.imodel)
            self._by_model[creation.imodel.id] = creation
        return creation

    def _settle(self, creation: Creation) -> None:
        file = creation.file
        is_there = creation.state == SUCCESSFUL
        is_there = is_there or (file is not None and creation.file_state == "initialized")
        creation.imodel.is_ready = creation.imodel.is_ready or is_there

    def _upto(
        self, source: IModel, wanted_id: object, wanted_index: object, switches: Switches
    ) -> Changeset:
        if wanted_id is None and wanted_index is None:
            return self._world.latest(source, switches)
        wanted = str(wanted_index if wanted_id is None else wanted_id)
        return self._world.changeset(source, wanted, switches)

    def _free_name(self, name: str, itwin_id: str) -> str:
        taken = {one.name for one in self._world.imodels(itwin_id)}
        free, count = name, 1
        while free in taken:
            count += 1
            free = f"{name} ({count})"
        return free


def _origins(origin: Origin | None) -> dict[str, Any]:
    told: dict[str, Any] = {"clonedFrom": None, "forkedFrom": None}
    if origin is not None:
        known = {"iModelId": origin.imodel_id, "changesetId": origin.changeset_id}
        if origin.kind == "forked_from":
            told["forkedFrom"] = known | {"relationshipId": origin.relationship_id}
        else:
            told["clonedFrom"] = known
    return told
