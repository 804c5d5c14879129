-- title: Matched elements of one vendor of which a property has another value
-- grain: pair_no, old_no, new_no, set_name, name
-- kept: one pass over the properties of both sides, few rows
-- The property stands on both sides, under the same name in the same set. Noise is not a change: a
-- property or set that was renamed, came or went, another order, and what says when something was
-- touched (a value that is a date, or a name such as LastModified). Values are compared as text.
with sides as (
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        'old' as side,
        element_matches.old_snapshot_id as snapshot_id,
        element_matches.old_no as element_no
    from element_matches
    join selected_snapshots as old_snapshots
        on old_snapshots.snapshot_id = element_matches.old_snapshot_id
    join selected_snapshots as new_snapshots
        on new_snapshots.snapshot_id = element_matches.new_snapshot_id
        and new_snapshots.vendor = old_snapshots.vendor
    union all
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        'new' as side,
        element_matches.new_snapshot_id as snapshot_id,
        element_matches.new_no as element_no
    from element_matches
    join selected_snapshots as old_snapshots
        on old_snapshots.snapshot_id = element_matches.old_snapshot_id
    join selected_snapshots as new_snapshots
        on new_snapshots.snapshot_id = element_matches.new_snapshot_id
        and new_snapshots.vendor = old_snapshots.vendor
),
stated as (
    select
        sides.pair_no,
        sides.old_no,
        sides.new_no,
        sides.side,
        properties.set_name,
        properties.name,
        coalesce(
            properties.text,
            concat_ws(' ', cast(properties.number as varchar), properties.unit),
            ''
        ) || coalesce(cast(properties.flag as varchar), '') as value_text
    from sides
    join properties
        on properties.snapshot_id = sides.snapshot_id
        and properties.element_no = sides.element_no
    where properties.value_kind <> 'none'
        and regexp_extract(
            properties.name,
            '(^|[^A-Z])(Date|Modified|Timestamp|TimeStamp)([^a-z]|$)'
            || '|(^|[^a-z])(date|modified|timestamp)([^a-z]|$)'
        ) = ''
),
values_of_names as (
    select
        pair_no,
        old_no,
        new_no,
        side,
        set_name,
        name,
        min(value_text) as lowest,
        max(value_text) as highest,
        count(*) as copies
    from stated
    where regexp_extract(value_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') = ''
    group by pair_no, old_no, new_no, side, set_name, name
)
select
    pair_no,
    old_no,
    new_no,
    set_name,
    name
from values_of_names
group by pair_no, old_no, new_no, set_name, name
having count(*) = 2
    and (
        min(lowest) <> max(lowest)
        or min(highest) <> max(highest)
        or min(copies) <> max(copies)
    )
