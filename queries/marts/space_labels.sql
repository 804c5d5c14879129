-- title: The number and the name of each space
-- grain: snapshot_id, element_no
-- A room's own Number and Name in Revit, where they are stated; else its LongName in IFC is the
-- name, and the element's name the number. A space without LongName has its name and no number, and
-- so has one whose LongName only repeats the name. Of several values the first of the element's.
with stated as (
    select
        properties.snapshot_id,
        properties.element_no,
        case
            when properties.name = 'LongName' then 'long_name'
            when properties.name = 'Number' then 'number'
            else 'name'
        end as label,
        properties.text,
        row_number() over (
            partition by properties.snapshot_id, properties.element_no, properties.name
            order by properties.ordinal
        ) as place
    from properties
    join elements
        on elements.snapshot_id = properties.snapshot_id
        and elements.element_no = properties.element_no
    where elements.role = 'space'
        and properties.text <> ''
        and (
            properties.name = 'LongName'
            or (
                properties.name in ('Number', 'Name')
                and properties.set_name in ('Identity Data', 'PSet_Revit_Identity Data')
            )
        )
),
labels as (
    select
        snapshot_id,
        element_no,
        max(case when label = 'long_name' then text end) as long_name,
        max(case when label = 'number' then text end) as number,
        max(case when label = 'name' then text end) as name
    from stated
    where place = 1
    group by snapshot_id, element_no
)
select
    elements.snapshot_id,
    elements.element_no,
    coalesce(
        labels.number, case when labels.long_name <> elements.name then elements.name end
    ) as number,
    coalesce(labels.name, labels.long_name, elements.name) as name
from elements
left join labels
    on labels.snapshot_id = elements.snapshot_id
    and labels.element_no = elements.element_no
where elements.role = 'space'
