-- title: The codes of an element in one classification system as one text
-- grain: snapshot_id, element_no, code_system
-- Codes in alphabetical order, each once, joined by "; ", and so the titles. Most elements have one
-- code, or one in a system, which is its own text: to join texts takes several times as long, and so
-- does it to see which are to be joined.
with named_codes as (
    select
        codes.snapshot_id,
        codes.element_no,
        coalesce(codes.system, 'unnamed system') as code_system,
        coalesce(codes.code, codes.title) as code,
        min(codes.title) as title
    from codes
    join several_codes
        on several_codes.snapshot_id = codes.snapshot_id
        and several_codes.element_no = codes.element_no
    where codes.code is not null
        or codes.title is not null
    group by
        codes.snapshot_id,
        codes.element_no,
        coalesce(codes.system, 'unnamed system'),
        coalesce(codes.code, codes.title)
),
least_codes as (
    select
        snapshot_id,
        element_no,
        code_system,
        count(*) as codes,
        min(code) as code,
        min(title) as title
    from named_codes
    group by snapshot_id, element_no, code_system
)
select
    snapshot_id,
    element_no,
    coalesce(system, 'unnamed system') as code_system,
    coalesce(code, title) as code,
    title
from codes
where ordinal = 0
    and (code is not null or title is not null)
    and not exists (
        select 1
        from several_codes
        where several_codes.snapshot_id = codes.snapshot_id
            and several_codes.element_no = codes.element_no
    )
union all
select
    snapshot_id,
    element_no,
    code_system,
    code,
    title
from least_codes
where codes = 1
union all
select
    named_codes.snapshot_id,
    named_codes.element_no,
    named_codes.code_system,
    string_agg(named_codes.code, '; ' order by named_codes.code) as code,
    string_agg(named_codes.title, '; ' order by named_codes.code) as title
from named_codes
join least_codes
    on least_codes.snapshot_id = named_codes.snapshot_id
    and least_codes.element_no = named_codes.element_no
    and least_codes.code_system = named_codes.code_system
    and least_codes.codes > 1
group by named_codes.snapshot_id, named_codes.element_no, named_codes.code_system
