-- title: Figure that its body does not confirm
-- why: What the author wrote and what is drawn are not the same; the total follows the author.
-- severity: warning
-- param: tolerance decimal = 0.05; how far the two may be apart, as a share of the larger
-- Volumes, areas and the lengths of straight things, whose definitions are the same for both. A
-- difference may be one of definition, such as rooms measured to another face of their walls, or walls
-- measured to where their axes meet.
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
    'its body has '
    || cast(cast(checked_figures.body_exact as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from checked_figures
where checked_figures.basis in ('authored', 'vendor_calculated')
    and (
        checked_figures.quantity in (
            'NetVolume', 'GrossVolume', 'Volume', 'NetArea', 'GrossArea', 'NetSideArea',
            'GrossSideArea', 'NetFloorArea', 'GrossFloorArea', 'Area'
        )
        or (
            checked_figures.quantity = 'Length'
            and checked_figures.ifc_class in ('Wall', 'Beam', 'Column', 'Member')
        )
    )
    and abs(cast(checked_figures.value_exact - checked_figures.body_exact as double))
    > cast($tolerance as double) * greatest(
        abs(cast(checked_figures.value_exact as double)),
        abs(cast(checked_figures.body_exact as double))
    )
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
