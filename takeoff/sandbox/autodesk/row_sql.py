"""Rows as they are written: keys of fields, JSON, and numbers as Ion writes them, as SQL."""

# 0.5 is 0.5e0, 14.0 is 14e0; of many digits all go before the exponent.
ION = r"""
create macro ion(x) as
case
    when contains(cast(x as varchar), 'e') then replace(cast(x as varchar), '+', '')
    when length(ltrim(translate(regexp_replace(cast(x as varchar), '\.0$', ''), '-.', ''), '0'))
            >= 16
        and contains(regexp_replace(cast(x as varchar), '\.0$', ''), '.')
    then case when x < 0 then '-' else '' end
        || ltrim(translate(cast(x as varchar), '-.', ''), '0')
        || 'e-' || length(split_part(cast(x as varchar), '.', 2))
    else regexp_replace(cast(x as varchar), '\.0$', '') || 'e0'
end
"""

# The sum of decimals: all of its 38 digits before the exponent.
ION_DECIMAL = """
create macro ion_decimal(x) as
case
    when x = 0 then '0e0'
    else case when x < 0 then '-' else '' end
        || rpad(ltrim(translate(cast(x as varchar), '-.', ''), '0'), 38, '0')
        || 'e-'
        || (50 - length(ltrim(translate(cast(x as varchar), '-.', ''), '0')))
end
"""

MEMBERS = """
create table members as
select
    cells.row_no,
    cells.no,
    cells.key,
    cells.is_volatile,
    case
        when cells.type in ('Integer', 'DbKey') then cast(cast(cells.number as bigint) as varchar)
        when cells.type = 'Double' then cast(cells.number as varchar)
        when cells.type = 'Boolean' then cast(cells.flag as varchar)
        else cast(to_json(cells.text) as varchar)
    end as value,
    '"' || cells.key || '":' || value as raw,
    '"' || cells.key || '":'
        || case when cells.type = 'Double' then ion(cells.number) else value end as ion,
    case when cells.type = 'Double' then value end as figure
from (
    select cells.*, fields.no, fields.key, fields.is_volatile
    from cells
    join fields
        on fields.category is not distinct from cells.category
        and fields.name = cells.name
        and fields.type = cells.type
        and fields.uom is not distinct from cells.uom
    qualify row_number() over (
        partition by cells.row_no, fields.no order by cells.rank, cells.ordinal
    ) = 1
) as cells
"""

JOINED = """
select members.row_no, members.raw, members.ion
from members
where members.is_volatile = $volatile
order by members.row_no, members.no
"""

# The place of a body is the sandbox's own: the lake knows none. It says nothing about sizes.
ROWS = """
create table rows as
with figures as (
    select members.row_no, bit_xor(hash(members.no, members.figure)) as hash
    from members
    where members.figure is not null
    group by members.row_no
)
select
    placed.row_no,
    placed.svf2_id,
    placed.lmv_id,
    external.external_id,
    $lineage_id as lineage_id,
    $own_lineage_id as own_lineage_id,
    $database_id as database_id,
    '{' || coalesce(told.props, '') || '}' as props,
    '{' || coalesce(told.props_ion, '') || '}' as props_ion,
    '{' || coalesce(ignored.props, '') || '}' as props_ignored,
    coalesce(ltrim(left(md5(told.props), 8), '0'), '0') as props_hash,
    placed.view = '3d' and placed.sort = 8 as is_drawn,
    case when is_drawn
        then rtrim(to_base64(unhex(md5(coalesce(cast(figures.hash as varchar), placed.key)))), '=')
    end as geom_hash,
    case placed.view
        when '3d' then [$view_3d] when 'plan' then [$view_plan] else cast([] as varchar[])
    end as views,
    case when is_drawn then 2.0 * (placed.svf2_id % 50) end as min_x,
    case when is_drawn then 2.0 * (placed.svf2_id // 50) end as min_y,
    case when is_drawn then coalesce(places.elevation_m, 0.0) end as min_z,
    min_x + 1.0 as max_x,
    min_y + 1.0 as max_y,
    min_z + 1.0 as max_z
from placed
join external on external.row_no = placed.row_no
left join places on places.place_id = placed.storey
left join told on told.row_no = placed.row_no
left join ignored on ignored.row_no = placed.row_no
left join figures on figures.row_no = placed.row_no
order by placed.row_no
"""
