"""Classes of IFC as columns and groups name them, and the role of what they name."""

from __future__ import annotations

import re

_PREFIX = "ifc"
# A schema before a class that says that it is IFC's.
_SCHEMA = re.compile(r"^.*[:.](?=Ifc[A-Z])")
_VARIANTS = ("standardcase", "elementedcase")
# Products of IFC2X3, IFC4 and IFC4X3 that may be instances; their types end in Type or Style.
_CLASSES = """
    Actuator AirTerminal AirTerminalBox AirToAirHeatRecovery Alarm Alignment AlignmentCant
    AlignmentHorizontal AlignmentSegment AlignmentVertical Annotation AudioVisualAppliance Beam
    Bearing Boiler Borehole Bridge BridgePart Building BuildingElementPart BuildingElementProxy
    BuildingStorey BuiltElement Burner CableCarrierFitting CableCarrierSegment CableFitting
    CableSegment CaissonFoundation ChamferEdgeFeature Chiller Chimney CivilElement Coil Column
    CommunicationsAppliance Compressor Condenser Controller ConveyorSegment CooledBeam
    CoolingTower Course Covering CurtainWall Damper DeepFoundation DiscreteAccessory
    DistributionBoard DistributionChamberElement DistributionControlElement DistributionElement
    DistributionFlowElement DistributionPort Door DuctFitting DuctSegment DuctSilencer
    EarthworksCut EarthworksElement EarthworksFill ElectricAppliance ElectricDistributionBoard
    ElectricDistributionPoint ElectricFlowStorageDevice ElectricFlowTreatmentDevice
    ElectricGenerator ElectricMotor ElectricTimeControl ElectricalElement ElementAssembly
    EnergyConversionDevice Engine EquipmentElement EvaporativeCooler Evaporator
    ExternalSpatialElement Facility FacilityPartCommon Fan Fastener Filter
    FireSuppressionTerminal FlowController FlowFitting FlowInstrument FlowMeter FlowMovingDevice
    FlowSegment FlowStorageDevice FlowTerminal FlowTreatmentDevice Footing FurnishingElement
    Furniture GeographicElement Geomodel Geoslice GeotechnicalStratum Grid HeatExchanger
    Humidifier ImpactProtectionDevice Interceptor JunctionBox Kerb Lamp LightFixture
    LinearElement LinearPositioningElement LiquidTerminal MarineFacility MarinePart
    MechanicalFastener MedicalDevice Member MobileTelecommunicationsAppliance MooringDevice
    MotorConnection NavigationElement OpeningElement Outlet Pavement Pile PipeFitting
    PipeSegment Plate ProjectionElement ProtectiveDevice ProtectiveDeviceTrippingUnit Pump Rail
    Railing Railway RailwayPart Ramp RampFlight Referent ReinforcedSoil ReinforcingBar
    ReinforcingMesh Road RoadPart Roof RoundedEdgeFeature SanitaryTerminal Sensor ShadingDevice
    Sign Signal Site Slab SolarDevice Space SpaceHeater SpatialZone StackTerminal Stair
    StairFlight StructuralCurveAction StructuralCurveConnection StructuralCurveMember
    StructuralCurveMemberVarying StructuralCurveReaction StructuralLinearAction
    StructuralLinearActionVarying StructuralPlanarAction StructuralPlanarActionVarying
    StructuralPointAction StructuralPointConnection StructuralPointReaction
    StructuralSurfaceAction StructuralSurfaceConnection StructuralSurfaceMember
    StructuralSurfaceMemberVarying StructuralSurfaceReaction SurfaceFeature SwitchingDevice
    SystemFurnitureElement Tank Tendon TendonAnchor TendonConduit TrackElement Transformer
    TransportElement TubeBundle UnitaryControlElement UnitaryEquipment Valve Vehicle
    VibrationDamper VibrationIsolator VirtualElement VoidingFeature Wall WasteTerminal Window
"""
_NAMES = {name.casefold(): name for name in _CLASSES.split()}
_TYPES = ("type", "style")
# Types without a product of that name; the last one is what IFC4 calls the type of anything.
_NAMES |= {
    name.casefold(): name for name in "GasTerminalType ElectricHeaterType TypeProduct".split()
}
_SPACES = frozenset(("Space", "SpatialZone"))
_VOIDS = frozenset(("OpeningElement", "OpeningStandardCase", "VoidingFeature", "EarthworksCut"))
_LOCATIONS = frozenset(
    """
    Site Building BuildingStorey Facility Bridge Road Railway MarineFacility FacilityPart
    FacilityPartCommon BridgePart RoadPart RailwayPart MarinePart ExternalSpatialElement
    """.split()
)
_ANNOTATIONS = frozenset(
    """
    Annotation Grid VirtualElement Port DistributionPort Alignment AlignmentCant
    AlignmentHorizontal AlignmentSegment AlignmentVertical LinearPositioningElement
    Referent
    """.split()
)


def ifc_class(written: str | None) -> str | None:
    """IfcWallStandardCase, wall, Schema:IfcWall -> Wall; null if IFC has no such class."""
    if written is None:
        return None
    name = _SCHEMA.sub("", written.strip()).casefold().removeprefix(_PREFIX)
    for variant in _VARIANTS:
        name = name.removesuffix(variant)
    if name in _NAMES:
        return _NAMES[name]
    for ending in _TYPES:
        if name.endswith(ending) and name.removesuffix(ending) in _NAMES:
            return _NAMES[name.removesuffix(ending)] + ending.capitalize()
    return None


def role(name: str | None) -> str:
    """What an element of this class is in a takeoff; whatever is nothing else is physical."""
    if name is None:
        return "physical"
    if name in _SPACES:
        return "space"
    if name in _VOIDS:
        return "opening"
    if name in _LOCATIONS:
        return "location"
    if name in _ANNOTATIONS or name.startswith("Structural"):
        return "annotation"
    return "type" if name.endswith(("Type", "Style")) else "physical"
