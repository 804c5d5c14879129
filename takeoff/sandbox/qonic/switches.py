"""What the Qonic stand-in can be told to do otherwise, where its contract leaves a choice."""

from __future__ import annotations

from takeoff.sandbox.switches import Switch, number, word

# The places of `fault_at`.
ENDPOINTS = (
    "projects",
    "models",
    "available",
    "properties",
    "quantities",
    "quantities_result",
    "dynamic_available",
    "dynamic",
    "dynamic_result",
    "operations",
    "lookups",
    "export",
    "export_result",
    "sessions",
    "modify",
    "publish",
    "discard",
    "upload_url",
    "create_model",
    "viewer",
    "auth",
    "token",
)

SWITCHES: tuple[Switch, ...] = (
    word(
        "errors",
        "details problem old empty text html",
        "body of an error: error/errorDetails, problem details, Error/ErrorDetails, none, words, "
        "a web page",
    ),
    # Products.
    number("page_limit", "5000", "no page holds more rows, whatever was asked"),
    word("page_size_over", "clamp 400", "a pageSize over 5000"),
    word("unknown_field", "400 omitted", "a field that there is not"),
    word("field_case", "exact any", "any: fields are found whatever the case of their names"),
    word("guid_unasked", "no yes", "whether Guid comes when other fields are asked for"),
    word(
        "total",
        "stated absent grows_once moving",
        "totalCount: true; left out; one product comes after the first answer; one more every time",
    ),
    word(
        "rows",
        "good repeated lost short ignored",
        "repeated: a row stands on two pages, none is lost; lost: it takes another's place; short: "
        "the last row never comes; ignored: every page is the first",
    ),
    word("row_order", "lake reversed", "the order of products: the lake's, or the other way round"),
    word("paging_keys", "all result", "result: one answer with nothing but all rows"),
    word(
        "property",
        "object lower scalar",
        "a property is {PropertySet, Value}, {PropertySet, value}, or the value alone",
    ),
    word("values", "typed text", "text: numbers and flags come as strings too"),
    word(
        "unset",
        "nulls empty null missing",
        "a property that is not set: two nulls, two empty strings, a bare null, no key",
    ),
    word("classes", "plain prefixed", "Class as Wall or IfcWall"),
    word(
        "code",
        "name guid text",
        "Code: an object by the library's name or GUID, or the plain first code",
    ),
    word("no_code", "empty missing null", "Code of a product without one: {}, no key, a null"),
    word(
        "material_layers",
        "text list pairs",
        "MaterialLayerSet: names joined by commas, a list of names, lists of name/value pairs",
    ),
    word(
        "property_units",
        "si as_written",
        "property figures in SI, or as written; customProperties names the unit either way",
    ),
    word("ids", "number text", "ids of projects and models in lists"),
    # Available fields.
    word(
        "available_keys",
        "all total fields",
        "total: neither page nor pageSize; fields: no totalCount either, and all in one answer",
    ),
    number("available_limit", "1000", "no page of field names holds more"),
    # Operations and their results.
    word("operation_ids", "word uuid number", "ids of operations: op-..., a UUID, a JSON number"),
    word(
        "operation_keys",
        "all few nulls",
        "few: neither kind nor percentageCompleted; nulls: both are null",
    ),
    word(
        "quantities_shape",
        "flat result results quantities data values list list_name list_quantity list_total "
        "object rows by_guid csv csv_columns unknown",
        "the result file of quantities; csv has a line a sum, csv_columns a column",
    ),
    word(
        "dynamic_shape",
        "result list objects by_guid by_field pairs csv unknown",
        "the result file of dynamic properties",
    ),
    word("result_numbers", "number text", "numbers in result files"),
    word(
        "result_units",
        "si small",
        "small: sums that name a unit (list..., object) are in mm, cm2 and l",
    ),
    word("result_coding", "plain gzip bom", "result files compressed, or with a byte order mark"),
    word("uncomputed", "null left_out", "a sum or value that there is not"),
    word("control_totals", "right wrong", "wrong: every sum is one too much"),
    # Look-ups.
    word("codification_list", "plain with_codes", "with_codes: the list has the codes as well"),
    word("type_shape", "pairs object", "a product type: name/value pairs, or an object"),
    # Changes.
    number("session_s", "1800", "seconds without activity after which a session ends by itself"),
    word("session_refusal", "409 400", "a second session of a model, or one that comes too soon"),
    number("settle_s", "0", "seconds after a session in which the next is a version conflict"),
    word(
        "session_answer",
        "200 204",
        "the start or end of a session, publish, discard, and a selection",
    ),
    word("modification_status", "200 400", "the status of an answer that names errors"),
    word(
        "modification_answer",
        "array null absent empty",
        "errors of a modification that was applied: [], null, no such key, no body",
    ),
    number(
        "modification_refused",
        "none",
        "which modification, from 1, is answered with an error whatever it says",
        "none",
    ),
    word(
        "undefined_property",
        "taken refused",
        "a property that neither a product has nor customProperties defines",
    ),
    # The vendor's app.
    number("app_windows", "0", "windows of the app that are open, with no model loaded in them"),
    word("window_refusal", "403 404 400", "a window that is not open"),
    # Log-in.
    word("scope_shape", "name scope text", "a scope: {name}, {scope}, or the word alone"),
    word("token_shape", "id text", "a token in the list of tokens: {id}, or the id alone"),
    word("token_answer", "full bare", "bare: access_token alone, so no refresh"),
)
