-- title: Opening with the volume of what it is cut from
-- why: A sum over all volumes counts the host again for every opening in it.
-- severity: error
-- param: tolerance decimal = 0.001; how near the two figures must be, as a share
-- The host is what the opening voids, or the whole that this is a part of. An opening whose body is
-- as large as the host's is honest.
with links as (
    select
        snapshot_id,
        element_no,
        host_no
    from checked_elements
    where role = 'opening'
        and host_no is not null
    union all
    select
        checked_elements.snapshot_id,
        checked_elements.element_no,
        part_links.whole_no as host_no
    from checked_elements
    join part_links
        on part_links.snapshot_id = checked_elements.snapshot_id
        and part_links.element_no = checked_elements.host_no
    where checked_elements.role = 'opening'
),
hosts as (
    select
        links.snapshot_id,
        links.element_no,
        checked_figures.value_exact,
        checked_figures.ifc_class
    from links
    join checked_figures
        on checked_figures.snapshot_id = links.snapshot_id
        and checked_figures.element_no = links.host_no
    where checked_figures.quantity in ('NetVolume', 'GrossVolume')
        and checked_figures.value_exact > 0
),
found as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        min(hosts.ifc_class) as host_class
    from checked_figures
    join hosts
        on hosts.snapshot_id = checked_figures.snapshot_id
        and hosts.element_no = checked_figures.element_no
    where checked_figures.quantity in ('Volume', 'NetVolume', 'GrossVolume')
        and checked_figures.basis in ('authored', 'vendor_calculated')
        and abs(
            cast(checked_figures.value_exact as double) / cast(hosts.value_exact as double) - 1
        ) <= cast($tolerance as double)
        and coalesce(
            cast(checked_figures.body_exact as double)
            < 0.98 * cast(checked_figures.value_exact as double),
            true
        )
    group by
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity
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
    'it is the volume of its host, a ' || coalesce(found.host_class, 'thing without class')
    || '; its body has '
    || coalesce(cast(cast(checked_figures.body_exact as decimal(38, 3)) as varchar), 'none')
        as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from found
join checked_figures
    on checked_figures.snapshot_id = found.snapshot_id
    and checked_figures.element_no = found.element_no
    and checked_figures.quantity = found.quantity
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
