"""Calls of Grouping and Mapping, one function each; all raise what asking raises.

That is VendorRefused, TryLater and NotUnderstood; those with names also InputRefused. Calls that
change something are never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from takeoff.http.messages import Answer
from takeoff.http.session import Session
from takeoff.vendors.itwin import endpoints
from takeoff.vendors.itwin.answers import Json
from takeoff.vendors.itwin.definitions import Change, Group, Mapping, Property
from takeoff.vendors.itwin.lists import inner_of, listed, object_of
from takeoff.vendors.itwin.runs import Extraction, LogEntry, MappingExtraction


def mappings(session: Session, imodel_id: str) -> list[Mapping]:
    """The mappings of an iModel."""
    return listed(session, endpoints.mappings(imodel_id), "mappings", Mapping.of)


def mapping(session: Session, mapping_id: str) -> Mapping:
    """One mapping."""
    request = endpoints.mapping(mapping_id)
    return Mapping.of(inner_of(session, request, "mapping"), request.target)


def create_mapping(
    session: Session,
    imodel_id: str,
    name: str,
    *,
    description: str | None = None,
    extraction_enabled: bool = False,
    source_mapping_id: str | None = None,
) -> Mapping:
    """A new mapping, empty or a copy of another one."""
    request = endpoints.create_mapping(
        imodel_id,
        name,
        description=description,
        extraction_enabled=extraction_enabled,
        source_mapping_id=source_mapping_id,
    )
    return Mapping.of(inner_of(session, request, "mapping"), request.target)


def update_mapping(
    session: Session,
    mapping_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    extraction_enabled: bool | None = None,
) -> Mapping:
    """The mapping with what is given changed."""
    request = endpoints.update_mapping(
        mapping_id, name=name, description=description, extraction_enabled=extraction_enabled
    )
    return Mapping.of(inner_of(session, request, "mapping"), request.target)


def delete_mapping(session: Session, mapping_id: str) -> None:
    """Delete it with its groups."""
    session.ask(endpoints.delete_mapping(mapping_id), BytesIO())


def mapping_extractions(session: Session, mapping_id: str) -> list[MappingExtraction]:
    """The runs that made tables of this mapping."""
    request = endpoints.mapping_extractions(mapping_id)
    return listed(session, request, "extractions", MappingExtraction.of)


def groups(session: Session, mapping_id: str) -> list[Group]:
    """The groups of a mapping with their metadata."""
    return listed(session, endpoints.groups(mapping_id), "groups", Group.of)


def group(session: Session, mapping_id: str, group_id: str) -> Group:
    """One group."""
    request = endpoints.group(mapping_id, group_id)
    return Group.of(inner_of(session, request, "group"), request.target)


def create_group(
    session: Session,
    mapping_id: str,
    name: str,
    query: str,
    *,
    description: str | None = None,
    metadata: Sequence[tuple[str, str | None]] = (),
    source: tuple[str, str] | None = None,
) -> Group:
    """A new group; `source` is (mapping id, group id) to copy from."""
    request = endpoints.create_group(
        mapping_id, name, query, description=description, metadata=metadata, source=source
    )
    return Group.of(inner_of(session, request, "group"), request.target)


def update_group(
    session: Session,
    mapping_id: str,
    group_id: str,
    *,
    name: str | None = None,
    query: str | None = None,
    description: str | None = None,
    metadata: Sequence[tuple[str, str | None]] | None = None,
) -> Group:
    """The group with what is given changed."""
    request = endpoints.update_group(
        mapping_id, group_id, name=name, query=query, description=description, metadata=metadata
    )
    return Group.of(inner_of(session, request, "group"), request.target)


def delete_group(session: Session, mapping_id: str, group_id: str) -> None:
    """Delete it with its properties."""
    session.ask(endpoints.delete_group(mapping_id, group_id), BytesIO())


def properties(session: Session, mapping_id: str, group_id: str) -> list[Property]:
    """The properties of a group: mapped, calculated and by formula."""
    request = endpoints.properties(mapping_id, group_id)
    return listed(session, request, "properties", Property.of)


def property_(session: Session, mapping_id: str, group_id: str, property_id: str) -> Property:
    """One property."""
    request = endpoints.property_(mapping_id, group_id, property_id)
    return Property.of(inner_of(session, request, "property"), request.target)


def create_property(session: Session, mapping_id: str, group_id: str, new: Property) -> Property:
    """A new property as described; its id is the service's."""
    request = endpoints.create_property(mapping_id, group_id, new.body)
    return Property.of(inner_of(session, request, "property"), request.target)


def replace_property(
    session: Session, mapping_id: str, group_id: str, property_id: str, new: Property
) -> Property:
    """The property, described anew as a whole."""
    request = endpoints.replace_property(mapping_id, group_id, property_id, new.body)
    return Property.of(inner_of(session, request, "property"), request.target)


def delete_property(session: Session, mapping_id: str, group_id: str, property_id: str) -> None:
    """Delete it."""
    session.ask(endpoints.delete_property(mapping_id, group_id, property_id), BytesIO())


def run_extraction(
    session: Session,
    imodel_id: str,
    mapping_ids: Sequence[str],
    changeset_id: str | None = None,
    instance_ids: Sequence[str] = (),
) -> Extraction:
    """Start a run; null is the latest changeset, no `instance_ids` are all elements."""
    request = endpoints.run_extraction(imodel_id, mapping_ids, changeset_id, instance_ids)
    return Extraction.of(inner_of(session, request, "extraction"), request.target)


def extraction(session: Session, extraction_id: str) -> Extraction:
    """How far a run is."""
    request = endpoints.extraction(extraction_id)
    return Extraction.of(inner_of(session, request, "extraction"), request.target, extraction_id)


def extraction_logs(session: Session, extraction_id: str) -> list[LogEntry]:
    """What a run says of itself; there from its start."""
    return listed(session, endpoints.extraction_logs(extraction_id), "logs", LogEntry.of)


def extraction_history(session: Session, imodel_id: str) -> list[Extraction]:
    """The runs of an iModel."""
    request = endpoints.extraction_history(imodel_id)
    return listed(session, request, "extractions", Extraction.of)


def cdm(session: Session, mapping_id: str, extraction_id: str) -> Json:
    """The tables that a run made of a mapping; see `cdm.entities` for what it holds."""
    return object_of(session, endpoints.cdm(mapping_id, extraction_id))


def partition(
    session: Session, mapping_id: str, extraction_id: str, location: str, into: Path
) -> Answer:
    """One file of a table, as CSV; from storage if the service redirects there."""
    return session.download(endpoints.partition(mapping_id, extraction_id, location), into)


def audit(
    session: Session,
    imodel_id: str,
    *,
    path: str | None = None,
    after: str | None = None,
    before: str | None = None,
) -> list[Change]:
    """Who changed what in the mappings of an iModel; times are ISO 8601."""
    request = endpoints.audit(imodel_id, path=path, after=after, before=before)
    return listed(session, request, "auditTrailEntries", Change.of)
