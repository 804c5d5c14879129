"""What the iTwin stand-in can be told to do otherwise, where its contract leaves a choice."""

from __future__ import annotations

from takeoff.sandbox.switches import Switch, number, word

# The places of `fault_at`.
ENDPOINTS = (
    "itwin_discovery",
    "itwin_auth",
    "itwin_token",
    "itwin_itwins",
    "itwin_imodels",
    "itwin_create",
    "itwin_storage",
    "itwin_operation",
    "itwin_versions",
    "itwin_mappings",
    "itwin_groups",
    "itwin_properties",
    "itwin_run",
    "itwin_status",
    "itwin_logs",
    "itwin_history",
    "itwin_extracted",
    "itwin_cdm",
    "itwin_partition",
    "itwin_audit",
    "itwin_reports",
    "itwin_keys",
    "itwin_odata",
    "itwin_metadata",
    "itwin_entity",
    "itwin_old",
)

SWITCHES: tuple[Switch, ...] = (
    # Refusals.
    word("itwin_401", "wrapped unwrapped empty", "body of a 401: in error, bare, or none"),
    word(
        "itwin_429",
        "RateLimitExceeded TooManyRequests ResourceQuotaExceeded",
        "code of a 429",
    ),
    word(
        "itwin_429_header",
        "platform fallback",
        "beside Retry-After: names of tier, API and operation, or "
        "iTwinPlatform-RateLimit-Retry-After-Seconds (give it alone with fault=429_none)",
    ),
    word("itwin_errors", "full bare text html empty", "body of other errors; bare has no target"),
    word("itwin_created", "created ok", "answers to POSTs: 201, or 202 for what runs on; or 200"),
    # Lists.
    number("itwin_page_limit", "1000", "no page of a list holds more rows, whatever was asked"),
    word("itwin_empty_page", "no yes", "yes: lists and feeds begin with an empty page"),
    word("itwin_links", "always if_more", "if_more: no _links where one page is all"),
    number("itwin_more_itwins", "0", "so many empty iTwins stand before the lake's"),
    word("itwin_timestamps", "mixed z7 offset7 offset", "how moments are spelled"),
    # Models and their versions.
    word("itwin_first", "changeset baseline", "what a model's first snapshot in the lake is"),
    word(
        "itwin_create_operation",
        "successful failed mainIModelIsMissingFederationGuids sourceIsMissingFederationGuids "
        "unknown_state hung",
        "how clones and forks end; those about GUIDs are for forks, clones succeed then",
    ),
    word(
        "itwin_baseline_file",
        "initialized initializationFailed fileIsBriefcase hung",
        "what comes of an uploaded baseline file that is SQLite",
    ),
    # Extractions.
    word(
        "itwin_extracted",
        "yes no",
        "whether the mapping Takeoff has been extracted already; no: nor do lists have the runs "
        "that they had before switches were last turned",
    ),
    word(
        "itwin_extraction",
        "Succeeded PartiallySucceeded Failed skipped unknown_state hung",
        "how runs end; partially: without each mapping's last group; skipped: without any",
    ),
    word("itwin_capped", "no yes", "yes: a group's table has 100 rows at most"),
    word("itwin_null_quantities", "no yes", "yes: figures are null"),
    word(
        "itwin_units",
        "m mm written unknown none",
        "persistence units: metres, millimetres, those that the source wrote; or metres, and "
        "getpersistenceunit gives a word that nobody knows, or null",
    ),
    word(
        "itwin_unit_spelling",
        "prefixed named plain",
        "what getpersistenceunit gives: u:M3, CUB_M or m3",
    ),
    word("itwin_calculated_unit", "told null", "getpersistenceunit of calculated properties"),
    word("itwin_class_id", "hex name", "ECClassId: a hex id, or the class's name"),
    # Partitions.
    word("itwin_csv_header", "yes no", "whether a partition begins with the names"),
    word("itwin_csv_null", "empty quoted null", 'null in a partition: nothing, "" or null'),
    word("itwin_csv_quotes", "needed all", "which texts are quoted"),
    word("itwin_csv_lines", "lf crlf", "line ends of a partition"),
    word("itwin_csv_bom", "no yes", "whether a partition begins with a byte order mark"),
    word("itwin_csv_type", "csv octets text", "content type of a partition"),
    number("itwin_partitions", "1", "partitions of each entity"),
    word(
        "itwin_partition_redirect",
        "none storage relative",
        "a partition comes at once, by a 302 to the storage, or by one to a path",
    ),
    # Reports and their feed.
    number("itwin_odata_page", "1000", "rows of a page of the feed"),
    word("itwin_odata_end", "absent null empty", "@odata.nextLink of the last page"),
    word("itwin_odata_numbers", "number text", "numbers of the feed"),
    word("itwin_odata_query", "no yes", "whether a report's link to its feed has a query"),
    word("itwin_entity_suffix", "hash number", "how names of entity sets end"),
    word("itwin_display_name", "yes no", "the annotation of entity sets in $metadata"),
    word("itwin_namespaces", "once repeated", "repeated: one Schema for each entity type"),
)
