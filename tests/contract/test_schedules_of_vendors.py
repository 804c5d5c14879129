"""Schedules of the sample as each service serves it, against those of its files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from both_ways import fetch_ifc_model, served_and_fetched
from small_lakes import QUERIES, open_lake

from takeoff.engines.duckdb import Engine
from takeoff.reports import catalog
from takeoff.reports.run import run

# Each fetches a model from a service, in two to six seconds.
pytestmark = pytest.mark.slow

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_VENDORS = ("qonic", "autodesk", "bimplus", "itwin")
_ALL = [query for query in catalog.all_reports([QUERIES]) if query.name.startswith("schedule_")]
# The schedules of each model, and what has to be the same from wherever it comes.
_SHOWN = {
    "architecture": {
        "schedule_doors": ("storey_name", "is_external", "width_mm", "height_mm", "area_m2"),
        "schedule_windows": ("storey_name", "is_external", "width_mm", "height_mm", "area_m2"),
        "schedule_spaces": ("storey_name", "number", "name", "net_floor_area_m2", "height_mm"),
    },
    "services": {"schedule_mep": ("ifc_class", "cross_section_mm2", "length_m")},
    "structure": {
        "schedule_structure": ("ifc_class", "width_mm", "height_mm", "length_m", "volume_m3"),
    },
}


@pytest.mark.parametrize("model", _SHOWN)
@pytest.mark.parametrize("vendor", _VENDORS)
def test_schedules_are_those_of_the_file(tmp_path: Path, model: str, vendor: str) -> None:
    path = _SAMPLE / f"Lindenhof_{model}.ifc"
    served_and_fetched(fetch_ifc_model(path, tmp_path / "sent", geometry=False), tmp_path, vendor)
    with open_lake(tmp_path / "sent") as files, open_lake(tmp_path / "came") as service:
        for query in _ALL:
            by = [grouping.name for grouping in query.groupings]
            lines = run(service, query, {"by": by}).table.to_pylist()
            if (columns := _SHOWN[model].get(query.name)) is None:
                continue
            assert sum(line["elements"] for line in lines) > 0
            if vendor == "qonic":  # It tells no types, and takes parts for elements of their own.
                columns = ("storey_name",)
            assert _told(service, query, columns) == _told(files, query, columns)


def _told(engine: Engine, query: catalog.Query, columns: tuple[str, ...]) -> Counter[Any]:
    by = {"by": "storey"} if columns == ("storey_name",) else {}
    found: Counter[Any] = Counter()
    for line in run(engine, query, by).table.to_pylist():
        found[tuple(line[column] for column in columns)] += line["elements"]
    return found
