"""What differs between two versions of one model, as the service tells it row by row."""

from __future__ import annotations

from takeoff.sandbox.autodesk.model import Version
from takeoff.sandbox.autodesk.parameters import Field
from takeoff.sandbox.autodesk.query_words import Column
from takeoff.sandbox.autodesk.rowfile import (
    RowFile,
    connection,
    extent,
    extent_columns,
    line,
    number_json,
    text_json,
)
from takeoff.sandbox.autodesk.switches import Looks, Spelling

# What the rows of a former version tell within `prev`.
_PREV = (
    "svf2_id lmv_id external_id lineage_id own_lineage_id database_id props_hash props_ignored "
    "geom_hash views min_x min_y min_z max_x max_y max_z"
).split()

# Only the properties of the former row that differ now; all of them, if there is no row now.
_DIFFERENT = """
create table different as
select
    prev_members.external_id,
    '{' || string_agg(prev_members.raw, ',' order by prev_members.no) || '}' as props,
    '{' || string_agg(prev_members.ion, ',' order by prev_members.no) || '}' as props_ion
from prev_members
anti join cur_members
    on cur_members.external_id = prev_members.external_id
    and cur_members.raw = prev_members.raw
group by prev_members.external_id
"""

_ROWS = f"""
create table rows as
select
    cast(row_number() over (
        order by coalesce(cur_rows.row_no, prev_rows.row_no), cur_rows.row_no is null
    ) as integer) as row_no,
    case
        when prev_rows.external_id is null then 'OBJECT_ADDED'
        when cur_rows.external_id is null then 'OBJECT_REMOVED'
        else 'OBJECT_CHANGED'
    end as type,
    case
        when prev_rows.geom_hash <> cur_rows.geom_hash then 'Geometry'
    end as change_type,
    coalesce(cur_rows.svf2_id, prev_rows.svf2_id) as svf2_id,
    coalesce(cur_rows.external_id, prev_rows.external_id) as external_id,
    coalesce(cur_rows.lineage_id, prev_rows.lineage_id) as lineage_id,
    coalesce(cur_rows.own_lineage_id, prev_rows.own_lineage_id) as own_lineage_id,
    cur_rows.lmv_id,
    cur_rows.database_id,
    cur_rows.props,
    cur_rows.props_ion,
    cur_rows.props_hash,
    cur_rows.props_ignored,
    cur_rows.geom_hash,
    coalesce(cur_rows.views, cast([] as varchar[])) as views,
    cur_rows.min_x, cur_rows.min_y, cur_rows.min_z,
    cur_rows.max_x, cur_rows.max_y, cur_rows.max_z,
    case when prev_rows.external_id is not null then coalesce(different.props, '{{}}') end
        as prev_props,
    case when prev_rows.external_id is not null then coalesce(different.props_ion, '{{}}') end
        as prev_props_ion,
    {", ".join(f"prev_rows.{name} as prev_{name}" for name in _PREV)}
from cur_rows
full join prev_rows on prev_rows.external_id = cur_rows.external_id
left join different on different.external_id = prev_rows.external_id
where prev_rows.external_id is null
    or cur_rows.external_id is null
    or prev_rows.props_hash <> cur_rows.props_hash
    or prev_rows.geom_hash is distinct from cur_rows.geom_hash
"""

_MEMBERS = """
select rows.external_id, members.raw, members.ion, members.no
from members
join rows on rows.row_no = members.row_no
where not members.is_volatile
"""

COLUMNS = {
    "s.type": Column("s.type", "text"),
    "s.changeType": Column("s.change_type", "text"),
    "s.svf2Id": Column("s.svf2_id", "integer"),
    "s.externalId": Column("s.external_id", "text"),
    **{
        f"s.{prefix}{path}": Column(f"s.{name}{column}", type_, ion and f"s.{name}{ion}")
        for prefix, name in (("", ""), ("prev.", "prev_"))
        for path, column, type_, ion in (
            ("lmvId", "lmv_id", "integer", None),
            ("lineageId", "lineage_id", "text", None),
            ("databaseId", "database_id", "text", None),
            ("dbId", "database_id", "text", None),
            ("props", "props", "object", "props_ion"),
            ("propsHash", "props_hash", "text", None),
            ("propsIgnored", "props_ignored", "object", None),
            ("geomHash", "geom_hash", "text", None),
            ("views", "views", "array", None),
        )
    },
    **extent_columns("s.", "s."),
    **extent_columns("s.prev.", "s.prev_"),
}


def diff(prev: Version, cur: Version, looks: Looks) -> RowFile:
    """The rows that were added, removed or changed from `prev` to `cur`.

    An object is the same if its externalId is. Raises: LakeUnusable.
    """
    fields: dict[str, Field] = {}
    database = connection()
    for name, version in (("prev", prev), ("cur", cur)):
        rows = version.rows(looks)
        fields |= rows.fields
        database.register(f"{name}_rows", rows.arrow("select * from rows"))
        database.register(f"{name}_members", rows.arrow(_MEMBERS))
    database.execute(_DIFFERENT)
    database.execute(_ROWS)
    return RowFile(database, fields, COLUMNS)


def diff_line(spelling: Spelling, *, is_ion: bool) -> str:
    """SQL that writes a row of a diff; what a removed object has not is null."""
    lineage = "own_lineage_id" if spelling.lineage == "changing" else "lineage_id"
    ion = "_ion" if is_ion else ""
    prev = line(
        [
            ("lmvId", number_json("s.prev_lmv_id", spelling)),
            ("lineageId", text_json(f"s.prev_{lineage}")),
            (spelling.database_id, text_json("s.prev_database_id")),
            ("props", f"s.prev_props{ion}"),
            ("propsHash", text_json("s.prev_props_hash")),
            ("propsIgnored", "s.prev_props_ignored"),
            ("geomHash", text_json("s.prev_geom_hash")),
            *extent(spelling, is_ion, "s.prev_"),
            ("views", text_json("s.prev_views")),
        ]
    )
    return line(
        [
            ("type", text_json("s.type")),
            ("svf2Id", number_json("s.svf2_id", spelling)),
            ("externalId", text_json("s.external_id")),
            ("changeType", text_json("s.change_type")),
            ("lmvId", _or_null(number_json("s.lmv_id", spelling))),
            ("lineageId", text_json(f"s.{lineage}")),
            (spelling.database_id, _or_null(text_json("s.database_id"))),
            ("props", _or_null(f"s.props{ion}")),
            ("propsHash", _or_null(text_json("s.props_hash"))),
            ("propsIgnored", "s.props_ignored"),
            ("geomHash", text_json("s.geom_hash")),
            *extent(spelling, is_ion),
            ("views", text_json("s.views")),
            ("prev", f"case when s.prev_props is null then 'null' else {prev} end"),
        ]
    )


def _or_null(made: str) -> str:
    return f"coalesce({made}, 'null')"
