-- title: Every figure that is asked for, of whatever element
-- grain: snapshot_id, element_no, quantity, is_figure
-- column: is_figure boolean; a figure; else it only shows that there is none
-- A count that the model states is StatedCount. Rows that are no figure (`is_figure`) have no value
-- and are there so that groups in which no element has one are seen: for a quantity named in the
-- question one for every element that counts, for others one for every element that states it
-- without a usable value.
select
    snapshot_id,
    element_no,
    case when quantity = 'Count' then 'StatedCount' else quantity end as quantity,
    unit,
    value_exact,
    is_doubtful,
    case when not is_doubtful then basis end as basis,
    true as is_figure
from element_quantities
union all
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_quantities.quantity,
    asked_quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    false as is_figure
from asked_elements
cross join asked_quantities
where asked_quantities.is_named
    and asked_quantities.quantity <> 'Count'
union all
select
    unusable_figures.snapshot_id,
    unusable_figures.element_no,
    asked_quantities.quantity,
    asked_quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    false as is_figure
from unusable_figures
join asked_quantities
    on asked_quantities.stated_quantity = unusable_figures.quantity
where not asked_quantities.is_named
