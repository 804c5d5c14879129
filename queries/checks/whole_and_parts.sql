-- title: A whole states a figure, and its parts have it, too
-- why: Adding up all rows counts it twice; reports here count the whole and leave out its parts.
-- severity: note
select
    checked_figures.model_id,
    checked_figures.element_id,
    checked_figures.element_no,
    checked_figures.snapshot_id,
    checked_figures.ifc_class,
    checked_figures.name,
    checked_figures.quantity,
    checked_figures.unit,
    checked_figures.value_exact,
    checked_figures.value_exact as suspected_exact,
    cast(0 as decimal(32, 12)) as effect_exact,
    cast(part_sums.with_figure as varchar) || ' of its ' || cast(part_sums.parts as varchar)
    || ' parts have '
    || cast(cast(part_sums.parts_exact as decimal(38, 3)) as varchar)
    || ' together; a sum over all rows has it twice' as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from part_sums
join checked_figures
    on checked_figures.snapshot_id = part_sums.snapshot_id
    and checked_figures.element_no = part_sums.element_no
    and checked_figures.quantity = part_sums.quantity
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
