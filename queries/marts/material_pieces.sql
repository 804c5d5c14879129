-- title: Layers and other pieces that the volumes of the elements that count are split into
-- grain: snapshot_id, element_no, quantity, bearer_no, ordinal
-- column: bearer_no integer; element_no of what has the material: itself, or a part
-- split: whole (one material), layers (by thickness), constituents (by stated shares that add up to
-- 1), not split (several materials without usable shares; they stay together as one text), no
-- material. A whole without material whose figure is the sum of its parts' is split as its parts
-- are: `bearer_no` is the part, else the element itself. Layers of one material are pieces each.
-- Shares are taken in whole mm3, and the last layer takes what remains: the pieces of an element
-- add up to its figure exactly. An element without figure has its pieces with value null. `ordinal`
-- and `thickness_m` are null where all of the bearer is one piece; only layers have a thickness.
-- NetVolume is always there, GrossVolume if it is asked (see asked_quantities).
with pieces as (
    select
        snapshot_id,
        element_no,
        ordinal,
        role,
        material,
        thickness_m,
        try_cast(
            case role
                when 'layer' then round(thickness_m * 1000000)
                when 'constituent' then round(share * 1000000)
            end as decimal(18, 0)
        ) as weight
    from materials
),
splits as (
    select
        snapshot_id,
        element_no,
        case
            when count(material) = 0 then 'no material'
            when count(distinct material) = 1 and count(material) = count(*) then 'whole'
            when count(weight) < count(*) or min(role) <> max(role) then 'not split'
            when min(weight) < 0 or max(weight) <= 0 then 'not split'
            when min(role) = 'layer' then 'layers'
            when abs(sum(weight) - 1000000) <= 1000 then 'constituents'
            else 'not split'
        end as split,
        min(role) = 'layer'
        and max(role) = 'layer'
        and count(weight) = count(*)
        and min(weight) >= 0
        and max(weight) > 0 as is_layered,
        cast(sum(weight) as double) as total_weight,
        max(ordinal) as last_ordinal
    from pieces
    group by snapshot_id, element_no
),
figures as (
    select
        element_quantities.snapshot_id,
        element_quantities.element_no,
        element_quantities.quantity,
        element_quantities.value_exact,
        element_quantities.is_doubtful,
        element_quantities.basis,
        element_quantities.origin = 'rule'
        and coalesce(splits.split, 'no material') = 'no material' as is_of_its_parts
    from element_quantities
    left join splits
        on splits.snapshot_id = element_quantities.snapshot_id
        and splits.element_no = element_quantities.element_no
    where element_quantities.quantity in ('NetVolume', 'GrossVolume')
),
part_figures as (
    select
        part_links.snapshot_id,
        part_links.whole_no,
        figures.element_no,
        figures.quantity,
        figures.value_exact,
        figures.is_of_its_parts
    from part_links
    join figures
        on figures.snapshot_id = part_links.snapshot_id
        and figures.element_no = part_links.element_no
    left join repeated_elements
        on repeated_elements.snapshot_id = part_links.snapshot_id
        and repeated_elements.element_no = part_links.element_no
    where repeated_elements.element_no is null
),
asked_volumes as (
    select 'NetVolume' as quantity
    union
    select quantity
    from asked_quantities
    where quantity = 'GrossVolume'
),
volumes as (
    select
        asked_elements.snapshot_id,
        asked_elements.element_no,
        asked_volumes.quantity,
        figures.value_exact,
        coalesce(figures.is_doubtful, false) as is_doubtful,
        figures.basis,
        coalesce(figures.is_of_its_parts, false) as is_of_its_parts
    from asked_elements
    cross join asked_volumes
    left join figures
        on figures.snapshot_id = asked_elements.snapshot_id
        and figures.element_no = asked_elements.element_no
        and figures.quantity = asked_volumes.quantity
),
parts as (
    select
        volumes.snapshot_id,
        volumes.element_no,
        part_figures.element_no as part_no,
        part_figures.quantity,
        part_figures.value_exact,
        part_figures.is_of_its_parts
    from volumes
    join part_figures
        on part_figures.snapshot_id = volumes.snapshot_id
        and part_figures.whole_no = volumes.element_no
        and part_figures.quantity = volumes.quantity
    where volumes.is_of_its_parts
),
second_parts as (
    select
        parts.snapshot_id,
        parts.element_no,
        part_figures.element_no as part_no,
        part_figures.quantity,
        part_figures.value_exact,
        part_figures.is_of_its_parts
    from parts
    join part_figures
        on part_figures.snapshot_id = parts.snapshot_id
        and part_figures.whole_no = parts.part_no
        and part_figures.quantity = parts.quantity
    where parts.is_of_its_parts
),
third_parts as (
    select
        second_parts.snapshot_id,
        second_parts.element_no,
        part_figures.element_no as part_no,
        part_figures.quantity,
        part_figures.value_exact
    from second_parts
    join part_figures
        on part_figures.snapshot_id = second_parts.snapshot_id
        and part_figures.whole_no = second_parts.part_no
        and part_figures.quantity = second_parts.quantity
    where second_parts.is_of_its_parts
),
bearers as (
    select
        snapshot_id,
        element_no,
        element_no as bearer_no,
        quantity,
        value_exact
    from volumes
    where not is_of_its_parts
    union all
    select
        snapshot_id,
        element_no,
        part_no as bearer_no,
        quantity,
        value_exact
    from parts
    where not is_of_its_parts
    union all
    select
        snapshot_id,
        element_no,
        part_no as bearer_no,
        quantity,
        value_exact
    from second_parts
    where not is_of_its_parts
    union all
    select
        snapshot_id,
        element_no,
        part_no as bearer_no,
        quantity,
        value_exact
    from third_parts
),
split_bearers as (
    select
        bearers.snapshot_id,
        bearers.element_no,
        bearers.bearer_no,
        bearers.quantity,
        bearers.value_exact,
        case
            when splits.split in ('layers', 'constituents') and abs(bearers.value_exact) > 1e18
                then 'not split'
            else coalesce(splits.split, 'no material')
        end as split,
        (
            splits.split in ('layers', 'constituents')
            or (splits.split = 'whole' and splits.is_layered)
        )
        and coalesce(abs(bearers.value_exact) <= 1e18, true) as is_in_pieces,
        splits.total_weight,
        splits.last_ordinal
    from bearers
    left join splits
        on splits.snapshot_id = bearers.snapshot_id
        and splits.element_no = bearers.bearer_no
),
rounded_shares as (
    select
        split_bearers.snapshot_id,
        split_bearers.element_no,
        split_bearers.bearer_no,
        split_bearers.quantity,
        split_bearers.split,
        split_bearers.value_exact,
        pieces.ordinal,
        pieces.material,
        case when pieces.role = 'layer' then pieces.thickness_m end as thickness_m,
        pieces.ordinal = split_bearers.last_ordinal as is_last,
        cast(
            cast(
                round(
                    cast(split_bearers.value_exact as double) * cast(pieces.weight as double)
                    / split_bearers.total_weight * 1000000000
                ) as decimal(29, 0)
            ) * cast(0.000000001 as decimal(9, 9)) as decimal(38, 12)
        ) as share_exact
    from split_bearers
    join pieces
        on pieces.snapshot_id = split_bearers.snapshot_id
        and pieces.element_no = split_bearers.bearer_no
    where split_bearers.is_in_pieces
),
shares as (
    select
        snapshot_id,
        element_no,
        bearer_no,
        quantity,
        ordinal,
        material,
        thickness_m,
        split,
        case
            when is_last
                then cast(value_exact as decimal(38, 12)) - coalesce(
                    cast(
                        sum(case when not is_last then share_exact end) over (
                            partition by snapshot_id, element_no, bearer_no, quantity
                        ) as decimal(38, 12)
                    ),
                    cast(0 as decimal(38, 12))
                )
            else share_exact
        end as share_exact
    from rounded_shares
    union all
    select
        split_bearers.snapshot_id,
        split_bearers.element_no,
        split_bearers.bearer_no,
        split_bearers.quantity,
        cast(null as integer) as ordinal,
        material_labels.material,
        cast(null as double) as thickness_m,
        split_bearers.split,
        cast(split_bearers.value_exact as decimal(38, 12)) as share_exact
    from split_bearers
    left join material_labels
        on material_labels.snapshot_id = split_bearers.snapshot_id
        and material_labels.element_no = split_bearers.bearer_no
    where not coalesce(split_bearers.is_in_pieces, false)
)
select
    volumes.snapshot_id,
    volumes.element_no,
    volumes.quantity,
    shares.bearer_no,
    shares.ordinal,
    shares.material,
    shares.thickness_m,
    shares.split,
    shares.share_exact as value_exact,
    volumes.is_doubtful,
    case when not volumes.is_doubtful then volumes.basis end as basis
from volumes
join shares
    on shares.snapshot_id = volumes.snapshot_id
    and shares.element_no = volumes.element_no
    and shares.quantity = volumes.quantity
