-- title: The codes of an element in one classification system as one text
-- grain: snapshot_id, element_no, code_system
-- Codes in alphabetical order, each once, joined by "; ", and so the titles.
with named_codes as (
    select
        snapshot_id,
        element_no,
        coalesce(system, 'unnamed system') as code_system,
        coalesce(code, title) as code,
        min(title) as title
    from codes
    where code is not null
        or title is not null
    group by snapshot_id, element_no, coalesce(system, 'unnamed system'), coalesce(code, title)
)
select
    snapshot_id,
    element_no,
    code_system,
    string_agg(code, '; ' order by code) as code,
    string_agg(title, '; ' order by code) as title
from named_codes
group by snapshot_id, element_no, code_system
