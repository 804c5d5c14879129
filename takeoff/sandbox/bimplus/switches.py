"""What the Bimplus stand-in can be told to do otherwise, where its contract leaves a choice."""

from __future__ import annotations

from takeoff.sandbox.switches import Switch, number, word

# The places of `fault_at`.
ENDPOINTS = (
    "bimplus_auth",
    "bimplus_teams",
    "bimplus_projects",
    "bimplus_models",
    "bimplus_model",
    "bimplus_writes",
    "bimplus_download",
    "bimplus_revisions",
    "bimplus_comparison",
    "bimplus_types",
    "bimplus_topology",
    "bimplus_objects",
    "bimplus_column",
    "bimplus_attributes",
    "bimplus_units",
    "bimplus_calculated",
    "bimplus_lookups",
)

SWITCHES: tuple[Switch, ...] = (
    # Answers.
    word(
        "bimplus_errors",
        "json oauth exception text empty html",
        "body of an error: message, error/error_description, ExceptionMessage, words, nothing, a "
        "web page",
    ),
    word(
        "bimplus_json",
        "json text text_bom json_bom",
        "JSON labelled text/plain, and with a byte order mark",
    ),
    word("bimplus_nulls", "left_out null", "keys of models and projects that have no value"),
    word("bimplus_user_keys", "createdby createdBy", "spelling of createdby and changedby"),
    word("bimplus_size_key", "sizeMB sizeInMB", "key of the size as German text"),
    # Log-in and limits.
    number("bimplus_token_s", "7199", "seconds that tokens from authorize live"),
    number("bimplus_rate", "5000", "requests an hour with a login"),
    number("bimplus_rate_anonymous", "60", "requests an hour without one"),
    number("bimplus_rate_window_s", "3600", "seconds of that hour"),
    word("bimplus_rate_status", "429 403", "status when the limit is spent"),
    number("bimplus_rate_retry_after_s", "none", "Retry-After when the limit is spent", "none"),
    word("bimplus_rate_headers", "shown absent", "X-RateLimit-Limit and X-RateLimit-Remaining"),
    # Models.
    Switch(
        "bimplus_status",
        "DONE",
        "status of every model; PROCESSING_ONCE: PROCESSING for so many look-ups as polls says",
        (
            "DONE",
            "DONE_REFRESHED",
            "DONE_WITH_ERRORS",
            "DONE_WITH_ERRORS_REFRESHED",
            "DONE_EMPTY_MODEL",
            "IDENTICAL_EXPORT_PROCESSING",
            "PREPARING",
            "PENDING",
            "PROCESSING",
            "PROCESSING_ONCE",
            "FAILED",
            "UNKNOWN",
            "EMPTY",
            "SOMETHING_NEW",
            "absent",
        ),
    ),
    word("bimplus_list_status", "absent given", "status in lists of models"),
    word("bimplus_topology", "given absent", "topologyId of models"),
    word(
        "bimplus_tag",
        "stable moves_once moves",
        "the ETag: as it is; another after the first answer with objects, or after every one",
    ),
    word("bimplus_tag_form", "strong weak bare absent", "how an ETag is written"),
    word("bimplus_names", "free unique", "unique: a second model of one name is answered 409"),
    word(
        "bimplus_download",
        "direct disposition redirect short",
        "the file: as it is; with Content-Disposition; by a redirect; less than importFileSize",
    ),
    word("bimplus_no_file", "404 400 204", "download of a model without a file"),
    # The tree.
    word("bimplus_ifc_types", "plain prefixed", "ifcType in the tree as IfcWall or ID_IFCWall"),
    word("bimplus_tree_keys", "all no_ifc no_layer", "no_ifc: neither ifcId nor ifcType"),
    word("bimplus_children", "list null absent", "children of a node that has none"),
    word(
        "bimplus_layers",
        "children attributes",
        "layers of a wall: objects with isChild, or only attributes of the wall",
    ),
    # Objects.
    word(
        "bimplus_lists",
        "bare resultlist objects",
        "lists of objects: bare, or in a wrapper under that key",
    ),
    word(
        "bimplus_unasked",
        "all page",
        "a list asked for without pages or chunks: all of it, or its first page",
    ),
    word("bimplus_first_page", "1 0", "the number of the first page"),
    number("bimplus_page_limit", "1000", "no page holds more objects, whatever was asked"),
    word(
        "bimplus_pages",
        "good repeat_last repeat_first ignored",
        "repeat_last: after the last page it comes again; repeat_first: every page is the first; "
        "ignored: every page is all",
    ),
    word("bimplus_chunks", "asked always", "always: lists come in chunks unasked"),
    number("bimplus_chunk_rows", "1000", "objects in a medium chunk"),
    word(
        "bimplus_objects",
        "all fewer one_type",
        "fewer: a list by type lacks its last object; one_type: only that of the first type",
    ),
    word(
        "bimplus_sets",
        "always flag16",
        "flag16: property sets come only to those who ask for them",
    ),
    word("bimplus_set_keys", "guid name", "keys of the groups that property sets are"),
    word(
        "bimplus_quantity_group",
        "absent units no_unit",
        "the built-in group quantity; no_unit: its areas and volumes without a unit",
    ),
    # Values.
    word("bimplus_lengths", "mm m mixed", "unit of lengths; mixed: every other object in m"),
    word("bimplus_symbols", "ascii superscript", "m2 and m3, or with raised digits"),
    word("bimplus_units", "given absent some", "some: every other attribute has no unit"),
    word("bimplus_numbers", "number text comma", "numbers as such, as text, as text with a comma"),
    word("bimplus_booleans", "true one text_true text_one", "how yes is written"),
    word(
        "bimplus_enumeration",
        "none object list",
        "the predefined type: as text, or as a code whose labels are an object or a list",
    ),
    # Calculated quantities.
    word(
        "bimplus_calculated",
        "answered moves_tag forbidden",
        "services/BaseQuantities: answers; also moves the model's ETag; is answered 403",
    ),
)
