-- title: Elements that nothing tells apart, matched with as many on the other side
-- grain: pair_no, old_no, new_no
-- kept: few rows, three numbers each
-- Where ids say nothing (one side has none, or they are not kept, see unmatched_elements). First
-- those of one class, name, storey and type whose stated figures are the same too, one by one
-- (11): those that lie in the same place, then the others in the order of the models; whichever of
-- these is taken for which, nothing else differs. Then, if one is left of its class, name, storey
-- and type on either side, these two (12).
with left_elements as (
    select
        unmatched_elements.pair_no,
        unmatched_elements.side,
        unmatched_elements.snapshot_id,
        unmatched_elements.element_no,
        concat_ws(
            chr(31),
            coalesce(unmatched_elements.ifc_class, ''),
            coalesce(unmatched_elements.name, ''),
            coalesce(unmatched_elements.storey_name, ''),
            coalesce(unmatched_elements.type_name, '')
        ) as looks,
        unmatched_elements.has_kept_id
    from unmatched_elements
    left join key_matches as old_matches
        on unmatched_elements.side = 'old'
        and old_matches.pair_no = unmatched_elements.pair_no
        and old_matches.old_no = unmatched_elements.element_no
    left join key_matches as new_matches
        on unmatched_elements.side = 'new'
        and new_matches.pair_no = unmatched_elements.pair_no
        and new_matches.new_no = unmatched_elements.element_no
    where old_matches.pair_no is null
        and new_matches.pair_no is null
),
open_looks as (
    select
        pair_no,
        looks
    from left_elements
    group by pair_no, looks
    having count(case when side = 'old' then 1 end) > 0
        and count(case when side = 'new' then 1 end) > 0
        and (
            count(case when side = 'old' and has_kept_id then 1 end) = 0
            or count(case when side = 'new' and has_kept_id then 1 end) = 0
        )
),
open_elements as (
    select
        left_elements.pair_no,
        left_elements.side,
        left_elements.snapshot_id,
        left_elements.element_no,
        left_elements.looks
    from left_elements
    join open_looks
        on open_looks.pair_no = left_elements.pair_no
        and open_looks.looks = left_elements.looks
),
figures as (
    select
        open_elements.pair_no,
        open_elements.side,
        open_elements.element_no,
        string_agg(
            concat_ws(
                '=',
                quantities.quantity,
                quantities.basis,
                cast(quantities.value_exact as varchar),
                quantities.unit
            ),
            ';'
            order by quantities.quantity, quantities.basis, quantities.value_exact
        ) as figures
    from open_elements
    join quantities
        on quantities.snapshot_id = open_elements.snapshot_id
        and quantities.element_no = open_elements.element_no
    where quantities.quantity is not null
        and quantities.value_exact is not null
    group by open_elements.pair_no, open_elements.side, open_elements.element_no
),
alike as (
    select
        open_elements.pair_no,
        open_elements.side,
        open_elements.element_no,
        open_elements.looks,
        coalesce(figures.figures, '') as figures,
        element_boxes.place
    from open_elements
    left join figures
        on figures.pair_no = open_elements.pair_no
        and figures.side = open_elements.side
        and figures.element_no = open_elements.element_no
    left join element_boxes
        on element_boxes.snapshot_id = open_elements.snapshot_id
        and element_boxes.element_no = open_elements.element_no
),
placed_alike as (
    select
        pair_no,
        side,
        element_no,
        looks,
        figures,
        place,
        row_number() over (
            partition by pair_no, side, looks, figures, place order by element_no
        ) as copy_no
    from alike
    where place is not null
),
placed_pairs as (
    select
        old_alike.pair_no,
        old_alike.element_no as old_no,
        new_alike.element_no as new_no
    from placed_alike as old_alike
    join placed_alike as new_alike
        on new_alike.pair_no = old_alike.pair_no
        and new_alike.looks = old_alike.looks
        and new_alike.figures = old_alike.figures
        and new_alike.place = old_alike.place
        and new_alike.copy_no = old_alike.copy_no
        and new_alike.side = 'new'
    where old_alike.side = 'old'
),
other_alike as (
    select
        alike.pair_no,
        alike.side,
        alike.element_no,
        alike.looks,
        alike.figures,
        row_number() over (
            partition by alike.pair_no, alike.side, alike.looks, alike.figures
            order by alike.element_no
        ) as copy_no
    from alike
    left join placed_pairs as old_pairs
        on alike.side = 'old'
        and old_pairs.pair_no = alike.pair_no
        and old_pairs.old_no = alike.element_no
    left join placed_pairs as new_pairs
        on alike.side = 'new'
        and new_pairs.pair_no = alike.pair_no
        and new_pairs.new_no = alike.element_no
    where old_pairs.pair_no is null
        and new_pairs.pair_no is null
),
alike_pairs as (
    select
        pair_no,
        old_no,
        new_no
    from placed_pairs
    union all
    select
        old_alike.pair_no,
        old_alike.element_no as old_no,
        new_alike.element_no as new_no
    from other_alike as old_alike
    join other_alike as new_alike
        on new_alike.pair_no = old_alike.pair_no
        and new_alike.looks = old_alike.looks
        and new_alike.figures = old_alike.figures
        and new_alike.copy_no = old_alike.copy_no
        and new_alike.side = 'new'
    where old_alike.side = 'old'
),
last_pairs as (
    select
        open_elements.pair_no,
        max(case when open_elements.side = 'old' then open_elements.element_no end) as old_no,
        max(case when open_elements.side = 'new' then open_elements.element_no end) as new_no
    from open_elements
    left join alike_pairs as old_pairs
        on open_elements.side = 'old'
        and old_pairs.pair_no = open_elements.pair_no
        and old_pairs.old_no = open_elements.element_no
    left join alike_pairs as new_pairs
        on open_elements.side = 'new'
        and new_pairs.pair_no = open_elements.pair_no
        and new_pairs.new_no = open_elements.element_no
    where old_pairs.pair_no is null
        and new_pairs.pair_no is null
    group by open_elements.pair_no, open_elements.looks
    having count(case when open_elements.side = 'old' then 1 end) = 1
        and count(case when open_elements.side = 'new' then 1 end) = 1
)
select
    pair_no,
    old_no,
    new_no,
    11 as key_no
from alike_pairs
union all
select
    pair_no,
    old_no,
    new_no,
    12 as key_no
from last_pairs
