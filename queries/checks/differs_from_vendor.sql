-- title: Author and vendor state different figures
-- why: The author's figure is counted; the vendor worked out another one from the same model.
-- severity: warning
-- param: tolerance decimal = 0.01; how far the two may be apart, as a share of the larger
with calculated as (
    select
        snapshot_id,
        element_no,
        quantity,
        max(value_exact) as value_exact
    from stated_figures
    where basis = 'vendor_calculated'
    group by snapshot_id, element_no, quantity
)
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
    case
        when abs(cast(calculated.value_exact - checked_figures.body_exact as double))
            < abs(cast(checked_figures.value_exact - checked_figures.body_exact as double))
            then calculated.value_exact
    end as suspected_exact,
    case
        when abs(cast(calculated.value_exact - checked_figures.body_exact as double))
            < abs(cast(checked_figures.value_exact - checked_figures.body_exact as double))
            then calculated.value_exact - checked_figures.value_exact
    end as effect_exact,
    'the vendor calculated '
    || cast(cast(calculated.value_exact as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from checked_figures
join calculated
    on calculated.snapshot_id = checked_figures.snapshot_id
    and calculated.element_no = checked_figures.element_no
    and calculated.quantity = checked_figures.quantity
where checked_figures.basis = 'authored'
    and abs(cast(checked_figures.value_exact - calculated.value_exact as double))
    > cast($tolerance as double) * greatest(
        abs(cast(checked_figures.value_exact as double)),
        abs(cast(calculated.value_exact as double))
    )
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
