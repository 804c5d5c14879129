-- title: Compared elements whose GUID does not stand on the other side
-- grain: pair_no, side, element_no
-- column: has_kept_id boolean; ids were kept, so another id is another element
-- has_kept_id: it has a GUID or an authoring id, and more than half of those of the smaller side stand
-- on the other side too. Where ids are kept like that, an element with another one is another element,
-- however much it looks like one that went.
with ids as (
    select
        pair_no,
        side,
        'guid' as kind,
        ifc_guid as id
    from compared_elements
    where ifc_guid is not null
    union all
    select
        pair_no,
        side,
        'authoring' as kind,
        authoring_id as id
    from compared_elements
    where authoring_id is not null
),
ids_of_sides as (
    select
        pair_no,
        kind,
        id,
        max(case when side = 'old' then 1 else 0 end) as is_old,
        max(case when side = 'new' then 1 else 0 end) as is_new
    from ids
    group by pair_no, kind, id
),
kept_ids as (
    select
        pair_no,
        kind
    from ids_of_sides
    group by pair_no, kind
    having sum(is_old * is_new) * 2 > least(sum(is_old), sum(is_new))
)
select
    compared_elements.pair_no,
    compared_elements.side,
    compared_elements.snapshot_id,
    compared_elements.element_no,
    compared_elements.ifc_class,
    compared_elements.name,
    compared_elements.type_name,
    compared_elements.storey_name,
    (kept_guids.pair_no is not null and compared_elements.ifc_guid is not null)
    or (
        kept_authoring_ids.pair_no is not null and compared_elements.authoring_id is not null
    ) as has_kept_id
from compared_elements
left join kept_ids as kept_guids
    on kept_guids.pair_no = compared_elements.pair_no
    and kept_guids.kind = 'guid'
left join kept_ids as kept_authoring_ids
    on kept_authoring_ids.pair_no = compared_elements.pair_no
    and kept_authoring_ids.kind = 'authoring'
left join guid_matches as old_matches
    on compared_elements.side = 'old'
    and old_matches.pair_no = compared_elements.pair_no
    and old_matches.old_no = compared_elements.element_no
left join guid_matches as new_matches
    on compared_elements.side = 'new'
    and new_matches.pair_no = compared_elements.pair_no
    and new_matches.new_no = compared_elements.element_no
where old_matches.pair_no is null
    and new_matches.pair_no is null
