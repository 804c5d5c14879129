"""Whatever the contract leaves open is tried in every form that it lists: the rows stay the same.

Each entry quotes the contract and turns the sandbox to each of its forms; what a form does not say
is then taken out of both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from both_ways import Row, Tables, hurry
from qonic_building import SLABS, WALLS, building
from vendors_under_test import VENDORS, attempt, products, rows_of

from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.sandbox.bimplus import SWITCHES as BIMPLUS_SWITCHES

BIMPLUS = next(vendor for vendor in VENDORS if vendor.name == "bimplus")
CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "bimplus.md"
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


def _si(rows: Tables) -> Tables:
    """The figures in SI, and the properties without the units they are written in."""
    figures = ("source_value", "source_unit", "unit_status")
    bare = _without("properties", "number", "unit")(_without("quantities", *figures)(rows))
    return bare


def _spelled(rows: Tables) -> Tables:
    """Texts of codes beside labels are further properties."""
    kept = [row for row in rows["properties"] if not (row["name"] or "").endswith(".code")]
    return _without("properties", "ordinal")({**rows, "properties": kept})


def _bare_places(rows: Tables) -> Tables:
    """Without the classes of places, and classes as they are written."""
    elements = [
        _left(row, ("source_class", "ifc_class" if row["role"] == "location" else ""))
        for row in rows["elements"]
    ]
    return {**rows, "elements": elements}


def _no_parts(rows: Tables) -> Tables:
    """Without the objects that layers are, and what else says how thick they are."""
    whole = {row["element_id"] for row in rows["elements"] if row["role"] != "part"}
    bare = {
        table: [
            _left(row, ("element_no", "source_row", "ordinal"))
            for row in some
            if row["element_id"] in whole and row.get("source_set") != "materialelement"
        ]
        for table, some in rows.items()
        if table in ("elements", "quantities", "codes")
    }
    return bare


def _guessed(rows: Tables) -> Tables:
    """Numbers with or without their units: the same figures by name, whatever they are worth."""
    told = [
        {key: row[key] for key in ("element_id", "source_set", "source_name", "source_value")}
        for row in rows["quantities"]
    ]
    return {"elements": rows["elements"], "quantities": told}


def _no_own_group(rows: Tables) -> Tables:
    """Without the built-in group of the same figures."""
    kept = [row for row in rows["quantities"] if row["source_set"] != "quantity"]
    return _without("quantities", "ordinal")(
        _without("properties", "ordinal")({**rows, "quantities": kept})
    )


@dataclass(frozen=True)
class Unknown:
    """`quote` is of the contract; `switch` is turned to each of its `forms`, beside `also`."""

    quote: str
    switch: str
    forms: str
    less: Less = _all
    also: dict[str, str] = field(default_factory=dict)

    def cases(self) -> Iterator[Any]:
        for form in self.forms.split():
            yield pytest.param(self, form, id=f"{self.switch}={form}")


PAGES = {"bimplus_unasked": "page", "bimplus_page_limit": "3"}
TRIED = (
    Unknown(
        "**Error body: UNKNOWN.**",
        "bimplus_errors",
        "json oauth exception text empty html",
        also={"fault": "503", "fault_at": "bimplus_topology"},
    ),
    Unknown("may arrive labelled as text", "bimplus_json", "json text text_bom json_bom"),
    Unknown("Null keys are usually left out", "bimplus_nulls", "left_out null"),
    Unknown("Read case-blind", "bimplus_user_keys", "createdby createdBy"),
    Unknown("read both", "bimplus_size_key", "sizeMB sizeInMB"),
    Unknown("headers may be absent", "bimplus_rate_headers", "shown absent"),
    Unknown("lists may lack it", "bimplus_list_status", "absent given"),
    Unknown(
        "begins with `DONE` = readable",
        "bimplus_status",
        "DONE DONE_REFRESHED DONE_WITH_ERRORS DONE_WITH_ERRORS_REFRESHED",
    ),
    Unknown("if the tag moved, the snapshot is mixed", "bimplus_tag", "stable moves_once"),
    Unknown("so weak tags occur", "bimplus_tag_form", "strong weak bare absent"),
    Unknown(
        "compare after cutting `ID_` and case",
        "bimplus_ifc_types",
        "plain prefixed",
        _without("elements", "source_class"),
    ),
    Unknown("`children` may be null or absent", "bimplus_children", "list null absent"),
    Unknown(
        'drop to "unknown"', "bimplus_tree_keys", "no_layer", _without("elements", "discipline")
    ),
    Unknown(
        "drops `parent`, `ifcId` and `ifcType`",
        "bimplus_tree_keys",
        "all no_ifc",
        _bare_places,
    ),
    Unknown("a wall and its layers", "bimplus_layers", "children attributes", _no_parts),
    Unknown("read both a bare list and a wrapper", "bimplus_lists", "bare resultlist objects"),
    Unknown("first page number and largest size UNKNOWN", "bimplus_first_page", "0 1", also=PAGES),
    Unknown(
        "first page number and largest size UNKNOWN",
        "bimplus_page_limit",
        "1 4 1000",
        also={"bimplus_unasked": "page"},
    ),
    Unknown(
        "when a page repeats known ids", "bimplus_pages", "good repeat_last ignored", also=PAGES
    ),
    Unknown("when a page repeats known ids", "bimplus_lists", "resultlist objects", also=PAGES),
    Unknown("number of chunks", "bimplus_chunks", "asked always", also={"bimplus_chunk_rows": "2"}),
    Unknown("use 8, or 24 (definitions + sets)", "bimplus_sets", "always flag16"),
    Unknown("group keys of property sets", "bimplus_set_keys", "guid name"),
    Unknown(
        "**Built-in `quantity` group**",
        "bimplus_quantity_group",
        "absent units no_unit",
        _no_own_group,
    ),
    Unknown("QTO attributes carry their own unit", "bimplus_lengths", "mm m mixed", _si),
    Unknown("`m2` = `m²`", "bimplus_symbols", "ascii superscript", _si),
    Unknown("without a unit do not sum", "bimplus_units", "given absent some", _guessed),
    Unknown("A double may be a **string**", "bimplus_numbers", "number text comma", _si),
    Unknown("Boolean: `true`, `1`", "bimplus_booleans", "true one text_true text_one"),
    Unknown("Keep both code and label", "bimplus_enumeration", "none object list", _spelled),
)
# Forms that end otherwise, or that no row depends on: where they are tried.
ELSEWHERE = {
    "bimplus_token_s": "test_sandbox_bimplus_server",
    "bimplus_rate": "test_bimplus_traps: fact 8",
    "bimplus_rate_anonymous": "test_sandbox_bimplus_server",
    "bimplus_rate_window_s": "test_bimplus_traps: fact 8",
    "bimplus_rate_status": "test_bimplus_traps: fact 8",
    "bimplus_rate_retry_after_s": "test_bimplus_traps: fact 8",
    "bimplus_status": "vendors_under_test: what is not DONE is refused",
    "bimplus_topology": "vendors_under_test: refused",
    "bimplus_tag": "vendors_under_test: moves is refused",
    "bimplus_names": "test_sandbox_bimplus_models",
    "bimplus_download": "test_bimplus_downloads",
    "bimplus_no_file": "test_bimplus_downloads",
    "bimplus_pages": "vendors_under_test: repeat_first is refused",
    "bimplus_objects": "vendors_under_test: incomplete",
    "bimplus_calculated": "test_bimplus_traps: fact 9",
    "bimplus_unasked": "with the forms of pages",
    "bimplus_chunk_rows": "with the forms of chunks",
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
    outcome = attempt(lake, running, BIMPLUS)
    assert isinstance(outcome, Fetched), outcome
    return rows_of(lake, outcome)


def test_the_usual_rows_have_something_of_everything(usual: Tables) -> None:
    """So that what a form loses would be missed."""
    assert len(products(usual)) == WALLS + SLABS
    empty = {table for table, rows in usual.items() if not rows}
    assert empty <= {"boxes", "changes_stated", "control_totals"}
    assert {row["value_kind"] for row in usual["properties"]} == {"text", "number", "flag"}
    assert {row["unit"] for row in usual["quantities"]} >= {"m", "m2", "m3"}
    assert {row["role"] for row in usual["materials"]} == {"layer", "single"}


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
    came = fetched(running, tmp_path / "lake", **{unknown.switch: form, **unknown.also})
    expected, found = unknown.less(usual), unknown.less(came)
    assert {table: len(rows) for table, rows in found.items()} == {
        table: len(rows) for table, rows in expected.items()
    }
    assert found == expected


def test_every_form_that_the_sandbox_knows_is_tried() -> None:
    tried = defaultdict(set)
    for one in TRIED:
        tried[one.switch] |= set(one.forms.split())
        for name, form in one.also.items():
            tried[name].add(form)
    for switch in BIMPLUS_SWITCHES:
        if switch.name not in ELSEWHERE:
            assert set(switch.values) <= tried[switch.name], switch.name


def test_every_quote_is_of_the_contract() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = " ".join(CONTRACT.read_text("utf-8").split())
    assert [one.quote for one in TRIED if one.quote not in text] == []
