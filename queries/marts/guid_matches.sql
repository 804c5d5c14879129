-- title: Elements of two snapshots with the same IFC GUID
-- grain: pair_no, old_no, new_no
-- kept: joins over all GUIDs, three numbers a match
-- column: old_no integer; element_no on the old side; null if not there
-- column: new_no integer; element_no on the new side; null if not there
-- key_no 1: the GUID stands once on both sides. A GUID that stands several times on a side is
-- matched copy by copy in the order of the models: first within one class, name and storey (2;
-- those that lie in the same place before the others), then within one class and name (3), then
-- what is left (4). Every element is in one match at most. The names of the keys are in
-- element_matches.
with guids as (
    select
        pair_no,
        side,
        snapshot_id,
        element_no,
        ifc_guid,
        coalesce(ifc_class, '') as ifc_class,
        coalesce(name, '') as name,
        coalesce(storey_name, '') as storey_name,
        count(*) over (partition by pair_no, side, ifc_guid) as copies
    from compared_elements
    where ifc_guid is not null
),
single_matches as (
    select
        old_guids.pair_no,
        old_guids.element_no as old_no,
        new_guids.element_no as new_no
    from guids as old_guids
    join guids as new_guids
        on new_guids.pair_no = old_guids.pair_no
        and new_guids.ifc_guid = old_guids.ifc_guid
        and new_guids.side = 'new'
        and new_guids.copies = 1
    where old_guids.side = 'old'
        and old_guids.copies = 1
),
repeated_guids as (
    select distinct
        pair_no,
        ifc_guid
    from guids
    where copies > 1
),
copies as (
    select
        guids.pair_no,
        guids.side,
        guids.element_no,
        guids.ifc_guid,
        guids.ifc_class,
        guids.name,
        guids.storey_name,
        element_boxes.place
    from guids
    join repeated_guids
        on repeated_guids.pair_no = guids.pair_no
        and repeated_guids.ifc_guid = guids.ifc_guid
    left join element_boxes
        on element_boxes.snapshot_id = guids.snapshot_id
        and element_boxes.element_no = guids.element_no
),
standing_copies as (
    select
        pair_no,
        side,
        element_no,
        ifc_guid,
        ifc_class,
        name,
        storey_name,
        place,
        row_number() over (
            partition by
                pair_no,
                side,
                ifc_guid,
                ifc_class,
                name,
                storey_name,
                place
            order by element_no
        ) as copy_no
    from copies
    where place is not null
),
standing_matches as (
    select
        old_copies.pair_no,
        old_copies.element_no as old_no,
        new_copies.element_no as new_no
    from standing_copies as old_copies
    join standing_copies as new_copies
        on new_copies.pair_no = old_copies.pair_no
        and new_copies.ifc_guid = old_copies.ifc_guid
        and new_copies.ifc_class = old_copies.ifc_class
        and new_copies.name = old_copies.name
        and new_copies.storey_name = old_copies.storey_name
        and new_copies.place = old_copies.place
        and new_copies.copy_no = old_copies.copy_no
        and new_copies.side = 'new'
    where old_copies.side = 'old'
),
placed_copies as (
    select
        copies.pair_no,
        copies.side,
        copies.element_no,
        copies.ifc_guid,
        copies.ifc_class,
        copies.name,
        copies.storey_name,
        row_number() over (
            partition by
                copies.pair_no,
                copies.side,
                copies.ifc_guid,
                copies.ifc_class,
                copies.name,
                copies.storey_name
            order by copies.element_no
        ) as copy_no
    from copies
    left join standing_matches as old_matches
        on copies.side = 'old'
        and old_matches.pair_no = copies.pair_no
        and old_matches.old_no = copies.element_no
    left join standing_matches as new_matches
        on copies.side = 'new'
        and new_matches.pair_no = copies.pair_no
        and new_matches.new_no = copies.element_no
    where old_matches.pair_no is null
        and new_matches.pair_no is null
),
placed_matches as (
    select
        pair_no,
        old_no,
        new_no
    from standing_matches
    union all
    select
        old_copies.pair_no,
        old_copies.element_no as old_no,
        new_copies.element_no as new_no
    from placed_copies as old_copies
    join placed_copies as new_copies
        on new_copies.pair_no = old_copies.pair_no
        and new_copies.ifc_guid = old_copies.ifc_guid
        and new_copies.ifc_class = old_copies.ifc_class
        and new_copies.name = old_copies.name
        and new_copies.storey_name = old_copies.storey_name
        and new_copies.copy_no = old_copies.copy_no
        and new_copies.side = 'new'
    where old_copies.side = 'old'
),
elsewhere as (
    select
        copies.pair_no,
        copies.side,
        copies.element_no,
        copies.ifc_guid,
        copies.ifc_class,
        copies.name
    from copies
    left join placed_matches as old_matches
        on copies.side = 'old'
        and old_matches.pair_no = copies.pair_no
        and old_matches.old_no = copies.element_no
    left join placed_matches as new_matches
        on copies.side = 'new'
        and new_matches.pair_no = copies.pair_no
        and new_matches.new_no = copies.element_no
    where old_matches.pair_no is null
        and new_matches.pair_no is null
),
named_copies as (
    select
        pair_no,
        side,
        element_no,
        ifc_guid,
        ifc_class,
        name,
        row_number() over (
            partition by
                pair_no,
                side,
                ifc_guid,
                ifc_class,
                name
            order by element_no
        ) as copy_no
    from elsewhere
),
named_matches as (
    select
        old_copies.pair_no,
        old_copies.element_no as old_no,
        new_copies.element_no as new_no
    from named_copies as old_copies
    join named_copies as new_copies
        on new_copies.pair_no = old_copies.pair_no
        and new_copies.ifc_guid = old_copies.ifc_guid
        and new_copies.ifc_class = old_copies.ifc_class
        and new_copies.name = old_copies.name
        and new_copies.copy_no = old_copies.copy_no
        and new_copies.side = 'new'
    where old_copies.side = 'old'
),
renamed as (
    select
        elsewhere.pair_no,
        elsewhere.side,
        elsewhere.element_no,
        elsewhere.ifc_guid,
        elsewhere.ifc_class,
        elsewhere.name
    from elsewhere
    left join named_matches as old_matches
        on elsewhere.side = 'old'
        and old_matches.pair_no = elsewhere.pair_no
        and old_matches.old_no = elsewhere.element_no
    left join named_matches as new_matches
        on elsewhere.side = 'new'
        and new_matches.pair_no = elsewhere.pair_no
        and new_matches.new_no = elsewhere.element_no
    where old_matches.pair_no is null
        and new_matches.pair_no is null
),
ordered_copies as (
    select
        pair_no,
        side,
        element_no,
        ifc_guid,
        row_number() over (
            partition by
                pair_no,
                side,
                ifc_guid
            order by element_no
        ) as copy_no
    from renamed
),
ordered_matches as (
    select
        old_copies.pair_no,
        old_copies.element_no as old_no,
        new_copies.element_no as new_no
    from ordered_copies as old_copies
    join ordered_copies as new_copies
        on new_copies.pair_no = old_copies.pair_no
        and new_copies.ifc_guid = old_copies.ifc_guid
        and new_copies.copy_no = old_copies.copy_no
        and new_copies.side = 'new'
    where old_copies.side = 'old'
)
select
    pair_no,
    old_no,
    new_no,
    1 as key_no
from single_matches
union all
select
    pair_no,
    old_no,
    new_no,
    2 as key_no
from placed_matches
union all
select
    pair_no,
    old_no,
    new_no,
    3 as key_no
from named_matches
union all
select
    pair_no,
    old_no,
    new_no,
    4 as key_no
from ordered_matches
