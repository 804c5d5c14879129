-- title: A whole that is not the sum of its parts
-- why: The whole's figure is counted; if the parts are right, the total is off by the difference.
-- severity: warning
-- param: tolerance decimal = 0.01; how far the two may be apart, as a share of the whole
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
    cast(part_sums.parts_exact as decimal(32, 12)) as suspected_exact,
    cast(part_sums.parts_exact as decimal(32, 12)) - checked_figures.value_exact as effect_exact,
    'its ' || cast(part_sums.parts as varchar) || ' parts make '
    || cast(cast(part_sums.parts_exact as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from part_sums
join checked_figures
    on checked_figures.snapshot_id = part_sums.snapshot_id
    and checked_figures.element_no = part_sums.element_no
    and checked_figures.quantity = part_sums.quantity
where part_sums.with_figure = part_sums.parts
    and abs(cast(part_sums.parts_exact - checked_figures.value_exact as double))
    > cast($tolerance as double) * abs(cast(checked_figures.value_exact as double))
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
