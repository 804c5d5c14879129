"""The neutral tables: the only place that states their columns, types, keys and meaning.

Every table begins with the identity of its snapshot; `element_no` is the element's place in the
snapshot in the order of the evidence and the same in every table. Units are SI. Unknown is null,
never 0. `evidence_no` and `source_row` say where a row came from: the number of the raw answer or
document within the snapshot, and the row or record in it (for IFC the STEP id).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

# Raised with every table or column that comes: 2 brought boxes.
SCHEMA_VERSION = 2
EXACT = pa.decimal128(32, 12)
# Text that is the same in many rows, as decoders may give it.
ENCODED = pa.dictionary(pa.int32(), pa.string())

_TEXT = pa.string()
_INT = pa.int32()
_LONG = pa.int64()
_REAL = pa.float64()
_FLAG = pa.bool_()
_TIME = pa.timestamp("us", tz="UTC")

SNAPSHOT_COLUMNS = ("snapshot_id", "vendor", "project_id", "model_id")


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, whether null is possible, and what it means."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = True

    @property
    def field(self) -> pa.Field:
        return pa.field(self.name, self.type, self.nullable)


@dataclass(frozen=True)
class Table:
    """One neutral table. `key` is unique within a snapshot and orders each file."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """Columns as they lie on disk."""
        return pa.schema([column.field for column in self.columns])

    @property
    def decoded(self) -> pa.Schema:
        """Columns as a decoder yields them: without those that the snapshot itself supplies."""
        return pa.schema([c.field for c in self.columns if c.name not in SNAPSHOT_COLUMNS])

    def takes(self, given: pa.Schema) -> bool:
        """Whether rows with these columns may be given: those of `decoded`, text also ENCODED."""
        return given.names == self.decoded.names and all(
            ours.equals(theirs)
            or (pa.types.is_string(theirs.type) and ours.equals(theirs.with_type(ENCODED)))
            for ours, theirs in zip(given, self.decoded, strict=True)
        )


def _table(name: str, grain: str, key: str, *columns: Column) -> Table:
    return Table(name, grain, _SNAPSHOT + columns, tuple(key.split()))


_SNAPSHOT = (
    Column("snapshot_id", _TEXT, "the committed model version this row belongs to", False),
    Column("vendor", _TEXT, "qonic, autodesk, bimplus, itwin, ifc, ...", False),
    Column("project_id", _TEXT, "the vendor's id of the project, case-sensitive", False),
    Column("model_id", _TEXT, "the vendor's id of the model, case-sensitive", False),
)
_ELEMENT = (
    Column("element_id", _TEXT, "the element's id at the vendor, case-sensitive", False),
    Column("element_no", _INT, "the element's place in its snapshot, from 0", False),
)
_TRACE = (
    Column("evidence_no", _INT, "the raw answer or document this row was read from", False),
    Column("source_row", _LONG, "the row or record in it (IFC: STEP id)", False),
)

ELEMENTS = _table(
    "elements",
    "one product or object",
    "element_no",
    *_ELEMENT,
    Column("source_id", _TEXT, "the id inside the evidence: STEP id, svf2Id, ..."),
    Column("authoring_id", _TEXT, "the id in the program that drew it, if it can be told"),
    Column("ifc_guid", _TEXT, "22-character IFC GlobalId as stated, even if it is not unique"),
    Column("ifc_guid_source", _TEXT, "given, derived or federation"),
    Column("ifc_class", _TEXT, "IFC class without Ifc; StandardCase and ElementedCase folded"),
    Column("source_class", _TEXT, "the class or category as written"),
    Column("predefined_type", _TEXT, "IFC predefined type, or the user-defined text behind it"),
    Column("name", _TEXT, "the element's name as written"),
    Column("type_id", _TEXT, "element_id of its type's own row"),
    Column("type_name", _TEXT, "name of its type"),
    Column("mark", _TEXT, "the mark or tag that people see on drawings"),
    Column("discipline", _TEXT, "the model's or element's discipline, if stated"),
    Column("building_id", _TEXT, "location_id of its building"),
    Column("building_name", _TEXT, "name of its building"),
    Column("storey_id", _TEXT, "location_id of its storey"),
    Column("storey_name", _TEXT, "name of its storey"),
    Column("space_id", _TEXT, "location_id of the space that contains it"),
    Column("space_name", _TEXT, "name of that space"),
    Column("storey_elevation_m", _REAL, "the storey's elevation"),
    Column("system", _TEXT, "name of the building system it belongs to"),
    Column("phase", _TEXT, "construction phase or status"),
    Column("is_external", _FLAG, "part of the building's outside"),
    Column("load_bearing", _FLAG, "carries loads"),
    Column("parent_id", _TEXT, "element_id of the whole it is a part of, or of the host it voids"),
    Column(
        "role",
        _TEXT,
        "physical, part, opening, space, location, type, annotation or marker",
        False,
    ),
    *_TRACE,
)

QUANTITIES = _table(
    "quantities",
    "one figure of one element",
    "quantity element_no ordinal",
    *_ELEMENT,
    Column("quantity", _TEXT, "IFC4X3 quantity name; null if the source's name maps to none"),
    Column("kind", _TEXT, "length, area, volume, count, mass, time or other", False),
    Column("basis", _TEXT, "authored, vendor_calculated, computed or derived", False),
    Column(
        "origin", _TEXT, "qto, pset, attribute, type, dynamic, mapping, geometry or rule", False
    ),
    Column("ordinal", _INT, "the figure's place within its element, from 0", False),
    Column("source_set", _TEXT, "quantity or property set as written"),
    Column("source_name", _TEXT, "quantity's name as written"),
    Column("source_value", _TEXT, "the number as written, or its shortest form"),
    Column("source_unit", _TEXT, "the unit as written"),
    Column("unit_status", _TEXT, "declared, own, derived, assumed or unknown", False),
    Column("value", _REAL, "the figure in SI; null if the unit is unknown or it is not finite"),
    Column("value_exact", EXACT, "the same as a decimal; what reports add up"),
    Column("unit", _TEXT, "m, m2, m3, kg, s, 1, ...; null if unknown"),
    *_TRACE,
)

PROPERTIES = _table(
    "properties",
    "one property of one element",
    "element_no ordinal",
    *_ELEMENT,
    Column("set_name", _TEXT, "property set as written; null for the element's own attributes"),
    Column("name", _TEXT, "property name as written"),
    Column("ordinal", _INT, "the property's place within its element, from 0", False),
    Column("value_kind", _TEXT, "text, number, flag or none; which column is filled", False),
    Column("text", _TEXT, "value, if text; 007 stays 007"),
    Column("number", _REAL, "value, if the vendor types it as a number, in `unit`"),
    Column("flag", _FLAG, "value, if true or false"),
    Column("unit", _TEXT, "unit of `number` as written"),
    *_TRACE,
)

BOXES = _table(
    "boxes",
    "the box around one element's body, its openings not cut",
    "element_no",
    *_ELEMENT,
    Column("min_x_m", _REAL, "least x in the coordinates of the model, which are its own", False),
    Column("min_y_m", _REAL, "least y", False),
    Column("min_z_m", _REAL, "least z; z points upwards", False),
    Column("max_x_m", _REAL, "greatest x", False),
    Column("max_y_m", _REAL, "greatest y", False),
    Column("max_z_m", _REAL, "greatest z", False),
    *_TRACE,
)

CODES = _table(
    "codes",
    "one code of one element in one classification system",
    "element_no ordinal",
    *_ELEMENT,
    Column("ordinal", _INT, "the code's place within its element, from 0", False),
    Column("system", _TEXT, "classification system as named"),
    Column("edition", _TEXT, "its edition"),
    Column("code", _TEXT, "code as written"),
    Column("title", _TEXT, "title as written beside the code"),
    *_TRACE,
)

MATERIALS = _table(
    "materials",
    "one material of one element",
    "element_no ordinal",
    *_ELEMENT,
    Column("ordinal", _INT, "the material's place within its element, from 0", False),
    Column("role", _TEXT, "single, layer, constituent, profile or list", False),
    Column("material", _TEXT, "name as written"),
    Column("thickness_m", _REAL, "layer thickness"),
    Column("share", _REAL, "share of the element, 0 to 1, if stated"),
    Column("volume_m3", _REAL, "volume of this material, if stated"),
    *_TRACE,
)

RELATIONS = _table(
    "relations",
    "one link between two elements",
    "from_element_no to_element_no kind source_row",
    Column("from_element_id", _TEXT, "voids: opening; fills: filling; part_of: part", False),
    Column("from_element_no", _INT, "its element_no", False),
    Column("to_element_id", _TEXT, "voids: host; fills: opening; part_of: whole", False),
    Column("to_element_no", _INT, "its element_no", False),
    Column("kind", _TEXT, "voids, fills, part_of, bounds or in_system", False),
    *_TRACE,
)

LOCATIONS = _table(
    "locations",
    "one project, site, building, storey or space",
    "location_id",
    Column("location_id", _TEXT, "the location's id at the vendor", False),
    Column("parent_id", _TEXT, "location_id of what contains it"),
    Column("kind", _TEXT, "project, site, building, storey or space", False),
    Column("name", _TEXT, "name as written"),
    Column("elevation_m", _REAL, "elevation of a storey"),
    *_TRACE,
)

CONTROL_TOTALS = _table(
    "control_totals",
    "one sum that the vendor itself states",
    "ordinal",
    Column("ordinal", _INT, "the total's place in its snapshot, from 0", False),
    Column("quantity", _TEXT, "IFC4X3 quantity name", False),
    Column("filter", _TEXT, "which elements it covers, as asked"),
    Column("value", _REAL, "the sum in SI"),
    Column("value_exact", EXACT, "the same as a decimal"),
    Column("unit", _TEXT, "SI unit"),
    Column("operation_id", _TEXT, "the vendor's id of the calculation"),
    *_TRACE,
)

CHANGES_STATED = _table(
    "changes_stated",
    "one change of one element that the vendor itself states",
    "element_no ordinal",
    *_ELEMENT,
    Column("ordinal", _INT, "the change's place within its element, from 0", False),
    Column("old_version", _TEXT, "version it was compared with"),
    Column("new_version", _TEXT, "this version"),
    Column("change", _TEXT, "added, removed or changed", False),
    Column("property_names", _TEXT, "what changed, as a JSON list"),
    *_TRACE,
)

WARNINGS = _table(
    "warnings",
    "something noticed while reading",
    "ordinal",
    Column("ordinal", _INT, "the warning's place in its snapshot, from 0", False),
    Column("element_id", _TEXT, "the element concerned; null if none"),
    Column("element_no", _INT, "its element_no; null if none"),
    Column("code", _TEXT, "short fixed word, such as guid_repeated", False),
    Column("text", _TEXT, "one sentence for people", False),
    Column("evidence_no", _INT, "the raw answer or document concerned", False),
    Column("source_row", _LONG, "the row or record in it; null if all of it is meant"),
)

EVIDENCE = _table(
    "evidence",
    "one raw answer or document",
    "evidence_no",
    Column("evidence_no", _INT, "its number within the snapshot, from 0", False),
    Column("method", _TEXT, "GET, POST, or FILE for a document read from disk", False),
    Column("path", _TEXT, "request path, or the file's name", False),
    Column("body_sha256", _TEXT, "sha256 of the request's body, if it had one"),
    Column("status", _INT, "HTTP status; null for a file"),
    Column("bytes", _LONG, "bytes of the raw content", False),
    Column("sha256", _TEXT, "sha256 of the raw content, and its name under evidence/", False),
    Column("fetched_at", _TIME, "when it came", False),
    Column("location", _TEXT, "where the original lies, if it was not copied into the lake"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ELEMENTS,
        QUANTITIES,
        PROPERTIES,
        BOXES,
        CODES,
        MATERIALS,
        RELATIONS,
        LOCATIONS,
        CONTROL_TOTALS,
        CHANGES_STATED,
        WARNINGS,
        EVIDENCE,
    )
}

# One row a committed model version. It is read from the manifests, not from Parquet.
SNAPSHOTS = _table(
    "snapshots",
    "one committed model version",
    "snapshot_id",
    Column("project_name", _TEXT, "the project's name"),
    Column("model_name", _TEXT, "the model's name"),
    Column("sequence", _INT, "counts the model's snapshots; the highest is current", False),
    Column("is_current", _FLAG, "the newest committed snapshot of its model", False),
    Column("taken_at", _TIME, "when the fetch began", False),
    Column("source_version_kind", _TEXT, "sha256, etag, changeset, revision, ...", False),
    Column("source_version", _TEXT, "the vendor's version value"),
    Column("source_version_label", _TEXT, "the vendor's version name"),
    Column("proof", _TEXT, "stated_total, protocol_end or none", False),
    Column("proof_detail", _TEXT, "what was compared", False),
    Column(
        "lineage",
        _TEXT,
        "JSON object: revision_of, renewal_of, cloned_from, forked_from, exported_from",
    ),
    Column("options", _TEXT, "JSON object: how it was decoded"),
    Column("tool_version", _TEXT, "version of takeoff that wrote it", False),
    Column("schema_version", _INT, "version of these tables", False),
    Column("stated_totals", _TEXT, "JSON object: row counts that the vendor states"),
    Column("elements", _LONG, "rows in elements", False),
    Column("quantities", _LONG, "rows in quantities", False),
    Column("properties", _LONG, "rows in properties", False),
    Column("warnings", _LONG, "rows in warnings", False),
)
