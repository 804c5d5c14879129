"""iTwins, iModels and their versions, as plain values.

Each is made of one JSON object by its `of`, which raises NotUnderstood if an id is missing. Times
are UTC. What the minimal form of an answer leaves out is null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from takeoff.core.refs import OperationState
from takeoff.vendors.itwin.answers import Json, href, member, moment, required, text, whole

# Flags of Changeset.containing_changes; 0 is a regular one.
CHANGES = {
    1: "schema",
    2: "definition",
    4: "spatial data",
    8: "sheets and drawings",
    16: "views and models",
    32: "global properties",
    64: "schema sync",
}
BASELINE_STATES = (
    "waitingForFile",
    "initializationScheduled",
    "initialized",
    "initializationFailed",
    "fileIsBriefcase",
)
_CREATE_STATES: dict[str, OperationState] = {
    "scheduled": "queued",
    "waitingforfile": "waiting_for_file",
    "successful": "ready",
}
_MISSING_GUIDS = "ismissingfederationguids"


@dataclass(frozen=True)
class ITwin:
    """A project or asset."""

    id: str
    name: str | None
    number: str | None
    class_name: str | None
    sub_class: str | None
    type: str | None

    @staticmethod
    def of(item: Json, name: str) -> ITwin:
        """See the module."""
        return ITwin(
            required(item, "id", name),
            text(member(item, "displayName")),
            text(member(item, "number")),
            text(member(item, "class")),
            text(member(item, "subClass")),
            text(member(item, "type")),
        )


@dataclass(frozen=True)
class IModel:
    """A model. `upload_url` is where its baseline file goes while it waits for one; a signed link.

    `containers_enabled` are flags 0, 1, 2, 4. `extent` is as the service writes it.
    """

    id: str
    name: str | None
    state: str | None
    description: str | None
    itwin_id: str | None
    created_at: datetime | None
    last_changeset_at: datetime | None
    extent: Json | None
    containers_enabled: int | None
    data_center: str | None
    upload_url: str | None = field(repr=False)
    upload_storage: str | None
    complete_url: str | None

    @staticmethod
    def of(item: Json, name: str) -> IModel:
        """See the module."""
        links = member(item, "_links")
        upload = member(links, "upload") if isinstance(links, dict) else None
        extent = member(item, "extent")
        return IModel(
            required(item, "id", name),
            text(member(item, "displayName", "name")),
            text(member(item, "state")),
            text(member(item, "description")),
            text(member(item, "iTwinId")),
            moment(member(item, "createdDateTime")),
            moment(member(item, "lastChangesetPushDateTime")),
            extent if isinstance(extent, dict) else None,
            whole(member(item, "containersEnabled")),
            text(member(item, "dataCenterLocation")),
            href(item, "upload"),
            text(member(upload, "storageType")) if isinstance(upload, dict) else None,
            href(item, "complete"),
        )


@dataclass(frozen=True)
class Source:
    """The version of another iModel that one was made of; `changeset_id` null is its baseline.

    `relationship_id` is that of a fork.
    """

    imodel_id: str
    changeset_id: str | None
    relationship_id: str | None


@dataclass(frozen=True)
class Creation:
    """How far the making of an iModel is, `word` as the service says it, and what it was made of.

    A word that is not documented counts as failed, as with the vendor's own client.
    """

    state: OperationState
    word: str
    cloned_from: Source | None
    forked_from: Source | None

    @property
    def problem(self) -> str | None:
        """Why it failed, in words; null if it did not."""
        if self.state != "failed":
            return None
        if self.word.casefold().endswith(_MISSING_GUIDS):
            return f"{self.word}: elements of the main iModel lack the FederationGuid a fork needs"
        return f"the state '{self.word}'"

    @staticmethod
    def of(item: Json, name: str) -> Creation:
        """See the module."""
        word = required(item, "state", name)
        return Creation(
            _CREATE_STATES.get(word.casefold(), "failed"),
            word,
            _source(item, "clonedFrom", name),
            _source(item, "forkedFrom", name),
        )


def _source(item: Json, key: str, name: str) -> Source | None:
    found = member(item, key)
    if not isinstance(found, dict):
        return None
    return Source(
        required(found, "iModelId", name),
        text(member(found, "changesetId")),
        text(member(found, "relationshipId")),
    )


@dataclass(frozen=True)
class NamedVersion:
    """A label on a changeset; on the baseline `changeset_id` is null and `changeset_index` 0."""

    id: str
    name: str | None
    changeset_id: str | None
    changeset_index: int | None
    state: str | None
    description: str | None
    created_at: datetime | None

    @staticmethod
    def of(item: Json, name: str) -> NamedVersion:
        """See the module."""
        return NamedVersion(
            required(item, "id", name),
            text(member(item, "displayName", "name")),
            text(member(item, "changesetId")),
            whole(member(item, "changesetIndex")),
            text(member(item, "state")),
            text(member(item, "description")),
            moment(member(item, "createdDateTime")),
        )


@dataclass(frozen=True)
class Changeset:
    """One step of a model. `parent_id` null is the baseline. `containing_changes`: see CHANGES.

    `download_url` is a signed link that ends; null in the minimal form and for who may only look.
    """

    id: str
    index: int
    name: str | None
    description: str | None
    parent_id: str | None
    state: str | None
    pushed_at: datetime | None
    containing_changes: int | None
    file_size: int | None
    download_url: str | None = field(repr=False)

    @property
    def is_there(self) -> bool:
        """Whether its file has come; one that still waits for it is no version yet."""
        return (self.state or "").casefold() != "waitingforfile"

    @staticmethod
    def of(item: Json, name: str) -> Changeset:
        """See the module."""
        index = whole(member(item, "index"))
        return Changeset(
            required(item, "id", name),
            int(required(item, "index", name)) if index is None else index,
            text(member(item, "displayName")),
            text(member(item, "description")),
            text(member(item, "parentId")),
            text(member(item, "state")),
            moment(member(item, "pushDateTime")),
            whole(member(item, "containingChanges")),
            whole(member(item, "fileSize")),
            href(item, "download"),
        )
