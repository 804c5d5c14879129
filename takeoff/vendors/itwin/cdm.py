"""What an extraction made of one mapping: its tables, their columns, and the files they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from takeoff.vendors.itwin import answers
from takeoff.vendors.itwin.answers import member, required, text


@dataclass(frozen=True)
class Entity:
    """One table: (column, CDM data type) in the order of its files' columns; none may be empty."""

    name: str
    columns: tuple[tuple[str, str], ...]
    locations: tuple[str, ...]


def entities(value: Mapping[str, Any], name: str) -> list[Entity]:
    """All tables, in order. Raises: NotUnderstood for a table without a name or columns."""
    return [_entity(item, name) for item in answers.objects(value, "entities", name)]


def _entity(item: dict[str, Any], name: str) -> Entity:
    columns = tuple(
        (required(one, "name", name), text(member(one, "dataType")) or "string")
        for one in answers.objects(item, "attributes", name)
    )
    listed = member(item, "partitions")
    partitions = answers.objects(item, "partitions", name) if isinstance(listed, list) else []
    locations = [required(one, "location", name) for one in partitions]
    return Entity(required(item, "name", name), columns, tuple(dict.fromkeys(locations)))
