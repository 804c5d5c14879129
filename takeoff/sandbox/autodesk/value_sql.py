"""All values of the rows of an index, each with its field: SQL over what `object_sql.py` makes.

Beside the snapshot's tables stand parameters (the program's own fields), uoms (how units are
shown), spelled (the same of units as IFC files write them) and external (externalIds).
"""

# What decides which value is sent when two have the same field: the program's own, then figures.
_OWN = 0
_FIGURE = 10
_PROPERTY = 20

OWN_TEXTS = (
    "name",
    "category",
    "rc",
    "rfn",
    "rft",
    "type_name",
    "ifc_class",
    "ifc_type",
)

OF_PRODUCTS = {
    "mark": "products.mark",
    "phase": "products.phase",
    "system": "products.system",
    "discipline": "products.discipline",
    "function": "case when products.is_external then 'Exterior' "
    "when not products.is_external then 'Interior' end",
}


def own_cells() -> str:
    """The values of the program's own parameters, by the names of parameters.PARAMETERS."""
    texts = [
        f"select placed.row_no, '{name}' as parameter, placed.{name} as text from placed"
        for name in OWN_TEXTS
    ]
    texts += [
        f"select placed.row_no, '{name}' as parameter, {made} as text "
        "from placed join products on products.element_no = placed.element_no"
        for name, made in OF_PRODUCTS.items()
    ]
    return f"""
create table own_cells as
{" union all ".join(texts)}
union all
select placed.row_no, 'ifc_guid', case when $guids = 'junk' then 'not a GUID' else ifc_guid end
from placed
where $guids <> 'none' and placed.ifc_guid is not null
union all
select placed.row_no, 'element_number', external.element_number
from placed
join external on external.row_no = placed.row_no
where $source = 'rvt'
union all
select
    placed.row_no,
    case
        when $source = 'ifc' then 'level'
        when placed.category_id = $walls then 'base_constraint'
        when placed.category_id = $columns then 'base_level'
        else 'level'
    end,
    places.name
from placed
join places on places.place_id = placed.storey
union all
select placed.row_no, told.parameter, told.text
from placed
cross join (
    values ('schema_name', $source), ('schema_version', '1.0'), ('project_name', $project)
) as told (parameter, text)
where placed.sort = 0
union all
select products_placed.row_no, 'material', layered.material
from placed as products_placed
join (
    select materials.element_no, materials.material
    from materials
    where materials.material is not null
    qualify row_number() over (
        partition by materials.element_no
        order by materials.thickness_m desc nulls last, materials.ordinal
    ) = 1
) as layered on layered.element_no = products_placed.element_no
"""


# Codes have fields of their own in two systems; others come as Classification Manager names them.
CODE_CELLS = """
create table code_cells as
with counted as (
    select
        placed.row_no,
        codes.code,
        codes.title,
        regexp_matches(lower(codes.system), '^uniformat') as is_uniformat,
        regexp_matches(lower(codes.system), '^omniclass') as is_omniclass,
        'Classification.' || coalesce(codes.system, 'Code') as label,
        row_number() over (
            partition by placed.row_no,
                case when is_uniformat then 'u' when is_omniclass then 'o' else label end
            order by codes.ordinal
        ) as n,
        row_number() over (partition by placed.row_no, label order by codes.ordinal) as again
    from codes
    join placed on placed.element_no = codes.element_no
)
select
    counted.row_no,
    case
        when counted.n > 1 then null
        when counted.is_uniformat then told.uniformat
        when counted.is_omniclass then told.omniclass
    end as parameter,
    counted.label || told.suffix
        || case when counted.again > 1 then '(' || counted.again || ')' else '' end as name,
    case when told.is_code then counted.code else counted.title end as text
from counted
cross join (
    values
        (true, 'assembly_code', 'omniclass_code', '.Number'),
        (false, 'assembly_title', 'omniclass_title', '.Description')
) as told (is_code, uniformat, omniclass, suffix)
"""

# Millimetres are made of the decimal, where it is the figure itself, so that 2.6416 m is 2641.6.
_SHOWN = """
case
    when uoms.times = 1000 and cast(quantities.value_exact as double) = quantities.value
    then cast(
        cast(
            cast(quantities.value_exact as decimal(34, 12)) * cast(1000 as decimal(4, 0))
            as varchar
        ) as double
    )
    else quantities.value * uoms.times / uoms.over
end
"""

# What was calculated goes by the name of the quantity: its source names what it was made of, which
# may be the same for several. A number that is a figure too is sent once, as the figure.
CELLS = f"""
create table cells as
with figures as (
    select
        placed.row_no,
        quantities.element_no,
        quantities.source_set,
        quantities.basis = 'authored' as is_authored,
        case
            when is_authored then coalesce(quantities.source_name, quantities.quantity, '')
            else coalesce(quantities.quantity, quantities.source_name, '')
        end as name,
        coalesce(
            case when uoms.unit is not null then {_SHOWN} else quantities.value end,
            try_cast(quantities.source_value as double)
        ) as number,
        quantities.source_value,
        case
            when quantities.value is null then coalesce(spelled.uom, quantities.source_unit)
            when uoms.unit is not null then uoms.uom
            when quantities.unit <> '1' then quantities.unit
        end as uom,
        case quantities.origin
            when 'qto' then 0 when 'attribute' then 1 when 'pset' then 2 else 3
        end as rank,
        quantities.ordinal
    from quantities
    join placed on placed.element_no = quantities.element_no
    left join uoms on uoms.unit = quantities.unit
    left join spelled on spelled.unit = quantities.source_unit
)
    select
        own_cells.row_no,
        parameters.category,
        parameters.name,
        parameters.type,
        cast(null as varchar) as uom,
        own_cells.text,
        cast(null as double) as number,
        cast(null as boolean) as flag,
        {_OWN} as rank,
        0 as ordinal
    from own_cells
    join parameters on parameters.parameter = own_cells.parameter
    where own_cells.text is not null
    union all by name
    select
        code_cells.row_no,
        case when parameters.parameter is null then 'Data' else parameters.category end as category,
        coalesce(parameters.name, code_cells.name) as name,
        'String' as type,
        code_cells.text,
        {_OWN} as rank,
        1 as ordinal
    from code_cells
    left join parameters on parameters.parameter = code_cells.parameter
    where code_cells.text is not null
    union all by name
    select
        placed.row_no,
        parameters.category,
        parameters.name,
        parameters.type,
        uoms.uom,
        case parameters.parameter
            when 'category_id' then placed.category_id
            when 'parent' then parents.lmv_id
            when 'instance_of' then types.lmv_id
            when 'level_key' then storeys.lmv_id
            when 'elevation' then placed.elevation_m * uoms.times / uoms.over
        end as number,
        case parameters.parameter
            when 'is_doc_property' then placed.sort = 0 or null
            when 'load_bearing' then products.load_bearing
        end as flag,
        {_OWN} as rank,
        2 as ordinal
    from placed
    cross join parameters
    left join uoms on parameters.parameter = 'elevation' and uoms.unit = 'm'
    left join placed as parents on parents.key = placed.parent
    left join placed as types on types.key = placed.instance_of
    left join placed as storeys on storeys.key = 'place:' || placed.storey
    left join products on products.element_no = placed.element_no
    where parameters.type <> 'String' and (number is not null or flag is not null)
    union all by name
    select
        figures.row_no,
        figures.source_set as category,
        figures.name,
        case when isfinite(figures.number) then 'Double' else 'String' end as type,
        case when isfinite(figures.number) then figures.uom end as uom,
        case when not coalesce(isfinite(figures.number), false) then figures.source_value end
            as text,
        case when isfinite(figures.number) then figures.number end as number,
        {_FIGURE} + figures.rank as rank,
        figures.ordinal
    from figures
    where figures.number is not null or figures.source_value is not null
    union all by name
    select
        placed.row_no,
        properties.set_name as category,
        coalesce(properties.name, '') as name,
        case properties.value_kind
            when 'number' then 'Double' when 'flag' then 'Boolean' else 'String'
        end as type,
        coalesce(spelled.uom, properties.unit) as uom,
        properties.text,
        properties.number,
        properties.flag,
        {_PROPERTY} as rank,
        properties.ordinal
    from properties
    join placed on placed.element_no = properties.element_no
    left join spelled on spelled.unit = properties.unit
    where (properties.text is not null or isfinite(properties.number)
            or properties.flag is not null)
        and not (
            properties.value_kind = 'number'
            and exists (
                select 1
                from figures
                where figures.is_authored
                    and figures.element_no = properties.element_no
                    and figures.source_set is not distinct from properties.set_name
                    and figures.name = properties.name
            )
        )
"""

FIELDS = """
select distinct cells.category, cells.name, cells.type, cells.uom
from cells
order by all
"""
