"""The rows of an index out of the tables of one snapshot: SQL, step by step.

The steps read the snapshot's tables by their names and what `model.py` puts beside them: classes,
place_categories, view_rows and material_rows (the category of each), earlier (the numbers of former
versions). Whatever comes from the lake is data here, never SQL.
"""

# The project, sites, buildings, storeys and spaces, each once; also those that only elements name.
PLACES = """
create table places as
with told as (
    select
        locations.location_id as place_id,
        locations.parent_id,
        locations.kind,
        locations.name,
        locations.elevation_m,
        0 as rank,
        row_number() over (order by locations.source_row, locations.location_id) as n
    from locations
    union all
    select
        elements.element_id,
        null,
        case elements.ifc_class
            when 'Project' then 'project'
            when 'Site' then 'site'
            when 'Building' then 'building'
            when 'BuildingStorey' then 'storey'
            else 'place'
        end,
        elements.name,
        null,
        1,
        elements.element_no
    from elements
    where elements.role = 'location'
    union all
    select
        coalesce(elements.storey_id, 'storey ' || elements.storey_name),
        elements.building_id,
        'storey',
        elements.storey_name,
        elements.storey_elevation_m,
        2,
        elements.element_no
    from elements
    where coalesce(elements.storey_id, elements.storey_name) is not null
    union all
    select
        coalesce(elements.building_id, 'building ' || elements.building_name),
        null,
        'building',
        elements.building_name,
        null,
        3,
        elements.element_no
    from elements
    where coalesce(elements.building_id, elements.building_name) is not null
)
select
    told.place_id,
    told.parent_id,
    told.kind,
    told.name,
    told.elevation_m,
    told.rank,
    told.n,
    elements.element_no,
    elements.ifc_guid,
    elements.source_class
from told
left join elements on elements.element_id = told.place_id and elements.role = 'location'
where not exists (
    select 1
    from elements as spaces
    where told.kind = 'space' and spaces.element_id = told.place_id and spaces.role = 'space'
)
qualify row_number() over (partition by told.place_id order by told.rank, told.n) = 1
"""

# Instances and types, with the category that they come in and the type that they are of.
PRODUCTS = """
create table products as
select
    elements.*,
    classes.category_id,
    case
        when $source = 'ifc'
        then coalesce(
            elements.source_class, 'Ifc' || elements.ifc_class, 'IfcBuildingElementProxy'
        )
        else classes.category
    end as rc,
    case
        when starts_with(elements.source_class, 'Ifc') then elements.source_class
        else coalesce('Ifc' || elements.ifc_class, elements.source_class)
    end as class_text,
    case when elements.role = 'type' then elements.name else elements.type_name end as rft,
    case
        when contains(rft, ':') then split_part(rft, ':', 1)
        when rft is not null then rc
    end as rfn,
    case
        when elements.role = 'type' then null
        when types.element_id is not null then 'type:' || types.element_id
        when elements.type_name is not null
        then 'type name:' || coalesce(classes.category_id, 0) || ':' || elements.type_name
    end as type_key,
    case
        when elements.role in ('physical', 'part', 'space') then '3d'
        when elements.role in ('annotation', 'marker') then 'plan'
    end as view
from elements
join classes
    on classes.ifc_class is not distinct from elements.ifc_class and classes.role = elements.role
left join elements as types
    on types.element_id = elements.type_id and types.role = 'type'
where elements.role <> 'location'
"""

# Every row of the index, with what the authoring program itself says of it.
OBJECTS = """
create table objects as
select
    'document' as key,
    0 as sort,
    cast(0 as bigint) as n,
    cast(null as integer) as element_no,
    cast(null as varchar) as own_id,
    cast(null as varchar) as authoring_id,
    $document as name,
    'Revit Document' as category,
    cast(null as integer) as category_id,
    cast(null as varchar) as rc,
    cast(null as varchar) as rfn,
    cast(null as varchar) as rft,
    cast(null as varchar) as parent,
    cast(null as varchar) as instance_of,
    cast(null as varchar) as storey,
    cast(null as varchar) as ifc_guid,
    cast(null as varchar) as ifc_class,
    cast(null as varchar) as ifc_type,
    cast(null as varchar) as type_name,
    cast(null as double) as elevation_m,
    cast(null as varchar) as view
union all by name
select
    'place:' || places.place_id as key,
    case when places.kind = 'storey' then 2 else 1 end as sort,
    row_number() over (order by places.rank, places.elevation_m, places.n) as n,
    places.element_no,
    places.place_id as own_id,
    places.name,
    coalesce(places.source_class, place_categories.ifc_class) as ifc_class,
    case when $source = 'ifc' then ifc_class else place_categories.category end as rc,
    case when $source = 'ifc' then rc else 'Revit ' || rc end as category,
    case when $source = 'rvt' then place_categories.category_id end as category_id,
    coalesce('place:' || parents.place_id, 'document') as parent,
    case
        when places.rank < 2
        then coalesce(
            places.ifc_guid,
            case when regexp_full_match(places.place_id, '[0-3][0-9A-Za-z_$]{21}')
                then places.place_id end
        )
    end as ifc_guid,
    places.elevation_m,
    case when places.kind = 'storey' and $source = 'rvt' then 'plan' end as view
from places
left join place_categories on place_categories.kind = places.kind
left join places as parents on parents.place_id = places.parent_id
union all by name
select
    'view:' || view_rows.name as key,
    3 as sort,
    view_rows.n,
    view_rows.name,
    'Revit ' || view_rows.category as category,
    view_rows.category_id,
    view_rows.category as rc,
    'document' as parent,
    view_rows.view
from view_rows
where $source = 'rvt'
union all by name
select
    'material:' || named.material as key,
    4 as sort,
    row_number() over (order by named.material) as n,
    named.material as name,
    case when $source = 'ifc' then 'IfcMaterial' else 'Revit ' || material_rows.category end
        as category,
    case when $source = 'rvt' then material_rows.category_id end as category_id,
    case when $source = 'ifc' then 'IfcMaterial' else material_rows.category end as rc,
    'document' as parent
from (select distinct materials.material from materials where materials.material is not null)
    as named
cross join material_rows
union all by name
select
    'category:' || kinds.category_id as key,
    5 as sort,
    row_number() over (order by kinds.category_id desc) as n,
    kinds.rc as name,
    'Revit Category' as category,
    kinds.category_id,
    kinds.rc,
    'document' as parent
from (select distinct products.category_id, products.rc from products) as kinds
where $source = 'rvt'
union all by name
select
    'family:' || kinds.category_id || ':' || kinds.rfn as key,
    6 as sort,
    row_number() over (order by kinds.category_id desc, kinds.rfn) as n,
    kinds.rfn as name,
    'Revit Family Name' as category,
    kinds.category_id,
    kinds.rc,
    kinds.rfn,
    'category:' || kinds.category_id as parent
from (
    select distinct products.category_id, products.rc, products.rfn
    from products
    where products.rfn is not null
) as kinds
where $source = 'rvt'
union all by name
select
    named.type_key as key,
    7 as sort,
    row_number() over (order by named.type_key) as n,
    named.rft as name,
    case when $source = 'ifc' then 'IfcTypeObject' else 'Revit Family Type' end as category,
    named.category_id,
    named.rc,
    named.rfn,
    named.rft,
    case when $source = 'ifc' then 'document'
        else 'family:' || named.category_id || ':' || named.rfn end as parent
from (
    select distinct on (products.type_key)
        products.type_key, products.rft, products.rfn, products.rc,
        case when $source = 'rvt' then products.category_id end as category_id
    from products
    where starts_with(products.type_key, 'type name:')
    order by products.element_no
) as named
union all by name
select
    case when products.role = 'type' then 'type:' else 'element:' end || products.element_id as key,
    case when products.role = 'type' then 7 else 8 end as sort,
    cast(1000000000 as bigint) + products.element_no as n,
    products.element_no,
    products.element_id as own_id,
    products.authoring_id,
    products.name,
    case
        when $source = 'ifc' then products.rc
        when products.role = 'type' then 'Revit Family Type'
        else 'Revit ' || products.rc
    end as category,
    case when $source = 'rvt' then products.category_id end as category_id,
    products.rc,
    case when $source = 'rvt' then products.rfn end as rfn,
    case when $source = 'rvt' then products.rft end as rft,
    case
        when wholes.role = 'location' then 'place:' || wholes.element_id
        when wholes.element_id is not null then 'element:' || wholes.element_id
        when $source = 'ifc' then coalesce(
            'place:' || coalesce(products.storey_id, 'storey ' || products.storey_name),
            'place:' || coalesce(products.building_id, 'building ' || products.building_name),
            'document'
        )
        when products.role = 'type' and products.rfn is not null
        then 'family:' || products.category_id || ':' || products.rfn
        else coalesce(products.type_key, 'category:' || products.category_id)
    end as parent,
    products.type_key as instance_of,
    coalesce(products.storey_id, 'storey ' || products.storey_name) as storey,
    products.ifc_guid,
    products.class_text as ifc_class,
    products.predefined_type as ifc_type,
    case when products.role <> 'type' then products.type_name else products.name end as type_name,
    products.view
from products
left join elements as wholes on wholes.element_id = products.parent_id
"""

# Numbers stay with a row from version to version: those of former versions come first.
NUMBERS = """
create table numbers as
select earlier.key, earlier.svf2_id from earlier
union all
select
    objects.key,
    (select coalesce(max(earlier.svf2_id), 0) from earlier)
        + cast(row_number() over (order by objects.sort, objects.n) as integer) as svf2_id
from objects
anti join earlier on earlier.key = objects.key
"""

# lmvId is another number than svf2Id, so that nobody takes one for the other.
PLACED = """
create table placed as
select
    objects.*,
    numbers.svf2_id,
    numbers.svf2_id + 3150 as lmv_id,
    cast(row_number() over (order by objects.sort, objects.n) - 1 as integer) as row_no
from objects
join numbers on numbers.key = objects.key
"""
