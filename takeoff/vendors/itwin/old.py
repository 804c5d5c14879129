"""Reading what the old generation of Grouping and Mapping holds: everything below
`/insights/reporting/datasources`. It is still served; nothing is changed through it.
"""

from __future__ import annotations

from dataclasses import replace

from takeoff.core.refs import OperationState
from takeoff.http.session import Session
from takeoff.vendors.itwin import endpoints
from takeoff.vendors.itwin.answers import Json, member, required, text
from takeoff.vendors.itwin.definitions import Group, Mapping, Property
from takeoff.vendors.itwin.lists import inner_of, listed
from takeoff.vendors.itwin.runs import Extraction, LogEntry

# The old generation's word for Double.
_DATA_TYPES = {"Number": "Double", "Undefined": "String"}


def mappings(session: Session, imodel_id: str) -> list[Mapping]:
    """The mappings of an iModel."""
    return listed(session, endpoints.old_mappings(imodel_id), "mappings", Mapping.of)


def groups(session: Session, imodel_id: str, mapping_id: str) -> list[Group]:
    """The groups of a mapping."""
    request = endpoints.old_mappings(imodel_id, mapping_id, "groups")
    return listed(session, request, "groups", Group.of)


def properties(session: Session, imodel_id: str, mapping_id: str, group_id: str) -> list[Property]:
    """The columns of a group: those that are mapped, then calculated ones, then formulas.

    Both the mapped and the calculated ones come as `properties`.
    """
    kinds = (
        ("properties", "properties", _mapped),
        ("calculatedProperties", "properties", _calculated),
        ("customCalculations", "customCalculations", _formula),
    )
    found: list[Property] = []
    for path, key, of in kinds:
        request = endpoints.old_mappings(imodel_id, mapping_id, "groups", group_id, path)
        found += listed(session, request, key, of)
    return found


def extraction(session: Session, job_id: str) -> Extraction:
    """How far a run is; one that succeeded with issues is partial."""
    request = endpoints.old_extraction(job_id)
    found = Extraction.of(inner_of(session, request, "status"), request.target, job_id)
    state: OperationState = "partial" if found.contains_issues else found.state
    return replace(found, state=state) if found.state == "ready" else found


def logs(session: Session, run: Extraction) -> list[LogEntry]:
    """What a run says of itself; nothing if its status names no log."""
    if run.logs_url is None:
        return []
    request = replace(session.link(run.logs_url), headers=(endpoints.V1,))
    return listed(session, request, "logs", LogEntry.of)


def history(session: Session, imodel_id: str) -> list[str]:
    """Ids of the runs of an iModel, in the service's order."""
    request = endpoints.old_history(imodel_id)
    return listed(session, request, "extractions", lambda item, name: required(item, "jobId", name))


def _mapped(item: Json, name: str) -> Property:
    found = Property.of(item, name)
    return replace(found, data_type=_DATA_TYPES.get(found.data_type, found.data_type))


def _calculated(item: Json, name: str) -> Property:
    """A calculated property; its kind is called `type` here."""
    kind = text(member(item, "calculatedPropertyType", "type"))
    found = replace(Property.of(item, name), data_type="Double")
    return replace(found, calculated=None if kind == "Undefined" else kind)


def _formula(item: Json, name: str) -> Property:
    return _mapped(item, name)
