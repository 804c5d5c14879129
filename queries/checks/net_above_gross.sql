-- title: Net above gross
-- why: What is left after openings cannot be more than what was there; one of the two is wrong.
-- severity: error
-- param: tolerance decimal = 0.001; how much net may be above gross, as a share
-- The body tells which of the two is wrong; if it does not, net is named and nothing suspected.
with pairs as (
    select
        net.snapshot_id,
        net.element_no,
        net.quantity as net_quantity,
        gross.quantity as gross_quantity,
        net.value_exact as net_exact,
        gross.value_exact as gross_exact,
        case
            when abs(
                cast(net.value_exact as double) / nullif(cast(net.body_exact as double), 0) - 1
            ) <= 0.01
                and gross.body_exact is not null
                then gross.quantity
            else net.quantity
        end as wrong_quantity
    from checked_figures as net
    join checked_figures as gross
        on gross.snapshot_id = net.snapshot_id
        and gross.element_no = net.element_no
        and gross.quantity = 'Gross' || substring(net.quantity, 4)
    where left(net.quantity, 3) = 'Net'
        and net.basis in ('authored', 'vendor_calculated')
        and gross.basis in ('authored', 'vendor_calculated')
        and cast(net.value_exact as double)
        > cast(gross.value_exact as double) * (1 + cast($tolerance as double))
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
    checked_figures.body_exact as suspected_exact,
    checked_figures.body_exact - checked_figures.value_exact as effect_exact,
    pairs.net_quantity || ' ' || cast(cast(pairs.net_exact as decimal(38, 3)) as varchar)
    || ' is above ' || pairs.gross_quantity || ' '
    || cast(cast(pairs.gross_exact as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from pairs
join checked_figures
    on checked_figures.snapshot_id = pairs.snapshot_id
    and checked_figures.element_no = pairs.element_no
    and checked_figures.quantity = pairs.wrong_quantity
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
