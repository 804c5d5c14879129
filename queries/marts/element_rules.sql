-- title: The rule of each element, of each trade and of the classification
-- grain: snapshot_id, element_no, kind, trade
-- kept: several passes over elements and properties, one row an element and trade
-- column: is_undecided boolean; the rule may fit, but what it asks is not known
-- The first rule, in the order of the file, that is not known not to fit. `is_undecided`: it may
-- fit, but what it asks is not known; `asked` says what. Without any such rule, rule_no is null.
with trades as (
    select distinct
        kind,
        trade
    from rules
    union all
    select
        'measurement' as kind,
        cast(null as varchar) as trade
    where not exists (select 1 from rules)
),
test_words as (
    select
        rule_test_outcomes.snapshot_id,
        rule_test_outcomes.element_no,
        rule_test_outcomes.rule_no,
        max(case when not rule_test_outcomes.is_true then 1 else 0 end) as fails,
        string_agg(
            case when rule_test_outcomes.is_true is null then rule_tests.test end,
            '; ' order by rule_tests.test_no
        ) as asked
    from rule_test_outcomes
    join rule_tests
        on rule_tests.rule_no = rule_test_outcomes.rule_no
        and rule_tests.test_no = rule_test_outcomes.test_no
    group by
        rule_test_outcomes.snapshot_id,
        rule_test_outcomes.element_no,
        rule_test_outcomes.rule_no
),
judged as (
    select
        rule_candidates.snapshot_id,
        rule_candidates.element_no,
        rules.kind,
        rules.trade,
        rules.rule_no,
        coalesce(test_words.fails, 0) = 1
        or (
            rules.predefined_types is not null
            and coalesce(rule_candidates.predefined_type, 'NOTDEFINED') <> 'NOTDEFINED'
            and strpos(
                rules.predefined_types, chr(31) || lower(rule_candidates.predefined_type) || chr(31)
            ) = 0
        ) as fails,
        concat_ws(
            '; ',
            case when rule_candidates.class_fits is null then 'class' end,
            case
                when rules.predefined_types is not null
                    and coalesce(rule_candidates.predefined_type, 'NOTDEFINED') = 'NOTDEFINED'
                    then 'predefined type'
            end,
            test_words.asked
        ) as asked
    from rule_candidates
    join rules
        on rules.rule_no = rule_candidates.rule_no
    left join test_words
        on test_words.snapshot_id = rule_candidates.snapshot_id
        and test_words.element_no = rule_candidates.element_no
        and test_words.rule_no = rule_candidates.rule_no
),
ranked as (
    select
        snapshot_id,
        element_no,
        kind,
        trade,
        rule_no,
        asked,
        row_number() over (
            partition by snapshot_id, element_no, kind, trade order by rule_no
        ) as place
    from judged
    where not fails
)
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    trades.kind,
    trades.trade,
    ranked.rule_no,
    coalesce(ranked.asked <> '', false) as is_undecided,
    case when ranked.asked <> '' then ranked.asked end as asked
from counted_elements
cross join trades
left join ranked
    on ranked.snapshot_id = counted_elements.snapshot_id
    and ranked.element_no = counted_elements.element_no
    and ranked.kind = trades.kind
    and coalesce(ranked.trade, '') = coalesce(trades.trade, '')
    and ranked.place = 1
where counted_elements.counted
