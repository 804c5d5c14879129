-- title: Changed elements
-- question: Which elements were added, removed, changed and moved between two snapshots?
-- grain: change, role, ifc_guid, old_element_id, new_element_id, quantity
-- compares: two
-- elements: changed_element_sides
-- param: quantity texts = null; IFC quantity names to compare; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: same boolean = false; list also the elements that are as they were
-- column: change text; added, removed, changed, moved (to another storey, place, ...) or same
-- column: what text; what differs: figures, type, name, storey, place ...; null if added, removed
-- column: matched_by text; key that matched the element; null if added or removed
-- column: role text; physical, part, opening, space or marker; only physical ones are in sums
-- column: ifc_guid text; IFC GlobalId, the new one if it differs; null if none
-- column: ifc_class text; IFC class without Ifc, the new one if it differs
-- column: name text; the element's name, the new one if it differs
-- column: type_name text; name of its type, the new one if it differs
-- column: storey_name text; its storey, the new one if it moved; null if none
-- column: old_name text; name that it had
-- column: old_storey_name text; storey that it stood on
-- column: place text; least x, y and z of its body, in m, the new ones; null if not known
-- column: old_place text; least x, y and z that its body had, in m; null if not known
-- column: properties text; names of the properties that have another value; null if none
-- column: quantity text; a figure that differs; of added and removed elements those asked by name
-- column: unit text; SI unit of the figure
-- column: old_value decimal; the figure in the old snapshot; null if unknown there
-- column: new_value decimal; the figure in the new snapshot; null if unknown there
-- column: delta decimal; new_value less old_value; null if either is unknown
-- column: old_element_id text; the element's id in the old snapshot
-- column: new_element_id text; the element's id in the new snapshot
-- Parts, openings and spaces are listed too, and so the sum of delta is not that of report changes.
with figures as (
    select
        pair_no,
        old_no,
        new_no,
        quantity,
        unit,
        old_value,
        new_value
    from figure_pairs
    where differs
    union all
    select
        compared_sides.pair_no,
        compared_sides.old_no,
        compared_sides.new_no,
        element_quantities.quantity,
        element_quantities.unit,
        case when compared_sides.side = 'old' then element_quantities.value_exact end as old_value,
        case when compared_sides.side = 'new' then element_quantities.value_exact end as new_value
    from compared_sides
    join element_quantities
        on element_quantities.snapshot_id = compared_sides.snapshot_id
        and element_quantities.element_no = compared_sides.element_no
    join asked_quantities
        on asked_quantities.stated_quantity = element_quantities.quantity
        and asked_quantities.is_named
    where compared_sides.matched_by is null
),
names as (
    select distinct
        pair_no,
        old_no,
        new_no,
        name
    from property_changes
),
properties_changed as (
    select
        pair_no,
        old_no,
        new_no,
        string_agg(name, '; ' order by name) as properties
    from names
    group by pair_no, old_no, new_no
)
select
    element_changes.change,
    element_changes.what,
    element_changes.matched_by,
    coalesce(new_elements.role, old_elements.role) as role,
    coalesce(new_elements.ifc_guid, old_elements.ifc_guid) as ifc_guid,
    coalesce(new_elements.ifc_class, old_elements.ifc_class) as ifc_class,
    coalesce(new_elements.name, old_elements.name) as name,
    coalesce(new_elements.type_name, old_elements.type_name) as type_name,
    case
        when new_elements.pair_no is null then old_elements.storey_name
        else new_elements.storey_name
    end as storey_name,
    old_elements.name as old_name,
    old_elements.storey_name as old_storey_name,
    case when new_elements.pair_no is null then old_boxes.place else new_boxes.place end as place,
    old_boxes.place as old_place,
    properties_changed.properties,
    case when figures.quantity = 'Count' then 'StatedCount' else figures.quantity end as quantity,
    figures.unit,
    cast(figures.old_value as decimal(38, 12)) as old_value,
    cast(figures.new_value as decimal(38, 12)) as new_value,
    cast(figures.new_value - figures.old_value as decimal(38, 12)) as delta,
    old_elements.element_id as old_element_id,
    new_elements.element_id as new_element_id
from element_changes
left join compared_elements as old_elements
    on old_elements.pair_no = element_changes.pair_no
    and old_elements.side = 'old'
    and old_elements.element_no = element_changes.old_no
left join compared_elements as new_elements
    on new_elements.pair_no = element_changes.pair_no
    and new_elements.side = 'new'
    and new_elements.element_no = element_changes.new_no
left join properties_changed
    on properties_changed.pair_no = element_changes.pair_no
    and properties_changed.old_no = element_changes.old_no
    and properties_changed.new_no = element_changes.new_no
left join element_boxes as old_boxes
    on old_boxes.snapshot_id = old_elements.snapshot_id
    and old_boxes.element_no = old_elements.element_no
left join element_boxes as new_boxes
    on new_boxes.snapshot_id = new_elements.snapshot_id
    and new_boxes.element_no = new_elements.element_no
left join figures
    on figures.pair_no = element_changes.pair_no
    and coalesce(figures.old_no, -1) = coalesce(element_changes.old_no, -1)
    and coalesce(figures.new_no, -1) = coalesce(element_changes.new_no, -1)
where element_changes.change <> 'same'
    or $same
order by
    element_changes.change,
    role,
    ifc_class nulls last,
    name nulls last,
    ifc_guid nulls last,
    quantity nulls first,
    old_element_id nulls last,
    new_element_id nulls last
