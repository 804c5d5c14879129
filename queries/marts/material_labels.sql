-- title: All materials of an element as one text
-- grain: snapshot_id, element_no
-- Names in alphabetical order, each once, joined by "; ". Most elements have one, which is its own
-- text: to join names takes several times as long.
with outer_names as (
    select
        snapshot_id,
        element_no,
        min(material) as first_name,
        max(material) as last_name
    from materials
    where material is not null
    group by snapshot_id, element_no
),
several_names as (
    select distinct
        materials.snapshot_id,
        materials.element_no,
        materials.material
    from materials
    join outer_names
        on outer_names.snapshot_id = materials.snapshot_id
        and outer_names.element_no = materials.element_no
    where outer_names.first_name <> outer_names.last_name
        and materials.material is not null
)
select
    snapshot_id,
    element_no,
    first_name as material
from outer_names
where first_name = last_name
union all
select
    snapshot_id,
    element_no,
    string_agg(material, '; ' order by material) as material
from several_names
group by snapshot_id, element_no
