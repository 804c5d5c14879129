-- title: What an element can be known by where GUIDs do not help
-- grain: pair_no, side, element_no, key_no
-- column: key_no integer; the key, or that of a match; the lower the stronger
-- column: key_text text; the key's value; parts lie between unit separators
-- The lower key_no, the stronger the key; an element without the main part of a key has no such row.
-- Parts are put between unit separators, so that no two keys read alike.
select
    pair_no,
    side,
    element_no,
    5 as key_no,
    authoring_id as key_text
from compared_elements
where authoring_id <> ''
union all
select
    pair_no,
    side,
    element_no,
    6 as key_no,
    concat_ws(chr(31), authoring_id, coalesce(ifc_class, ''), coalesce(storey_name, ''))
        as key_text
from compared_elements
where authoring_id <> ''
union all
select
    pair_no,
    side,
    element_no,
    7 as key_no,
    concat_ws(chr(31), mark, coalesce(ifc_class, '')) as key_text
from compared_elements
where mark <> ''
union all
select
    pair_no,
    side,
    element_no,
    8 as key_no,
    concat_ws(
        chr(31),
        name,
        coalesce(ifc_class, ''),
        coalesce(storey_name, ''),
        coalesce(type_name, '')
    ) as key_text
from compared_elements
where name <> ''
union all
select
    pair_no,
    side,
    element_no,
    9 as key_no,
    concat_ws(chr(31), name, coalesce(ifc_class, ''), coalesce(type_name, '')) as key_text
from compared_elements
where name <> ''
union all
select
    pair_no,
    side,
    element_no,
    10 as key_no,
    concat_ws(chr(31), name, coalesce(ifc_class, '')) as key_text
from compared_elements
where name <> ''
