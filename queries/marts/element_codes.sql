-- title: All codes of an element as one text
-- grain: snapshot_id, element_no
-- "system: code" for every system, in alphabetical order, joined by "; ".
with named_codes as (
    select
        snapshot_id,
        element_no,
        code_system,
        code_system || ': ' || code as code
    from code_labels
),
least_codes as (
    select
        snapshot_id,
        element_no,
        count(*) as systems,
        min(code) as code
    from named_codes
    group by snapshot_id, element_no
)
select
    snapshot_id,
    element_no,
    code
from least_codes
where systems = 1
union all
select
    named_codes.snapshot_id,
    named_codes.element_no,
    string_agg(named_codes.code, '; ' order by named_codes.code_system) as code
from named_codes
join least_codes
    on least_codes.snapshot_id = named_codes.snapshot_id
    and least_codes.element_no = named_codes.element_no
    and least_codes.systems > 1
group by named_codes.snapshot_id, named_codes.element_no
