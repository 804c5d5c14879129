"""What the Autodesk stand-in can be told to do otherwise, where its contract leaves a choice."""

from __future__ import annotations

from dataclasses import dataclass

from takeoff.sandbox.switches import Switch, Switches, number, word

# The places of `fault_at`.
ENDPOINTS = (
    "autodesk_hubs",
    "autodesk_projects",
    "autodesk_folders",
    "autodesk_items",
    "autodesk_index",
    "autodesk_job",
    "autodesk_manifest",
    "autodesk_fields",
    "autodesk_properties",
    "autodesk_query",
    "autodesk_query_job",
    "autodesk_results",
    "autodesk_diff",
    "autodesk_diff_job",
    "autodesk_diff_manifest",
    "autodesk_diff_fields",
    "autodesk_diff_properties",
    "autodesk_diff_query",
    "autodesk_diff_query_job",
    "autodesk_diff_results",
    "autodesk_auth",
    "autodesk_token",
)

SWITCHES: tuple[Switch, ...] = (
    # What the models look like.
    word(
        "autodesk_units",
        "metric imperial mixed",
        "metric: mm, m2, m3 as Forge unit ids; imperial: ft, ft^2, ft^3; mixed: one by one",
    ),
    word("autodesk_language", "en de", "language of the Revit that drew the models"),
    word(
        "autodesk_source",
        "rvt ifc",
        "ifc: externalId is a path in the tree, the categories are IFC classes",
    ),
    word(
        "autodesk_ifc_guid",
        "field none junk",
        "the field IfcGUID: as it is, left out, or overwritten with what is no GUID",
    ),
    word("autodesk_lineage", "stable changing", "changing: each version has its own lineageId"),
    # Spellings.
    word("autodesk_bbox", "bbox points arrays none", "how rows spell their extent, if at all"),
    word("autodesk_database_id", "databaseId dbId", "the key of a row's database"),
    word("autodesk_numbers", "plain quoted", "quoted: ids and counts come as strings"),
    word("autodesk_result_numbers", "ion plain", "ion: query results write 14e0 for 14.0"),
    word("autodesk_batch", "object array", "array: batch-status answers the bare list of jobs"),
    word("autodesk_unset", "null absent", "absent: keys without a value are left out of jobs"),
    word("autodesk_times", "long short", "7 decimals and +00:00, or 3 and Z"),
    word("autodesk_manifest", "words capitals", "status Succeeded and true, or SUCCESS and 'true'"),
    # Jobs and files.
    word(
        "autodesk_working",
        "PROCESSING RUNNING QUEUED PENDING",
        "the state of a job that goes on, after the first answer",
    ),
    word(
        "autodesk_failed",
        "none index query diff",
        "which jobs end as FAILED; the switch operation lets all of them",
    ),
    word("autodesk_retry_at", "soon past missing broken", "what retryAt says"),
    number("autodesk_retry_s", "1", "seconds until a retryAt that is soon"),
    word("autodesk_bad_query", "400 failed", "a query that cannot be read"),
    word(
        "autodesk_download",
        "enc raw 303 plain",
        "files: Content-Encoding gzip, gzip without saying so, from the storage, uncompressed",
    ),
    word("autodesk_charset", "utf-8 none latin-1", "the charset that files are said to be in"),
    word("autodesk_rows", "all short", "short: the last row is missing from files of rows"),
    word(
        "autodesk_expired",
        "never once always",
        "an index or diff is gone when a file of it is asked for, until it is posted again",
    ),
    word("autodesk_expired_status", "404 410", "what an index that is gone answers"),
    # Who may, and where.
    word("autodesk_region", "any US EMEA", "the one region in which anything is found"),
    word("autodesk_two_legged", "403 401", "how a token without a user is refused"),
    word("autodesk_hubs", "all none", "none: the account does not know the app"),
    number("autodesk_page_limit", "200", "no page of a list holds more, whatever was asked"),
    word(
        "autodesk_errors",
        "api gateway reason html",
        "body of an error: type and title, developerMessage, reason, a web page",
    ),
    Switch(
        "autodesk_service_key",
        "",
        "public RSA key of the service account: PEM, or its JWK as JSON",
        form="text",
    ),
)


@dataclass(frozen=True)
class Looks:
    """The switches that shape the values of a model, and so its row file."""

    units: str
    language: str
    source: str
    ifc_guid: str


@dataclass(frozen=True)
class Spelling:
    """The switches that shape how rows are written."""

    bbox: str
    database_id: str
    numbers: str
    lineage: str


def looks(switches: Switches, place: int) -> Looks:
    """Those of the model that is number `place` in the catalogue, from 0."""
    units = switches["autodesk_units"]
    if units == "mixed":
        units = ("metric", "imperial")[place % 2]
    return Looks(
        units,
        switches["autodesk_language"],
        switches["autodesk_source"],
        switches["autodesk_ifc_guid"],
    )


def spelling(switches: Switches) -> Spelling:
    return Spelling(
        switches["autodesk_bbox"],
        switches["autodesk_database_id"],
        switches["autodesk_numbers"],
        switches["autodesk_lineage"],
    )
