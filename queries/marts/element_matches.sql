-- title: Which element of one snapshot is which of the other, and by which key
-- grain: pair_no, old_no, new_no
-- column: old_snapshot_id text; snapshot of the old side
-- column: new_snapshot_id text; snapshot of the new side
-- An element is in one match at most; one that is in none was added or removed. The ladder of keys,
-- the strongest first: the IFC GUID; the id in the program that drew it; its mark; its name with
-- class, storey and type; and where GUIDs say nothing, elements that look alike.
with matches as (
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from guid_matches
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from key_matches
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from alike_matches
)
select
    matches.pair_no,
    compared_pairs.old_snapshot_id,
    matches.old_no,
    compared_pairs.new_snapshot_id,
    matches.new_no,
    matches.key_no,
    case matches.key_no
        when 1 then 'ifc_guid'
        when 2 then 'ifc_guid, class, name, storey'
        when 3 then 'ifc_guid, class, name'
        when 4 then 'ifc_guid, order'
        when 5 then 'authoring_id'
        when 6 then 'authoring_id, class, storey'
        when 7 then 'mark, class'
        when 8 then 'name, class, storey, type'
        when 9 then 'name, class, type'
        when 10 then 'name, class'
        when 11 then 'name, class, storey, type, figures'
        else 'name, class, storey, type; no other left'
    end as matched_by
from matches
join compared_pairs
    on compared_pairs.pair_no = matches.pair_no
