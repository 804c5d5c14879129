"""Classes as the vendor writes them, with or without Ifc, and the role of what they name."""

from __future__ import annotations

# Whether classes carry the prefix is not documented; clients leave it out (`Wall`, `Beam`).
_PREFIX = "Ifc"
_VARIANTS = ("StandardCase", "ElementedCase")
_SPACES = frozenset(("Space", "SpatialZone"))
_VOIDS = frozenset(("VoidingFeature", "EarthworksCut"))
_LOCATIONS = frozenset(
    """
    Project Site Building BuildingStorey Facility Bridge Road Railway MarineFacility FacilityPart
    FacilityPartCommon BridgePart RoadPart RailwayPart MarinePart ExternalSpatialElement
    """.split()
)
_ANNOTATIONS = frozenset("Annotation Grid VirtualElement Port DistributionPort".split())


def ifc_class(written: str | None) -> str | None:
    """IfcWallStandardCase -> Wall."""
    if written is None:
        return None
    name = written.removeprefix(_PREFIX)
    for variant in _VARIANTS:
        name = name.removesuffix(variant)
    return name or None


def role(written: str | None) -> str:
    """What a product of this class is in a takeoff; whatever is nothing else is physical."""
    name = ifc_class(written) or ""
    if name in _SPACES:
        return "space"
    if name.startswith("Opening") or name in _VOIDS:
        return "opening"
    if name in _LOCATIONS:
        return "location"
    if name in _ANNOTATIONS:
        return "annotation"
    return "physical"
