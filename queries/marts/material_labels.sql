-- title: All materials of an element as one text
-- grain: snapshot_id, element_no
-- Names in alphabetical order, each once, joined by "; ".
with names as (
    select distinct
        snapshot_id,
        element_no,
        material
    from materials
    where material is not null
)
select
    snapshot_id,
    element_no,
    string_agg(material, '; ' order by material) as material
from names
group by snapshot_id, element_no
