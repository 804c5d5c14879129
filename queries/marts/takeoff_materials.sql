-- title: Volumes of the elements that count, split by material
-- grain: snapshot_id, element_no, quantity, material, split
-- split: whole (one material), layers (by thickness), constituents (by stated shares that add up to
-- 1), not split (several materials without shares; they stay together as one text), no material.
-- Shares are taken in whole mm3, and the last layer takes what remains: the pieces of an element
-- add up to its figure exactly. An element without figure has its materials with value null.
with pieces as (
    select
        snapshot_id,
        element_no,
        ordinal,
        role,
        material,
        case role
            when 'layer' then round(thickness_m * 1000000)
            when 'constituent' then round(share * 1000000)
        end as weight
    from materials
),
wholes as (
    select
        snapshot_id,
        element_no,
        case
            when count(material) = 0 then 'no material'
            when count(distinct material) = 1 and count(material) = count(*) then 'whole'
            when count(weight) < count(*) or min(role) <> max(role) then 'not split'
            when min(weight) < 0 or max(weight) <= 0 then 'not split'
            when min(role) = 'layer' then 'layers'
            when abs(sum(cast(weight as decimal(18, 0))) - 1000000) <= 1000 then 'constituents'
            else 'not split'
        end as split,
        cast(sum(cast(weight as decimal(18, 0))) as double) as total_weight,
        max(ordinal) as last_ordinal
    from pieces
    group by snapshot_id, element_no
),
volumes as (
    select
        counted_elements.snapshot_id,
        counted_elements.element_no,
        counted_elements.vendor,
        counted_elements.project_id,
        counted_elements.model_id,
        counted_elements.model_name,
        asked_quantities.quantity,
        element_quantities.value_exact,
        coalesce(element_quantities.is_doubtful, false) as is_doubtful,
        element_quantities.basis,
        coalesce(wholes.split, 'no material') as split,
        wholes.total_weight,
        wholes.last_ordinal
    from counted_elements
    join asked_quantities
        on asked_quantities.quantity in ('NetVolume', 'GrossVolume')
    left join element_quantities
        on element_quantities.snapshot_id = counted_elements.snapshot_id
        and element_quantities.element_no = counted_elements.element_no
        and element_quantities.quantity = asked_quantities.quantity
    left join wholes
        on wholes.snapshot_id = counted_elements.snapshot_id
        and wholes.element_no = counted_elements.element_no
    where counted_elements.counted
),
rounded_shares as (
    select
        volumes.snapshot_id,
        volumes.element_no,
        volumes.quantity,
        volumes.value_exact,
        pieces.ordinal,
        pieces.material,
        pieces.ordinal = volumes.last_ordinal as is_last,
        cast(
            round(
                cast(volumes.value_exact as double) * pieces.weight
                / volumes.total_weight * 1000000000
            ) as decimal(29, 0)
        ) * cast(0.000000001 as decimal(9, 9)) as share_exact
    from volumes
    join pieces
        on pieces.snapshot_id = volumes.snapshot_id
        and pieces.element_no = volumes.element_no
    where volumes.split in ('layers', 'constituents')
),
shares as (
    select
        snapshot_id,
        element_no,
        quantity,
        material,
        case
            when is_last
                then value_exact - coalesce(
                    sum(case when not is_last then share_exact end) over (
                        partition by snapshot_id, element_no, quantity
                    ),
                    0
                )
            else share_exact
        end as share_exact
    from rounded_shares
),
split_volumes as (
    select
        snapshot_id,
        element_no,
        quantity,
        material,
        cast(sum(share_exact) as decimal(38, 12)) as value_exact
    from shares
    group by snapshot_id, element_no, quantity, material
)
select
    volumes.snapshot_id,
    volumes.element_no,
    volumes.vendor,
    volumes.project_id,
    volumes.model_id,
    volumes.model_name,
    coalesce(split_volumes.material, material_labels.material) as material,
    volumes.split,
    volumes.quantity,
    'm3' as unit,
    case
        when volumes.split in ('layers', 'constituents') then split_volumes.value_exact
        else cast(volumes.value_exact as decimal(38, 12))
    end as value_exact,
    volumes.is_doubtful,
    case when not volumes.is_doubtful then volumes.basis end as basis
from volumes
left join split_volumes
    on split_volumes.snapshot_id = volumes.snapshot_id
    and split_volumes.element_no = volumes.element_no
    and split_volumes.quantity = volumes.quantity
left join material_labels
    on material_labels.snapshot_id = volumes.snapshot_id
    and material_labels.element_no = volumes.element_no
    and volumes.split in ('whole', 'not split')
