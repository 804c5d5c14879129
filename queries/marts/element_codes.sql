-- title: All codes of an element as one text
-- grain: snapshot_id, element_no
-- "system: code" for every system, in alphabetical order, joined by "; ".
select
    snapshot_id,
    element_no,
    string_agg(code_system || ': ' || code, '; ' order by code_system) as code
from code_labels
group by snapshot_id, element_no
