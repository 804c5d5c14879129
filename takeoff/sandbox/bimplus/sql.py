"""What is read of one snapshot, as SQL over the engine's views of it.

Objects on the wire are all elements but types. Places are nodes of the tree's structure.
"""

ELEMENTS = """
with fillings as (
    select relations.to_element_no as element_no, min(elements.ifc_class) as filled_by
    from relations
    join elements on elements.element_no = relations.from_element_no
    where relations.kind = 'fills'
    group by relations.to_element_no
)
select
    elements.element_no,
    elements.element_id,
    elements.ifc_guid,
    elements.ifc_class,
    elements.source_class,
    elements.name,
    elements.building_id,
    elements.storey_id,
    elements.space_id,
    elements.parent_id,
    elements.role,
    fillings.filled_by
from elements
left join fillings on fillings.element_no = elements.element_no
where elements.role <> 'type'
order by elements.element_no
"""

# The same digits three places on: times 1000 would add digits that nobody wrote.
_IN_MM = """
case
    when cast({metres} as varchar) like '%e%' then {metres} * 1000
    else cast(cast({metres} as varchar) || 'e3' as double)
end
"""

# The elevation only where the place has no property that says it.
LOCATIONS = f"""
select
    locations.location_id,
    locations.parent_id,
    locations.kind,
    locations.name,
    case when said.element_no is null then locations.elevation_m end as elevation_m,
    case
        when said.element_no is null then {_IN_MM.format(metres="locations.elevation_m")}
    end as elevation_mm
from locations
left join elements
    on elements.element_id = locations.location_id and elements.role = 'location'
left join (
    select distinct properties.element_no
    from properties
    where properties.set_name is null and properties.name = 'Elevation'
) as said
    on said.element_no = elements.element_no
where locations.kind in ('site', 'building', 'storey', 'space')
order by
    case locations.kind when 'site' then 0 when 'building' then 1 when 'storey' then 2 else 3 end,
    locations.elevation_m nulls last,
    locations.name nulls last,
    locations.location_id
"""

LAYERS = f"""
select
    materials.element_no,
    materials.ordinal,
    materials.material,
    materials.thickness_m,
    {_IN_MM.format(metres="materials.thickness_m")} as thickness_mm,
    materials.share,
    materials.volume_m3
from materials
join elements on elements.element_no = materials.element_no
where materials.role = 'layer' and elements.role <> 'type'
order by materials.element_no, materials.ordinal
"""

# The layers of the model, without reading the model.
USED = """
select
    elements.ifc_class,
    elements.role,
    count(*) as elements,
    bool_or(materials.element_no is not null) as has_layers
from elements
left join (
    select distinct materials.element_no from materials where materials.role = 'layer'
) as materials
    on materials.element_no = elements.element_no
where elements.role not in ('type', 'location')
group by elements.ifc_class, elements.role
order by elements.ifc_class, elements.role
"""

# A unit's symbol as the vendor writes it; a unit that it has no symbol for is as written.
_SYMBOLS = """
case {unit}
    when 'METRE' then 'm' when 'MILLI METRE' then 'mm' when 'CENTI METRE' then 'cm'
    when 'SQUARE_METRE' then 'm2' when 'SQUARE METRE' then 'm2'
    when 'CUBIC_METRE' then 'm3' when 'CUBIC METRE' then 'm3'
    when 'KILO GRAM' then 'kg' when 'GRAM' then 'g' when 'SECOND' then 's' when 'KELVIN' then 'K'
    when '1' then null
    else {unit}
end
"""


_FIGURES = f"""
figures as (
    select
        quantities.element_no,
        case
            when quantities.basis <> 'authored' then 'calculatedproperties'
            when quantities.source_set is null then 'ifc'
        end as group_key,
        case when quantities.basis = 'authored' then quantities.source_set end as set_name,
        case
            when quantities.basis = 'authored'
            then coalesce(quantities.source_name, quantities.quantity)
            else coalesce(quantities.quantity, quantities.source_name)
        end as name,
        case when quantities.basis <> 'authored' then quantities.source_name end as description,
        case
            when quantities.value is null then try_cast(quantities.source_value as double)
            when quantities.unit = 'm' then {_IN_MM.format(metres="quantities.value")}
            else quantities.value
        end as number,
        quantities.value as si,
        case
            when quantities.value is null then {_SYMBOLS.format(unit="quantities.source_unit")}
            when quantities.unit = 'm' then 'mm'
            when quantities.unit <> '1' then quantities.unit
        end as unit,
        quantities.value is not null and quantities.unit = 'm' as is_length,
        case
            when quantities.value is null then quantities.source_value
        end as text,
        quantities.kind = 'count' as is_count,
        case
            when quantities.value is not null
                and list_contains($quantities, quantities.quantity)
                and row_number() over (
                    partition by
                        quantities.element_no,
                        quantities.quantity,
                        quantities.value is null
                    order by
                        case quantities.basis
                            when 'authored' then 0
                            when 'vendor_calculated' then 1
                            when 'computed' then 2
                            else 3
                        end,
                        case quantities.origin
                            when 'qto' then 0 when 'attribute' then 1 when 'pset' then 2 else 3
                        end,
                        quantities.ordinal
                ) = 1
            then quantities.quantity
        end as quantity,
        quantities.value is null and quantities.source_value is null as is_empty,
        quantities.ordinal
    from quantities
    join elements on elements.element_no = quantities.element_no
    where elements.role <> 'type'
)
"""

# A figure stands among the properties too if it was read from one: it is on the wire once.
_TWINS = """
twins as (
    select
        figures.element_no,
        figures.set_name,
        figures.name,
        count(*) as figures
    from figures
    where figures.group_key is distinct from 'calculatedproperties' and not figures.is_empty
    group by figures.element_no, figures.set_name, figures.name
),
own as (
    select
        properties.element_no,
        properties.set_name,
        properties.name,
        properties.value_kind,
        properties.text,
        properties.number,
        properties.flag,
        properties.unit,
        properties.ordinal,
        row_number() over (
            partition by
                properties.element_no,
                properties.set_name,
                properties.name,
                properties.value_kind in ('number', 'none')
            order by properties.ordinal
        ) as place
    from properties
    join elements on elements.element_no = properties.element_no
    where elements.role <> 'type'
),
written as (
    select own.*
    from own
    left join twins
        on twins.element_no = own.element_no
        and twins.set_name is not distinct from own.set_name
        and twins.name is not distinct from own.name
    where own.value_kind not in ('number', 'none') or own.place > coalesce(twins.figures, 0)
),
told as (
    select figures.*
    from figures
    left join (
        select distinct written.element_no, written.set_name, written.name from written
    ) as written
        on written.element_no = figures.element_no
        and written.set_name is not distinct from figures.set_name
        and written.name is not distinct from figures.name
    where not figures.is_empty or written.element_no is null
)
"""

# What the elements' own columns say, where no property says it.
_COLUMNS = """
columns as (
    select
        elements.element_no,
        unnest(['Tag', 'PredefinedType', 'System', 'Phase', 'Discipline', 'AuthoringId',
            'SourceClass', 'IsExternal', 'LoadBearing']) as name,
        unnest([elements.mark, elements.predefined_type, elements.system, elements.phase,
            elements.discipline, elements.authoring_id,
            case when not starts_with(elements.source_class, 'Ifc') then elements.source_class end,
            cast(elements.is_external as varchar), cast(elements.load_bearing as varchar)]) as text
    from elements
    where elements.role <> 'type'
),
unsaid as (
    select columns.element_no, columns.name, columns.text
    from columns
    where columns.text is not null
        and not exists (
            select 1
            from properties
            where properties.element_no = columns.element_no and properties.name = columns.name
        )
),
coded as (
    select
        codes.element_no,
        unnest(['', ' title', ' edition']) as suffix,
        unnest([codes.code, codes.title, codes.edition]) as text,
        coalesce(codes.system, 'Code') as system,
        codes.ordinal
    from codes
    join elements on elements.element_no = codes.element_no
    where elements.role <> 'type'
),
made as (
    select
        materials.element_no,
        materials.ordinal,
        materials.material,
        materials.role,
        materials.share,
        materials.thickness_m,
        materials.volume_m3,
        materials.role <> 'single'
            or count(*) over (partition by materials.element_no) > 1
            or coalesce(materials.share, materials.thickness_m, materials.volume_m3) is not null
            as has_more
    from materials
    join elements on elements.element_no = materials.element_no
    where elements.role <> 'type' and ($with_layers or materials.role <> 'layer')
)
"""

# One row for each attribute of an element. `place` puts groups in order; a known id is in `id`.
ATTRIBUTES = f"""
with {_FIGURES},
{_TWINS},
{_COLUMNS},
every as (
    select
        elements.element_no, 'ifc' as group_key, null as set_name,
        'ifcgloballyuniqueid' as name, null as description, 'ifc_id' as id,
        'string' as type, null as unit,
        false as is_length, null as number, null as si, elements.ifc_guid as text, null as flag,
        0 as place, 0 as ordinal
    from elements
    where elements.role <> 'type' and elements.ifc_guid is not null
    union all by name
    select
        unsaid.element_no, 'ifc' as group_key, unsaid.name,
        case
            when unsaid.name in ('IsExternal', 'LoadBearing') then 'boolean' else 'string'
        end as type,
        false as is_length,
        case
            when unsaid.name not in ('IsExternal', 'LoadBearing') then unsaid.text
        end as text,
        case
            when unsaid.name in ('IsExternal', 'LoadBearing') then unsaid.text = 'true'
        end as flag,
        1 as place, 0 as ordinal
    from unsaid
    union all by name
    select
        elements.element_no, 'general' as group_key, 'Element Type' as name,
        'element_type' as id, 'string' as type, false as is_length, elements.type_name as text,
        1 as place, 0 as ordinal
    from elements
    where elements.role <> 'type' and elements.type_name is not null
    union all by name
    select
        made.element_no, 'materialelement' as group_key, 'Material' as name,
        'material' as id, 'string' as type, false as is_length,
        string_agg(made.material, ', ' order by made.ordinal) as text,
        2 as place, 0 as ordinal
    from made
    where made.material is not null
    group by made.element_no
    union all by name
    select
        details.element_no, 'materialelement' as group_key,
        details.word || ' ' || cast(details.ordinal + 1 as varchar) as name,
        case when details.word in ('Material', 'Role') then 'string' else 'double' end as type,
        case details.word when 'Thickness' then 'mm' when 'Volume' then 'm3' end as unit,
        details.word = 'Thickness' as is_length,
        case
            when details.word = 'Thickness' then {_IN_MM.format(metres="details.number")}
            else details.number
        end as number,
        details.number as si,
        details.text,
        3 as place, details.ordinal
    from (
        select
            made.element_no,
            made.ordinal,
            unnest(['Material', 'Role', 'Share', 'Thickness', 'Volume']) as word,
            unnest([made.material, made.role, null, null, null]) as text,
            unnest([null, null, made.share, made.thickness_m, made.volume_m3]) as number
        from made
        where made.has_more
    ) as details
    where details.text is not null or details.number is not null
    union all by name
    select
        coded.element_no, 'Classification' as set_name, coded.system || coded.suffix as name,
        'string' as type, false as is_length, coded.text, 4 as place, coded.ordinal
    from coded
    where coded.text is not null
    union all by name
    select
        figures.element_no, figures.group_key, figures.set_name, figures.name,
        figures.description,
        figures.quantity as id,
        case
            when figures.number is null and figures.text is not null then 'string'
            when figures.is_count and figures.number = floor(figures.number) then 'int'
            else 'double'
        end as type,
        figures.unit,
        figures.is_length,
        figures.number,
        figures.si,
        case when figures.number is null then figures.text end as text,
        5 as place,
        figures.ordinal
    from told as figures
    union all by name
    select
        written.element_no,
        case when written.set_name is null then 'ifc' end as group_key,
        written.set_name,
        written.name,
        case written.value_kind
            when 'number' then 'double' when 'flag' then 'boolean' else 'string'
        end as type,
        {_SYMBOLS.format(unit="written.unit")} as unit,
        false as is_length,
        written.number,
        written.number as si,
        written.text,
        written.flag,
        6 as place,
        written.ordinal
    from written
)
select
    every.element_no,
    every.group_key,
    every.set_name,
    every.name,
    every.description,
    every.id,
    every.type,
    every.unit,
    every.is_length,
    case when isfinite(every.number) then every.number end as number,
    case when isfinite(every.si) then every.si end as si,
    every.text,
    every.flag
from every
order by every.element_no, every.place, every.ordinal, every.name
"""
