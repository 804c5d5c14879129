"""All mappings: one of each model of the lake, and those that were made since the start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from takeoff.core.refs import Snapshot
from takeoff.sandbox.itwin import takeoff_mapping
from takeoff.sandbox.itwin.answers import missing, own_id, required
from takeoff.sandbox.itwin.definitions import (
    Group,
    Mapping,
    Property,
    read_metadata,
    read_name,
    read_property,
    refused,
)
from takeoff.sandbox.itwin.values import Elements
from takeoff.sandbox.itwin.world import IModel, World

BUILDER = "takeoff@example.com"


@dataclass(frozen=True)
class AuditEntry:
    """One change: what was done at which path, and each property's old and new value."""

    imodel_id: str
    moment: datetime
    path: str
    action: str
    user: str
    changes: tuple[tuple[str, Any, Any], ...]


class Mappings:
    """Mappings, groups and properties by their ids; safe to share by threads.

    `user` is whom changes are told of. Groups of a lake's model are made when first asked for.
    """

    def __init__(self, world: World, user: str) -> None:
        self._world = world
        self._user = user
        self._lock = threading.RLock()
        self._mappings: dict[str, Mapping] = {}
        self._groups: dict[str, tuple[Group, ...]] = {}
        self._unmade: dict[str, Callable[[], tuple[Group, ...]]] = {}
        self.audit: list[AuditEntry] = []
        for imodel in world.imodels():
            self._add_built(imodel)

    def of(self, imodel: IModel) -> list[Mapping]:
        with self._lock:
            return [one for one in self._mappings.values() if one.imodel_id == imodel.id]

    def mapping(self, mapping_id: str) -> Mapping:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._mappings.get(mapping_id.lower())
        if found is None:
            raise missing("MappingNotFound", "Mapping", "mappingId")
        return found

    def groups(self, mapping_id: str) -> tuple[Group, ...]:
        """Raises: Refused with 404; LakeUnusable."""
        mapping = self.mapping(mapping_id)
        with self._lock:
            if mapping.id in self._unmade:
                self._groups[mapping.id] = self._unmade.pop(mapping.id)()
            return self._groups[mapping.id]

    def group(self, mapping_id: str, group_id: str) -> Group:
        """Raises: Refused with 404."""
        for group in self.groups(mapping_id):
            if group.id == group_id.lower():
                return group
        raise missing("GroupNotFound", "Group", "groupId")

    def property(self, mapping_id: str, group_id: str, property_id: str) -> Property:
        """Raises: Refused with 404."""
        for item in self.group(mapping_id, group_id).properties:
            if item.id == property_id.lower():
                return item
        raise missing("PropertyNotFound", "Property", "propertyId")

    def create(self, given: Map[str, Any]) -> Mapping:
        """Raises: Refused."""
        imodel = self._world.imodel(str(required(given, "iModelId")))
        name = read_name(given, "mappingName")
        self._must_be_new("mappingName", name, [one.name for one in self.of(imodel)])
        source = given.get("sourceMappingId")
        groups = () if source is None else self.groups(str(source))
        now = datetime.now(UTC)
        mapping = Mapping(
            str(uuid4()),
            imodel.id,
            name,
            str(given.get("description") or ""),
            given.get("extractionEnabled") is True,
            now,
            self._user,
            now,
            self._user,
        )
        with self._lock:
            self._mappings[mapping.id] = mapping
            self._groups[mapping.id] = tuple(_copied(group) for group in groups)
            self._note(mapping, "", "Create", (("mappingName", None, name),))
        return mapping

    def update(self, mapping_id: str, given: Map[str, Any]) -> Mapping:
        """Raises: Refused."""
        mapping = self.mapping(mapping_id)
        name = read_name(given, "mappingName") if "mappingName" in given else mapping.name
        others = [one.name for one in self._mappings.values() if self._is_beside(one, mapping)]
        self._must_be_new("mappingName", name, others)
        enabled = given.get("extractionEnabled", mapping.is_enabled) is True
        description = str(given.get("description", mapping.description) or "")
        changed = replace(mapping, name=name, description=description, is_enabled=enabled)
        with self._lock:
            self._mappings[mapping.id] = changed
            self._note(changed, "", "Update", (("mappingName", mapping.name, name),))
        return self.mapping(mapping_id)

    def delete(self, mapping_id: str) -> None:
        """Raises: Refused with 404."""
        mapping = self.mapping(mapping_id)
        with self._lock:
            self._note(mapping, "", "Delete", (("mappingName", mapping.name, None),))
            del self._mappings[mapping.id]
            self._groups.pop(mapping.id, None)
            self._unmade.pop(mapping.id, None)

    def create_group(self, mapping_id: str, given: Map[str, Any]) -> Group:
        """Raises: Refused."""
        groups = self.groups(mapping_id)
        name = read_name(given, "groupName")
        self._must_be_new("groupName", name, [group.name for group in groups])
        source = given.get("source")
        properties: tuple[Property, ...] = ()
        if source is not None:
            known = self.group(str(source.get("mappingId")), str(source.get("groupId")))
            properties = _copied(known).properties
        group = Group(
            str(uuid4()),
            name,
            str(required(given, "query")),
            str(given.get("description") or ""),
            read_metadata(given),
            properties,
        )
        self._put_groups(mapping_id, (*groups, group))
        self._note_at(mapping_id, f"/Groups/{group.id}", "Create", ("groupName", None, name))
        return group

    def update_group(self, mapping_id: str, group_id: str, given: Map[str, Any]) -> Group:
        """Raises: Refused."""
        group = self.group(mapping_id, group_id)
        name = read_name(given, "groupName") if "groupName" in given else group.name
        others = [one.name for one in self.groups(mapping_id) if one.id != group.id]
        self._must_be_new("groupName", name, others)
        changed = replace(
            group,
            name=name,
            query=str(given.get("query", group.query)),
            description=str(given.get("description", group.description) or ""),
            metadata=read_metadata(given) if "metadata" in given else group.metadata,
        )
        self._put_group(mapping_id, changed)
        self._note_at(mapping_id, f"/Groups/{group.id}", "Update", ("groupName", group.name, name))
        return changed

    def delete_group(self, mapping_id: str, group_id: str) -> None:
        """Raises: Refused with 404."""
        group = self.group(mapping_id, group_id)
        kept = tuple(one for one in self.groups(mapping_id) if one.id != group.id)
        self._put_groups(mapping_id, kept)
        self._note_at(mapping_id, f"/Groups/{group.id}", "Delete", ("groupName", group.name, None))

    def put_property(
        self, mapping_id: str, group_id: str, property_id: str | None, given: Map[str, Any]
    ) -> Property:
        """A new property, or another in the place of one. Raises: Refused."""
        group = self.group(mapping_id, group_id)
        old = None if property_id is None else self.property(mapping_id, group_id, property_id)
        item = read_property(given, str(uuid4()) if old is None else old.id)
        others = [one.name for one in group.properties if one.id != item.id]
        self._must_be_new("propertyName", item.name, [*others, *takeoff_mapping.LEADING])
        kept = tuple(item if one.id == item.id else one for one in group.properties)
        self._put_group(mapping_id, replace(group, properties=kept if old else (*kept, item)))
        change = ("propertyName", None if old is None else old.name, item.name)
        path = f"/Groups/{group.id}/Properties/{item.id}"
        self._note_at(mapping_id, path, "Update" if old else "Create", change)
        return item

    def delete_property(self, mapping_id: str, group_id: str, property_id: str) -> None:
        """Raises: Refused with 404."""
        group = self.group(mapping_id, group_id)
        item = self.property(mapping_id, group_id, property_id)
        kept = tuple(one for one in group.properties if one.id != item.id)
        self._put_group(mapping_id, replace(group, properties=kept))
        path = f"/Groups/{group.id}/Properties/{item.id}"
        self._note_at(mapping_id, path, "Delete", ("propertyName", item.name, None))

    def _add_built(self, imodel: IModel) -> None:
        snapshot = imodel.snapshots[-1]
        mapping_id, at = own_id("mapping", imodel.id), snapshot.taken_at
        told = "One group for each IFC class, one property for each value."
        name = takeoff_mapping.NAME
        self._mappings[mapping_id] = Mapping(
            mapping_id, imodel.id, name, told, False, at, BUILDER, at, BUILDER
        )
        self._unmade[mapping_id] = lambda: self._built(mapping_id, snapshot)

    def _built(self, mapping_id: str, snapshot: Snapshot) -> tuple[Group, ...]:
        elements: Elements = self._world.elements(snapshot)
        return takeoff_mapping.groups(mapping_id, elements)

    def _put_group(self, mapping_id: str, group: Group) -> None:
        groups = self.groups(mapping_id)
        self._put_groups(mapping_id, tuple(group if one.id == group.id else one for one in groups))

    def _put_groups(self, mapping_id: str, groups: tuple[Group, ...]) -> None:
        with self._lock:
            self._groups[mapping_id.lower()] = groups

    def _note_at(
        self, mapping_id: str, path: str, action: str, change: tuple[str, Any, Any]
    ) -> None:
        with self._lock:
            self._note(self.mapping(mapping_id), path, action, (change,))

    def _note(
        self, mapping: Mapping, path: str, action: str, changes: tuple[tuple[str, Any, Any], ...]
    ) -> None:
        """Remember a change, by whom and when."""
        now = datetime.now(UTC)
        at = f"/Mappings/{mapping.id}{path}"
        self.audit.append(AuditEntry(mapping.imodel_id, now, at, action, self._user, changes))
        self._mappings[mapping.id] = replace(mapping, modified_on=now, modified_by=self._user)

    @staticmethod
    def _is_beside(one: Mapping, mapping: Mapping) -> bool:
        return one.imodel_id == mapping.imodel_id and one.id != mapping.id

    @staticmethod
    def _must_be_new(key: str, name: str, others: list[str]) -> None:
        if name.lower() in {other.lower() for other in others}:
            raise refused(key, f"There is a {name} already.")


def _copied(group: Group) -> Group:
    """The same group and properties under new ids."""
    items = tuple(replace(item, id=str(uuid4())) for item in group.properties)
    return replace(group, id=str(uuid4()), properties=items)
