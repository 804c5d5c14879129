"""Whatever the contract leaves open is tried in every form that it lists: the rows stay the same.

Each entry quotes the contract and turns the sandbox to each of its forms; what a form does not say
is then taken out of both sides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from both_ways import Row, Tables
from itwin_asking import Asker, serving
from qonic_building import SLABS, WALLS, building
from vendors_under_test import products

from takeoff.sandbox.itwin import SWITCHES as ITWIN_SWITCHES

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "itwin.md"
FEED = {"reader": "odata"}
# What a run has made keeps the units and ids of its time: each form needs a run of its own.
RUN = {"itwin_extracted": "no"}
STORED = {"itwin_partition_redirect": "storage"}
Less = Callable[[Tables], Tables]


def _all(rows: Tables) -> Tables:
    return rows


def _without_class_ids(rows: Tables) -> Tables:
    """A class id is a property with the text that came."""
    kept = [row for row in rows["properties"] if row["name"] != "ECClassId"]
    return {**rows, "properties": [_left(row, "ordinal") for row in kept]}


def _si(rows: Tables) -> Tables:
    """Figures without the unit and number that they are written in."""
    figures = ("source_unit", "source_value", "unit_status")
    return {**rows, "quantities": [_left(row, *figures) for row in rows["quantities"]]}


def _left(row: Row, *columns: str) -> Row:
    return {name: value for name, value in row.items() if name not in columns}


@dataclass(frozen=True)
class Unknown:
    """A line of the contract, the switch with its forms, and what must be on besides."""

    quote: str
    switch: str
    forms: str
    less: Less = _all
    also: dict[str, str] = field(default_factory=dict)
    asking: dict[str, str] = field(default_factory=dict)

    def cases(self) -> Iterator[Any]:
        for form in self.forms.split():
            words = "-".join((*self.also.values(), *self.asking.values()))
            yield pytest.param(self, form, id=f"{self.switch}={form}{words and f' {words}'}")


CSV = "**UNKNOWN: whether the CSV has a header row**"
NEXT = "spells its next link, page size"
UNITS = "UNKNOWN on the wire. Working rule"
TRIED = (
    Unknown("Status codes of the POSTs: UNKNOWN", "itwin_created", "created ok", also=RUN),
    Unknown("on status: UNKNOWN, honour", "operation_retry_after_s", "none 3", also=RUN),
    Unknown(CSV, "itwin_csv_header", "yes no"),
    Unknown(CSV, "itwin_csv_header", "no", also={"itwin_partitions": "3"}),
    Unknown(CSV, "itwin_csv_null", "empty quoted null"),
    Unknown(CSV, "itwin_csv_null", "quoted null", also={"itwin_csv_quotes": "all"}),
    Unknown(CSV, "itwin_csv_quotes", "needed all"),
    Unknown(CSV, "itwin_csv_lines", "lf crlf"),
    Unknown(CSV, "itwin_csv_lines", "crlf", also={"itwin_csv_header": "no"}),
    Unknown(CSV, "itwin_csv_bom", "no yes"),
    Unknown(CSV, "itwin_csv_bom", "yes", also={"itwin_csv_header": "no"}),
    Unknown(CSV, "itwin_csv_type", "csv octets text"),
    Unknown(CSV, "itwin_partitions", "1 2 100"),
    Unknown(CSV, "itwin_partition_redirect", "none storage relative"),
    Unknown(CSV, "redirect_code", "301 302 303 307 308", also=STORED),
    Unknown("suffix form UNKNOWN", "itwin_entity_suffix", "hash number", asking=FEED),
    Unknown("suffix form UNKNOWN", "itwin_display_name", "yes no", asking=FEED),
    Unknown(NEXT, "itwin_odata_page", "1000 3 1", asking=FEED),
    Unknown(
        NEXT, "itwin_odata_end", "absent null empty", also={"itwin_odata_page": "3"}, asking=FEED
    ),
    Unknown(NEXT, "itwin_empty_page", "no yes", asking=FEED),
    Unknown("arrive as a JSON string", "itwin_odata_numbers", "number text", asking=FEED),
    Unknown("Namespaces may repeat", "itwin_namespaces", "once repeated", asking=FEED),
    Unknown("may carry a query", "itwin_odata_query", "no yes", asking=FEED),
    Unknown("hex id or class name: UNKNOWN", "itwin_class_id", "hex name", _without_class_ids, RUN),
    Unknown(UNITS, "itwin_units", "m mm written", _si, RUN),
    Unknown(UNITS, "itwin_units", "mm written", _si, RUN, FEED),
    Unknown(
        "calculated values are UNKNOWN", "itwin_unit_spelling", "prefixed named plain", _si, RUN
    ),
    Unknown("calculated values are UNKNOWN", "itwin_calculated_unit", "told null", _si, RUN),
    *(
        Unknown(
            "as a code, status UNKNOWN",
            "itwin_429",
            "RateLimitExceeded TooManyRequests ResourceQuotaExceeded",
            also={"fault": fault, "fault_at": "itwin_groups"},
        )
        for fault in ("429_seconds", "429_date", "429_none")
    ),
    Unknown(
        "Read `Retry-After` first, the last one as fallback",
        "itwin_429_header",
        "platform fallback",
        also={"fault": "429_none", "fault_at": "itwin_groups"},
    ),
    Unknown("Time stamps come in several", "itwin_timestamps", "mixed z7 offset7 offset"),
    Unknown("`_links` may be absent: then one page", "itwin_links", "always if_more"),
    Unknown("an empty page with a next link", "itwin_empty_page", "no yes"),
    Unknown("may return another size than asked", "itwin_page_limit", "1000 1 2"),
    Unknown("index 0 = baseline", "itwin_first", "changeset baseline"),
    Unknown("default latest", "itwin_extracted", "yes no"),
    Unknown(
        "HTML from a gateway must not crash",
        "itwin_errors",
        "full bare text html empty",
        also={"fault": "503", "fault_at": "any", "fault_skip": "4"},
    ),
)
# What no row of a fetch depends on, or what must not end in the same rows; where it is tried.
ELSEWHERE = {
    "nothing public proves it": "says what the word means",
    "what the service does with a wrong or missing version": "test_itwin_endpoints: no Accept",
}
FAULTY = {
    "itwin_401": {"wrapped", "unwrapped", "empty"},  # test_itwin_endpoints
    "itwin_create_operation": {  # test_itwin_traps, test_itwin_calls
        "successful",
        "failed",
        "mainIModelIsMissingFederationGuids",
        "sourceIsMissingFederationGuids",
        "unknown_state",
        "hung",
    },
    "itwin_baseline_file": {  # test_sandbox_itwin_platform
        "initialized",
        "initializationFailed",
        "fileIsBriefcase",
        "hung",
    },
    "itwin_extraction": {  # test_every_vendor, test_itwin_traps
        "Succeeded",
        "PartiallySucceeded",
        "Failed",
        "skipped",
        "unknown_state",
        "hung",
    },
    "itwin_capped": {"no", "yes"},  # test_itwin_traps
    "itwin_null_quantities": {"no", "yes"},  # below
    "itwin_units": {"unknown", "none"},  # test_itwin_traps
    "itwin_more_itwins": {"0"},  # test_itwin_traps
}


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder = tmp_path_factory.mktemp("unknowns")
    building().commit(folder / "served")
    with pytest.MonkeyPatch.context() as patch, serving(folder / "served") as running:
        found = Asker(running, folder, patch)
        with found.session:
            yield found


@pytest.fixture(scope="module")
def usual(asker: Asker) -> Callable[[dict[str, str]], Tables]:
    """What comes with every switch at its default, by reader."""
    known: dict[str, Tables] = {}

    def rows(asking: dict[str, str]) -> Tables:
        key = asking.get("reader", "cdm")
        if key not in known:
            known[key] = asker.rows(asking)
        return known[key]

    return rows


@pytest.mark.parametrize("asking", [{}, FEED], ids=str)
def test_the_usual_rows_have_something_of_everything(
    usual: Callable[[dict[str, str]], Tables], asking: dict[str, str]
) -> None:
    """So that what a form loses would be missed."""
    rows = usual(asking)
    assert len(products(rows)) == WALLS + SLABS
    assert {table for table, some in rows.items() if not some} == {
        "boxes",
        "relations",
        "changes_stated",
        "control_totals",
    }
    assert {row["value_kind"] for row in rows["properties"]} == {"text", "number"}
    assert {row["load_bearing"] for row in rows["elements"]} == {True, False, None}
    assert {row["system"] for row in rows["codes"]} == {"NL-SfB", "House codes"}
    assert {row["thickness_m"] for row in rows["materials"]} == {0.1, 0.08}
    assert {row["kind"] for row in rows["locations"]} == {"building", "storey"}


def test_both_readers_bring_the_same_rows(usual: Callable[[dict[str, str]], Tables]) -> None:
    assert usual(FEED) == usual({})


@pytest.mark.parametrize(("unknown", "form"), [case for one in TRIED for case in one.cases()])
def test_the_rows_are_the_same_in_every_form(
    unknown: Unknown, form: str, asker: Asker, usual: Callable[[dict[str, str]], Tables]
) -> None:
    came = asker.rows(unknown.asking, **{unknown.switch: form, **unknown.also})
    assert unknown.less(came) == unknown.less(usual(unknown.asking))


def test_figures_that_are_null_are_no_figures(asker: Asker) -> None:
    rows = asker.rows(**RUN, itwin_null_quantities="yes")
    assert rows["quantities"] == []
    assert len(products(rows)) == WALLS + SLABS


def test_every_form_that_the_sandbox_knows_is_tried() -> None:
    tried = defaultdict(set, {name: set(forms) for name, forms in FAULTY.items()})
    for one in TRIED:
        tried[one.switch] |= set(one.forms.split())
        for name, form in one.also.items():
            tried[name].add(form)
    for switch in ITWIN_SWITCHES:
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
