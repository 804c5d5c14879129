"""IFC classes in the vendor's spellings, and what the object of a class is in a takeoff.

How the tree spells a class is not documented: `IfcWall`, `ID_IFCWall`; so it is found whatever its
prefix and case are.
"""

from __future__ import annotations

from takeoff.vendors.bimplus import known

_PREFIXES = ("id_", "ifc")
_VARIANTS = ("standardcase", "elementedcase")
_NAMES = """
Actuator AirTerminal AirTerminalBox AirToAirHeatRecovery Alarm Alignment Annotation
AudioVisualAppliance Beam Bearing Boiler Borehole Bridge BridgePart Building BuildingElement
BuildingElementComponent BuildingElementPart BuildingElementProxy BuildingStorey BuiltElement Burner
CableCarrierFitting CableCarrierSegment CableFitting CableSegment CaissonFoundation Chiller Chimney
CivilElement Coil Column CommunicationsAppliance Compressor Condenser Controller ConveyorSegment
CooledBeam CoolingTower Course Covering CurtainWall Damper DeepFoundation DiscreteAccessory
DistributionBoard DistributionChamberElement DistributionControlElement DistributionElement
DistributionFlowElement DistributionPort Door DuctFitting DuctSegment DuctSilencer EarthworksCut
EarthworksElement EarthworksFill ElectricAppliance ElectricDistributionBoard
ElectricDistributionPoint ElectricFlowStorageDevice ElectricFlowTreatmentDevice ElectricGenerator
ElectricMotor ElectricTimeControl ElectricalElement Element ElementAssembly ElementComponent
EnergyConversionDevice Engine EquipmentElement EvaporativeCooler Evaporator ExternalSpatialElement
Facility FacilityPart FacilityPartCommon Fan Fastener FeatureElement FeatureElementAddition
FeatureElementSubtraction Filter FireSuppressionTerminal FlowController FlowFitting FlowInstrument
FlowMeter FlowMovingDevice FlowSegment FlowStorageDevice FlowTerminal FlowTreatmentDevice Footing
FurnishingElement Furniture GeographicElement Geomodel Geoslice GeotechnicalAssembly
GeotechnicalElement GeotechnicalStratum Grid HeatExchanger Humidifier ImpactProtectionDevice
Interceptor JunctionBox Kerb Lamp LightFixture LinearElement LiquidTerminal MarineFacility
MarinePart MechanicalFastener MedicalDevice Member MobileTelecommunicationsAppliance MooringDevice
MotorConnection NavigationElement OpeningElement Outlet Pavement Pile PipeFitting PipeSegment Plate
Port ProjectionElement Project ProtectiveDevice ProtectiveDeviceTrippingUnit Proxy Pump Rail Railing
Railway RailwayPart Ramp RampFlight Referent ReinforcedSoil ReinforcingBar ReinforcingElement
ReinforcingMesh Road RoadPart Roof SanitaryTerminal Sensor ShadingDevice Sign Signal Site Slab
SolarDevice Space SpaceHeater SpatialElement SpatialStructureElement SpatialZone StackTerminal Stair
StairFlight SurfaceFeature SwitchingDevice SystemFurnitureElement Tank Tendon TendonAnchor
TendonConduit TrackElement Transformer TransportElement TransportationDevice TubeBundle
UnitaryControlElement UnitaryEquipment Valve Vehicle VibrationDamper VibrationIsolator
VirtualElement VoidingFeature Wall WasteTerminal Window
""".split()
_BY_FOLDED = {name.casefold(): name for name in _NAMES}

_PLACES = {
    "Project": "project",
    "Site": "site",
    "Building": "building",
    "Facility": "building",
    "Bridge": "building",
    "Road": "building",
    "Railway": "building",
    "MarineFacility": "building",
    "BuildingStorey": "storey",
    "Space": "space",
    "SpatialZone": "space",
}
_PARTS_OF_PLACES = frozenset(
    "FacilityPart FacilityPartCommon BridgePart RoadPart RailwayPart MarinePart "
    "ExternalSpatialElement SpatialElement SpatialStructureElement".split()
)
_VOIDS = frozenset(("VoidingFeature", "EarthworksCut", "FeatureElementSubtraction"))
_ANNOTATIONS = frozenset(
    "Annotation Grid VirtualElement Port DistributionPort Referent Alignment".split()
)


def ifc_class(written: str | None) -> str | None:
    """`IfcWallStandardCase`, `ID_IFCWall`, `ifcwall` -> `Wall`; null for no text.

    A class that IFC does not have keeps its spelling, without the prefixes.
    """
    name = written or ""
    for prefix in _PREFIXES:
        if name[: len(prefix)].casefold() == prefix:
            name = name[len(prefix) :]
    folded = name.casefold()
    for variant in _VARIANTS:
        folded = folded.removesuffix(variant)
    return _BY_FOLDED.get(folded) or name[: len(folded)] or None


def class_of_word(word: str | None) -> str | None:
    """The class that a type's own word names, as `Wall` does; null if there is none."""
    return _BY_FOLDED.get((word or "").casefold())


def place_kind(name: str | None) -> str | None:
    """project, site, building, storey, space or part, if the class is a place; else null."""
    return "part" if name in _PARTS_OF_PLACES else _PLACES.get(name or "")


def is_space(name: str | None, type_id: str | None) -> bool:
    """Whether an object is a room, by its class or its element type."""
    return place_kind(name) == "space" or type_id == known.ROOM


def is_opening(name: str | None, layer: str | None, word: str | None) -> bool:
    """Whether an object is a void: by its layer, its class or the word of its type."""
    by_word = (word or "").casefold().endswith("opening")
    by_class = (name or "").startswith("Opening") or name in _VOIDS
    return layer == known.OPENINGS or by_class or (by_word and name is None)


def is_annotation(name: str | None) -> bool:
    """Whether objects of the class are drawn beside the building and are no part of it."""
    return name in _ANNOTATIONS
