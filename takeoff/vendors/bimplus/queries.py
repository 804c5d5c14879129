"""The queries that take lists of objects apart; DuckDB runs them, see `objects`.

Keys that differ in case only are the same: those that are there are looked for first, and each
wanted one is read by all its spellings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

# What is read of a definition: our name for it, and the vendor's in lower case.
_DEFINED = {
    "id": ("id",),
    "name": ("name",),
    "type": ("type",),
    "unit": ("unit",),
    "unit_id": ("unitid",),
    "labels": ("enumdefinition",),
    "is_internal": ("isinternal",),
    "value": ("value",),
}
_AS_JSON = ("value", "labels")
_NUMERIC = "'double', 'float', 'decimal', 'number', 'int', 'integer', 'int16', 'int32', 'int64'"
_FLAGS = "'boolean', 'bool'"
_TEXTS = "'string', 'text', 'guid', 'datetime', 'date', 'binary'"
_NUMBER = r"'[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([Ee][-+]?[0-9]+)?'"
_WITH_COMMA = r"'[-+]?([0-9]+,[0-9]*|,[0-9]+)'"

# What a JSON text is, told by its first character: each function of JSON would read all of it.
_KIND = """case left(cast({json} as varchar), 1)
        when '{{' then 'object'
        when '[' then 'array'
        when '"' then 'text'
        when 't' then 'flag'
        when 'f' then 'flag'
        when 'n' then 'null'
        else 'number'
    end"""
# {attributes} is an expression for the attributes of an object.
ARRANGED = """
create or replace temp table arranged as
select
    row_no,
    {attributes} as attributes
from objects
where row_no between $first and $last
"""
ODD = """
select row_no
from arranged
where left(cast(attributes as varchar), 1) not in ('{', 'n')
order by row_no
limit 1
"""
# The keys by which an object may define an attribute. A group may have attributes that are called
# so: those are objects, as an id, a type or a value never is.
_DEFINING_KEYS = """list_transform(
        list_filter(
            map_entries(from_json({json}, '"MAP(VARCHAR, JSON)"')),
            lambda member: lower(member.key) not in ('id', 'type', 'value')
                or left(cast(member.value as varchar), 1) <> '{{'
        ),
        lambda member: {key}
    )"""
_HOLDS_OBJECTS = "contains(substr(cast({json} as varchar), 2), '{{')"
# What stands where groups do may be an attribute itself, by its keys.
_DEFINES_ITSELF = "(list_contains(keys, 'value') or list_has_all(keys, ['id', 'type']))"
GROUPS = f"""
create or replace temp table groups as
with maps as (
    select
        row_no,
        map_entries(from_json(attributes, '"MAP(VARCHAR, JSON)"')) as entries
    from arranged
    where left(cast(attributes as varchar), 1) = '{{'
),
entries as (
    select
        row_no,
        unnest(entries) as entry,
        unnest(range(len(entries))) as group_no
    from maps
),
keyed as (
    select
        row_no,
        group_no,
        entry.key as group_key,
        entry.value as content,
        {_KIND.format(json="entry.value")} as content_kind,
        list_transform(json_keys(entry.value), lambda key: lower(key)) as keys
    from entries
    where left(cast(entry.value as varchar), 1) <> 'n'
)
select
    row_no,
    group_no,
    group_key,
    content,
    content_kind,
    case
        when content_kind = 'object' and {_DEFINES_ITSELF} then
            {_DEFINING_KEYS.format(json="content", key="lower(member.key)")}
        else keys
    end as keys
from keyed
"""
ATTRIBUTES = f"""
create or replace temp table attributes as
with maps as (
    select
        row_no,
        group_no,
        group_key,
        map_entries(from_json(content, '"MAP(VARCHAR, JSON)"')) as entries
    from groups
    where content_kind = 'object'
        and not {_DEFINES_ITSELF}
),
inner_entries as (
    select
        row_no,
        group_no,
        group_key,
        unnest(entries) as entry,
        unnest(range(len(entries))) as attribute_no
    from maps
)
select
    row_no,
    group_no,
    attribute_no,
    group_key,
    entry.key as attribute_key,
    entry.value as content,
    {_KIND.format(json="entry.value")} as content_kind,
    case
        when {_HOLDS_OBJECTS.format(json="entry.value")} then
            {_DEFINING_KEYS.format(json="entry.value", key="member.key")}
        else json_keys(entry.value)
    end as keys
from inner_entries
union all
select
    row_no,
    group_no,
    0,
    null,
    group_key,
    content,
    content_kind,
    json_keys(content)
from groups
where content_kind <> 'object' or {_DEFINES_ITSELF}
"""
KEYS = "select distinct unnest(keys) from {table} where content_kind = 'object'"
_DEFINES = """(
    list_has_any({keys}, {value_keys})
    or (list_has_any({keys}, {id_keys}) and list_has_any({keys}, {type_keys}))
)"""
_NESTED = """
create or replace temp table nested as
with maps as (
    select
        row_no,
        group_no,
        attribute_no,
        attribute_key as group_key,
        map_entries(from_json(content, '"MAP(VARCHAR, JSON)"')) as entries
    from attributes
    where content_kind = 'object' and not {defines}
),
inner_entries as (
    select
        row_no,
        group_no,
        attribute_no,
        group_key,
        unnest(entries) as entry,
        unnest(range(len(entries))) as inner_no
    from maps
)
select
    row_no,
    group_no,
    attribute_no,
    inner_no,
    group_key,
    entry.key as attribute_key,
    entry.value as content,
    {kind} as content_kind,
    json_keys(entry.value) as keys
from inner_entries
"""
_VALUES = """
with leaves as (
    select
        row_no,
        group_no,
        attribute_no,
        0 as inner_no,
        group_key,
        attribute_key,
        content_kind = 'object' as is_defined,
        content
    from attributes
    where content_kind <> 'object' or {defines}
    union all
    select
        row_no,
        group_no,
        attribute_no,
        inner_no,
        group_key,
        attribute_key,
        coalesce(content_kind = 'object' and {defines}, false),
        content
    from nested
),
read as (
    select
        *,
        case when is_defined then json_transform(content, '{shape}') end as defined
    from leaves
),
named as (
    select
        row_no,
        group_no,
        attribute_no,
        inner_no,
        group_key,
        attribute_key,
        {columns},
        case when is_defined then {value} else content end as content
    from read
),
typed as (
    select
        *,
        {kind} as kind,
        lower(coalesce(type, '')) as said,
        content ->> '$' as written
    from named
    where content is not null
),
trimmed as (
    select
        *,
        trim(written) as word
    from typed
    where kind <> 'null'
),
judged as (
    select
        *,
        kind = 'number' as is_number,
        kind = 'text' and said in ({numeric}) and regexp_full_match(word, {number}) as is_numeral,
        kind = 'text' and said in ({numeric}) and regexp_full_match(word, {with_comma})
            as has_comma,
        case
            when said in ({texts}) then null
            when kind = 'flag' then written = 'true'
            when said not in ({flags}) then null
            when lower(word) in ('1', '1.0', 'true') then true
            when lower(word) in ('0', '0.0', 'false') then false
        end as flag
    from trimmed
),
valued as (
    select
        *,
        case
            when flag is not null or said in ({texts}) then null
            when is_number or is_numeral then try_cast(word as double)
            when has_comma then try_cast(replace(word, ',', '.') as double)
        end as number
    from judged
)
select
    row_no,
    group_key,
    attribute_key,
    lower(coalesce(id, '')) || '|' || lower(coalesce(group_key, '')) || '|'
        || lower(attribute_key) as key,
    coalesce(nullif(name, ''), attribute_key) as name,
    case when flag is null and number is null then nullif(written, '') end as text,
    number,
    flag,
    nullif(trim(unit), '') as unit,
    lower(unit_id) as unit_id,
    has_comma,
    coalesce(lower(is_internal) in ('true', '1'), false) as is_internal,
    case
        when cast(labels as varchar) <> 'null' then cast(labels as varchar)
    end as labels,
    word as code
from valued
where flag is not null or number is not null or written <> ''
order by row_no, group_no, attribute_no, inner_no
"""

CALCULATED = """
create or replace temp table calculated as
with attributes as (
    select
        unnest(map_entries(from_json($answer, '"MAP(VARCHAR, JSON)"'))) as entry,
        unnest(range(len(json_keys($answer)))) as attribute_no
),
of_objects as (
    select
        attribute_no,
        lower(entry.key) as attribute_id,
        unnest(map_entries(from_json(entry.value, '"MAP(VARCHAR, JSON)"'))) as entry,
        unnest(range(len(json_keys(entry.value)))) as object_no
    from attributes
),
numbered as (
    select
        *,
        row_number() over (order by attribute_no, object_no) - 1 as row_no
    from of_objects
)
select
    attribute_no,
    attribute_id,
    lower(entry.key) as object_id,
    try_cast(entry.value ->> '$' as double) as number,
    case
        when try_cast(entry.value ->> '$' as double) is null then entry.value ->> '$'
    end as text,
    row_no
from numbered
where json_type(entry.value) <> 'NULL'
"""


class Spellings:
    """The keys that are there, and expressions for those that are wanted, whatever their case."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = sorted(keys)

    def of(self, *names: str) -> list[str]:
        """The spellings of a name, the one as wanted first."""
        found = [key for key in self._keys if key.lower() in names]
        return sorted(found, key=lambda key: (key not in names, key))

    def json(self, column: str, name: str) -> str:
        """The JSON of a member."""
        paths = [f"{column} -> '$.\"{key}\"'" for key in self.of(name)]
        return f"coalesce({', '.join(paths)})" if paths else "cast(null as json)"

    def text(self, column: str, name: str) -> str:
        """The text of a member."""
        paths = [f"{column} ->> '$.\"{key}\"'" for key in self.of(name)]
        return f"coalesce({', '.join(paths)})" if paths else "cast(null as varchar)"


def nested(keys: Spellings) -> str:
    """The query that takes apart what stands among attributes and defines none."""
    return _NESTED.format(defines=_defines(keys), kind=_KIND.format(json="entry.value"))


def values(keys: Spellings) -> str:
    """The query for the values of all attributes, for definitions with these keys."""
    shape: dict[str, str] = {}
    columns = {}
    for name, wanted in _DEFINED.items():
        type_, arrow = ("JSON", "->") if name in _AS_JSON else ("VARCHAR", "->>")
        parts = [f"content {arrow} '$.\"{key}\"'" for key in keys.of(*wanted)]
        if parts:
            # A struct has no two members that differ in case only.
            first = keys.of(*wanted)[0]
            shape[first], parts[0] = type_, f'defined."{first}"'
        columns[name] = f"coalesce({', '.join(parts)})" if parts else f"cast(null as {type_})"
    value = columns.pop("value")
    return _VALUES.format(
        shape=json.dumps(shape or {"value": "JSON"}),
        columns=",\n        ".join(f"{column} as {name}" for name, column in columns.items()),
        value=value,
        defines=_defines(keys),
        kind=_KIND.format(json="content"),
        numeric=_NUMERIC,
        texts=_TEXTS,
        flags=_FLAGS,
        number=_NUMBER,
        with_comma=_WITH_COMMA,
    )


def _defines(keys: Spellings) -> str:
    """Whether an object with `keys` defines an attribute, rather than being a group of them."""
    found = {f"{name}_keys": _list(keys.of(name)) for name in ("value", "id", "type")}
    return _DEFINES.format(keys="keys", **found)


def _list(texts: Sequence[str]) -> str:
    return "cast([" + ", ".join(f"'{text}'" for text in texts) + "] as varchar[])"
