"""A model read from IFC, served as a vendor and fetched: every difference, without judgement.

Which differences the vendor's wire forces is said by each vendor's own test, kind by kind.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from both_ways import Both, Row, Tables, fetch_ifc_model, served_and_fetched

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SAMPLES = ("architecture", "services", "structure", "structure with geometry")
PUBLIC = (
    "BIMWhale_LargeBuilding",
    "Duplex_A_20110907",
    "Duplex_Electrical_20121207",
    "PCERT_Building-Architecture",
    "PCERT_Building-Hvac",
    "PCERT_Building-Structural",
    "Schependomlaan_breedplaatvloeren",
    "Schependomlaan_kalkzandsteen",
    "Schependomlaan_staal",
)
# Made for what a reader stumbles over: repeated and missing GUIDs, odd names, numbers and places.
HOSTILE = ("guid_case", "guid_twice_and_missing", "names", "numbers", "two_buildings")
MODELS = (*SAMPLES, *HOSTILE, *PUBLIC)

# By how much figures may differ for the sake of units.
TOLERANCE = 1e-9
UNLISTED = "unlisted"

_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
_GROUPS = {"location": "location", "type": "type", "annotation": "mark", "marker": "mark"}
_PRODUCT = "product"
# Who a row belongs to and where it was read differ on both sides.
_OWN = {
    "snapshot_id vendor project_id model_id element_id element_no ordinal evidence_no source_row"
    " source_id ifc_guid_source from_element_no to_element_no value_exact"
}
_NOT_COMPARED = frozenset(name for names in _OWN for name in names.split())
_IDS = (
    "building_id storey_id space_id type_id parent_id location_id from_element_id to_element_id"
).split()

Key = tuple[str, str, int]


class Difference(NamedTuple):
    """What differs between the two sides of one element or place.

    `about` is `table.column`, or a table if a row is on one side only; of those that came, `sent`
    may be the same value in the other table of figures and properties. What was sent and is only in
    that other table is `figure as property` or `property as figure`. `where` is the kind of
    element, its GUID, and which one of those with that GUID it is.
    """

    about: str
    where: Key
    sent: Row | None
    came: Row | None


def ifc_of(name: str, shared: Path) -> Path:
    """The IFC file of a model of MODELS; `shared` has the public ones."""
    if name in PUBLIC:
        return shared / "ifc" / f"{name}.ifc"
    if name in HOSTILE:
        return SAMPLE / "hostile" / f"{name}.ifc"
    return SAMPLE / f"Lindenhof_{name.partition(' with ')[0]}.ifc"


@cache
def both_of(
    name: str,
    shared: Path,
    folder: Path,
    vendor: str,
    switches: tuple[tuple[str, str], ...] = (),
    asking: tuple[tuple[str, str], ...] = (),
) -> Both:
    """The model as it was read, and as it came; `folder` is for the lakes of this test run.

    `switches` are those of the sandbox, `asking` the vendor's own options of the fetch.
    """
    geometry = name.endswith(" with geometry")
    sent = folder / name.replace(" ", "_")
    snapshot = fetch_ifc_model(ifc_of(name, shared), sent / "sent", geometry=geometry)
    words = "-".join((vendor, *(f"{key}-{value}" for key, value in (*switches, *asking))))
    return served_and_fetched(snapshot, sent, vendor, dict(switches), words, dict(asking))


def listed(vendor: str) -> dict[str, str]:
    """What the vendor's wire cannot carry, by kind, with the reason."""
    name = f"{vendor}_cannot_carry.csv"
    with (Path(__file__).parent / name).open(encoding="utf-8") as file:
        return {row["kind"]: f"{row['what']}: {row['why']}" for row in csv.DictReader(file)}


def kinds(both: Both, kind_of: Callable[[Difference], str | None]) -> dict[str, list[Difference]]:
    """All differences by kind; those that are none to the vendor's rules (null) are left out."""
    found: dict[str, list[Difference]] = defaultdict(list)
    for one in differences(both):
        kind = kind_of(one)
        if kind is not None:
            found[kind].append(one)
    return dict(found)


def differences(both: Both) -> Iterator[Difference]:
    """Every difference of the tables that come from a model."""
    sent, came = Side(both.sent), Side(both.came)
    yield from _elements(sent, came)
    yield from _values(sent, came)
    for table, keys in (
        ("codes", ("system", "code")),
        ("materials", ("material",)),
        ("relations", ("kind", "to_element_id")),
        ("boxes", ()),
    ):
        yield from _rows(table, keys, sent, came)
    yield from _places(sent, came)


class Side:
    """The tables of one side; elements go by kind, GUID and turn, ids by the GUID they stand for.

    Elements without a good GUID go by their turn among those, if they are products.
    """

    def __init__(self, tables: Tables) -> None:
        elements = sorted(tables["elements"], key=lambda row: row["element_no"])
        self._guids = {
            row["element_id"]: row["ifc_guid"] for row in elements if row["ifc_guid"] is not None
        }
        counts: dict[tuple[str, str], int] = defaultdict(int)
        self.elements: dict[Key, Row] = {}
        self._keys: dict[int, Key] = {}
        for row in elements:
            group = _GROUPS.get(row["role"], _PRODUCT)
            guid = row["ifc_guid"] or ""
            named = guid if _GUID.fullmatch(guid) else ""
            key = (group, named, counts[group, named])
            counts[group, named] += 1
            self.elements[key] = self._named(row)
            self._keys[row["element_no"]] = key
        self.tables = tables

    def rows(self, table: str) -> Mapping[Key, list[Row]]:
        """The rows of a table by their element."""
        found: dict[Key, list[Row]] = defaultdict(list)
        number = "from_element_no" if table == "relations" else "element_no"
        order = "element_no" if "element_no" == number else number
        ordered = sorted(self.tables[table], key=lambda row: (row[order], row.get("ordinal") or 0))
        for row in ordered:
            found[self._keys[row[number]]].append(self._named(row))
        return found

    def places(self) -> dict[str, Row]:
        """Locations by their GUID; by their own id if they have none."""
        named = (self._named(row) for row in self.tables["locations"])
        return {row["location_id"]: row for row in named}

    def _named(self, row: Row) -> Row:
        """The row with ids that both sides know."""
        ids = {name: self._guids.get(row[name], row[name]) for name in _IDS if name in row}
        return {**row, **ids}


def _elements(sent: Side, came: Side) -> Iterator[Difference]:
    for key, row in sent.elements.items():
        got = came.elements.get(key)
        if got is None:
            yield Difference("elements", key, row, None)
        else:
            yield from _columns("elements", key, row, got)
    for key, row in came.elements.items():
        if key not in sent.elements:
            yield Difference("elements", key, None, row)


def _columns(table: str, where: Key, sent: Row, came: Row) -> Iterator[Difference]:
    for name in sent:
        if name not in _NOT_COMPARED and not _is_same(sent[name], came[name]):
            yield Difference(f"{table}.{name}", where, sent, came)


def _is_same(sent: Any, came: Any) -> bool:
    if isinstance(sent, float) and isinstance(came, float):
        return math.isclose(sent, came, rel_tol=TOLERANCE)
    return bool(sent == came)


def _rows(table: str, keys: Sequence[str], sent: Side, came: Side) -> Iterator[Difference]:
    """Rows that go by these columns within their element."""
    wanted, got = sent.rows(table), came.rows(table)
    for where in _all(wanted, got):
        left = list(got.get(where, []))
        for row in wanted.get(where, []):
            match = _taken(left, lambda other, row=row: all(row[k] == other[k] for k in keys))
            if match is None:
                yield Difference(table, where, row, None)
            else:
                yield from _columns(table, where, row, match)
        for row in left:
            yield Difference(table, where, None, row)


def _all(sent: Mapping[Key, object], came: Mapping[Key, object]) -> list[Key]:
    return [*sent, *(key for key in came if key not in sent)]


def _taken(rows: list[Row], is_wanted: Callable[[Row], bool]) -> Row | None:
    """The first such row, taken out of the list."""
    for place, row in enumerate(rows):
        if is_wanted(row):
            return rows.pop(place)
    return None


def _values(sent: Side, came: Side) -> Iterator[Difference]:
    """Figures and properties, and those of one side that are the other on the other."""
    figures, got_figures = sent.rows("quantities"), came.rows("quantities")
    properties, got_properties = sent.rows("properties"), came.rows("properties")
    for where in _all({**figures, **properties}, {**got_figures, **got_properties}):
        wanted, got = list(figures.get(where, [])), list(got_figures.get(where, []))
        said, got_said = list(properties.get(where, [])), list(got_properties.get(where, []))
        for was, now in _figure_pairs(wanted, got):
            yield from _columns("quantities", where, was, now)
        for was, now in _property_pairs(said, got_said):
            yield from _columns("properties", where, was, now)
        sides = (
            ("figure as property", wanted, got_properties.get(where, [])),
            ("property as figure", said, got_figures.get(where, [])),
        )
        for about, rows, others in sides:
            for row in rows:
                same = next((other for other in others if place(other) == place(row)), None)
                name = "quantities" if about.startswith("figure") else "properties"
                yield Difference(name if same is None else about, where, row, same)
        for about, rows, others in (
            ("quantities", got, properties.get(where, [])),
            ("properties", got_said, figures.get(where, [])),
        ):
            for row in rows:
                same = next((other for other in others if place(other) == place(row)), None)
                yield Difference(about, where, same, row)


def place(row: Row) -> tuple[str | None, str | None]:
    """The set and name of a figure or property."""
    if "source_set" in row:
        return row["source_set"], row["source_name"]
    return row["set_name"], row["name"]


def _figure_pairs(sent: list[Row], came: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Figures that are the same, taken out of both: by set and name, else by quantity; the best
    matches first.
    """

    def same_place(one: Row, other: Row) -> bool:
        return place(one) == place(other)

    def same_quantity(one: Row, other: Row) -> bool:
        return one["quantity"] is not None and one["quantity"] == other["quantity"]

    def same_value(one: Row, other: Row) -> bool:
        return one["value"] is not None and _is_same(one["value"], other["value"])

    yield from _pairs(sent, came, lambda a, b: same_place(a, b) and same_value(a, b))
    yield from _pairs(
        sent,
        came,
        lambda a, b: same_quantity(a, b) and a["basis"] == b["basis"] and same_value(a, b),
    )
    yield from _pairs(sent, came, lambda a, b: same_quantity(a, b) and same_value(a, b))
    yield from _pairs(sent, came, same_place)


def _property_pairs(sent: list[Row], came: list[Row]) -> Iterator[tuple[Row, Row]]:
    values = ("value_kind", "text", "flag")

    def is_equal(one: Row, other: Row) -> bool:
        is_value = all(one[name] == other[name] for name in values)
        return is_value and _is_same(one["number"], other["number"])

    yield from _pairs(sent, came, lambda a, b: place(a) == place(b) and is_equal(a, b))
    yield from _pairs(sent, came, lambda a, b: place(a) == place(b))


def _pairs(
    sent: list[Row], came: list[Row], are_one: Callable[[Row, Row], bool]
) -> Iterator[tuple[Row, Row]]:
    for row in list(sent):
        match = _taken(came, lambda other, row=row: are_one(row, other))
        if match is not None:
            sent.remove(row)
            yield row, match


def _places(sent: Side, came: Side) -> Iterator[Difference]:
    wanted, got = sent.places(), came.places()
    for place, row in wanted.items():
        where = ("location", place, 0)
        match = got.pop(place, None)
        if match is None:
            yield Difference("locations", where, row, None)
        else:
            yield from _columns("locations", where, row, match)
    for place, row in got.items():
        yield Difference("locations", ("location", place, 0), None, row)
