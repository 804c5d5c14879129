-- title: What each test of a rule says of each element that the rule may fit
-- grain: snapshot_id, element_no, rule_no, test_no
-- column: test_no integer; the test's place within its rule
-- column: is_true boolean; the test holds; null if that cannot be told
-- `is_true` is null if it is undecided: nothing is known, or what is known disagrees or cannot be
-- compared. Of several materials or codes one that fits is enough.
with tested_elements as (
    select
        rule_candidates.snapshot_id,
        rule_candidates.element_no,
        rule_tests.rule_no,
        rule_tests.test_no,
        rule_tests.field,
        rule_tests.set_name,
        rule_tests.property,
        rule_tests.operator,
        rule_tests.allowed,
        rule_tests.pattern,
        rule_tests.number,
        rule_tests.unit_kind
    from rule_candidates
    join rule_tests
        on rule_tests.rule_no = rule_candidates.rule_no
),
field_texts as (
    select
        tested_elements.snapshot_id,
        tested_elements.element_no,
        tested_elements.rule_no,
        tested_elements.test_no,
        case tested_elements.field
            when 'name' then elements.name
            when 'type_name' then elements.type_name
            when 'mark' then elements.mark
            when 'discipline' then elements.discipline
            when 'building_name' then elements.building_name
            when 'storey_name' then elements.storey_name
            when 'space_name' then elements.space_name
            when 'system' then elements.system
            when 'phase' then elements.phase
            when 'is_external'
                then case elements.is_external when true then 'true' when false then 'false' end
            when 'load_bearing'
                then case elements.load_bearing when true then 'true' when false then 'false' end
        end as said
    from tested_elements
    join elements
        on elements.snapshot_id = tested_elements.snapshot_id
        and elements.element_no = tested_elements.element_no
    where tested_elements.field not in ('material', 'code')
    union all
    select
        tested_elements.snapshot_id,
        tested_elements.element_no,
        tested_elements.rule_no,
        tested_elements.test_no,
        materials.material as said
    from tested_elements
    join materials
        on materials.snapshot_id = tested_elements.snapshot_id
        and materials.element_no = tested_elements.element_no
    where tested_elements.field = 'material'
    union all
    select
        tested_elements.snapshot_id,
        tested_elements.element_no,
        tested_elements.rule_no,
        tested_elements.test_no,
        codes.code as said
    from tested_elements
    join codes
        on codes.snapshot_id = tested_elements.snapshot_id
        and codes.element_no = tested_elements.element_no
    where tested_elements.field = 'code'
),
property_values as (
    select
        tested_elements.snapshot_id,
        tested_elements.element_no,
        tested_elements.rule_no,
        tested_elements.test_no,
        case properties.value_kind
            when 'flag' then case properties.flag when true then 'true' when false then 'false' end
            when 'text' then properties.text
        end as said,
        case
            when properties.value_kind <> 'number' then cast(null as decimal(32, 12))
            when tested_elements.unit_kind is null and properties.unit is null
                then try_cast(properties.number as decimal(32, 12))
            when tested_elements.unit_kind = unit_factors.unit_kind
                then try_cast(
                    round(properties.number * cast(unit_factors.factor as double), 9)
                    as decimal(32, 12)
                )
        end as figure
    from tested_elements
    join properties
        on properties.snapshot_id = tested_elements.snapshot_id
        and properties.element_no = tested_elements.element_no
        and properties.name = tested_elements.property
        and (
            properties.set_name = tested_elements.set_name
            or tested_elements.set_name is null
        )
    left join unit_factors
        on unit_factors.unit = lower(properties.unit)
    where properties.value_kind in ('text', 'number', 'flag')
        and (properties.value_kind <> 'text' or properties.text <> '')
),
all_values as (
    select
        snapshot_id,
        element_no,
        rule_no,
        test_no,
        said,
        cast(null as decimal(32, 12)) as figure
    from field_texts
    where said <> ''
    union all
    select
        snapshot_id,
        element_no,
        rule_no,
        test_no,
        said,
        figure
    from property_values
),
judged as (
    select
        tested_elements.snapshot_id,
        tested_elements.element_no,
        tested_elements.rule_no,
        tested_elements.test_no,
        coalesce(tested_elements.field in ('material', 'code'), false) as is_one_enough,
        tested_elements.operator,
        all_values.test_no is not null as is_known,
        case
            when all_values.test_no is null then cast(null as boolean)
            when tested_elements.operator in ('=', 'in', '!=', 'not in')
                then case
                    when all_values.said is not null
                        then strpos(
                            tested_elements.allowed, chr(31) || lower(all_values.said) || chr(31)
                        ) > 0
                    else all_values.figure = tested_elements.number
                end
            when tested_elements.operator = 'matches'
                then regexp_matches(all_values.said, tested_elements.pattern)
            when tested_elements.operator = '<' then all_values.figure < tested_elements.number
            when tested_elements.operator = '<=' then all_values.figure <= tested_elements.number
            when tested_elements.operator = '>' then all_values.figure > tested_elements.number
            when tested_elements.operator = '>=' then all_values.figure >= tested_elements.number
        end as fits
    from tested_elements
    left join all_values
        on all_values.snapshot_id = tested_elements.snapshot_id
        and all_values.element_no = tested_elements.element_no
        and all_values.rule_no = tested_elements.rule_no
        and all_values.test_no = tested_elements.test_no
),
outcomes as (
    select
        snapshot_id,
        element_no,
        rule_no,
        test_no,
        operator,
        max(case when is_known then 1 else 0 end) as known,
        case
            when is_one_enough and max(case when fits then 1 else 0 end) = 1 then true
            when count(fits) < count(*) then cast(null as boolean)
            when min(case when fits then 1 else 0 end) < max(case when fits then 1 else 0 end)
                then cast(null as boolean)
            else min(case when fits then 1 else 0 end) = 1
        end as fits
    from judged
    group by snapshot_id, element_no, rule_no, test_no, operator, is_one_enough
)
select
    snapshot_id,
    element_no,
    rule_no,
    test_no,
    case
        when operator = 'exists' then known = 1
        when operator = 'missing' then known = 0
        when operator in ('!=', 'not in') then not fits
        else fits
    end as is_true
from outcomes
