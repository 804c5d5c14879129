-- title: All materials of an element as one text
-- grain: snapshot_id, element_no
-- Names in alphabetical order, each once, joined by "; ". Most elements have one material, which is
-- its own text: only those with a second place are looked at together, which takes several times as
-- long.
with layered as (
    select distinct
        snapshot_id,
        element_no
    from materials
    where ordinal > 0
),
layer_names as (
    select distinct
        materials.snapshot_id,
        materials.element_no,
        materials.material
    from materials
    join layered
        on layered.snapshot_id = materials.snapshot_id
        and layered.element_no = materials.element_no
    where materials.material is not null
)
select
    snapshot_id,
    element_no,
    material
from materials
where ordinal = 0
    and material is not null
    and not exists (
        select 1
        from layered
        where layered.snapshot_id = materials.snapshot_id
            and layered.element_no = materials.element_no
    )
union all
select
    snapshot_id,
    element_no,
    string_agg(material, '; ' order by material) as material
from layer_names
group by snapshot_id, element_no
