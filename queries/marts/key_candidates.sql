-- title: Pairs of elements without a common GUID that one key tells apart from all others
-- grain: pair_no, key_no, old_no, new_no
-- kept: one pass over the keys, few rows
-- The key stands once on either side, among all elements and not only among those left over: a chair
-- that went and a chair that came are two if there are other chairs of that name. Where ids are kept
-- from one side to the other (see unmatched_elements), two that have such an id need more than their
-- name and class: keys without the storey (9, 10) do not count then.
with left_keys as (
    select
        identity_keys.pair_no,
        identity_keys.side,
        identity_keys.element_no,
        identity_keys.key_no,
        identity_keys.key_text,
        unmatched_elements.has_kept_id
    from identity_keys
    join unmatched_elements
        on unmatched_elements.pair_no = identity_keys.pair_no
        and unmatched_elements.side = identity_keys.side
        and unmatched_elements.element_no = identity_keys.element_no
),
meetings as (
    select
        pair_no,
        key_no,
        key_text,
        max(case when side = 'old' then element_no end) as old_no,
        max(case when side = 'new' then element_no end) as new_no
    from left_keys
    group by pair_no, key_no, key_text
    having count(case when side = 'old' then 1 end) = 1
        and count(case when side = 'new' then 1 end) = 1
        and (key_no < 9 or count(case when has_kept_id then 1 end) < 2)
)
select
    meetings.pair_no,
    meetings.key_no,
    meetings.old_no,
    meetings.new_no
from meetings
join identity_keys
    on identity_keys.pair_no = meetings.pair_no
    and identity_keys.key_no = meetings.key_no
    and identity_keys.key_text = meetings.key_text
group by meetings.pair_no, meetings.key_no, meetings.old_no, meetings.new_no
having count(*) = 2
