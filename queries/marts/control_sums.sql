-- title: The sums that vendors state, beside our sums over the same elements
-- grain: snapshot_id, ordinal
-- A vendor sums over everything that it lists as a product, whatever its role and whether it counts
-- in reports; so does `our_value` here, with the figures that came from the vendor (authored before
-- vendor-calculated, none that we computed or derived). `elements` are those that the filter takes
-- in; `counted` of them are in our sum, `doubtful` have figures that disagree. A filter other than
-- none and a class is not followed: it has no sum and no number of elements of ours. `agrees`: the
-- sums differ by no more than a millionth.
with stated as (
    select
        snapshot_id,
        ordinal,
        quantity,
        filter,
        unit,
        value_exact
    from control_totals
),
sizes as (
    select
        elements.snapshot_id,
        elements.source_class,
        count(*) as elements
    from elements
    where elements.snapshot_id in (select stated.snapshot_id from stated)
    group by elements.snapshot_id, elements.source_class
),
sums as (
    select
        elements.snapshot_id,
        elements.source_class,
        picked_figures.quantity,
        sum(picked_figures.value_exact) as value_exact,
        count(picked_figures.value_exact) as counted,
        count(case when picked_figures.is_doubtful then 1 end) as doubtful
    from picked_figures
    join elements
        on elements.snapshot_id = picked_figures.snapshot_id
        and elements.element_no = picked_figures.element_no
    where picked_figures.snapshot_id in (select stated.snapshot_id from stated)
        and picked_figures.quantity in (select stated.quantity from stated)
        and picked_figures.quantity <> 'Count'
        and picked_figures.basis in ('authored', 'vendor_calculated')
    group by elements.snapshot_id, elements.source_class, picked_figures.quantity
),
ours as (
    select
        stated.snapshot_id,
        stated.ordinal,
        sum(sizes.elements) as elements,
        sum(case when stated.quantity = 'Count' then sizes.elements else sums.counted end)
            as counted,
        sum(case when stated.quantity = 'Count' then 0 else sums.doubtful end) as doubtful,
        sum(
            case
                when stated.quantity = 'Count' then cast(sizes.elements as decimal(38, 12))
                else cast(sums.value_exact as decimal(38, 12))
            end
        ) as value_exact
    from stated
    join sizes
        on sizes.snapshot_id = stated.snapshot_id
        and (stated.filter is null or stated.filter = 'Class Eq ' || sizes.source_class)
    left join sums
        on sums.snapshot_id = sizes.snapshot_id
        and sums.source_class is not distinct from sizes.source_class
        and sums.quantity = stated.quantity
    group by stated.snapshot_id, stated.ordinal
),
compared as (
    select
        stated.snapshot_id,
        stated.ordinal,
        stated.quantity,
        stated.filter,
        stated.unit,
        cast(stated.value_exact as decimal(38, 12)) as stated_value,
        cast(ours.value_exact as decimal(38, 12)) as our_value,
        stated.filter is null or left(stated.filter, 9) = 'Class Eq ' as is_followed,
        cast(coalesce(ours.elements, 0) as bigint) as elements,
        cast(coalesce(ours.counted, 0) as bigint) as counted,
        cast(coalesce(ours.doubtful, 0) as bigint) as doubtful
    from stated
    left join ours
        on ours.snapshot_id = stated.snapshot_id
        and ours.ordinal = stated.ordinal
)
select
    snapshot_id,
    ordinal,
    quantity,
    filter,
    unit,
    stated_value,
    our_value,
    cast(stated_value - our_value as decimal(38, 12)) as difference,
    cast(abs(stated_value - our_value) as double)
    <= 0.000001 * greatest(abs(cast(stated_value as double)), abs(cast(our_value as double)))
        as agrees,
    case when is_followed then elements end as elements,
    case when is_followed then counted end as counted,
    case when is_followed then doubtful end as doubtful
from compared
