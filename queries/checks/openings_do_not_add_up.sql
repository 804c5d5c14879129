-- title: Gross less openings is not net
-- why: One of gross, net and the openings is measured by another rule; ask which before pricing.
-- severity: warning
-- param: tolerance decimal = 0.02; how far gross less openings may be from net, as a share of gross
-- Openings that reach beyond the body are not counted against it: a body that agrees with net, or
-- loses as much, is taken as proof.
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
    gross.quantity || ' ' || cast(cast(gross.value_exact as decimal(38, 3)) as varchar)
    || ' less ' || cast(hosted_openings.openings as varchar) || ' openings of '
    || cast(
        cast(
            case
                when net.kind = 'volume' then hosted_openings.volume_m3
                else hosted_openings.area_m2
            end as decimal(38, 3)
        ) as varchar
    ) || ' is not net' as detail,
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
where net.quantity in ('NetVolume', 'NetSideArea', 'NetArea')
    and net.basis in ('authored', 'vendor_calculated')
    and gross.basis in ('authored', 'vendor_calculated')
    and gross.value_exact > 0
    and abs(
        cast(gross.value_exact as double)
        - cast(
            case
                when net.kind = 'volume' then hosted_openings.volume_m3
                else hosted_openings.area_m2
            end as double
        )
        - cast(net.value_exact as double)
    ) > cast($tolerance as double) * cast(gross.value_exact as double)
    and coalesce(
        abs(
            cast(net.body_exact as double) / nullif(cast(net.value_exact as double), 0) - 1
        ) > 0.005,
        true
    )
order by
    net.model_id,
    net.snapshot_id,
    net.element_no,
    net.quantity
