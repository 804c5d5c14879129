"""The requests about iTwins, iModels, mappings and extractions. Nothing is sent here.

Two generations are live: groups, mappings and extractions speak version 1, iModels and reports
version 2 of the platform's media type. Paths are written without the slash that some documents put
before the question mark; the service takes both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.http.messages import Request, path_of
from takeoff.vendors.itwin.names import is_identifier
from takeoff.vendors.itwin.paths import GROUPING, MAPPINGS, OLD

V1 = ("Accept", "application/vnd.bentley.itwin-platform.v1+json")
V2 = ("Accept", "application/vnd.bentley.itwin-platform.v2+json")
REPRESENTATION = ("Prefer", "return=representation")
MINIMAL = ("Prefer", "return=minimal")
# The list of iTwins ends silently at 1,000, or at as many as this header says, 10,000 at most.
ITWINS_CAP, ITWINS_MOST = 1_000, 10_000
MAX_RETURN = ("X-Max-Return", str(ITWINS_MOST))
# The largest page of all lists.
PAGE_SIZE = 1_000

Params = tuple[tuple[str, str], ...]
_ALL: Params = (("$top", str(PAGE_SIZE)),)


def itwins(sub_class: str | None = "Project", **filters: str) -> Request:
    """iTwins of this sub class; `filters` are displayName, number, status, ... of the contract."""
    chosen = {} if sub_class is None else {"subClass": sub_class}
    params = (*{**chosen, **filters}.items(), *_ALL)
    return Request("GET", "/itwins/", params=params, headers=(MAX_RETURN, MINIMAL))


def imodels(itwin_id: str, *, name: str | None = None, is_full: bool = False) -> Request:
    """iModels of an iTwin that are ready; with `is_full` all that is known of each."""
    named = () if name is None else (("name", name),)
    params = (("iTwinId", itwin_id), ("state", "initialized"), *named, *_ALL)
    prefer = REPRESENTATION if is_full else MINIMAL
    return Request("GET", "/imodels", params=params, headers=(V2, prefer))


def imodel(imodel_id: str) -> Request:
    """All that is known of one iModel."""
    return Request("GET", path_of("imodels", imodel_id), headers=(V2,))


def create_imodel(body: Mapping[str, Any]) -> Request:
    """Makes an iModel; for the body see `models.create`."""
    return change("POST", "/imodels", V2, dict(body))


def baseline(imodel_id: str) -> Request:
    """The baseline file, and how far it is."""
    return Request("GET", path_of("imodels", imodel_id, "baselinefile"), headers=(V2,))


def complete_baseline(imodel_id: str) -> Request:
    """Says that the baseline file was uploaded."""
    return change("POST", path_of("imodels", imodel_id, "baselinefile"), V2, {})


def clone(imodel_id: str, body: Mapping[str, Any]) -> Request:
    """Makes a copy without a link to its origin."""
    return change("POST", path_of("imodels", imodel_id, "clone"), V2, dict(body))


def fork(imodel_id: str, body: Mapping[str, Any]) -> Request:
    """Makes a copy that can be merged back; a technical preview."""
    return change("POST", path_of("imodels", imodel_id, "fork"), V2, dict(body))


def creation(imodel_id: str) -> Request:
    """How far the making of an iModel is, and what it was made of."""
    return Request("GET", path_of("imodels", imodel_id, "operations", "create"), headers=(V2,))


def named_versions(imodel_id: str) -> Request:
    """All named versions with their states, hidden ones among them, from old to new."""
    params = (("$orderBy", "changesetIndex asc"), *_ALL)
    path = path_of("imodels", imodel_id, "namedversions")
    return Request("GET", path, params=params, headers=(V2, REPRESENTATION))


def changesets(
    imodel_id: str,
    *,
    after: int | None = None,
    last: int | None = None,
    order: str = "index",
    is_full: bool = False,
) -> Request:
    """Changesets after index `after` up to and with `last`; links to files with `is_full`."""
    bounds = (("afterIndex", after), ("lastIndex", last))
    stated = tuple((key, str(value)) for key, value in bounds if value is not None)
    params = (*stated, ("$orderBy", order), *_ALL)
    path = path_of("imodels", imodel_id, "changesets")
    prefer = REPRESENTATION if is_full else MINIMAL
    return Request("GET", path, params=params, headers=(V2, prefer))


def changeset(imodel_id: str, id_or_index: str) -> Request:
    """One changeset with the link to its file."""
    return Request("GET", path_of("imodels", imodel_id, "changesets", id_or_index), headers=(V2,))


def mappings(imodel_id: str) -> Request:
    """The mappings of an iModel."""
    return Request("GET", MAPPINGS, params=(("iModelId", imodel_id), *_ALL), headers=(V1,))


def mapping(mapping_id: str) -> Request:
    """One mapping."""
    return Request("GET", _of(mapping_id), headers=(V1,))


def create_mapping(
    imodel_id: str,
    name: str,
    *,
    description: str | None = None,
    extraction_enabled: bool = False,
    source_mapping_id: str | None = None,
) -> Request:
    """Makes a mapping, empty or a copy. Raises: InputRefused for a name that is no identifier."""
    body: dict[str, Any] = {
        "iModelId": imodel_id,
        "mappingName": _identifier(name, "mapping"),
        "extractionEnabled": extraction_enabled,
    }
    if description is not None:
        body["description"] = description
    if source_mapping_id is not None:
        body["sourceMappingId"] = source_mapping_id
    return change("POST", MAPPINGS, V1, body)


def update_mapping(
    mapping_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    extraction_enabled: bool | None = None,
) -> Request:
    """Changes what is given. Raises: InputRefused as `create_mapping`."""
    body = {
        "mappingName": None if name is None else _identifier(name, "mapping"),
        "description": description,
        "extractionEnabled": extraction_enabled,
    }
    return change("PATCH", _of(mapping_id), V1, given(body))


def delete_mapping(mapping_id: str) -> Request:
    """Deletes it with its groups."""
    return change("DELETE", _of(mapping_id), V1)


def mapping_extractions(mapping_id: str) -> Request:
    """The runs that made tables of this mapping."""
    return Request("GET", _of(mapping_id, "extractions"), params=_ALL, headers=(V1,))


def groups(mapping_id: str) -> Request:
    """The groups of a mapping with their metadata."""
    return Request("GET", _of(mapping_id, "groups"), params=_ALL, headers=(V1, REPRESENTATION))


def group(mapping_id: str, group_id: str) -> Request:
    """One group."""
    return Request("GET", _of(mapping_id, "groups", group_id), headers=(V1,))


def create_group(
    mapping_id: str,
    name: str,
    query: str,
    *,
    description: str | None = None,
    metadata: Sequence[tuple[str, str | None]] = (),
    source: tuple[str, str] | None = None,
) -> Request:
    """Makes a group; `source` is (mapping id, group id) to copy from.

    The query must select ECInstanceId, and for what is no element ECClassId too.
    Raises: InputRefused for a name that is no identifier.
    """
    body: dict[str, Any] = {"groupName": _identifier(name, "group"), "query": query}
    if description is not None:
        body["description"] = description
    if metadata:
        body["metadata"] = _pairs(metadata)
    if source is not None:
        body["source"] = {"mappingId": source[0], "groupId": source[1]}
    return change("POST", _of(mapping_id, "groups"), V1, body)


def update_group(
    mapping_id: str,
    group_id: str,
    *,
    name: str | None = None,
    query: str | None = None,
    description: str | None = None,
    metadata: Sequence[tuple[str, str | None]] | None = None,
) -> Request:
    """Changes what is given. Raises: InputRefused as `create_group`."""
    pairs = None if metadata is None else _pairs(metadata)
    body = {
        "groupName": None if name is None else _identifier(name, "group"),
        "query": query,
        "description": description,
        "metadata": pairs,
    }
    return change("PATCH", _of(mapping_id, "groups", group_id), V1, given(body))


def delete_group(mapping_id: str, group_id: str) -> Request:
    """Deletes it with its properties."""
    return change("DELETE", _of(mapping_id, "groups", group_id), V1)


def properties(mapping_id: str, group_id: str) -> Request:
    """The properties of a group: mapped, calculated and by formula."""
    path = _of(mapping_id, "groups", group_id, "properties")
    return Request("GET", path, params=_ALL, headers=(V1,))


def property_(mapping_id: str, group_id: str, property_id: str) -> Request:
    """One property."""
    path = _of(mapping_id, "groups", group_id, "properties", property_id)
    return Request("GET", path, headers=(V1,))


def create_property(mapping_id: str, group_id: str, body: Mapping[str, Any]) -> Request:
    """Makes a property. Raises: InputRefused for a name that is no identifier."""
    _identifier(str(body.get("propertyName")), "property")
    path = _of(mapping_id, "groups", group_id, "properties")
    return change("POST", path, V1, dict(body))


def replace_property(
    mapping_id: str, group_id: str, property_id: str, body: Mapping[str, Any]
) -> Request:
    """Replaces a property as a whole: what the body leaves out is gone. Raises: as above."""
    _identifier(str(body.get("propertyName")), "property")
    path = _of(mapping_id, "groups", group_id, "properties", property_id)
    return change("PUT", path, V1, dict(body))


def delete_property(mapping_id: str, group_id: str, property_id: str) -> Request:
    """Deletes it."""
    return change("DELETE", _of(mapping_id, "groups", group_id, "properties", property_id), V1)


def run_extraction(
    imodel_id: str,
    mapping_ids: Sequence[str],
    changeset_id: str | None,
    instance_ids: Sequence[str] = (),
) -> Request:
    """Starts a run; asked twice, the same tables are only made twice.

    `changeset_id` null is the latest; no `instance_ids` are all elements.
    """
    body: dict[str, Any] = {"iModelId": imodel_id, "mappings": [{"id": one} for one in mapping_ids]}
    if changeset_id is not None:
        body["changesetId"] = changeset_id
    if instance_ids:
        body["ecInstanceIds"] = list(instance_ids)
    path = f"{MAPPINGS}/extractions"
    return Request("POST", path, json_body=body, headers=(V1,), is_question=True)


def extraction_history(imodel_id: str) -> Request:
    """The runs of an iModel."""
    path = f"{MAPPINGS}/extractions"
    return Request("GET", path, params=(("iModelId", imodel_id), *_ALL), headers=(V1,))


def extraction(extraction_id: str) -> Request:
    """How far a run is."""
    return Request("GET", f"{MAPPINGS}/extractions{path_of(extraction_id)}", headers=(V1,))


def extraction_logs(extraction_id: str) -> Request:
    """What a run says of itself; there from its start."""
    path = f"{MAPPINGS}/extractions{path_of(extraction_id, 'logs')}"
    return Request("GET", path, params=_ALL, headers=(V1,))


def cdm(mapping_id: str, extraction_id: str) -> Request:
    """The tables that a run made of a mapping, and the files that each is in."""
    return Request("GET", _of(mapping_id, "extractions", extraction_id, "cdm"), headers=(V1,))


def partition(mapping_id: str, extraction_id: str, location: str) -> Request:
    """One file of a table, as CSV."""
    path = _of(mapping_id, "extractions", extraction_id, "cdm", "partitions")
    return Request("GET", path, params=(("location", location),), headers=(V1,))


def audit(
    imodel_id: str, *, path: str | None = None, after: str | None = None, before: str | None = None
) -> Request:
    """Who changed what in the mappings of an iModel; times are ISO 8601."""
    stated = given({"path": path, "after": after, "before": before})
    params = (("iModelId", imodel_id), *stated.items(), *_ALL)
    return Request("GET", f"{GROUPING}/audit", params=params, headers=(V1,))


def old_mappings(imodel_id: str, *rest: str) -> Request:
    """Lists of the old generation: mappings, or what `rest` names below one."""
    path = f"{OLD}/imodels{path_of(imodel_id, 'mappings', *rest)}/"
    return Request("GET", path, params=_ALL, headers=(V1,))


def old_extraction(job_id: str) -> Request:
    """How far a run of the old generation is."""
    return Request("GET", f"{OLD}/extraction/status{path_of(job_id)}", headers=(V1,))


def old_history(imodel_id: str) -> Request:
    """The runs of the old generation of an iModel."""
    path = f"{OLD}/imodels{path_of(imodel_id, 'extraction', 'history')}"
    return Request("GET", path, params=_ALL, headers=(V1,))


def _of(mapping_id: str, *rest: str) -> str:
    return MAPPINGS + path_of(mapping_id, *rest)


def change(
    method: str, path: str, accept: tuple[str, str], body: dict[str, Any] | None = None
) -> Request:
    """A request that changes something, so it is never repeated by itself."""
    return Request(method, path, json_body=body, headers=(accept,))


def _pairs(metadata: Sequence[tuple[str, str | None]]) -> list[dict[str, Any]]:
    return [given({"key": key, "value": value}) for key, value in metadata]


def given(body: dict[str, Any]) -> dict[str, Any]:
    """The members that are not null."""
    return {key: value for key, value in body.items() if value is not None}


def _identifier(name: str, what: str) -> str:
    if not is_identifier(name):
        raise InputRefused(
            f"'{name}' cannot name a {what}: a letter or _ first, then letters, digits and _, "
            "128 characters at most."
        )
    return name
