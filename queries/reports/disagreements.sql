-- title: Disagreements
-- question: Which elements do two sources of one building show differently, and which does one lack?
-- grain: other_vendor, other_model_id, other_snapshot_id, disagreement, quantity, a_element_id, b_element_id
-- compares: several
-- elements: disagreement_sides
-- param: quantity texts = null; IFC quantity names to compare; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: tolerance decimal = 0.001; share of the greater figure by which two that agree may differ
-- param: one_sided boolean = false; list also figures that only one source has
-- column: other_vendor text; vendor of the other source (b)
-- column: other_model_id text; model of the other source
-- column: other_snapshot_id text; snapshot of the other source
-- column: disagreement text; only in a, counted only in a, class, storey, figure, figure only in a ...
-- column: quantity text; IFC4X3 name of the figure; null if it is not about one
-- column: unit text; SI unit of the figures
-- column: a_value decimal; figure in the first source; null if it has none
-- column: b_value decimal; figure in the other source; null if it has none
-- column: difference decimal; b_value less a_value; null if either is
-- column: deviation double; the difference as a share of the greater figure; null if either is null
-- column: matched_by text; key that matched the element; null if only one source has it
-- column: ifc_guid text; IFC GlobalId in the first source, or in the other alone
-- column: a_ifc_class text; class in the first source; null if it lacks the element
-- column: b_ifc_class text; class in the other source
-- column: name text; name in the first source, or in the other alone
-- column: a_storey_name text; storey in the first source
-- column: b_storey_name text; storey in the other source
-- column: a_element_id text; the element's id in the first source
-- column: b_element_id text; the element's id in the other source
with about_elements as (
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        state as disagreement
    from reconciled_elements
    where state <> 'in both'
    union all
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        'class' as disagreement
    from reconciled_elements
    where class_differs
    union all
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        'storey' as disagreement
    from reconciled_elements
    where storey_differs
),
about_figures as (
    select
        reconciled_figures.pair_no,
        reconciled_figures.old_no,
        reconciled_figures.new_no,
        reconciled_elements.matched_by,
        case
            when reconciled_figures.b_value is null then 'figure only in a'
            when reconciled_figures.a_value is null then 'figure only in b'
            else 'figure'
        end as disagreement,
        reconciled_figures.quantity,
        reconciled_figures.unit,
        reconciled_figures.a_value,
        reconciled_figures.b_value,
        reconciled_figures.deviation
    from reconciled_figures
    join reconciled_elements
        on reconciled_elements.pair_no = reconciled_figures.pair_no
        and reconciled_elements.old_no = reconciled_figures.old_no
        and reconciled_elements.new_no = reconciled_figures.new_no
        and reconciled_elements.state = 'in both'
    where (reconciled_figures.a_value is not null or reconciled_figures.b_value is not null)
        and (
            $one_sided
            or (
                reconciled_figures.a_value is not null and reconciled_figures.b_value is not null
            )
        )
        and not coalesce(reconciled_figures.deviation <= cast($tolerance as double), false)
),
found as (
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        disagreement,
        cast(null as varchar) as quantity,
        cast(null as varchar) as unit,
        cast(null as decimal(38, 12)) as a_value,
        cast(null as decimal(38, 12)) as b_value,
        cast(null as double) as deviation
    from about_elements
    union all
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        disagreement,
        quantity,
        unit,
        cast(a_value as decimal(38, 12)) as a_value,
        cast(b_value as decimal(38, 12)) as b_value,
        deviation
    from about_figures
)
select
    other_snapshots.vendor as other_vendor,
    other_snapshots.model_id as other_model_id,
    other_snapshots.snapshot_id as other_snapshot_id,
    found.disagreement,
    found.quantity,
    found.unit,
    found.a_value,
    found.b_value,
    cast(found.b_value - found.a_value as decimal(38, 12)) as difference,
    found.deviation,
    found.matched_by,
    coalesce(first_elements.ifc_guid, other_elements.ifc_guid) as ifc_guid,
    first_elements.ifc_class as a_ifc_class,
    other_elements.ifc_class as b_ifc_class,
    coalesce(first_elements.name, other_elements.name) as name,
    first_elements.storey_name as a_storey_name,
    other_elements.storey_name as b_storey_name,
    first_elements.element_id as a_element_id,
    other_elements.element_id as b_element_id
from found
join compared_pairs
    on compared_pairs.pair_no = found.pair_no
join selected_snapshots as other_snapshots
    on other_snapshots.snapshot_id = compared_pairs.new_snapshot_id
left join compared_elements as first_elements
    on first_elements.pair_no = found.pair_no
    and first_elements.side = 'old'
    and first_elements.element_no = found.old_no
left join compared_elements as other_elements
    on other_elements.pair_no = found.pair_no
    and other_elements.side = 'new'
    and other_elements.element_no = found.new_no
order by
    found.pair_no,
    found.disagreement,
    coalesce(first_elements.ifc_class, other_elements.ifc_class) nulls last,
    found.quantity nulls first,
    found.deviation desc nulls last,
    a_element_id nulls last,
    b_element_id nulls last
