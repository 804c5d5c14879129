"""Report files: found by name, headers read and held against what the SQL answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.core.errors import InputRefused
from takeoff.engines.duckdb import Engine
from takeoff.lake.layout import open_layout
from takeoff.reports import catalog
from takeoff.reports.asked import understand
from takeoff.reports.run import column_type, run

REPORTS = catalog.all_reports([QUERIES])
NAMES = [query.name for query in REPORTS]
FLAGS = {f"by_{grouping.name}" for query in REPORTS for grouping in query.groupings}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lake = tmp_path_factory.mktemp("empty")
    open_layout(lake, create=True)
    with open_lake(lake) as engine:
        yield engine


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    model = Model("m")
    for number in range(40):
        model.add(f"e{number}", ifc_class=f"Class{number % 3}", storey_name=f"S{number % 4}")
        model.figure("NetVolume", number).material(f"M{number % 2}").code("U", str(number % 5))
    with _opened(model, tmp_path_factory.mktemp("forty")) as engine:
        yield engine


@pytest.fixture(scope="module")
def nothing_known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Elements of every role and of schedules of which nothing is known but that they are there."""
    model = Model("blank")
    for number, role in enumerate(("physical", "part", "opening", "space", "physical")):
        model.add(f"e{number}", role, ifc_guid=None, ifc_class=None, name=None)
    for name in ("Door", "Window", "PipeSegment", "Beam"):
        model.add(name, ifc_guid=None, ifc_class=name, name=None)
    model.figure(None, None, unit=None, source_set=None).material(None).code(None, None)
    model.total("NetVolume", None, None)
    with _opened(model, tmp_path_factory.mktemp("blank")) as engine:
        yield engine


def _opened(model: Model, lake: Path) -> Engine:
    model.commit(lake)
    return open_lake(lake)


def test_the_reports_that_are_shipped() -> None:
    expected = {
        "takeoff",
        "by_storey",
        "by_class",
        "by_material",
        "by_code",
        "models",
        "elements",
        "element_figures",
        "completeness",
        "not_counted",
        "control_totals",
        "changes",
        "changed_elements",
        "stated_changes",
        "reconcile",
        "disagreements",
        "boq",
        "carbon",
        "carbon_items",
        "schedule_doors",
        "schedule_windows",
        "schedule_spaces",
        "schedule_material_layers",
        "schedule_mep",
        "schedule_structure",
    }
    assert set(NAMES) == expected


def test_every_report_says_which_elements_its_lines_hold() -> None:
    assert [query.name for query in REPORTS if query.elements is None] == []


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_header_states_the_columns_in_order(query: catalog.Query, nothing_known: Engine) -> None:
    by = {"by": [grouping.name for grouping in query.groupings]} if query.groupings else {}
    schema = nothing_known.query(query.sql, understand(nothing_known, query, by).values).schema
    stated = [(column.name, column.type) for column in query.columns]
    assert [(field.name, column_type(field.type)) for field in schema] == stated


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_every_name_in_the_header_is_a_column(query: catalog.Query) -> None:
    columns = {column.name for column in query.columns}
    assert set(query.grain) <= columns
    for grouping in query.groupings:
        assert set(grouping.columns) <= columns


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_no_rows_from_an_empty_lake(query: catalog.Query, empty: Engine) -> None:
    assert run(empty, query, {}).table.num_rows == 0


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_unknown_stays_null(query: catalog.Query, nothing_known: Engine) -> None:
    asked = {"quantity": "NetVolume"} if "quantity" in {p.name for p in query.params} else {}
    rows = run(nothing_known, query, asked).table.to_pylist()
    assert rows or query.name == "models" or query.compares
    for row in rows:
        if row.get("quantity") == "NetVolume" and "value" in row:
            assert row["value"] is None
            assert row["counted"] == 0
            assert row["missing"] == row["elements"] > 0


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_lines_are_told_apart_by_the_grain(query: catalog.Query, forty: Engine) -> None:
    table = run(forty, query, {}).table
    grain = [name for name in query.grain if name in table.column_names]
    keys = [tuple(row[name] for name in grain) for row in table.to_pylist()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("query", REPORTS, ids=NAMES)
def test_lines_are_put_in_order(query: catalog.Query) -> None:
    """Which SQL they may hold, tests/engines/test_portable.py says."""
    plain = [line for line in query.sql.lower().splitlines() if not line.strip().startswith("--")]
    assert "order by" in " ".join(plain)


@pytest.mark.parametrize(("name", "hint"), [("takeof", "takeoff"), ("bystorey", "by_storey")])
def test_unknown_report_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(InputRefused, match=f"did you mean.*{hint}"):
        catalog.find(name, [QUERIES])


@pytest.mark.parametrize("name", ["../marts/part_links", "zzz", "", "takeoff.sql"])
def test_unknown_report_is_refused(name: str) -> None:
    with pytest.raises(InputRefused, match="There is no report"):
        catalog.find(name, [QUERIES])


def _own_report(tmp_path: Path, header: str, sql: str = "select 1 as n") -> list[Path]:
    (tmp_path / "own" / "reports").mkdir(parents=True)
    (tmp_path / "own" / "reports" / "mine.sql").write_text(f"{header}\n{sql}\n")
    return [tmp_path / "own", QUERIES]


HEADER = "-- title: Mine\n-- question: How many?\n-- grain: n\n-- column: n integer; a number"


def test_own_report_is_found_and_may_replace_a_shipped_one(tmp_path: Path) -> None:
    folders = _own_report(tmp_path, HEADER)
    (tmp_path / "own" / "reports" / "models.sql").write_text(HEADER + "\nselect 2 as n;\n")
    Model("m").add("a").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        assert run(engine, catalog.find("mine", folders), {}).table.to_pylist() == [{"n": 1}]
        assert run(engine, catalog.find("models", folders), {}).table.to_pylist() == [{"n": 2}]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("-- question: x\n-- grain: n\n-- column: n integer; n", "lacks the line '-- title"),
        (HEADER + "\n-- title: Twice", "two lines 'title'"),
        (HEADER + "\n-- colum: n integer; n", "says 'colum'"),
        (HEADER + "\n-- column: n number; n", "says 'column: n number; n'"),
        (HEADER + "\n-- param: x", "says 'param: x'"),
        (HEADER + "\n-- by: x maybe; n", "says 'by: x maybe; n'"),
        (HEADER + "\n-- figures: n Width", "says 'figures: n Width'"),
        (HEADER + "\n-- figures: m of Width", "column 'm' in 'figures'.* it states n"),
        (HEADER + "\n-- figures: n of $mass", "param 'mass' in 'figures'.* it states none"),
        (HEADER + "\n-- counts: state", "column 'state' in 'counts'"),
    ],
)
def test_wrong_header_is_named(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        catalog.find("mine", _own_report(tmp_path, header))


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1.5 as n", "n is integer in its header and decimal in its answer"),
        ("select 1 as m", "n is integer in its header and not there in its answer"),
        ("select 1 as n, 2 as m", "m is not there in its header and integer in its answer"),
    ],
)
def test_header_that_disagrees_with_its_sql_is_refused(
    tmp_path: Path, sql: str, words: str
) -> None:
    folders = _own_report(tmp_path, HEADER, sql)
    Model("m").add("a").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine, pytest.raises(InputRefused, match=words):
        run(engine, catalog.find("mine", folders), {})
