-- title: Reconciliation
-- question: Do two sources of one building agree, class by class and quantity by quantity?
-- grain: other_vendor, other_model_id, other_snapshot_id, ifc_class, storey_name, type_name, matched_by, quantity
-- partitions: elements of both sources
-- compares: several
-- elements: reconciled_takeoff_elements
-- by: class on; ifc_class
-- by: storey off; storey_name
-- by: type off; type_name
-- by: key off; matched_by
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: tolerance decimal = 0.001; share of the greater figure by which two that agree may differ
-- column: other_vendor text; vendor of the other source (b)
-- column: other_model_id text; model of the other source
-- column: other_snapshot_id text; snapshot of the other source
-- column: ifc_class text; IFC class without Ifc in the first source, or in the other alone
-- column: storey_name text; storey in the first source, or in the other alone; null if none
-- column: type_name text; type in the first source, or in the other alone; null if none
-- column: matched_by text; key that matched the elements; null for those of one source only
-- column: quantity text; IFC4X3 name; Count: number of elements, StatedCount: as the model says
-- column: unit text; SI unit of the values, 1 for counts
-- column: a_value decimal; sum in the first source; null if none of its elements has one
-- column: b_value decimal; sum in the other source; null if none of its elements has one
-- column: difference decimal; b_value less a_value; null if either is
-- column: agrees boolean; the sums differ by no more than the tolerance; null if either is null
-- column: a_compared_value decimal; of a_value, what elements with a figure in both sources have
-- column: b_compared_value decimal; of b_value, what elements with a figure in both sources have
-- column: elements bigint; elements that count in either source, each once
-- column: in_both bigint; elements that count in both
-- column: only_in_a bigint; elements that count in the first source only
-- column: only_in_b bigint; elements that count in the other source only
-- column: compared bigint; elements with a figure in both
-- column: agreeing bigint; those whose figures differ by no more than the tolerance
-- column: differing bigint; those whose figures differ by more
-- column: figure_only_in_a bigint; elements with a figure in the first source only
-- column: figure_only_in_b bigint; elements with a figure in the other source only
-- column: without_figure bigint; elements without a usable figure in either
with figures as (
    select
        reconciled_figures.pair_no,
        case when $by_class then reconciled_elements.ifc_class end as ifc_class,
        case when $by_storey then reconciled_elements.storey_name end as storey_name,
        case when $by_type then reconciled_elements.type_name end as type_name,
        case when $by_key then reconciled_elements.matched_by end as matched_by,
        reconciled_figures.quantity,
        reconciled_figures.unit,
        reconciled_figures.a_value,
        reconciled_figures.b_value,
        reconciled_figures.a_value is not null
        and reconciled_figures.b_value is not null as is_compared,
        coalesce(reconciled_figures.deviation <= cast($tolerance as double), false) as is_agreeing
    from reconciled_figures
    join reconciled_elements
        on reconciled_elements.pair_no = reconciled_figures.pair_no
        and coalesce(reconciled_elements.old_no, -1) = coalesce(reconciled_figures.old_no, -1)
        and coalesce(reconciled_elements.new_no, -1) = coalesce(reconciled_figures.new_no, -1)
),
sums as (
    select
        pair_no,
        ifc_class,
        storey_name,
        type_name,
        matched_by,
        quantity,
        max(unit) as unit,
        coalesce(min(unit) = max(unit), true) as is_one_unit,
        cast(sum(a_value) as decimal(38, 12)) as a_value,
        cast(sum(b_value) as decimal(38, 12)) as b_value,
        cast(sum(case when is_compared then a_value end) as decimal(38, 12)) as a_compared_value,
        cast(sum(case when is_compared then b_value end) as decimal(38, 12)) as b_compared_value,
        count(*) as rows_there,
        count(case when is_compared then 1 end) as compared,
        count(case when is_compared and is_agreeing then 1 end) as agreeing,
        count(case when b_value is null then a_value end) as figure_only_in_a,
        count(case when a_value is null then b_value end) as figure_only_in_b
    from figures
    group by pair_no, ifc_class, storey_name, type_name, matched_by, quantity
),
lines as (
    select
        pair_no,
        ifc_class,
        storey_name,
        type_name,
        matched_by,
        quantity,
        unit,
        case
            when is_one_unit and quantity = 'Count' then coalesce(a_value, 0)
            when is_one_unit then a_value
        end as a_value,
        case
            when is_one_unit and quantity = 'Count' then coalesce(b_value, 0)
            when is_one_unit then b_value
        end as b_value,
        case when is_one_unit then a_compared_value end as a_compared_value,
        case when is_one_unit then b_compared_value end as b_compared_value,
        compared,
        agreeing,
        figure_only_in_a,
        figure_only_in_b,
        max(case when quantity = 'Count' then rows_there end) over same_group as elements,
        max(case when quantity = 'Count' then compared end) over same_group as in_both,
        max(case when quantity = 'Count' then figure_only_in_a end) over same_group as only_in_a,
        max(case when quantity = 'Count' then figure_only_in_b end) over same_group as only_in_b
    from sums
    window same_group as (
        partition by pair_no, ifc_class, storey_name, type_name, matched_by
    )
)
select
    other_snapshots.vendor as other_vendor,
    other_snapshots.model_id as other_model_id,
    other_snapshots.snapshot_id as other_snapshot_id,
    lines.ifc_class,
    lines.storey_name,
    lines.type_name,
    lines.matched_by,
    lines.quantity,
    lines.unit,
    lines.a_value,
    lines.b_value,
    cast(lines.b_value - lines.a_value as decimal(38, 12)) as difference,
    cast(abs(lines.b_value - lines.a_value) as double)
    <= cast($tolerance as double)
    * greatest(abs(cast(lines.a_value as double)), abs(cast(lines.b_value as double))) as agrees,
    lines.a_compared_value,
    lines.b_compared_value,
    lines.elements,
    lines.in_both,
    lines.only_in_a,
    lines.only_in_b,
    lines.compared,
    lines.agreeing,
    lines.compared - lines.agreeing as differing,
    lines.figure_only_in_a,
    lines.figure_only_in_b,
    lines.elements - lines.compared - lines.figure_only_in_a - lines.figure_only_in_b
        as without_figure
from lines
join compared_pairs
    on compared_pairs.pair_no = lines.pair_no
join selected_snapshots as other_snapshots
    on other_snapshots.snapshot_id = compared_pairs.new_snapshot_id
order by
    lines.pair_no,
    lines.ifc_class nulls last,
    lines.storey_name nulls last,
    lines.type_name nulls last,
    lines.matched_by nulls last,
    case when lines.quantity = 'Count' then 0 else 1 end,
    lines.quantity
