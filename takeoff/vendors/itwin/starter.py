"""A mapping of our own, for an iModel that has none: elements, their GUIDs, and their bodies."""

from __future__ import annotations

from collections.abc import Sequence

from takeoff.http.session import Session
from takeoff.vendors.itwin import grouping
from takeoff.vendors.itwin.definitions import ECProperty, Mapping, Property

NAME = "Takeoff"
DESCRIPTION = "Made by takeoff: every element with a body, its GUID and what is calculated of it."
GROUP = "Elements"
# An element without a body is no work; a query must select ECInstanceId and should ECClassId.
QUERY = "SELECT ECInstanceId, ECClassId FROM bis.GeometricElement3d"

# The wildcards are tried after the class itself: not every connector fills the same one.
PROPERTIES = (
    Property(
        None,
        "FederationGuid",
        "String",
        ec_properties=(
            ECProperty("BisCore", "Element", "FederationGuid"),
            ECProperty("*", "*", "FederationGuid"),
        ),
    ),
    Property(
        None, "CodeValue", "String", ec_properties=(ECProperty("BisCore", "Element", "CodeValue"),)
    ),
    Property(None, "NetVolume", "Double", "Volume", calculated="Volume"),
    Property(None, "NetSurfaceArea", "Double", "Area", calculated="Area"),
    Property(
        None,
        "LongestEdge",
        "Double",
        "Distance",
        calculated="BoundingBoxLongestEdgeLength",
    ),
)


def make(session: Session, imodel_id: str, known: Sequence[Mapping]) -> None:
    """Make the mapping, or what a try that broke off has left of it.

    Calls that change something are not repeated by themselves; what is there already stays.
    """
    ours = next((one for one in known if is_ours(one)), None)
    if ours is None:
        ours = grouping.create_mapping(session, imodel_id, NAME, description=DESCRIPTION)
    groups = grouping.groups(session, ours.id)
    group = next((one for one in groups if one.name == GROUP), None)
    if group is None:
        group = grouping.create_group(session, ours.id, GROUP, QUERY)
    there = {one.name for one in grouping.properties(session, ours.id, group.id)}
    for new in PROPERTIES:
        if new.name not in there:
            grouping.create_property(session, ours.id, group.id, new)


def is_ours(mapping: Mapping) -> bool:
    """Whether takeoff has made it."""
    return mapping.name == NAME and mapping.description == DESCRIPTION
