-- title: What stands behind control totals: what the vendor states, and the elements that ours add up
-- grain: snapshot_id, filter, quantity, side, element_no
-- Figures and elements are those of control_sums. element_no is null for the sum as the vendor states
-- it (side: stated), with the vendor's id of the calculation.
select
    control_totals.snapshot_id,
    elements.element_no,
    cast(null as varchar) as side,
    control_totals.filter,
    control_totals.quantity,
    case
        when control_totals.quantity = 'Count' then '1'
        else picked_figures.unit
    end as unit,
    case
        when control_totals.quantity = 'Count' then cast(1 as decimal(32, 12))
        else picked_figures.value_exact
    end as value_exact,
    picked_figures.basis,
    coalesce(picked_figures.is_doubtful, false) as is_doubtful,
    true as is_listed,
    cast(null as varchar) as operation_id,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from control_totals
join elements
    on elements.snapshot_id = control_totals.snapshot_id
    and (
        control_totals.filter is null
        or control_totals.filter = 'Class Eq ' || elements.source_class
    )
left join picked_figures
    on picked_figures.snapshot_id = elements.snapshot_id
    and picked_figures.element_no = elements.element_no
    and picked_figures.quantity = control_totals.quantity
    and picked_figures.quantity <> 'Count'
    and picked_figures.basis in ('authored', 'vendor_calculated')
union all
select
    snapshot_id,
    cast(null as integer) as element_no,
    'stated' as side,
    filter,
    quantity,
    unit,
    value_exact,
    cast(null as varchar) as basis,
    false as is_doubtful,
    true as is_listed,
    operation_id,
    evidence_no,
    source_row
from control_totals
