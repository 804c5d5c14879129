"""Whatever the contract leaves open is tried in every form that it lists: the rows stay the same.

Each entry of the table quotes the contract's line, and turns the sandbox to each of its forms; what
a form does not say (a code as text names no library) is then taken out of both sides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from both_ways import Row, Tables, hurry
from qonic_building import SLABS, WALLS, building
from vendors_under_test import VENDORS, attempt, rows_of

from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.sandbox.qonic import SWITCHES as QONIC_SWITCHES

QONIC = next(vendor for vendor in VENDORS if vendor.name == "qonic")
CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "qonic.md"
Less = Callable[[Tables], Tables]


def _all(rows: Tables) -> Tables:
    return rows


def _without(table: str, *columns: str) -> Less:
    """The rows without what a form of the wire does not say."""

    def less(rows: Tables) -> Tables:
        return {**rows, table: [_left(row, columns) for row in rows[table]]}

    return less


def _left(row: Row, columns: tuple[str, ...]) -> Row:
    return {name: value for name, value in row.items() if name not in columns}


def _in_any_order(rows: Tables) -> Tables:
    """By id; the number of an element is its place among the products as they came."""
    return {
        table: sorted((_left(row, ("element_no",)) for row in some), key=repr)
        for table, some in rows.items()
    }


def _plain_classes(rows: Tables) -> Tables:
    """Class is kept as it was written, and asked for as it was written."""
    totals = [
        {**row, "filter": row["filter"] and row["filter"].replace("Ifc", "")}
        for row in rows["control_totals"]
    ]
    bare = _without("elements", "source_class")(rows)
    return {**bare, "control_totals": sorted(totals, key=repr)}


def _first_code(rows: Tables) -> Tables:
    """Plain text is one code, of a library that is not named."""
    bare = [
        {"element_id": row["element_id"], "code": row["code"]}
        for row in rows["codes"]
        if row["system"] != "House codes"
    ]
    return {**rows, "codes": bare}


def _material_names(rows: Tables) -> Tables:
    """Names, whether they come as one text or each alone."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in rows["materials"]:
        names[row["element_id"]].append(row["material"])
    joined = [{"element_id": key, "names": ", ".join(some)} for key, some in names.items()]
    return {**rows, "materials": joined}


def _words(rows: Tables) -> Tables:
    """Values as text, whatever type the wire gives them; a flag of a set stays with the value."""
    bare = _without("elements", "load_bearing", "is_external")(rows)
    properties = [
        {**_left(row, ("value_kind", "text", "number", "flag", "unit")), "said": _said(row)}
        for row in rows["properties"]
    ]
    return {**bare, "properties": properties}


def _said(row: Row) -> str:
    value = next(row[key] for key in ("text", "number", "flag") if row[key] is not None)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bare_values(rows: Tables) -> Tables:
    """Without its set, a value is a value: that it is a quantity was said by the set."""
    said = _words(rows)
    values = {(row["element_id"], row["name"], row["said"]) for row in said["properties"]}
    values |= {
        (row["element_id"], row["source_name"], f"{row['value']:g}")
        for row in rows["quantities"]
        if row["basis"] == "authored"
    }
    calculated = [row for row in rows["quantities"] if row["basis"] != "authored"]
    numbered = _without("quantities", "ordinal")({**said, "quantities": calculated})
    return {**numbered, "properties": [{"said": one} for one in sorted(values)]}


def _si(rows: Tables) -> Tables:
    """The figures in SI, and the properties that are no figures."""
    bare = _without("quantities", "source_value", "source_unit", "unit_status")(rows)
    figures = {
        (row["element_id"], row["source_set"], row["source_name"]) for row in rows["quantities"]
    }
    properties = [
        row
        for row in rows["properties"]
        if (row["element_id"], row["set_name"], row["name"]) not in figures
    ]
    return {**bare, "properties": properties}


def _no_calculated_copies(rows: Tables) -> Tables:
    """Sums by product are figures of the products, too: beside those that the model states."""
    others = [
        row
        for row in rows["quantities"]
        if row["basis"] == "authored" or row["quantity"] == "GrossFootPrintArea"
    ]
    return {**rows, "quantities": others}


@dataclass(frozen=True)
class Unknown:
    """`quote` is of the contract; `switch` is turned to each of its `forms`, beside `also`.

    `less` takes out of both sides what these forms do not say.
    """

    quote: str
    switch: str
    forms: str
    less: Less = _all
    also: dict[str, str] = field(default_factory=dict)

    def cases(self) -> Iterator[Any]:
        for form in self.forms.split():
            yield pytest.param(self, form, id=f"{self.switch}={form}")


PAGES = {"page_limit": "4"}
TRIED = (
    Unknown("may be number or string", "ids", "number text"),
    Unknown("`page`/`pageSize` INFERRED", "available_keys", "all total fields"),
    Unknown("Tolerant reading: ask page 1", "available_limit", "1 3 1000"),
    Unknown(
        "Tolerant reading: ask page 1", "available_limit", "3", also={"available_keys": "total"}
    ),
    Unknown("whether it comes unasked is UNKNOWN", "guid_unasked", "no yes"),
    Unknown("excluded: UNKNOWN", "classes", "plain prefixed", _plain_classes),
    Unknown("Field-name case sensitivity", "field_case", "exact any"),
    Unknown("Field-name case sensitivity", "unknown_field", "400 omitted"),
    Unknown("Field-name case sensitivity", "page_size_over", "clamp 400"),
    Unknown("Never stop because a page is shorter", "page_limit", "1 4 11 5000"),
    Unknown("paging keys missing on page 1", "paging_keys", "all result"),
    Unknown(
        "`totalCount` may change between pages", "total", "stated absent grows_once", also=PAGES
    ),
    Unknown("De-duplicate by `Guid`", "rows", "good repeated", also=PAGES),
    Unknown("row order across pages", "row_order", "lake reversed", _in_any_order, PAGES),
    Unknown("type of `Value`", "values", "typed text", _words),
    Unknown("type of `Value`", "property", "object lower"),
    Unknown("type of `Value`", "property", "scalar", _bare_values),
    Unknown("unset = both null", "unset", "nulls empty null missing"),
    Unknown("outer key (library name or guid)", "code", "name guid"),
    Unknown("outer key (library name or guid)", "code", "text", _first_code),
    Unknown("absent or `{}` = none", "no_code", "empty missing null"),
    Unknown("inner shape UNKNOWN", "material_layers", "text list pairs", _material_names),
    Unknown("no unit travels with a product row", "property_units", "si as_written", _si),
    Unknown("opaque (format UNKNOWN)", "operation_ids", "word uuid number"),
    Unknown("may be missing or null", "operation_keys", "all few nulls"),
    Unknown("Unknown status words", "operation", "ready unknown_state"),
    Unknown("no `Retry-After` documented", "operation_retry_after_s", "none 3"),
    Unknown("Exact code UNKNOWN", "redirect_code", "301 302 303 307 308"),
    Unknown(
        "on 403/404/410 from storage", "link_status", "403 404 410", also={"link": "expired_once"}
    ),
    Unknown("plain GET and **no** `Authorization`", "storage_headers", "refuse ignore"),
    Unknown(
        "**Shape UNKNOWN.**",
        "quantities_shape",
        "flat result results quantities data values list list_name list_quantity list_total object",
    ),
    Unknown("**Shape UNKNOWN.**", "quantities_shape", "rows by_guid", _no_calculated_copies),
    Unknown("**File format UNKNOWN.**", "quantities_shape", "csv csv_columns"),
    Unknown("Content type, compression, encoding", "result_coding", "plain gzip bom"),
    Unknown(
        "Content type, compression, encoding",
        "result_coding",
        "gzip bom",
        also={"quantities_shape": "csv", "dynamic_shape": "csv"},
    ),
    Unknown("Numbers may come as text", "result_numbers", "number text"),
    Unknown("null or a missing calculator", "uncomputed", "null left_out"),
    *(
        Unknown("**Units UNKNOWN.**", "result_units", "si small", also={"quantities_shape": shape})
        for shape in ("list", "object")
    ),
    Unknown(
        "File format and shape: **UNKNOWN**",
        "dynamic_shape",
        "result list objects by_guid by_field pairs csv",
    ),
    Unknown("codification **list carries no `codes`**", "codification_list", "plain with_codes"),
    Unknown(
        "The official client looks for two families",
        "errors",
        "details problem old empty text html",
        also={"fault": "400", "fault_at": "quantities_result"},
    ),
    Unknown(
        "How long an operation id can be looked up",
        "fault_skip",
        "0 2",
        also={"fault": "404", "fault_at": "operations"},
    ),
    Unknown(
        "**Rate limits, 429",
        "fault",
        "429_seconds 429_date 429_none 503_seconds",
        also={"fault_at": "quantities"},
    ),
)
# What no row of a fetch depends on, or what must not end in the same rows; where it is tried.
ELSEWHERE = {
    "is UNKNOWN (section 4.3)": "says where the shapes are listed",
    "members of the objects UNKNOWN": "test_qonic_endpoints: scope_shape",
    "shapes UNKNOWN": "test_qonic_endpoints: token_shape",
    "Lifetime UNKNOWN": "test_sandbox_login, test_http_login: token_answer, token_s",
    "Issues: a scope exists": "there is nothing to ask",
    "on `Code` or `SpatialLocation`: UNKNOWN": "no such filter is ever sent",
    "failed operation: UNKNOWN": "test_qonic_client: failed, failed_words",
    "(published or personal) is UNKNOWN": "test_control_totals: control_totals=wrong",
    "Units UNKNOWN (assume kg, m2": "figures.unit_status is assumed: test_qonic_decode",
    "Status code of the conflict UNKNOWN": "changes a model; nothing here does",
    '"grouped properties, inner shape UNKNOWN"': "test_qonic_endpoints: type_shape",
    "key name/shape UNKNOWN": "keys that are not known are passed over",
    "nothing public proves it": "says what the word means",
    "Choices where the service is UNKNOWN": "lists what stands above",
}
# Forms that are faults rather than choices: test_qonic_client has what becomes of them.
FAULTY = {
    "total": {"moving"},
    "rows": {"lost", "short", "ignored"},
    "quantities_shape": {"unknown"},
    "dynamic_shape": {"unknown"},
    "control_totals": {"right", "wrong"},
    "type_shape": {"pairs", "object"},
    "scope_shape": {"name", "scope", "text"},
    "token_shape": {"id", "text"},
    "token_answer": {"full", "bare"},
}
# Switches of what changes a model, which no reading meets, and of the vendor's app. Their forms are
# tried in vendors/test_qonic_editing, sandbox/test_sandbox_editing and jobs/test_writeback, and in
# test_qonic_viewer.
WRITING = {
    "session_s",
    "session_refusal",
    "settle_s",
    "session_answer",
    "modification_status",
    "modification_answer",
    "modification_refused",
    "undefined_property",
    "app_windows",
    "window_refusal",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("unknowns") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def usual(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What comes with every switch at its default."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return fetched(running, tmp_path_factory.mktemp("usual") / "lake")


def fetched(running: Running, lake: Path, **switches: str) -> Tables:
    running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
    outcome = attempt(lake, running, QONIC)
    assert isinstance(outcome, Fetched), outcome
    return rows_of(lake, outcome)


def test_the_usual_rows_have_something_of_everything(usual: Tables) -> None:
    """So that what a form loses would be missed."""
    assert len(usual["elements"]) == WALLS + SLABS
    empty = {table for table, rows in usual.items() if not rows}
    assert empty == {"boxes", "relations", "changes_stated"}
    assert {row["basis"] for row in usual["quantities"]} == {"authored", "vendor_calculated"}
    assert {row["unit_status"] for row in usual["quantities"]} == {"own", "assumed"}
    assert {row["value_kind"] for row in usual["properties"]} == {"text", "number", "flag"}
    assert {row["system"] for row in usual["codes"]} == {"NL-SfB", "House codes"}


@pytest.mark.parametrize(("unknown", "form"), [case for one in TRIED for case in one.cases()])
def test_the_rows_are_the_same_in_every_form(
    unknown: Unknown,
    form: str,
    running: Running,
    usual: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hurry(monkeypatch)
    switches = {unknown.switch: form, **unknown.also}
    came = fetched(running, tmp_path / "lake", **switches)
    assert unknown.less(came) == unknown.less(usual)


def test_every_form_that_the_sandbox_knows_is_tried() -> None:
    tried = defaultdict(set, {name: set(forms) for name, forms in FAULTY.items()})
    for one in TRIED:
        tried[one.switch] |= set(one.forms.split())
        for name, form in one.also.items():
            tried[name].add(form)
    assert {switch.name for switch in QONIC_SWITCHES} >= WRITING
    for switch in QONIC_SWITCHES:
        if switch.name in WRITING:
            continue
        wanted = set(switch.values) if switch.form == "word" else {switch.default}
        assert wanted <= tried[switch.name], switch.name


def test_every_unknown_of_the_contract_is_in_the_table() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = CONTRACT.read_text("utf-8")
    quotes = [one.quote for one in TRIED] + list(ELSEWHERE)
    assert [quote for quote in quotes if quote not in text] == []
    lines = [line for line in text.splitlines() if re.search(r"\bUNKNOWN\b", line)]
    assert [line for line in lines if not any(quote in line for quote in quotes)] == []
