"""What is read of one snapshot, as SQL over the engine's views of it.

An element's number here, row_no, is its place in the snapshot's order. What the lake says of an
element becomes values of EC properties: a schema, a class in it, and a name. The schema tells what
they are (IfcQuantity, IfcGeometry, IfcCalculated, IfcProperty, IfcClassification, IfcMaterial), the
class is the set as written.
"""

from __future__ import annotations

from dataclasses import dataclass

# A hex id of 64 bits, the same for an element in every version. An iModel's elements keep theirs.
_INSTANCE = """
case
    when elements.vendor = 'itwin' and regexp_full_match(elements.source_id, '0x[0-9a-f]{1,16}')
        then elements.source_id
    else '0x2' || substr(md5(elements.element_id), 1, 14)
end
"""
# EC classes are named by identifiers.
_CLASS = """
case
    when elements.ifc_class is not null
        then 'Ifc' || regexp_replace(elements.ifc_class, '[^A-Za-z0-9_]', '_', 'g')
    when elements.source_class is not null
        then regexp_replace(
            regexp_replace(elements.source_class, '[^A-Za-z0-9_]', '_', 'g'), '^([0-9])', '_\\1'
        )
    else 'Unclassified'
end
"""

_SERVED = f"""
served as (
    select
        elements.element_no,
        elements.element_id,
        cast(row_number() over (order by elements.element_no) - 1 as integer) as row_no,
        {_INSTANCE} as instance_id,
        {_CLASS} as class_name
    from elements
),
instances as (
    select served.element_id, any_value(served.instance_id) as instance_id
    from served
    group by served.element_id
)
"""

ELEMENTS = f"""
with {_SERVED}
select
    served.instance_id,
    served.class_name,
    elements.ifc_guid,
    elements.name,
    case
        when starts_with(elements.source_class, 'Ifc') then elements.source_class
        when elements.ifc_class is not null then 'Ifc' || elements.ifc_class
    end as ifc_class,
    case
        when not starts_with(elements.source_class, 'Ifc') then elements.source_class
    end as source_class,
    elements.predefined_type,
    types.instance_id as type_id,
    elements.type_name,
    elements.mark,
    elements.discipline,
    coalesce(buildings.instance_id, elements.building_id) as building_id,
    elements.building_name,
    coalesce(storeys.instance_id, elements.storey_id) as storey_id,
    elements.storey_name,
    elements.storey_elevation_m,
    coalesce(spaces.instance_id, elements.space_id) as space_id,
    elements.space_name,
    elements.system,
    elements.phase,
    elements.is_external,
    elements.load_bearing,
    coalesce(parents.instance_id, containers.instance_id) as parent_id,
    case when elements.vendor <> 'itwin' then elements.source_id end as source_id,
    elements.authoring_id,
    locations.elevation_m
from elements
join served on served.element_no = elements.element_no
left join instances as types on types.element_id = elements.type_id
left join instances as buildings on buildings.element_id = elements.building_id
left join instances as storeys on storeys.element_id = elements.storey_id
left join instances as spaces on spaces.element_id = elements.space_id
left join instances as parents on parents.element_id = elements.parent_id
left join locations
    on elements.role in ('location', 'space') and locations.location_id = elements.element_id
left join instances as containers on containers.element_id = locations.parent_id
order by served.row_no
"""

# Where nobody wrote a set: the IFC class for what is authored, Geometry for what was calculated.
# A figure without a value in SI is served with the number and unit that the source has.
_FIGURES = """
measured as (
    select
        served.row_no,
        served.class_name,
        quantities.source_set is null and quantities.basis <> 'authored' as is_calculated,
        try_cast(quantities.source_value as double) as written,
        case
            when quantities.basis = 'authored' or quantities.source_set is not null then null
            when quantities.kind = 'volume'
                and quantities.quantity in ('Volume', 'NetVolume', 'GrossVolume')
                then 'Volume'
            when quantities.quantity in ('NetSurfaceArea', 'GrossSurfaceArea') then 'Area'
            when quantities.source_name = 'longest_extent'
                then 'BoundingBoxLongestEdgeLength'
        end as calculated,
        quantities.*
    from quantities
    join served on served.element_no = quantities.element_no
),
told as (
    select
        measured.row_no,
        case
            when measured.calculated is not null then 'IfcCalculated'
            when measured.is_calculated then 'IfcGeometry'
            else 'IfcQuantity'
        end as ec_schema,
        case
            when measured.source_set is not null then measured.source_set
            when measured.is_calculated then 'Geometry'
            else measured.class_name
        end as ec_class,
        case
            when measured.is_calculated then coalesce(measured.quantity, measured.source_name)
            else coalesce(measured.source_name, measured.quantity)
        end as ec_property,
        measured.kind,
        measured.calculated,
        coalesce(measured.value, measured.written) as number,
        case
            when measured.value is not null then measured.unit else measured.source_unit
        end as unit,
        coalesce(measured.written, measured.value) as written,
        case
            when measured.written is not null and measured.source_unit is not null
                then measured.source_unit
            else measured.unit
        end as written_unit,
        measured.value is not null as is_si,
        measured.ordinal
    from measured
)
"""
_FIGURE_COLUMNS = ("number", "unit", "written", "written_unit", "is_si")

_PROPERTIES = """
told as (
    select
        served.row_no,
        'IfcProperty' as ec_schema,
        coalesce(properties.set_name, served.class_name) as ec_class,
        properties.name as ec_property,
        properties.value_kind as kind,
        cast(null as varchar) as calculated,
        properties.number,
        properties.text,
        properties.flag,
        properties.unit,
        properties.ordinal
    from properties
    join served on served.element_no = properties.element_no
    where properties.value_kind <> 'none'
)
"""
_PROPERTY_COLUMNS = ("number", "text", "flag", "unit")


def _column(name: str, value: str, kind: str, order: str) -> str:
    """One column of codes or materials as values of an EC property."""
    number, text = (value, "null") if kind == "number" else ("null", value)
    return f"""
    select
        row_no, ec_schema, ec_class, '{name}' as ec_property, '{kind}' as kind,
        cast(null as varchar) as calculated, cast({number} as double) as number,
        cast({text} as varchar) as text, {order} as ordinal
    from numbered
    where {value} is not null
    """


def _measure(name: str, value: str, kind: str, unit: str) -> str:
    """One column of materials as figures, in SI as the lake has them."""
    return f"""
    select
        row_no, ec_schema, ec_class, '{name}' as ec_property, '{kind}' as kind,
        cast(null as varchar) as calculated, {value} as number, '{unit}' as unit,
        {value} as written, '{unit}' as written_unit, true as is_si, 0 as ordinal
    from numbered
    where {value} is not null
    """


_CODES = f"""
numbered as (
    select
        served.row_no,
        'IfcClassification' as ec_schema,
        coalesce(codes.system, 'Classification') as ec_class,
        codes.code,
        codes.title,
        codes.edition,
        codes.ordinal
    from codes
    join served on served.element_no = codes.element_no
),
told as (
    {_column("Identification", "code", "text", "ordinal")}
    union all {_column("Name", "title", "text", "ordinal")}
    union all {_column("Edition", "edition", "text", "ordinal")}
)
"""

_NUMBERED_MATERIALS = """
numbered as (
    select
        served.row_no,
        'IfcMaterial' as ec_schema,
        'Material_' || row_number() over (
            partition by served.row_no order by materials.ordinal
        ) as ec_class,
        materials.role,
        materials.material,
        materials.thickness_m,
        materials.share,
        materials.volume_m3
    from materials
    join served on served.element_no = materials.element_no
)
"""
_MATERIALS = f"""
{_NUMBERED_MATERIALS},
told as (
    {_column("Name", "material", "text", "0")}
    union all {_column("Role", "role", "text", "0")}
    union all {_column("Share", "share", "number", "0")}
)
"""
_MATERIAL_FIGURES = f"""
{_NUMBERED_MATERIALS},
told as (
    {_measure("Thickness", "thickness_m", "length", "m")}
    union all {_measure("Volume", "volume_m3", "volume", "m3")}
)
"""
_OTHER_COLUMNS = ("number", "text")


@dataclass(frozen=True)
class Theme:
    """One kind of values: `keys` are its EC properties, `values` what elements have of them.

    A key is (ec_schema, ec_class, ec_property, kind, calculated); values have the place of their
    key, key_no, and are ordered by it, then by the element, then as the lake has them.
    """

    keys: str
    values: str


def _theme(body: str, columns: tuple[str, ...]) -> Theme:
    start = f"""
    with {_SERVED},
    {body},
    keys as (
        select
            each_one.*,
            cast(row_number() over (
                order by each_one.ec_schema, each_one.ec_class, each_one.ec_property,
                    each_one.kind, each_one.calculated
            ) - 1 as integer) as key_no
        from (
            select distinct
                told.ec_schema, told.ec_class, told.ec_property, told.kind, told.calculated
            from told
            where told.ec_property <> '' and told.ec_class is not null
        ) as each_one
    )
    """
    shown = ", ".join(f"told.{name}" for name in columns)
    values = f"""
    {start}
    select keys.key_no, told.row_no, {shown}
    from told
    join keys
        on keys.ec_schema = told.ec_schema
        and keys.ec_class = told.ec_class
        and keys.ec_property = told.ec_property
        and keys.kind = told.kind
        and keys.calculated is not distinct from told.calculated
    order by keys.key_no, told.row_no, told.ordinal
    """
    return Theme(f"{start} select keys.* from keys order by keys.key_no", values)


# In the order in which columns stand, and in which wildcards find them.
THEMES = (
    _theme(_FIGURES, _FIGURE_COLUMNS),
    _theme(_CODES, _OTHER_COLUMNS),
    _theme(_MATERIALS, _OTHER_COLUMNS),
    _theme(_MATERIAL_FIGURES, _FIGURE_COLUMNS),
    _theme(_PROPERTIES, _PROPERTY_COLUMNS),
)
