-- title: Control totals
-- question: Do the sums that the vendor itself states agree with ours over the same elements?
-- grain: vendor, project_id, model_id, snapshot_id, filter, quantity
-- elements: control_total_elements
-- basis: authored, vendor_calculated
-- param: quantity texts = null; IFC quantity names to show; null: all that vendors state
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: snapshot_id text; the committed version
-- column: filter text; which elements the vendor was asked for; null: all
-- column: quantity text; IFC4X3 quantity name; Count: number of elements
-- column: unit text; SI unit of the sums, 1 for counts; null if the vendor's unit is unknown
-- column: stated_value decimal; the vendor's sum; null if its unit is unknown
-- column: our_value decimal; our sum of what came from the vendor; null if nothing did
-- column: difference decimal; stated less ours
-- column: agrees boolean; they differ by a millionth at most; null if either is unknown
-- column: elements bigint; elements that the sums are about, of all roles; null for a filter not followed
-- column: counted bigint; those whose figure is in our sum; null as elements
-- column: missing bigint; those that came without a usable figure
-- column: doubtful bigint; those whose figures disagree; not in our sum
-- The vendor may have summed another version: contracts do not say whether a published or a
-- personal one is measured. So a difference is shown, and nothing is corrected.
select
    selected_models.vendor,
    selected_models.project_id,
    selected_models.model_id,
    selected_models.model_name,
    control_sums.snapshot_id,
    control_sums.filter,
    control_sums.quantity,
    control_sums.unit,
    control_sums.stated_value,
    control_sums.our_value,
    control_sums.difference,
    control_sums.agrees,
    control_sums.elements,
    control_sums.counted,
    control_sums.elements - control_sums.counted - control_sums.doubtful as missing,
    control_sums.doubtful
from control_sums
join selected_models
    on selected_models.snapshot_id = control_sums.snapshot_id
where control_sums.quantity in (select quantities_asked.quantity from quantities_asked)
    or not exists (select 1 from quantities_asked)
order by
    selected_models.model_no,
    control_sums.filter nulls first,
    case when control_sums.quantity = 'Count' then 0 else 1 end,
    control_sums.quantity,
    control_sums.ordinal
