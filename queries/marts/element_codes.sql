-- title: All codes of an element as one text
-- grain: snapshot_id, element_no
-- "system: code" for every system, in alphabetical order, joined by "; ". Only elements with several
-- codes are looked at together, see code_labels.
select
    snapshot_id,
    element_no,
    code_system || ': ' || code as code
from code_labels
where not exists (
    select 1
    from several_codes
    where several_codes.snapshot_id = code_labels.snapshot_id
        and several_codes.element_no = code_labels.element_no
)
union all
select
    code_labels.snapshot_id,
    code_labels.element_no,
    string_agg(code_labels.code_system || ': ' || code_labels.code, '; ' order by code_labels.code_system)
        as code
from code_labels
join several_codes
    on several_codes.snapshot_id = code_labels.snapshot_id
    and several_codes.element_no = code_labels.element_no
group by code_labels.snapshot_id, code_labels.element_no
