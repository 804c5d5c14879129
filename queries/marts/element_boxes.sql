-- title: The boxes around elements, in decimals of a metre
-- grain: snapshot_id, element_no
-- Around the element's own body. A whole that has none of its own has the box around its parts'
-- bodies (direct parts; the outermost whole those of all). Only IFC files fetched with geometry
-- have boxes.
-- `place`: least x, y and z as text, to the millimetre.
with bodies as (
    select
        snapshot_id,
        element_no,
        cast(min_x_m as decimal(18, 6)) as min_x_m,
        cast(min_y_m as decimal(18, 6)) as min_y_m,
        cast(min_z_m as decimal(18, 6)) as min_z_m,
        cast(max_x_m as decimal(18, 6)) as max_x_m,
        cast(max_y_m as decimal(18, 6)) as max_y_m,
        cast(max_z_m as decimal(18, 6)) as max_z_m
    from boxes
),
parts_of_wholes as (
    select
        snapshot_id,
        whole_no,
        element_no
    from part_links
    union
    select
        snapshot_id,
        top_no as whole_no,
        element_no
    from part_links
),
bodies_of_parts as (
    select
        parts_of_wholes.snapshot_id,
        parts_of_wholes.whole_no as element_no,
        min(parts.min_x_m) as min_x_m,
        min(parts.min_y_m) as min_y_m,
        min(parts.min_z_m) as min_z_m,
        max(parts.max_x_m) as max_x_m,
        max(parts.max_y_m) as max_y_m,
        max(parts.max_z_m) as max_z_m
    from parts_of_wholes
    join bodies as parts
        on parts.snapshot_id = parts_of_wholes.snapshot_id
        and parts.element_no = parts_of_wholes.element_no
    left join bodies as wholes
        on wholes.snapshot_id = parts_of_wholes.snapshot_id
        and wholes.element_no = parts_of_wholes.whole_no
    where wholes.element_no is null
    group by parts_of_wholes.snapshot_id, parts_of_wholes.whole_no
),
around as (
    select
        snapshot_id,
        element_no,
        min_x_m,
        min_y_m,
        min_z_m,
        max_x_m,
        max_y_m,
        max_z_m
    from bodies
    union all
    select
        snapshot_id,
        element_no,
        min_x_m,
        min_y_m,
        min_z_m,
        max_x_m,
        max_y_m,
        max_z_m
    from bodies_of_parts
)
select
    snapshot_id,
    element_no,
    min_x_m,
    min_y_m,
    min_z_m,
    max_x_m,
    max_y_m,
    max_z_m,
    concat_ws(
        ' ',
        cast(cast(min_x_m as decimal(18, 3)) as varchar),
        cast(cast(min_y_m as decimal(18, 3)) as varchar),
        cast(cast(min_z_m as decimal(18, 3)) as varchar)
    ) as place
from around
