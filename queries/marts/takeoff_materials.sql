-- title: Volumes of the elements that count, split by material
-- grain: snapshot_id, element_no, quantity, material, split
-- The pieces of one material in one element (see material_pieces) added up; they add up to the
-- element's figure exactly. Where no model states a volume, NetVolume says for all that it is missing.
with volumes as (
    select
        snapshot_id,
        element_no,
        quantity,
        material,
        split,
        cast(sum(value_exact) as decimal(38, 12)) as value_exact,
        is_doubtful,
        basis
    from material_pieces
    where
        quantity in (select asked_quantities.quantity from asked_quantities)
        or (
            quantity = 'NetVolume'
            and not exists (
                select 1
                from asked_quantities
                where asked_quantities.quantity in ('NetVolume', 'GrossVolume')
            )
        )
    group by snapshot_id, element_no, quantity, material, split, is_doubtful, basis
)
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    volumes.material,
    volumes.split,
    volumes.quantity,
    'm3' as unit,
    volumes.value_exact,
    volumes.is_doubtful,
    volumes.basis
from asked_elements
join volumes
    on volumes.snapshot_id = asked_elements.snapshot_id
    and volumes.element_no = asked_elements.element_no
