-- title: Element without material
-- why: It is missing in a takeoff by material, and no factor by material can be applied.
-- severity: note
-- A whole whose parts have materials is not named.
with known as (
    select distinct
        snapshot_id,
        element_no
    from materials
    where trim(material) <> ''
),
known_in_parts as (
    select distinct
        part_links.snapshot_id,
        part_links.top_no as element_no
    from part_links
    join known
        on known.snapshot_id = part_links.snapshot_id
        and known.element_no = part_links.element_no
)
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    cast(null as varchar) as quantity,
    cast(null as varchar) as unit,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    'it has no material' as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
left join known
    on known.snapshot_id = checked_elements.snapshot_id
    and known.element_no = checked_elements.element_no
left join known_in_parts
    on known_in_parts.snapshot_id = checked_elements.snapshot_id
    and known_in_parts.element_no = checked_elements.element_no
where checked_elements.counted
    and known.element_no is null
    and known_in_parts.element_no is null
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
