-- title: Changes
-- question: What was added, removed and changed between two snapshots, and what does it do to the sums?
-- grain: change, matched_by, building_name, storey_name, ifc_class, type_name, material, code, quantity
-- partitions: elements of both snapshots
-- compares: two
-- elements: changed_takeoff_elements
-- by: change off; change
-- by: key off; matched_by
-- by: building off; building_name
-- by: storey off; storey_name
-- by: class on; ifc_class
-- by: type off; type_name
-- by: material off; material
-- by: code off; code
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- param: rates text = null; CSV file with rates: lines of Cost, too; null: nothing is priced
-- param: region text = null; region of the rates; null: they are for one
-- param: factors text = null; CSV file with carbon factors: lines of Carbon, too; null: none
-- param: of text in material|item = null; whose factors they are; null: of materials
-- param: rules text = null; measurement rules of cost and items: none, vobc, nrm2 or a CSV file
-- param: system text = null; classification whose codes are items; null: UNIFORMAT II
-- param: codes text = null; CSV file with the codes of the classification; null: the one shipped
-- param: mapping text = null; CSV file with rules that give codes; null: the one shipped
-- column: change text; added, removed, changed, moved (to another storey, place, ...) or same
-- column: matched_by text; key that matched the elements; null if added or removed
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: ifc_class text; IFC class without Ifc
-- column: type_name text; name of the element type; null if none
-- column: material text; all materials of the element, in alphabetical order; null if none
-- column: code text; all codes of the element with their systems; null if unclassified
-- column: quantity text; IFC4X3 name; Count, StatedCount: as the model says; Cost EUR, Carbon A1-A3
-- column: unit text; SI unit, 1 for counts, currency, kg CO2e; null if no element has the quantity
-- column: old_value decimal; sum in the old snapshot; null if elements are there and none has one
-- column: added_value decimal; what the added elements have
-- column: removed_value decimal; what the removed elements had
-- column: changed_value decimal; what elements of both have more or less on this line
-- column: new_value decimal; old_value + added_value - removed_value + changed_value, to the digit
-- column: delta decimal; new_value less old_value; null if either is
-- column: old_elements bigint; elements on this line in the old snapshot
-- column: added_elements bigint; elements that only the new snapshot has
-- column: removed_elements bigint; elements that only the old snapshot has
-- column: changed_elements bigint; new ones with other figures asked, type, material, property ...
-- column: moved_elements bigint; new ones that only stand elsewhere
-- column: same_elements bigint; new ones that are as they were
-- column: new_elements bigint; elements on this line in the new snapshot
-- column: old_without_value bigint; old elements without a usable figure, not in the sums
-- column: new_without_value bigint; new elements without a usable figure, not in the sums
-- An element that is on another line than it was (of another type, on another storey) is in old_value
-- there and in new_value here, and so in changed_value of both. Costs and carbon are those of each
-- element, at the same rates and factors on both sides; bills and carbon reports round their lines.
with asked_materials as (
    select
        snapshot_id,
        element_no,
        material
    from material_labels
    where $by_material
),
asked_codes as (
    select
        snapshot_id,
        element_no,
        code
    from element_codes
    where $by_code
),
valued_quantities as (
    select distinct
        quantity,
        unit
    from valued_elements
),
shown_figures as (
    select
        snapshot_id,
        element_no,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        quantity,
        unit,
        value_exact
    from takeoff_figures
    union all
    select
        asked_elements.snapshot_id,
        asked_elements.element_no,
        asked_elements.building_name,
        asked_elements.storey_name,
        asked_elements.ifc_class,
        asked_elements.type_name,
        valued_quantities.quantity,
        valued_quantities.unit,
        valued_elements.value_exact
    from asked_elements
    cross join valued_quantities
    left join valued_elements
        on valued_elements.snapshot_id = asked_elements.snapshot_id
        and valued_elements.element_no = asked_elements.element_no
        and valued_elements.quantity = valued_quantities.quantity
),
figures as (
    select
        side_changes.side,
        case when $by_change then side_changes.change end as change,
        case when $by_key then side_changes.matched_by end as matched_by,
        case when $by_building then shown_figures.building_name end as building_name,
        case when $by_storey then shown_figures.storey_name end as storey_name,
        case when $by_class then shown_figures.ifc_class end as ifc_class,
        case when $by_type then shown_figures.type_name end as type_name,
        asked_materials.material,
        asked_codes.code,
        side_changes.change as became,
        shown_figures.quantity,
        shown_figures.unit,
        shown_figures.value_exact
    from shown_figures
    join side_changes
        on side_changes.snapshot_id = shown_figures.snapshot_id
        and side_changes.element_no = shown_figures.element_no
    left join asked_materials
        on asked_materials.snapshot_id = shown_figures.snapshot_id
        and asked_materials.element_no = shown_figures.element_no
    left join asked_codes
        on asked_codes.snapshot_id = shown_figures.snapshot_id
        and asked_codes.element_no = shown_figures.element_no
),
sums as (
    select
        change,
        matched_by,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        material,
        code,
        quantity,
        max(unit) as unit,
        coalesce(min(unit) = max(unit), true) as is_one_unit,
        cast(sum(case when side = 'old' then value_exact end) as decimal(38, 12)) as old_value,
        cast(sum(case when side = 'new' then value_exact end) as decimal(38, 12)) as new_value,
        cast(sum(case when became = 'added' then value_exact end) as decimal(38, 12))
            as added_value,
        cast(sum(case when became = 'removed' then value_exact end) as decimal(38, 12))
            as removed_value,
        count(case when side = 'old' then value_exact end) as old_counted,
        count(case when side = 'new' then value_exact end) as new_counted,
        count(case when became = 'added' then value_exact end) as added,
        count(case when became = 'removed' then value_exact end) as removed,
        count(case when side = 'new' and became = 'changed' then value_exact end) as changed,
        count(case when side = 'new' and became = 'moved' then value_exact end) as moved,
        count(case when side = 'new' and became = 'same' then value_exact end) as same
    from figures
    group by
        change,
        matched_by,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        material,
        code,
        quantity
),
lines as (
    select
        change,
        matched_by,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        material,
        code,
        quantity,
        unit,
        is_one_unit,
        old_value,
        added_value,
        removed_value,
        new_value,
        old_counted,
        new_counted,
        max(case when quantity = 'Count' then old_counted end) over same_group as old_elements,
        max(case when quantity = 'Count' then added end) over same_group as added_elements,
        max(case when quantity = 'Count' then removed end) over same_group as removed_elements,
        max(case when quantity = 'Count' then changed end) over same_group as changed_elements,
        max(case when quantity = 'Count' then moved end) over same_group as moved_elements,
        max(case when quantity = 'Count' then same end) over same_group as same_elements,
        max(case when quantity = 'Count' then new_counted end) over same_group as new_elements
    from sums
    window same_group as (
        partition by
            change, matched_by, building_name, storey_name, ifc_class, type_name, material, code
    )
),
filled as (
    select
        change,
        matched_by,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        material,
        code,
        quantity,
        unit,
        case
            when not is_one_unit then null
            when old_elements = 0 then cast(0 as decimal(38, 12))
            else old_value
        end as old_value,
        case
            when not is_one_unit then null
            when added_elements = 0 then cast(0 as decimal(38, 12))
            else added_value
        end as added_value,
        case
            when not is_one_unit then null
            when removed_elements = 0 then cast(0 as decimal(38, 12))
            else removed_value
        end as removed_value,
        case
            when not is_one_unit then null
            when
                old_elements = removed_elements and new_elements = added_elements
                then cast(0 as decimal(38, 12))
            when old_value is null and new_value is null then null
            else
                cast(
                    coalesce(new_value, 0)
                    - coalesce(added_value, 0)
                    - coalesce(old_value, 0)
                    + coalesce(removed_value, 0)
                    as decimal(38, 12)
                )
        end as changed_value,
        case
            when not is_one_unit then null
            when new_elements = 0 then cast(0 as decimal(38, 12))
            else new_value
        end as new_value,
        old_elements,
        added_elements,
        removed_elements,
        changed_elements,
        moved_elements,
        same_elements,
        new_elements,
        old_elements - old_counted as old_without_value,
        new_elements - new_counted as new_without_value
    from lines
)
select
    change,
    matched_by,
    building_name,
    storey_name,
    ifc_class,
    type_name,
    material,
    code,
    quantity,
    unit,
    old_value,
    added_value,
    removed_value,
    changed_value,
    new_value,
    cast(new_value - old_value as decimal(38, 12)) as delta,
    old_elements,
    added_elements,
    removed_elements,
    changed_elements,
    moved_elements,
    same_elements,
    new_elements,
    old_without_value,
    new_without_value
from filled
order by
    change nulls last,
    matched_by nulls last,
    building_name nulls last,
    storey_name nulls last,
    ifc_class nulls last,
    type_name nulls last,
    material nulls last,
    code nulls last,
    case when quantity = 'Count' then 0 else 1 end,
    quantity
