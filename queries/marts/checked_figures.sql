-- title: The figures that reports believe, beside what the element's body says
-- grain: snapshot_id, element_no, quantity
-- kept: one pass over the figures, and nearly every check reads it
-- column: body_exact decimal; that of the element's body; null if not known
-- `value_exact` is null if the figures of one set disagree (`is_doubtful`); `body_exact` if the body
-- does not close or has no such quantity. The evidence is the figure's own, else its element's.
select
    checked_elements.snapshot_id,
    checked_elements.element_no,
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.ifc_class,
    checked_elements.name,
    checked_elements.type_name,
    checked_elements.role,
    checked_elements.counted,
    checked_elements.host_no,
    checked_elements.whole_no,
    element_quantities.quantity,
    element_quantities.kind,
    element_quantities.unit,
    element_quantities.value_exact,
    element_quantities.is_doubtful,
    element_quantities.basis,
    element_quantities.source_set,
    body_figures.value_exact as body_exact,
    coalesce(quantities.evidence_no, checked_elements.evidence_no) as evidence_no,
    coalesce(quantities.source_row, checked_elements.source_row) as source_row
from checked_elements
join element_quantities
    on element_quantities.snapshot_id = checked_elements.snapshot_id
    and element_quantities.element_no = checked_elements.element_no
left join quantities
    on quantities.snapshot_id = element_quantities.snapshot_id
    and quantities.element_no = element_quantities.element_no
    and quantities.ordinal = element_quantities.ordinal
left join body_figures
    on body_figures.snapshot_id = element_quantities.snapshot_id
    and body_figures.element_no = element_quantities.element_no
    and body_figures.quantity = element_quantities.quantity
