"""What is read of one snapshot, as SQL over the engine's views of it.

Products are the elements that are neither a location nor a type, each GlobalId once: the first in
the snapshot's order. The wire knows a product by its GlobalId alone, so others cannot be served.
"""

PRODUCTS = """
select
    elements.element_no,
    elements.ifc_guid,
    coalesce(elements.ifc_class, elements.source_class) as class,
    elements.name,
    elements.building_id,
    elements.building_name,
    elements.storey_id,
    elements.storey_name,
    elements.space_id,
    elements.space_name
from elements
where elements.role not in ('location', 'type') and elements.ifc_guid is not null
qualify row_number() over (partition by elements.ifc_guid order by elements.element_no) = 1
order by elements.element_no
"""

_SERVED = f"""
served as (
    select
        products.element_no,
        cast(row_number() over (order by products.element_no) - 1 as integer) as row_no
    from ({PRODUCTS}) as products
)
"""

# A double's shortest text does not always give value_exact back; then its own digits are sent.
# Looked at with more digits than value_exact has: it is rounded, and a text may lie halfway.
_DIGITS = """
case
    when abs(
        try_cast(cast(quantities.value as varchar) as decimal(38, 16)) - quantities.value_exact
    ) <= 0.0000000000005
    then null
    else cast(quantities.value_exact as varchar)
end
"""

# What is a property of a product on the wire, rather than a dynamic property.
_IS_FIELD = """
(
    quantities.basis = 'authored'
    and quantities.source_name is not null
    and (quantities.source_set is not null or quantities.origin = 'attribute')
)
"""

# Pset and attribute figures stand among the properties too, in the unit that they were written in:
# the figure goes first, so that the value is in SI, unless it has none or $as_written.
_FIGURES = f"""
figures as (
    select
        served.row_no,
        quantities.source_name as field,
        quantities.source_set as set_name,
        quantities.value as number,
        {_DIGITS} as digits,
        quantities.quantity,
        quantities.value_exact,
        case quantities.origin
            when 'qto' then 0 when 'attribute' then 2 when 'pset' then 3 else 4
        end as place,
        quantities.ordinal
    from quantities
    join served on served.element_no = quantities.element_no
    where {_IS_FIELD}
        and (quantities.value is not null or quantities.origin not in ('pset', 'attribute'))
)
"""

CELLS = f"""
with {_SERVED},
{_FIGURES},
cells as (
    select
        figures.row_no,
        figures.field,
        figures.set_name,
        figures.number,
        figures.digits,
        cast(null as varchar) as text,
        cast(null as boolean) as flag,
        figures.place,
        figures.ordinal
    from figures
    union all
    select
        served.row_no,
        properties.name as field,
        properties.set_name,
        properties.number,
        null as digits,
        properties.text,
        properties.flag,
        case when $as_written then 1 else 5 end as place,
        properties.ordinal
    from properties
    join served on served.element_no = properties.element_no
    where properties.name is not null
)
select
    cells.field,
    cells.row_no,
    cells.set_name,
    cells.number,
    cells.digits,
    cells.text,
    cells.flag
from cells
qualify row_number() over (
    partition by cells.field, cells.row_no order by cells.place, cells.ordinal
) = 1
order by cells.field, cells.row_no
"""

_DYNAMIC = f"""
dynamic as (
    select
        served.row_no,
        coalesce(quantities.quantity, quantities.source_name) as field,
        quantities.value as number,
        {_DIGITS} as digits,
        quantities.quantity,
        quantities.value_exact,
        case quantities.basis
            when 'authored' then 0 when 'vendor_calculated' then 1 when 'computed' then 2 else 3
        end as place,
        quantities.ordinal
    from quantities
    join served on served.element_no = quantities.element_no
    where not {_IS_FIELD}
        and quantities.value is not null
        and coalesce(quantities.quantity, quantities.source_name) is not null
    qualify row_number() over (
        partition by served.row_no, coalesce(quantities.quantity, quantities.source_name)
        order by place, quantities.ordinal
    ) = 1
)
"""

DYNAMIC = f"""
with {_SERVED},
{_DYNAMIC}
select dynamic.field, dynamic.row_no, dynamic.number, dynamic.digits
from dynamic
order by dynamic.field, dynamic.row_no
"""

# One figure a product and quantity, of those that are served: its property, else the dynamic one.
COUNTED = f"""
with {_SERVED},
{_FIGURES},
{_DYNAMIC},
shown as (
    select figures.row_no, figures.quantity, figures.value_exact, figures.place, figures.ordinal
    from figures
    qualify row_number() over (
        partition by figures.field, figures.row_no order by figures.place, figures.ordinal
    ) = 1
    union all
    select
        dynamic.row_no, dynamic.quantity, dynamic.value_exact, 10 + dynamic.place, dynamic.ordinal
    from dynamic
)
select shown.quantity, shown.row_no, shown.value_exact
from shown
where shown.value_exact is not null
    and shown.quantity in ('Length', 'NetArea', 'GrossArea', 'NetVolume', 'GrossVolume')
qualify row_number() over (
    partition by shown.quantity, shown.row_no order by shown.place, shown.ordinal
) = 1
order by shown.quantity, shown.row_no
"""

CODES = f"""
with {_SERVED}
select served.row_no, codes.system, codes.edition, codes.code, codes.title
from codes
join served on served.element_no = codes.element_no
where codes.code is not null
order by served.row_no, codes.ordinal
"""

LAYERS = f"""
with {_SERVED}
select served.row_no, materials.material, materials.thickness_m
from materials
join served on served.element_no = materials.element_no
where materials.role = 'layer'
order by served.row_no, materials.ordinal
"""

LOCATIONS = """
select
    locations.location_id,
    locations.parent_id,
    locations.kind,
    locations.name,
    long_names.text as long_name
from locations
left join elements
    on elements.role = 'location' and elements.element_id = locations.location_id
left join properties as long_names
    on long_names.element_no = elements.element_no
    and long_names.set_name is null
    and long_names.name = 'LongName'
    and long_names.text is not null
order by locations.kind, locations.name nulls last, locations.location_id
"""

TYPES = """
select elements.name, elements.ifc_guid
from elements
where elements.role = 'type' and elements.ifc_guid is not null
order by elements.element_no
"""

MATERIALS = """
select distinct materials.material
from materials
where materials.material is not null
order by materials.material
"""

# What the project's own property sets are said to hold. Figures that stand in no property are
# among them, except those of the standard's quantity sets: nobody defines these for a project.
DEFINITIONS = """
select
    properties.set_name,
    properties.name,
    elements.ifc_class,
    properties.value_kind,
    properties.unit,
    figures.unit as si_unit,
    figures.kind
from properties
join elements on elements.element_no = properties.element_no
left join quantities as figures
    on figures.element_no = properties.element_no
    and figures.basis = 'authored'
    and figures.origin in ('pset', 'attribute')
    and figures.source_set = properties.set_name
    and figures.source_name = properties.name
    and figures.value is not null
where properties.set_name is not null
    and properties.name is not null
    and elements.role not in ('location', 'type')
union
select
    quantities.source_set as set_name,
    quantities.source_name as name,
    elements.ifc_class,
    'number' as value_kind,
    quantities.unit,
    quantities.unit as si_unit,
    quantities.kind
from quantities
join elements on elements.element_no = quantities.element_no
left join properties
    on properties.element_no = quantities.element_no
    and properties.set_name = quantities.source_set
    and properties.name = quantities.source_name
where quantities.basis = 'authored'
    and quantities.value is not null
    and quantities.source_set is not null
    and quantities.source_name is not null
    and not starts_with(quantities.source_set, 'Qto_')
    and quantities.source_set <> 'BaseQuantities'
    and elements.role not in ('location', 'type')
    and properties.element_no is null
order by all
"""
