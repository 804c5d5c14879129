-- title: The elements that count in either of two sources, each once
-- grain: pair_no, old_no, new_no
-- column: class_differs boolean; not of one class; null if one is not known
-- column: storey_differs boolean; not on one storey; null if one is not known
-- Labels are those of the first source (a), or of the other (b) for what only that counts. state: in
-- both; only in a, only in b (nothing of the other matches); counted only in a, counted only in b
-- (the other has it as a part, an opening or a space).
with sides as (
    select
        compared_sides.pair_no,
        compared_sides.side,
        compared_sides.old_no,
        compared_sides.new_no,
        compared_sides.matched_by,
        asked_elements.ifc_class,
        asked_elements.storey_name,
        asked_elements.type_name
    from compared_sides
    join asked_elements
        on asked_elements.snapshot_id = compared_sides.snapshot_id
        and asked_elements.element_no = compared_sides.element_no
),
first_side as (
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        ifc_class,
        storey_name,
        type_name
    from sides
    where side = 'old'
),
other_side as (
    select
        pair_no,
        old_no,
        new_no,
        matched_by,
        ifc_class,
        storey_name,
        type_name
    from sides
    where side = 'new'
)
select
    coalesce(first_side.pair_no, other_side.pair_no) as pair_no,
    coalesce(first_side.old_no, other_side.old_no) as old_no,
    coalesce(first_side.new_no, other_side.new_no) as new_no,
    coalesce(first_side.matched_by, other_side.matched_by) as matched_by,
    case
        when first_side.pair_no is null and other_side.matched_by is null then 'only in b'
        when other_side.pair_no is null and first_side.matched_by is null then 'only in a'
        when first_side.pair_no is null then 'counted only in b'
        when other_side.pair_no is null then 'counted only in a'
        else 'in both'
    end as state,
    case
        when first_side.pair_no is null then other_side.ifc_class
        else first_side.ifc_class
    end as ifc_class,
    case
        when first_side.pair_no is null then other_side.storey_name
        else first_side.storey_name
    end as storey_name,
    case
        when first_side.pair_no is null then other_side.type_name
        else first_side.type_name
    end as type_name,
    first_side.ifc_class <> other_side.ifc_class as class_differs,
    first_side.storey_name <> other_side.storey_name as storey_differs,
    other_side.ifc_class as b_ifc_class,
    other_side.storey_name as b_storey_name
from first_side
full join other_side
    on other_side.pair_no = first_side.pair_no
    and other_side.old_no = first_side.old_no
    and other_side.new_no = first_side.new_no
