"""What the lines of each report add up to, as its header says it in words."""

from __future__ import annotations

from small_lakes import QUERIES

from takeoff.reports import catalog
from takeoff.reports.run import adds_up

_MODEL = ("vendor", "project_id", "model_id")
_PAIR = ("other_vendor", "other_model_id", "other_snapshot_id")


def test_reports_say_over_what_nothing_is_added_up() -> None:
    said = {query.name: adds_up(query) for query in catalog.all_reports([QUERIES])}
    assert {name: one.within for name, one in said.items() if one is not None} == {
        "boq": (*_MODEL, "trade"),
        "by_class": _MODEL,
        "by_code": (*_MODEL, "code_system"),
        "by_material": _MODEL,
        "by_storey": _MODEL,
        "carbon": (*_MODEL, "module"),
        "carbon_items": (*_MODEL, "trade", "module"),
        "changes": (),
        "element_figures": _MODEL,
        "elements": _MODEL,
        "reconcile": _PAIR,
        "schedule_doors": (*_MODEL, "state"),
        "schedule_material_layers": _MODEL,
        "schedule_mep": (*_MODEL, "state"),
        "schedule_structure": (*_MODEL, "state"),
        "schedule_windows": (*_MODEL, "state"),
        "takeoff": _MODEL,
    }
    assert {name for name, one in said.items() if one is not None and one.holds_pieces} == {
        "by_material",
        "carbon",
        "schedule_material_layers",
    }


def test_columns_that_hold_lines_apart_are_columns_of_the_report() -> None:
    """`of each NAME` in the words of a header names a column, or it would hold nothing apart."""
    for query in catalog.all_reports([QUERIES]):
        named = (query.partitions or "").partition(" of each ")[2].split(";")[0]
        one = adds_up(query)
        assert not named or (one is not None and {*named.split(" and ")} <= {*one.within})
