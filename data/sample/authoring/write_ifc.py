"""One model as an IFC file: the same items always give the same bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

import ifcopenshell

from authoring.items import Code, Figure, FigureSet, Item, Material, Model, guid
from authoring.numbers import Units
from authoring.shapes import (
    Circle,
    HollowRectangle,
    IShape,
    Point,
    Prism,
    Profile,
    Rectangle,
    Steps,
)

Entity = ifcopenshell.entity_instance
STAMP = "2026-01-01T00:00:00"
SECONDS = 1767225600
MEASURES = {
    "length": "IfcLengthMeasure",
    "area": "IfcAreaMeasure",
    "volume": "IfcVolumeMeasure",
    "mass": "IfcMassMeasure",
}
QUANTITIES = {
    "length": ("IfcQuantityLength", "LengthValue"),
    "area": ("IfcQuantityArea", "AreaValue"),
    "volume": ("IfcQuantityVolume", "VolumeValue"),
    "mass": ("IfcQuantityWeight", "WeightValue"),
    "count": ("IfcQuantityCount", "CountValue"),
}


def write(model: Model, path: Path) -> dict[str, int]:
    """Write the model to `path`, in a folder that is there. Returns the STEP id of each key.

    IFC text is ASCII: other characters are escaped.
    """
    writer = _Writer(model)
    content: str = writer.run().to_string()  # type: ignore[no-untyped-call]
    path.write_text(content, encoding="ascii", newline="\n")
    return {key: entity.id() for key, entity in writer.made.items()}


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.file = ifcopenshell.file(schema=model.schema)  # type: ignore[arg-type]
        self.make = self.file.create_entity
        self.old = model.schema == "IFC2X3"
        self.history: Entity | None = None
        self.made: dict[str, Entity] = {}
        self.placements: dict[str | None, Entity | None] = {None: None}
        self.profiles: dict[Profile, Entity] = {}
        self.directions: dict[Point, Entity] = {}
        self.units: dict[str, Entity] = {}
        self.storey_of: dict[str, str] = {}

    def run(self) -> ifcopenshell.file:
        """Everything in a fixed order: frame, products and types, then what relates them."""
        self._header()
        self._frame()
        for item in self.model.items:
            self.made[item.key] = self._item(item)
        self._structure()
        self._relations()
        self._figure_sets()
        self._property_sets()
        self._materials()
        self._codes()
        return self.file

    # -- frame ----------------------------------------------------------------------------------

    def _header(self) -> None:
        name = self.file.header.file_name
        name.name = f"{self.model.name}.ifc"
        name.time_stamp = STAMP
        name.author = ("author",)
        name.organization = ("Lindenhof sample",)
        name.preprocessor_version = "sample author"
        name.originating_system = "sample author"
        name.authorization = "none"
        self.file.header.file_description.description = ("ViewDefinition [ReferenceView]",)

    def _frame(self) -> None:
        if self.model.with_history:
            self.history = self._owner_history()
        self.origin = self._axis3((Decimal(0),) * 3)
        context = self.make(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-5,
            WorldCoordinateSystem=self.origin,
        )
        self.body_context = self.make(
            "IfcGeometricRepresentationSubContext",
            ContextIdentifier="Body",
            ContextType="Model",
            ParentContext=context,
            TargetView="MODEL_VIEW",
        )
        self.made["project"] = self._root(
            "IfcProject",
            self.model.location_guid("project"),
            Name=self.model.project,
            LongName=f"{self.model.project}, {self.model.title}",
            RepresentationContexts=(context,),
            UnitsInContext=self._unit_assignment(self.model.units),
        )
        self._locations()

    def _owner_history(self) -> Entity:
        person = self.make("IfcPerson", FamilyName="author")
        firm = self.make("IfcOrganization", Name="Lindenhof sample")
        both = self.make("IfcPersonAndOrganization", person, firm)
        program = self.make("IfcApplication", firm, "1", "sample author", "sample-author")
        return self.make(
            "IfcOwnerHistory",
            OwningUser=both,
            OwningApplication=program,
            ChangeAction="NOCHANGE",
            CreationDate=SECONDS,
        )

    def _root(self, ifc_class: str, identity: str, **rest: object) -> Entity:
        """An entity with this GlobalId; with none at all if it is empty."""
        return self.make(ifc_class, GlobalId=identity or None, OwnerHistory=self.history, **rest)

    def _relation(self, ifc_class: str, key: str, **rest: object) -> Entity:
        return self._root(ifc_class, guid(f"{self.model.name}/rel/{key}"), **rest)

    def _locations(self) -> None:
        """Site, buildings and storeys with the GUIDs that every discipline shares."""
        elevations = {storey.key: storey.elevation for storey in self.model.storeys}
        parents = {storey.key: storey.building for storey in self.model.storeys}
        for key, ifc_class, name in self.model.locations():
            parent = parents.get(key, None if key == "site" else "site")
            height = elevations.get(key, Decimal(0)) / self.model.units.length_si
            height = height.quantize(Decimal("1e-12"))
            at = (Decimal(0), Decimal(0), height)
            self.placements[key] = self._placement(self.placements[parent], at)
            rest: dict[str, object] = {"CompositionType": "ELEMENT"}
            if key in elevations:
                rest["Elevation"] = float(height)
            self.made[key] = self._root(
                ifc_class,
                self.model.location_guid(key),
                Name=name,
                ObjectPlacement=self.placements[key],
                **rest,
            )
            self.storey_of[key] = key

    # -- units ----------------------------------------------------------------------------------

    def _unit_assignment(self, units: Units) -> Entity:
        declared = [self._unit(kind, name) for kind, (name, _) in units.declared.items()]
        declared.append(self.make("IfcSIUnit", UnitType="PLANEANGLEUNIT", Name="RADIAN"))
        return self.make("IfcUnitAssignment", declared)

    def _unit(self, kind: str, name: str) -> Entity:
        """A unit by its name as the truth tables spell it: `MILLI METRE`, `FOOT`, ..."""
        if name not in self.units:
            unit_type = f"{kind.upper()}UNIT"
            if name in CONVERSIONS:
                self.units[name] = self._conversion(unit_type, name)
            else:
                prefix, _, base = name.rpartition(" ")
                self.units[name] = self.make(
                    "IfcSIUnit", UnitType=unit_type, Prefix=prefix or None, Name=base
                )
        return self.units[name]

    def _conversion(self, unit_type: str, name: str) -> Entity:
        exponents, measure, factor, base = CONVERSIONS[name]
        size = self.make(
            "IfcMeasureWithUnit",
            self.make(measure, float(factor)),
            self._unit(unit_type[:-4].lower(), base),
        )
        dimensions = self.make("IfcDimensionalExponents", *exponents, 0, 0, 0, 0)
        return self.make("IfcConversionBasedUnit", dimensions, unit_type, name, size)

    # -- geometry -------------------------------------------------------------------------------

    def _point(self, *coordinates: Decimal) -> Entity:
        return self.make("IfcCartesianPoint", [float(number) for number in coordinates])

    def _direction(self, direction: Point) -> Entity:
        if direction not in self.directions:
            ratios = [float(number) for number in direction]
            self.directions[direction] = self.make("IfcDirection", ratios)
        return self.directions[direction]

    def _axis3(self, at: Point, axis: tuple[Point, Point] | None = None) -> Entity:
        if axis is None:
            return self.make("IfcAxis2Placement3D", self._point(*at))
        along, across = (self._direction(direction) for direction in axis)
        return self.make("IfcAxis2Placement3D", self._point(*at), along, across)

    def _placement(
        self, relative_to: Entity | None, at: Point, axis: tuple[Point, Point] | None = None
    ) -> Entity:
        return self.make("IfcLocalPlacement", relative_to, self._axis3(at, axis))

    def _profile(self, profile: Profile) -> Entity:
        if profile not in self.profiles:
            self.profiles[profile] = self._new_profile(profile)
        return self.profiles[profile]

    def _new_profile(self, profile: Profile) -> Entity:
        centre = (Decimal(0), Decimal(0))
        if isinstance(profile, Steps):
            ends = [self._point(*point) for point in profile.points]
            outline = self.make("IfcPolyline", [*ends, ends[0]])
            return self.make("IfcArbitraryClosedProfileDef", "AREA", None, outline)
        if isinstance(profile, Rectangle):
            centre = (profile.x / 2, profile.y / 2)
        at = self.make("IfcAxis2Placement2D", self._point(*centre))
        ifc_class, sizes = _profile_class(profile)
        return self.make(ifc_class, "AREA", None, at, *[float(size) for size in sizes])

    def _shape(self, body: Prism | None) -> Entity | None:
        if body is None:
            return None
        solid = self.make(
            "IfcExtrudedAreaSolid",
            self._profile(body.profile),
            self.origin,
            self._direction((Decimal(0), Decimal(0), Decimal(1))),
            float(body.depth),
        )
        shape = self.make(
            "IfcShapeRepresentation", self.body_context, "Body", "SweptSolid", (solid,)
        )
        return self.make("IfcProductDefinitionShape", None, None, (shape,))

    # -- products -------------------------------------------------------------------------------

    def _item(self, item: Item) -> Entity:
        rest: dict[str, object] = dict(item.attributes)
        rest.update({name: float(value) for name, value in item.measures.items()})
        if item.predefined is not None:
            rest["PredefinedType"] = item.predefined
        if item.tag is not None:
            rest["Tag"] = item.tag
        if item.role != "type":
            rest["ObjectPlacement"] = self._place(item)
            shape = self._shape(item.body)
            if shape is not None:
                rest["Representation"] = shape
        if item.ifc_class == "IfcGrid":
            rest["UAxes"], rest["VAxes"] = self._grid_axes()
        if item.ifc_class == "IfcSpace":
            rest["CompositionType"] = "ELEMENT"
        return self._root(item.ifc_class, item.guid, Name=item.name, **rest)

    def _place(self, item: Item) -> Entity:
        """Parts lie relative to their whole, openings to their host, all else to the storey."""
        self.storey_of[item.key] = self.storey_of.get(item.place or "", "")
        base = item.whole or item.host or self.storey_of[item.key] or None
        placement = self._placement(self.placements.get(base), item.at, item.axis)
        self.placements[item.key] = placement
        return placement

    def _grid_axes(self) -> tuple[list[Entity], list[Entity]]:
        """Two axes, A along x and 1 along y."""
        axes = []
        for tag, end in (("A", (10000, 0)), ("1", (0, 10000))):
            line = self.make(
                "IfcPolyline",
                [self._point(Decimal(0), Decimal(0)), self._point(*map(Decimal, end))],
            )
            axes.append(self.make("IfcGridAxis", tag, line, True))
        return [axes[0]], [axes[1]]

    # -- relations ------------------------------------------------------------------------------

    def _structure(self) -> None:
        """Project, site, building, storeys and spaces as a tree; elements contained in it."""
        children: dict[str, list[Entity]] = defaultdict(list)
        content: dict[str, list[Entity]] = defaultdict(list)
        for key, ifc_class, _ in self.model.locations():
            parent = "site" if ifc_class == "IfcBuilding" else "project"
            if ifc_class == "IfcBuildingStorey":
                parent = next(s.building for s in self.model.storeys if s.key == key)
            children[parent].append(self.made[key])
        for item in self.model.items:
            if item.place is not None:
                group = children if item.ifc_class == "IfcSpace" else content
                group[item.place].append(self.made[item.key])
            elif item.whole is not None:
                children[item.whole].append(self.made[item.key])
        for parent, members in children.items():
            self._relation(
                "IfcRelAggregates",
                f"aggregates/{parent}",
                RelatingObject=self.made[parent],
                RelatedObjects=members,
            )
        for place, members in content.items():
            self._relation(
                "IfcRelContainedInSpatialStructure",
                f"contains/{place}",
                RelatedElements=members,
                RelatingStructure=self.made[place],
            )

    def _relations(self) -> None:
        """Openings, fillings, ports, types and systems."""
        typed: dict[str, list[Entity]] = defaultdict(list)
        grouped: dict[str, list[Entity]] = defaultdict(list)
        for item in self.model.items:
            entity = self.made[item.key]
            if item.host is not None:
                self._attach(item, entity)
            if item.fills is not None:
                self._relation(
                    "IfcRelFillsElement",
                    f"fills/{item.key}",
                    RelatingOpeningElement=self.made[item.fills],
                    RelatedBuildingElement=entity,
                )
            if item.type_key is not None:
                typed[item.type_key].append(entity)
            if item.system is not None:
                grouped[item.system].append(entity)
        for key, members in typed.items():
            self._relation(
                "IfcRelDefinesByType",
                f"types/{key}",
                RelatedObjects=members,
                RelatingType=self.made[key],
            )
        for name, members in grouped.items():
            self._system(name, members)

    def _attach(self, item: Item, entity: Entity) -> None:
        host = self.made[item.host or ""]
        if item.ifc_class == "IfcDistributionPort":
            self._relation(
                "IfcRelConnectsPortToElement",
                f"port/{item.key}",
                RelatingPort=entity,
                RelatedElement=host,
            )
        else:
            self._relation(
                "IfcRelVoidsElement",
                f"voids/{item.key}",
                RelatingBuildingElement=host,
                RelatedOpeningElement=entity,
            )

    def _system(self, name: str, members: list[Entity]) -> None:
        system = self._root("IfcSystem", guid(f"{self.model.name}/system/{name}"), Name=name)
        self._relation(
            "IfcRelAssignsToGroup",
            f"system/{name}",
            RelatedObjects=members,
            RelatingGroup=system,
        )
        self._relation(
            "IfcRelServicesBuildings",
            f"serves/{name}",
            RelatingSystem=system,
            RelatedBuildings=(self.made["building"],),
        )

    # -- figures, properties, materials, codes --------------------------------------------------

    def _figure_sets(self) -> None:
        for item in self.model.items:
            for one in item.sets:
                key = f"{item.key}/{one.name}"
                entity = self._figure_set(item, one)
                if item.role == "type":
                    self._add_to_type(item.key, entity)
                else:
                    self._define(key, (self.made[item.key],), entity)

    def _figure_set(self, item: Item, one: FigureSet) -> Entity:
        identity = guid(f"{self.model.name}/set/{item.key}/{one.name}")
        if one.origin == "qto":
            quantities = [self._quantity(figure) for figure in one.figures]
            return self._root("IfcElementQuantity", identity, Name=one.name, Quantities=quantities)
        measured = [
            self._property(figure.source_name, MEASURES[figure.kind], float(figure.raw))
            for figure in one.figures
        ]
        return self._root("IfcPropertySet", identity, Name=one.name, HasProperties=measured)

    def _quantity(self, figure: Figure) -> Entity:
        ifc_class, attribute = QUANTITIES[figure.kind]
        number = int(figure.raw) if figure.kind == "count" else float(figure.raw)
        rest: dict[str, object] = {attribute: number}
        if figure.own_unit is not None:
            rest["Unit"] = self._unit(figure.kind, figure.own_unit[0])
        return self.make(ifc_class, Name=figure.source_name, **rest)

    def _property(self, name: str, measure: str, value: object) -> Entity:
        nominal = self.make(measure, value)
        return self.make("IfcPropertySingleValue", Name=name, NominalValue=nominal)

    def _add_to_type(self, key: str, entity: Entity) -> None:
        owner = self.made[key]
        owner.HasPropertySets = (*(owner.HasPropertySets or ()), entity)

    def _define(self, key: str, members: Iterable[Entity], entity: Entity) -> None:
        self._relation(
            "IfcRelDefinesByProperties",
            f"defines/{key}",
            RelatedObjects=tuple(members),
            RelatingPropertyDefinition=entity,
        )

    def _property_sets(self) -> None:
        """Sets of equal content are written once and shared, as many exporters do."""
        shared: dict[tuple[str, str], list[Entity]] = defaultdict(list)
        contents: dict[tuple[str, str], Mapping[str, object]] = {}
        for item in self.model.items:
            for name, values in item.properties.items():
                key = (name, repr(sorted(values.items())))
                contents[key] = values
                shared[key].append(self.made[item.key])
        for (name, content), members in shared.items():
            values = contents[(name, content)]
            entity = self._root(
                "IfcPropertySet",
                guid(f"{self.model.name}/pset/{name}/{content}"),
                Name=name,
                HasProperties=[
                    self._property(key, _value_class(key, value), value)
                    for key, value in values.items()
                ],
            )
            self._define(f"{name}/{content}", members, entity)

    def _materials(self) -> None:
        users: dict[tuple[Material, bool], list[Entity]] = defaultdict(list)
        for item in self.model.items:
            if item.material is not None:
                users[(item.material, item.role == "type")].append(self.made[item.key])
        plain: dict[str, Entity] = {}
        definitions: dict[Material, Entity] = {}
        for (material, on_type), members in users.items():
            if material not in definitions:
                definitions[material] = self._material(material, plain)
            relating = definitions[material]
            if material.role == "layer" and not on_type:
                relating = self.make("IfcMaterialLayerSetUsage", relating, "AXIS2", "POSITIVE", 0.0)
            self._relation(
                "IfcRelAssociatesMaterial",
                f"material/{material.role}/{material.name}/{material.parts[0][0]}/{on_type}",
                RelatedObjects=members,
                RelatingMaterial=relating,
            )

    def _material(self, material: Material, plain: dict[str, Entity]) -> Entity:
        for name, _ in material.parts:
            if name not in plain:
                plain[name] = self.make("IfcMaterial", Name=name)
        parts = [(plain[name], name, number) for name, number in material.parts]
        if material.role == "single":
            return parts[0][0]
        if material.role == "list":
            return self.make("IfcMaterialList", [part for part, _, _ in parts])
        if material.role == "layer":
            layers = [
                self.make("IfcMaterialLayer", Material=part, LayerThickness=float(number or 0))
                for part, _, number in parts
            ]
            return self.make("IfcMaterialLayerSet", layers, material.name)
        return self._shared_material(material, parts)

    def _shared_material(
        self, material: Material, parts: list[tuple[Entity, str, Decimal | None]]
    ) -> Entity:
        """Constituents with their shares, or profiles."""
        if material.role == "constituent":
            members = [
                self.make(
                    "IfcMaterialConstituent", Name=name, Material=part, Fraction=float(number or 0)
                )
                for part, name, number in parts
            ]
            return self.make(
                "IfcMaterialConstituentSet", Name=material.name, MaterialConstituents=members
            )
        profile = self.make("IfcProfileDef", "AREA", material.name)
        profiles = [
            self.make("IfcMaterialProfile", Name=material.name, Material=part, Profile=profile)
            for part, _, _ in parts
        ]
        return self.make("IfcMaterialProfileSet", Name=material.name, MaterialProfiles=profiles)

    def _codes(self) -> None:
        users: dict[Code, list[Entity]] = defaultdict(list)
        for item in self.model.items:
            for code in item.codes:
                users[code].append(self.made[item.key])
        systems: dict[str, Entity] = {}
        for code, members in users.items():
            if code.system not in systems:
                systems[code.system] = self.make(
                    "IfcClassification",
                    Source="Lindenhof sample",
                    Edition=code.edition,
                    Name=code.system,
                )
            identification = "ItemReference" if self.old else "Identification"
            reference = self.make(
                "IfcClassificationReference",
                Name=code.title,
                ReferencedSource=systems[code.system],
                **{identification: code.code},
            )
            self._relation(
                "IfcRelAssociatesClassification",
                f"code/{code.system}/{code.code}",
                RelatedObjects=members,
                RelatingClassification=reference,
            )


CONVERSIONS = {
    "FOOT": ((1, 0, 0), "IfcLengthMeasure", Decimal("0.3048"), "METRE"),
    "INCH": ((1, 0, 0), "IfcLengthMeasure", Decimal("25.4"), "MILLI METRE"),
    "SQUARE FOOT": ((2, 0, 0), "IfcAreaMeasure", Decimal("0.09290304"), "SQUARE_METRE"),
    "CUBIC FOOT": ((3, 0, 0), "IfcVolumeMeasure", Decimal("0.028316846592"), "CUBIC_METRE"),
    "POUND": ((0, 1, 0), "IfcMassMeasure", Decimal("0.45359237"), "KILO GRAM"),
}


def _profile_class(profile: Profile) -> tuple[str, tuple[Decimal, ...]]:
    if isinstance(profile, Circle):
        return "IfcCircleProfileDef", (profile.radius,)
    if isinstance(profile, HollowRectangle):
        return "IfcRectangleHollowProfileDef", (profile.x, profile.y, profile.wall)
    if isinstance(profile, IShape):
        sizes = (profile.width, profile.depth, profile.web, profile.flange)
        return "IfcIShapeProfileDef", sizes
    assert isinstance(profile, Rectangle)
    return "IfcRectangleProfileDef", (profile.x, profile.y)


def _value_class(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "IfcBoolean"
    return "IfcIdentifier" if name == "Reference" else "IfcLabel"
