-- title: Net equal to gross although openings are hosted
-- why: The openings were not taken off, so the net total is too high.
-- severity: error
-- param: tolerance decimal = 0.0001; how far net and gross may differ to count as equal, as a share
-- Only where the body loses something to its openings, or nothing is known of the body.
select
    net.model_id,
    net.element_id,
    net.element_no,
    net.snapshot_id,
    net.ifc_class,
    net.name,
    net.quantity,
    net.unit,
    net.value_exact,
    net.body_exact as suspected_exact,
    net.body_exact - net.value_exact as effect_exact,
    'the same as ' || gross.quantity || ', with '
    || cast(hosted_openings.openings as varchar) || ' openings in it' as detail,
    net.evidence_no,
    net.source_row
from checked_figures as net
join checked_figures as gross
    on gross.snapshot_id = net.snapshot_id
    and gross.element_no = net.element_no
    and gross.quantity = 'Gross' || substring(net.quantity, 4)
join hosted_openings
    on hosted_openings.snapshot_id = net.snapshot_id
    and hosted_openings.element_no = net.element_no
where net.quantity in ('NetVolume', 'NetArea', 'NetSideArea')
    and net.basis in ('authored', 'vendor_calculated')
    and gross.basis in ('authored', 'vendor_calculated')
    and net.value_exact > 0
    and abs(
        cast(net.value_exact as double) / nullif(cast(gross.value_exact as double), 0) - 1
    ) <= cast($tolerance as double)
    and coalesce(
        cast(net.body_exact as double) < cast(net.value_exact as double) * 0.999, true
    )
order by
    net.model_id,
    net.snapshot_id,
    net.element_no,
    net.quantity
