"""The made-up lakes are lakes of takeoff's own, and add up."""

from __future__ import annotations

from pathlib import Path

from small_lakes import open_lake, rows

from tests.bench import lakes

_FIGURES = """
select
    count(*) as figures,
    count(case when cast(value_exact as double) = value then 1 end) as alike,
    count(case when cast(value_exact as double) = cast(source_value as double) then 1 end) as told
from quantities
"""


def test_lake_of_so_many_elements_with_six_exact_figures_each(tmp_path: Path) -> None:
    lakes.make(tmp_path / "lake", 2_000)
    with open_lake(tmp_path / "lake") as engine:
        assert rows(engine, "select count(*), count(distinct ifc_guid) from elements") == [
            (2_000, 2_000)
        ]
        assert rows(engine, _FIGURES) == [(12_000, 12_000, 12_000)]
        counted = "select role, count(*) from elements group by role order by role"
        assert [role for role, _ in rows(engine, counted)] == ["opening", "physical"]


def test_lake_of_the_same_size_has_the_same_rows(tmp_path: Path) -> None:
    """And a lake that is there is not made again."""
    total = "select sum(value_exact), min(element_id) from quantities"
    found = []
    for name in ("first", "second"):
        lakes.make(tmp_path / name, 500)
        lakes.make(tmp_path / name, 500)
        with open_lake(tmp_path / name) as engine:
            found += rows(engine, total)
            assert rows(engine, "select count(*) from all_elements") == [(500,)]
    assert found[0] == found[1]
