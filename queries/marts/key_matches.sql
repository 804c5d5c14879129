-- title: Elements without a common GUID that a weaker key matches
-- grain: pair_no, old_no, new_no
-- kept: few rows, three numbers each
-- Key after key, the strongest first (see key_candidates): what one has matched, the next ones leave
-- alone, so that every element is in one match at most.
with by_5 as (
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from key_candidates
    where key_no = 5
),
by_6 as (
    select
        key_candidates.pair_no,
        key_candidates.old_no,
        key_candidates.new_no,
        key_candidates.key_no
    from key_candidates
    left join by_5 as old_taken
        on old_taken.pair_no = key_candidates.pair_no
        and old_taken.old_no = key_candidates.old_no
    left join by_5 as new_taken
        on new_taken.pair_no = key_candidates.pair_no
        and new_taken.new_no = key_candidates.new_no
    where key_candidates.key_no = 6
        and old_taken.pair_no is null
        and new_taken.pair_no is null
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from by_5
),
by_7 as (
    select
        key_candidates.pair_no,
        key_candidates.old_no,
        key_candidates.new_no,
        key_candidates.key_no
    from key_candidates
    left join by_6 as old_taken
        on old_taken.pair_no = key_candidates.pair_no
        and old_taken.old_no = key_candidates.old_no
    left join by_6 as new_taken
        on new_taken.pair_no = key_candidates.pair_no
        and new_taken.new_no = key_candidates.new_no
    where key_candidates.key_no = 7
        and old_taken.pair_no is null
        and new_taken.pair_no is null
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from by_6
),
by_8 as (
    select
        key_candidates.pair_no,
        key_candidates.old_no,
        key_candidates.new_no,
        key_candidates.key_no
    from key_candidates
    left join by_7 as old_taken
        on old_taken.pair_no = key_candidates.pair_no
        and old_taken.old_no = key_candidates.old_no
    left join by_7 as new_taken
        on new_taken.pair_no = key_candidates.pair_no
        and new_taken.new_no = key_candidates.new_no
    where key_candidates.key_no = 8
        and old_taken.pair_no is null
        and new_taken.pair_no is null
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from by_7
),
by_9 as (
    select
        key_candidates.pair_no,
        key_candidates.old_no,
        key_candidates.new_no,
        key_candidates.key_no
    from key_candidates
    left join by_8 as old_taken
        on old_taken.pair_no = key_candidates.pair_no
        and old_taken.old_no = key_candidates.old_no
    left join by_8 as new_taken
        on new_taken.pair_no = key_candidates.pair_no
        and new_taken.new_no = key_candidates.new_no
    where key_candidates.key_no = 9
        and old_taken.pair_no is null
        and new_taken.pair_no is null
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from by_8
),
by_10 as (
    select
        key_candidates.pair_no,
        key_candidates.old_no,
        key_candidates.new_no,
        key_candidates.key_no
    from key_candidates
    left join by_9 as old_taken
        on old_taken.pair_no = key_candidates.pair_no
        and old_taken.old_no = key_candidates.old_no
    left join by_9 as new_taken
        on new_taken.pair_no = key_candidates.pair_no
        and new_taken.new_no = key_candidates.new_no
    where key_candidates.key_no = 10
        and old_taken.pair_no is null
        and new_taken.pair_no is null
    union all
    select
        pair_no,
        old_no,
        new_no,
        key_no
    from by_9
)
select
    pair_no,
    old_no,
    new_no,
    key_no
from by_10
