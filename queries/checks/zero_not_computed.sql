-- title: Zero that means not computed
-- why: A length, area, volume or weight of zero is in the total as if it were known.
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
        when body_exact is null then 'zero, and nothing says what it is'
        else 'zero, but its body has '
            || cast(cast(body_exact as decimal(38, 3)) as varchar)
    end as detail,
    evidence_no,
    source_row
from checked_figures
where value_exact = 0
    and basis in ('authored', 'vendor_calculated')
    and kind in ('length', 'area', 'volume', 'mass')
    and coalesce(body_exact, 1) > 0
order by
    model_id,
    snapshot_id,
    element_no,
    quantity
