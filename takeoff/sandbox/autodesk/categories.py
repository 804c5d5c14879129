"""Revit's categories, and which one an element of an IFC class comes in.

The ids are those of Revit's built-in categories and the same in every language. Where the contract
states an id (walls, structural columns, rooms, levels, views, ducts, duct fittings, plumbing
fixtures) it is that one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A category: its id, its name in English and, where it has one of its own, in German."""

    id: int
    name: str
    german: str | None = None

    def named(self, language: str) -> str:
        return self.german or self.name if language == "de" else self.name


WALLS = Category(-2000011, "Walls", "Wände")
ROOMS = Category(-2000160, "Rooms", "Räume")
LEVELS = Category(-2000240, "Levels", "Ebenen")
VIEWS = Category(-2000279, "Views", "Ansichten")
MATERIALS = Category(-2000700, "Materials", "Materialien")
PROJECT = Category(-2003101, "Project Information", "Projektinformationen")
ANNOTATIONS = Category(-2000150, "Generic Annotations", "Allgemeine Beschriftungen")
GENERIC = Category(-2000151, "Generic Models", "Allgemeine Modelle")

_COLUMNS = Category(-2001330, "Structural Columns", "Tragwerksstützen")
_FRAMING = Category(-2001320, "Structural Framing", "Skelettbau")
_FOUNDATIONS = Category(-2001300, "Structural Foundations", "Tragwerksfundamente")
_REBAR = Category(-2009000, "Structural Rebar", "Bewehrung")
_CONNECTIONS = Category(-2009030, "Structural Connections")
_FLOORS = Category(-2000032, "Floors", "Geschossdecken")
_ROOFS = Category(-2000035, "Roofs", "Dächer")
_CEILINGS = Category(-2000038, "Ceilings", "Decken")
_DOORS = Category(-2000023, "Doors", "Türen")
_WINDOWS = Category(-2000014, "Windows", "Fenster")
_STAIRS = Category(-2000120, "Stairs", "Treppen")
_RAMPS = Category(-2000180, "Ramps", "Rampen")
_RAILINGS = Category(-2000126, "Railings", "Geländer")
_PANELS = Category(-2000170, "Curtain Panels", "Fassadenelemente")
_FURNITURE = Category(-2000080, "Furniture", "Möbel")
_SYSTEMS = Category(-2001100, "Furniture Systems", "Möbelsysteme")
_AREAS = Category(-2003200, "Areas", "Flächen")
_SITE = Category(-2001260, "Site", "Grundstück")
_TOPOGRAPHY = Category(-2001340, "Topography", "Topografie")
_ASSEMBLIES = Category(-2000267, "Assemblies", "Baugruppen")
_PARTS = Category(-2000269, "Parts", "Teile")
_SPECIALTY = Category(-2001350, "Specialty Equipment", "Sonderausstattung")
_OPENINGS = Category(-2000997, "Rectangular Straight Wall Opening")
_GRIDS = Category(-2000220, "Grids", "Raster")
_DUCTS = Category(-2008001, "Ducts", "Luftkanäle")
_DUCT_FITTINGS = Category(-2008010, "Duct Fittings", "Luftkanalformteile")
_DUCT_ACCESSORIES = Category(-2008016, "Duct Accessories", "Luftkanalzubehör")
_AIR_TERMINALS = Category(-2008013, "Air Terminals", "Luftdurchlässe")
_PIPES = Category(-2008044, "Pipes", "Rohre")
_PIPE_FITTINGS = Category(-2008049, "Pipe Fittings", "Rohrformteile")
_PIPE_ACCESSORIES = Category(-2008055, "Pipe Accessories", "Rohrzubehör")
_SPRINKLERS = Category(-2008099, "Sprinklers", "Sprinkler")
_FIXTURES = Category(-2001160, "Plumbing Fixtures", "Sanitärinstallationen")
_MECHANICAL = Category(-2001140, "Mechanical Equipment", "HLS-Bauteile")
_ELECTRICAL = Category(-2001040, "Electrical Equipment", "Elektrische Ausstattung")
_ELECTRICAL_FIXTURES = Category(-2001060, "Electrical Fixtures", "Elektroinstallationen")
_LIGHTS = Category(-2001120, "Lighting Fixtures", "Leuchten")
_SWITCHES = Category(-2008087, "Lighting Devices", "Lichtschalter")
_CABLE_TRAYS = Category(-2008130, "Cable Trays", "Kabeltrassen")
_CABLE_TRAY_FITTINGS = Category(-2008126, "Cable Tray Fittings")
_CONDUITS = Category(-2008132, "Conduits", "Leerrohre")
_FIRE_ALARMS = Category(-2008085, "Fire Alarm Devices")
_COMMUNICATION = Category(-2008081, "Communication Devices")
_DATA = Category(-2008083, "Data Devices", "Datengeräte")

_CLASSES = {
    WALLS: "Wall CurtainWall",
    _FLOORS: "Slab",
    _ROOFS: "Roof",
    _CEILINGS: "Covering",
    _DOORS: "Door",
    _WINDOWS: "Window",
    _COLUMNS: "Column",
    _FRAMING: "Beam Member",
    _FOUNDATIONS: "Footing Pile DeepFoundation CaissonFoundation",
    _REBAR: "ReinforcingBar ReinforcingMesh Tendon",
    _CONNECTIONS: "Fastener MechanicalFastener DiscreteAccessory",
    _STAIRS: "Stair StairFlight",
    _RAMPS: "Ramp RampFlight",
    _RAILINGS: "Railing",
    _PANELS: "Plate",
    _FURNITURE: "Furniture FurnishingElement",
    _SYSTEMS: "SystemFurnitureElement",
    ROOMS: "Space",
    _AREAS: "SpatialZone",
    _SITE: "Site",
    _TOPOGRAPHY: "GeographicElement",
    _ASSEMBLIES: "ElementAssembly",
    _PARTS: "BuildingElementPart",
    _SPECIALTY: "TransportElement",
    _OPENINGS: "OpeningElement VoidingFeature",
    _GRIDS: "Grid",
    ANNOTATIONS: "Annotation VirtualElement Port DistributionPort",
    LEVELS: "BuildingStorey",
    PROJECT: "Project Building",
    _DUCTS: "FlowSegment DuctSegment",
    _DUCT_FITTINGS: "FlowFitting DuctFitting",
    _DUCT_ACCESSORIES: "FlowController Damper DuctSilencer AirTerminalBox",
    _AIR_TERMINALS: "FlowTerminal AirTerminal",
    _PIPES: "PipeSegment",
    _PIPE_FITTINGS: "PipeFitting",
    _PIPE_ACCESSORIES: "Valve FlowMeter Filter",
    _SPRINKLERS: "FireSuppressionTerminal",
    _FIXTURES: "SanitaryTerminal WasteTerminal",
    _MECHANICAL: "EnergyConversionDevice FlowMovingDevice FlowStorageDevice FlowTreatmentDevice "
    "DistributionElement DistributionFlowElement UnitaryEquipment Boiler Chiller Coil Compressor "
    "Condenser CoolingTower Evaporator Fan Pump Tank SpaceHeater HeatExchanger "
    "AirToAirHeatRecovery Burner",
    _ELECTRICAL: "ElectricDistributionBoard ElectricDistributionPoint ElectricGenerator "
    "ElectricMotor Transformer ProtectiveDevice",
    _ELECTRICAL_FIXTURES: "Outlet ElectricAppliance JunctionBox",
    _LIGHTS: "LightFixture Lamp",
    _SWITCHES: "SwitchingDevice",
    _CABLE_TRAYS: "CableCarrierSegment",
    _CABLE_TRAY_FITTINGS: "CableCarrierFitting",
    _CONDUITS: "CableSegment CableFitting",
    _FIRE_ALARMS: "Alarm",
    _COMMUNICATION: "CommunicationsAppliance AudioVisualAppliance",
    _DATA: "Sensor Controller Actuator DistributionControlElement",
}
_BY_CLASS = {name: category for category, names in _CLASSES.items() for name in names.split()}


def category_of(ifc_class: str | None, role: str) -> Category:
    """The category of an element; a type has that of what it is a type of."""
    name = ifc_class or ""
    for suffix in ("", "Type", "Style"):
        if name.endswith(suffix) and name.removesuffix(suffix) in _BY_CLASS:
            return _BY_CLASS[name.removesuffix(suffix)]
    return ANNOTATIONS if role in ("annotation", "marker") else GENERIC
