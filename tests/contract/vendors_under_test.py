"""The vendors that the shared suite asks, and the lakes that stand-ins for them serve."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from both_ways import Row, Tables, fetch_one, settings, tables
from small_lakes import Model

from takeoff.core.errors import NotUnderstood, TakeoffError, TryLater, VendorRefused
from takeoff.core.tables import TABLES
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.lake.work import runs
from takeoff.sandbox import Running

# Who a row belongs to and where it came from differ from one fetch to the next.
_OF_THE_FETCH = ("snapshot_id", "operation_id", "evidence_no", "source_row")
_NOT_COMPARED = {"evidence", "warnings"}


Switches = Mapping[str, str]


@dataclass(frozen=True)
class Stop:
    """Where a fetch halts; see Vendor."""

    endpoint: str
    skip: int
    pages: int
    is_started: bool


@dataclass(frozen=True)
class Vendor:
    """A vendor by the endpoints of its sandbox, named by what they do, and by what it can do wrong.

    `pages` has the rows; with the switches `many` they come in several answers even if they are
    few. `whole` are so many answers of it that a fault leaves be: none if all rows come in one.
    `starts`, `states` and `results` are those of operations, `storage` has what results point
    to; null where the vendor has none. `required` are the others that a fetch cannot go without.
    With `stored` something comes from the storage; null if nothing ever does. `stops` are where a
    fetch is brought to a halt: endpoint, how many of its requests are answered before, how many
    answers of `pages` are held then, and whether an operation was started.
    With the switches `alike` the same comes in another way; with those of `refused` the fetch ends
    in that error. `complete` and `incomplete` are switches for many products: all of them come,
    with that proof, or none. `unproved` are framings in which no end of the rows can be seen.
    `versions` tell which version there is: a fetch that goes on asks them all the same.
    """

    name: str
    pages: str
    required: tuple[str, ...]
    many: Switches = field(default_factory=dict)
    whole: int = 1
    starts: tuple[str, ...] = ()
    states: str | None = None
    results: str | None = None
    storage: str | None = None
    stored: Switches | None = None
    stops: tuple[Stop, ...] = ()
    alike: tuple[Switches, ...] = ()
    refused: tuple[tuple[Switches, type[TakeoffError]], ...] = ()
    complete: tuple[tuple[Switches, str], ...] = ()
    incomplete: tuple[Switches, ...] = ()
    unproved: frozenset[str] = frozenset()
    versions: tuple[str, ...] = ()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All that a fetch asks."""
        maybe = (self.states, self.results, self.storage)
        asked = (self.pages, *self.starts, *(one for one in maybe if one is not None))
        return (*asked, *self.required)

    def spoiled(self, fault: str, at: str | None = None) -> dict[str, str]:
        """The switches for a fault there, else where the rows come, after those that are whole."""
        place = self.pages if at is None else at
        skip = self.whole if place == self.pages else 1
        return {"fault": fault, "fault_at": place, "fault_skip": str(skip)}


_QONIC = Vendor(
    "qonic",
    pages="properties",
    many={"page_limit": "10"},
    starts=("quantities", "dynamic"),
    states="operations",
    results="quantities_result",
    storage="storage",
    stored={},
    stops=(
        Stop("properties", 2, pages=2, is_started=True),
        Stop("operations", 0, pages=3, is_started=True),
        Stop("storage", 1, pages=3, is_started=True),
    ),
    required=("projects", "models", "available", "lookups", "dynamic_result"),
    alike=(
        {"operation": "unknown_state"},
        {"operation_keys": "few"},
        {"operation_retry_after_s": "2"},
        {"link": "expired_once"},
        {"link": "chain"},
        {"result_coding": "gzip"},
        {"result_coding": "bom"},
        {"errors": "html", "fault": "503", "fault_at": "any", "fault_skip": "3"},
    ),
    refused=(
        ({"operation": "failed"}, VendorRefused),
        ({"operation": "failed_words"}, VendorRefused),
        ({"operation": "hung"}, TryLater),
        ({"link": "expired"}, VendorRefused),
        ({"link": "loop"}, NotUnderstood),
        ({"quantities_shape": "unknown"}, NotUnderstood),
        ({"dynamic_shape": "unknown"}, NotUnderstood),
    ),
    # A page limit of 1,000 leaves the last page half full; one of 500 leaves it exactly full.
    complete=(
        ({"page_limit": "1000"}, "stated_total"),
        ({"page_limit": "500"}, "stated_total"),
        ({"page_limit": "1000", "rows": "repeated"}, "stated_total"),
        ({"page_limit": "1000", "total": "absent"}, "protocol_end"),
        ({"page_limit": "500", "total": "absent"}, "protocol_end"),
        ({"page_limit": "1000", "total": "grows_once"}, "stated_total"),
        ({"total": "grows_once"}, "stated_total"),
        ({"page_limit": "1000", "rows": "repeated", "total": "absent"}, "protocol_end"),
        (
            {"page_limit": "1000", "fault": "503", "fault_at": "properties", "fault_skip": "2"},
            "stated_total",
        ),
    ),
    incomplete=(
        {"page_limit": "1000", "total": "moving"},
        {"page_limit": "1000", "rows": "short"},
        {"page_limit": "1000", "rows": "lost"},
        {"page_limit": "1000", "rows": "ignored"},
        {"rows": "short"},
        # No page says how many there are, but the service's own Count does.
        {"page_limit": "1000", "rows": "short", "total": "absent"},
        {"page_limit": "1000", "rows": "lost", "total": "absent"},
    ),
)
# All rows come in one answer; with `retryAt` that says nothing the job is waited for all the same.
_AUTODESK = Vendor(
    "autodesk",
    pages="autodesk_properties",
    whole=0,
    starts=("autodesk_index",),
    states="autodesk_job",
    results="autodesk_properties",
    storage="storage",
    stored={"autodesk_download": "303"},
    stops=(
        Stop("autodesk_job", 1, pages=0, is_started=True),
        Stop("autodesk_fields", 0, pages=0, is_started=True),
        Stop("autodesk_properties", 0, pages=0, is_started=True),
    ),
    required=(
        "autodesk_hubs",
        "autodesk_projects",
        "autodesk_folders",
        "autodesk_items",
        "autodesk_manifest",
        "autodesk_fields",
    ),
    alike=(
        {"operation": "unknown_state"},
        {"operation_retry_after_s": "2"},
        {"autodesk_batch": "array"},
        {"autodesk_download": "raw"},
        {"autodesk_download": "303"},
        {"autodesk_download": "303", "redirect_code": "307"},
        {"autodesk_download": "303", "link": "expired_once"},
        {"autodesk_download": "303", "link": "chain"},
        {"autodesk_download": "plain"},
        {"autodesk_numbers": "quoted"},
        {"autodesk_unset": "absent"},
        {"autodesk_times": "short"},
        {"autodesk_manifest": "capitals"},
        {"autodesk_database_id": "dbId"},
        {"autodesk_bbox": "points"},
        {"autodesk_bbox": "arrays"},
        {"autodesk_bbox": "none"},
        {"autodesk_lineage": "changing"},
        {"autodesk_working": "RUNNING"},
        {"autodesk_working": "QUEUED"},
        {"autodesk_working": "PENDING"},
        {"autodesk_retry_at": "past"},
        {"autodesk_retry_at": "missing"},
        {"autodesk_retry_at": "broken"},
        {"autodesk_expired": "once"},
        {"autodesk_expired": "once", "autodesk_expired_status": "410"},
        {"autodesk_page_limit": "1"},
        {"autodesk_errors": "gateway", "fault": "503", "fault_at": "any", "fault_skip": "3"},
        {"autodesk_errors": "html", "fault": "503", "fault_at": "any", "fault_skip": "6"},
    ),
    refused=(
        ({"operation": "failed"}, VendorRefused),
        ({"operation": "failed_words"}, VendorRefused),
        ({"operation": "hung"}, TryLater),
        ({"autodesk_failed": "index"}, VendorRefused),
        ({"autodesk_expired": "always"}, VendorRefused),
        ({"autodesk_expired": "always", "autodesk_expired_status": "410"}, VendorRefused),
        ({"autodesk_region": "EMEA"}, VendorRefused),
        ({"autodesk_hubs": "none"}, VendorRefused),
        ({"autodesk_download": "303", "link": "expired"}, VendorRefused),
        ({"autodesk_download": "303", "link": "loop"}, NotUnderstood),
    ),
    # The index states how many rows it has, wherever they lie.
    complete=(
        ({}, "stated_total"),
        ({"autodesk_download": "303"}, "stated_total"),
        ({"autodesk_download": "raw"}, "stated_total"),
        ({"autodesk_download": "plain", "framing": "chunked"}, "stated_total"),
        ({"autodesk_numbers": "quoted"}, "stated_total"),
        ({"fault": "cut_chunked", "fault_at": "autodesk_properties"}, "stated_total"),
    ),
    incomplete=(
        {"autodesk_rows": "short"},
        {"autodesk_rows": "short", "autodesk_download": "plain"},
        {"autodesk_rows": "short", "autodesk_download": "303"},
    ),
)
# Bimplus has no operations: a list of objects comes for each element type, whole or in chunks.
_CHUNKS = {"bimplus_chunks": "always", "bimplus_chunk_rows": "5"}
_PAGES = {"bimplus_unasked": "page", "bimplus_page_limit": "300"}
_BIMPLUS = Vendor(
    "bimplus",
    pages="bimplus_objects",
    many=_CHUNKS,
    stops=(
        Stop("bimplus_topology", 0, pages=0, is_started=True),
        Stop("bimplus_objects", 2, pages=2, is_started=True),
    ),
    required=(
        "bimplus_projects",
        "bimplus_models",
        "bimplus_model",
        "bimplus_types",
        "bimplus_topology",
        "bimplus_units",
    ),
    alike=(
        *({"bimplus_json": form} for form in ("text", "text_bom", "json_bom")),
        {"bimplus_nulls": "null"},
        {"bimplus_user_keys": "createdBy"},
        {"bimplus_size_key": "sizeInMB"},
        *({"bimplus_rate_headers": form} for form in ("absent", "shown")),
        {"bimplus_status": "DONE_REFRESHED"},
        {"bimplus_status": "DONE_WITH_ERRORS"},
        {"bimplus_list_status": "given"},
        {"bimplus_tag": "moves_once"},
        *({"bimplus_tag_form": form} for form in ("weak", "bare", "absent")),
        *({"bimplus_children": form} for form in ("null", "absent")),
        *({"bimplus_lists": form} for form in ("resultlist", "objects")),
        _CHUNKS,
        *({**_PAGES, "bimplus_page_limit": "7", "bimplus_first_page": one} for one in "01"),
        {"bimplus_numbers": "text"},
        *(
            {"bimplus_errors": form, "fault": "503", "fault_at": "any", "fault_skip": "3"}
            for form in ("oauth", "exception", "text", "empty", "html")
        ),
    ),
    refused=(
        *(
            ({"bimplus_status": word}, TryLater)
            for word in ("PREPARING", "PENDING", "PROCESSING", "UNKNOWN", "EMPTY", "absent")
        ),
        ({"bimplus_status": "IDENTICAL_EXPORT_PROCESSING"}, TryLater),
        ({"bimplus_status": "SOMETHING_NEW"}, TryLater),
        ({"bimplus_status": "FAILED"}, VendorRefused),
        ({"bimplus_topology": "absent"}, VendorRefused),
        ({"bimplus_tag": "moves"}, NotUnderstood),
        ({"bimplus_rate": "4"}, TryLater),
        ({"bimplus_rate": "4", "bimplus_rate_status": "403"}, TryLater),
    ),
    complete=(
        ({}, "protocol_end"),
        ({"bimplus_chunks": "always", "bimplus_chunk_rows": "500"}, "protocol_end"),
        (_PAGES, "protocol_end"),
        *(
            ({**_PAGES, "bimplus_lists": form}, "protocol_end")
            for form in ("resultlist", "objects")
        ),
        ({**_PAGES, "bimplus_first_page": "0"}, "protocol_end"),
        ({**_PAGES, "bimplus_pages": "repeat_last"}, "protocol_end"),
        ({**_PAGES, "bimplus_pages": "ignored"}, "protocol_end"),
        ({"bimplus_lists": "resultlist"}, "protocol_end"),
        ({"fault": "cut_chunked", "fault_at": "bimplus_objects"}, "protocol_end"),
    ),
    incomplete=(
        {"bimplus_objects": "fewer"},
        {"bimplus_objects": "one_type"},
        {"bimplus_objects": "fewer", "bimplus_chunks": "always", "bimplus_chunk_rows": "500"},
        {**_PAGES, "bimplus_pages": "repeat_first"},
        {**_PAGES, "bimplus_objects": "fewer", "bimplus_lists": "resultlist"},
    ),
)
# Tables come as files, several at once; what is extracted already is read without a run.
_RUN = {"itwin_extracted": "no"}
_STORED = {"itwin_partition_redirect": "storage"}
_ITWIN = Vendor(
    "itwin",
    pages="itwin_partition",
    many={"itwin_partitions": "3", **_RUN},
    starts=("itwin_run",),
    states="itwin_status",
    storage="storage",
    stored=_STORED,
    stops=(
        Stop("itwin_status", 1, pages=0, is_started=True),
        Stop("itwin_cdm", 0, pages=0, is_started=True),
        Stop("itwin_partition", 2, pages=2, is_started=True),
    ),
    versions=("itwin_versions", "itwin_mappings"),
    required=(
        "itwin_itwins",
        "itwin_imodels",
        "itwin_operation",
        "itwin_versions",
        "itwin_mappings",
        "itwin_groups",
        "itwin_properties",
        "itwin_extracted",
        "itwin_cdm",
    ),
    alike=(
        _RUN,
        {**_RUN, "operation": "unknown_state"},
        {**_RUN, "operation_retry_after_s": "2"},
        {"itwin_page_limit": "1"},
        {"itwin_empty_page": "yes"},
        {"itwin_links": "if_more"},
        {"itwin_first": "baseline"},
        *({"itwin_timestamps": form} for form in ("z7", "offset7", "offset")),
        {"itwin_created": "ok", **_RUN},
        {"itwin_csv_header": "no"},
        *({"itwin_csv_null": form} for form in ("quoted", "null")),
        {"itwin_csv_null": "null", "itwin_csv_quotes": "all", "itwin_csv_header": "no"},
        {"itwin_csv_quotes": "all"},
        {"itwin_csv_lines": "crlf"},
        {"itwin_csv_bom": "yes"},
        *({"itwin_csv_type": form} for form in ("octets", "text")),
        {"itwin_partitions": "7", "itwin_csv_header": "no"},
        _STORED,
        {**_STORED, "redirect_code": "307"},
        {**_STORED, "link": "expired_once"},
        {**_STORED, "link": "chain"},
        {"itwin_partition_redirect": "relative"},
        {"itwin_more_itwins": "3"},
        {"itwin_429_header": "fallback", "fault": "429_none", "fault_at": "itwin_cdm"},
        *(
            {"itwin_errors": form, "fault": "503", "fault_at": "any", "fault_skip": "3"}
            for form in ("bare", "text", "html", "empty")
        ),
    ),
    refused=(
        ({**_RUN, "operation": "failed"}, VendorRefused),
        ({**_RUN, "operation": "failed_words"}, VendorRefused),
        ({**_RUN, "operation": "hung"}, TryLater),
        ({**_RUN, "itwin_extraction": "skipped"}, NotUnderstood),
        ({**_STORED, "link": "expired"}, VendorRefused),
        ({**_STORED, "link": "loop"}, NotUnderstood),
        ({"itwin_more_itwins": "10000"}, NotUnderstood),
    ),
    complete=(
        ({}, "protocol_end"),
        (_RUN, "protocol_end"),
        ({"itwin_partitions": "4", "itwin_csv_header": "no"}, "protocol_end"),
        ({**_STORED, "itwin_partitions": "4"}, "protocol_end"),
        ({"fault": "cut_chunked", "fault_at": "itwin_partition"}, "protocol_end"),
        ({"fault": "cut_length", "fault_at": "itwin_partition"}, "protocol_end"),
    ),
    incomplete=(
        {**_RUN, "itwin_extraction": "PartiallySucceeded"},
        # Each file could be that of a table without rows; not all of them together.
        {"fault": "empty", "fault_at": "itwin_partition", "fault_count": "all"},
    ),
    # A table in CSV has no end of its own.
    unproved=frozenset(("close",)),
)
VENDORS = (_QONIC, _AUTODESK, _BIMPLUS, _ITWIN)


def guid(number: int) -> str:
    """A GlobalId; those of 3 and 4 differ in case only."""
    return (
        "0$Guid_of_wall_________"[:21] + "aA"[number - 3] if number in (3, 4) else f"1{number:021}"
    )


def walls(count: int) -> Model:
    """Walls and slabs on two storeys, with a volume each, one computed area, a code, a material."""
    model = Model("walls")
    for number in range(count):
        identity = {"element_id": guid(number), "element_no": number, "ordinal": 0}
        _add(
            model,
            "elements",
            element_id=guid(number),
            element_no=number,
            ifc_guid=guid(number),
            ifc_class="Wall" if number % 3 else "Slab",
            name=f"element {number}",
            building_id="building-0000000000000",
            building_name="Main",
            storey_id=f"storey-{number % 2}",
            storey_name=f"L{number % 2}",
            role="physical",
        )
        figure = {**identity, "unit_status": "declared"}
        _add(
            model,
            "quantities",
            **figure,
            **_volume(Decimal(number) / 4),
            kind="volume",
            basis="authored",
            origin="qto",
            source_set="Qto_WallBaseQuantities",
            source_name="NetVolume",
        )
        _add(
            model,
            "quantities",
            **{**figure, "ordinal": 1},
            quantity="GrossFootPrintArea",
            value=1.5,
            value_exact=Decimal("1.5"),
            unit="m2",
            kind="area",
            basis="computed",
            origin="geometry",
        )
        _add(model, "codes", **identity, system="NL-SfB", code="21.11", title="Outer walls")
        _add(model, "materials", **identity, material="Concrete", role="layer")
    return model


def rows_of(lake: Path, outcome: Fetched) -> Tables:
    """What was fetched, without what differs from one fetch to the next."""
    assert outcome.snapshot is not None, outcome.error
    return tables(lake, outcome.snapshot, [*TABLES.keys() - _NOT_COMPARED], _OF_THE_FETCH)


def products(rows: Tables) -> list[Row]:
    """The elements that are built: a vendor may list levels, views and types beside them."""
    return [row for row in rows["elements"] if row["role"] == "physical"]


def attempt(
    lake: Path, running: Running, vendor: Vendor, *, force: bool = True
) -> Fetched | TakeoffError:
    """The outcome of a fetch, also of what has not changed; the error if it ended in one."""
    try:
        outcome = fetch_one(settings(lake, running, vendor.name), vendor.name, force=force)
    except TakeoffError as error:
        return error
    return outcome if outcome.error is None else outcome.error


def committed(lake: Path) -> dict[str, str]:
    """Every file of the lake but those of fetches under way, with its sha256."""
    return {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lake.rglob("*"))
        if path.is_file() and not path.is_relative_to(lake / "work")
    }


def left_over(lake: Path) -> list[Path]:
    """Folders of fetches that ended before they had committed."""
    return [one.folder for one in runs(open_layout(lake))]


def _volume(value: Decimal) -> dict[str, Any]:
    return {"quantity": "NetVolume", "value": float(value), "value_exact": value, "unit": "m3"}


def _add(model: Model, table: str, **columns: Any) -> None:
    row = {"evidence_no": 0, "source_row": 1, **columns}
    model.rows.setdefault(table, []).append(row)
