"""Mappings, their groups and properties, as plain values: what each table and column is to be.

Each is made of one JSON object by its `of`, which raises NotUnderstood if an id or name is missing.
Times are UTC. What the minimal form of an answer leaves out is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from takeoff.vendors.itwin.answers import (
    Json,
    flag,
    href,
    last_segment,
    member,
    moment,
    objects,
    required,
    text,
)


@dataclass(frozen=True)
class Mapping:
    """A set of groups; each becomes one table when it is extracted."""

    id: str
    name: str
    description: str | None
    extraction_enabled: bool | None
    created_at: datetime | None
    modified_at: datetime | None
    imodel_id: str | None

    @staticmethod
    def of(item: Json, name: str) -> Mapping:
        """See the module; the old generation writes the link's key as `imodel`."""
        link = href(item, "iModel")
        return Mapping(
            required(item, "id", name),
            required(item, "mappingName", name),
            text(member(item, "description")),
            flag(member(item, "extractionEnabled")),
            moment(member(item, "createdOn")),
            moment(member(item, "modifiedOn")),
            None if link is None else last_segment(link),
        )


@dataclass(frozen=True)
class Group:
    """One output table: the elements that the ECSQL `query` finds.

    `metadata` are (key, value) pairs; they come in the representation only.
    """

    id: str
    name: str
    description: str | None
    query: str | None
    metadata: tuple[tuple[str, str | None], ...]

    @staticmethod
    def of(item: Json, name: str) -> Group:
        """See the module."""
        metadata = member(item, "metadata")
        pairs = objects(item, "metadata", name) if isinstance(metadata, list) else []
        return Group(
            required(item, "id", name),
            required(item, "groupName", name),
            text(member(item, "description")),
            text(member(item, "query")),
            tuple((required(one, "key", name), text(member(one, "value"))) for one in pairs),
        )


@dataclass(frozen=True)
class ECProperty:
    """Where a value is looked for in the iModel; `*` stands for any schema or class."""

    schema: str | None
    class_name: str | None
    name: str | None


@dataclass(frozen=True)
class Property:
    """One column. Its value is the first that is valid: of `ec_properties` in their order, then
    the one that the service calculates, then that of the formula. `id` is null until it is made.
    """

    id: str | None
    name: str
    data_type: str
    quantity_type: str | None = None
    ec_properties: tuple[ECProperty, ...] = ()
    calculated: str | None = None
    formula: str | None = None

    @property
    def body(self) -> Json:
        """As the contract writes it when one is made or replaced."""
        body: Json = {"propertyName": self.name, "dataType": self.data_type}
        if self.quantity_type is not None:
            body["quantityType"] = self.quantity_type
        if self.ec_properties:
            body["ecProperties"] = [
                {
                    "ecSchemaName": one.schema,
                    "ecClassName": one.class_name,
                    "ecPropertyName": one.name,
                }
                for one in self.ec_properties
            ]
        if self.calculated is not None:
            body["calculatedPropertyType"] = self.calculated
        if self.formula is not None:
            body["formula"] = self.formula
        return body

    @staticmethod
    def of(item: Json, name: str) -> Property:
        """See the module. `Undefined` of the old generation is null."""
        listed = member(item, "ecProperties")
        paths = objects(item, "ecProperties", name) if isinstance(listed, list) else []
        return Property(
            text(member(item, "id")),
            required(item, "propertyName", name),
            text(member(item, "dataType")) or "String",
            _defined(member(item, "quantityType")),
            tuple(
                ECProperty(
                    text(member(one, "ecSchemaName")),
                    text(member(one, "ecClassName")),
                    text(member(one, "ecPropertyName")),
                )
                for one in paths
            ),
            _defined(member(item, "calculatedPropertyType")),
            text(member(item, "formula")),
        )


def _defined(value: object) -> str | None:
    found = text(value)
    return None if found is None or found.casefold() == "undefined" else found


@dataclass(frozen=True)
class Change:
    """One entry of the audit trail. `changes` are (property, old value, new value) as text."""

    at: datetime | None
    path: str | None
    user_email: str | None
    action: str | None
    changes: tuple[tuple[str | None, str | None, str | None], ...]

    @staticmethod
    def of(item: Json, name: str) -> Change:
        """See the module."""
        listed = member(item, "changes")
        changes = objects(item, "changes", name) if isinstance(listed, list) else []
        return Change(
            moment(member(item, "timestamp")),
            text(member(item, "path")),
            text(member(item, "userEmail")),
            text(member(item, "action")),
            tuple(
                (
                    text(member(one, "property")),
                    _as_text(member(one, "oldValue")),
                    _as_text(member(one, "newValue")),
                )
                for one in changes
            ),
        )


def _as_text(value: object) -> str | None:
    return None if value is None else str(value)
