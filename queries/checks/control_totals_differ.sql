-- title: The vendor's own total is another than ours
-- why: Either something is missing here, or the vendor summed another version of the model.
-- severity: warning
select
    selected_models.model_id,
    cast(null as varchar) as element_id,
    cast(null as integer) as element_no,
    control_sums.snapshot_id,
    cast(null as varchar) as ifc_class,
    coalesce(control_sums.filter, 'all elements') as name,
    control_sums.quantity,
    control_sums.unit,
    cast(control_sums.our_value as decimal(32, 12)) as value_exact,
    cast(control_sums.stated_value as decimal(32, 12)) as suspected_exact,
    cast(control_sums.difference as decimal(32, 12)) as effect_exact,
    'the vendor states another sum than its ' || cast(control_sums.counted as varchar) || ' of '
    || cast(control_sums.elements as varchar) || ' elements make' as detail,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from control_sums
join selected_models
    on selected_models.snapshot_id = control_sums.snapshot_id
where selected_models.is_newest
    and not control_sums.agrees
order by
    selected_models.model_id,
    control_sums.snapshot_id,
    control_sums.ordinal
