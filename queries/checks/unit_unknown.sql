-- title: Figure whose unit is unknown
-- why: A number without a unit cannot be added up, so the total is short.
-- severity: warning
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    quantities.quantity,
    quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    body_figures.value_exact as suspected_exact,
    body_figures.value_exact as effect_exact,
    coalesce(quantities.source_set || '.', '') || quantities.source_name || ' is '
    || coalesce(quantities.source_value, 'a number') || ' '
    || coalesce('of the unit ''' || quantities.source_unit || '''', 'without a unit') as detail,
    quantities.evidence_no,
    quantities.source_row
from quantities
join checked_elements
    on checked_elements.snapshot_id = quantities.snapshot_id
    and checked_elements.element_no = quantities.element_no
left join body_figures
    on body_figures.snapshot_id = quantities.snapshot_id
    and body_figures.element_no = quantities.element_no
    and body_figures.quantity = quantities.quantity
where quantities.unit_status = 'unknown'
    and quantities.kind <> 'count'
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no,
    quantities.quantity nulls last,
    quantities.ordinal
