-- title: Negative figure
-- why: No length, area, volume, weight or count is less than nothing; it lowers the total.
-- severity: error
select
    model_id,
    element_id,
    element_no,
    snapshot_id,
    ifc_class,
    name,
    quantity,
    unit,
    value_exact,
    body_exact as suspected_exact,
    body_exact - value_exact as effect_exact,
    case
        when body_exact is null then 'less than zero, and nothing says what it is'
        else 'less than zero; its body has '
            || cast(cast(body_exact as decimal(38, 3)) as varchar)
    end as detail,
    evidence_no,
    source_row
from checked_figures
where value_exact < 0
    and kind in ('length', 'area', 'volume', 'mass', 'count', 'time')
order by
    model_id,
    snapshot_id,
    element_no,
    quantity
