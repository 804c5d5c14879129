-- title: Openings cut, with no opening element left
-- why: Gross cannot be worked out again from this model; a rule of deduction cannot be applied.
-- severity: warning
-- param: tolerance decimal = 0.01; how much gross must be above the body, as a share
-- Net agrees with the body, gross is above it, and nothing in the model voids the element.
select
    gross.model_id,
    gross.element_id,
    gross.element_no,
    gross.snapshot_id,
    gross.ifc_class,
    gross.name,
    gross.quantity,
    gross.unit,
    gross.value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    'gross is ' || cast(cast(gross.value_exact - gross.body_exact as decimal(38, 3)) as varchar)
    || ' above the body, net agrees with it, and the model has no opening here' as detail,
    gross.evidence_no,
    gross.source_row
from checked_figures as gross
join checked_figures as net
    on net.snapshot_id = gross.snapshot_id
    and net.element_no = gross.element_no
    and net.quantity = 'Net' || substring(gross.quantity, 6)
left join hosted_openings
    on hosted_openings.snapshot_id = gross.snapshot_id
    and hosted_openings.element_no = gross.element_no
where gross.quantity in ('GrossVolume', 'GrossSideArea', 'GrossArea')
    and gross.basis in ('authored', 'vendor_calculated')
    and hosted_openings.element_no is null
    and cast(gross.value_exact as double)
    > cast(gross.body_exact as double) * (1 + cast($tolerance as double))
    and cast(gross.value_exact as double) < cast(gross.body_exact as double) * 50
    and abs(
        cast(net.value_exact as double) / nullif(cast(net.body_exact as double), 0) - 1
    ) <= 0.03
order by
    gross.model_id,
    gross.snapshot_id,
    gross.element_no,
    gross.quantity
