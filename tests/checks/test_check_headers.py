"""Check files: headers, the one set of columns, and what they do with nothing and with nulls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.engines.duckdb import Engine
from takeoff.jobs.audit import find
from takeoff.lake.layout import open_layout
from takeoff.reports import checks
from takeoff.reports.checks import COLUMNS, Check
from takeoff.reports.run import column_type

CHECKS = checks.all_checks([QUERIES])
NAMES = [check.name for check in CHECKS]
_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}(?![0-9A-Za-z_$])")


def _plain(check: Check) -> str:
    lines = check.query.sql.splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("--"))


def _nothing_known() -> Model:
    model = Model("blank")
    for number, role in enumerate(("physical", "part", "opening", "space", "physical")):
        model.add(f"e{number}", role, ifc_guid=None, ifc_class=None, name=None)
    model.figure(None, None, unit=None, source_set=None, source_name=None)
    return model.material(None).code(None, None).total("NetVolume", None, None)


def test_errors_come_first() -> None:
    severities = [check.severity for check in CHECKS]
    assert severities == sorted(severities, key=checks.SEVERITIES.index)
    assert set(severities) == set(checks.SEVERITIES)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lake = tmp_path_factory.mktemp("blank") / "lake"
    _nothing_known().commit(lake)
    with open_lake(lake) as engine:
        yield engine


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_columns_are_those_of_every_check(check: Check, blank: Engine) -> None:
    values = {
        param.name: param.default == "true" if param.type == "boolean" else float(param.default)
        for param in check.query.params
        if param.default is not None
    }
    schema = blank.query(check.query.sql, values).schema
    assert [(field.name, column_type(field.type)) for field in schema] == [
        (column.name, column.type) for column in COLUMNS
    ]


def test_nothing_is_found_in_an_empty_lake(tmp_path: Path) -> None:
    open_layout(tmp_path / "lake", create=True)
    with open_lake(tmp_path / "lake") as engine:
        assert find(engine, Settings(), CHECKS).num_rows == 0


def test_what_is_not_known_is_never_an_error(blank: Engine) -> None:
    found = find(blank, Settings(), CHECKS).to_pylist()
    assert {row["check_name"] for row in found} == {
        "guid_missing",
        "no_material",
        "no_number",
        "no_storey",
        "set_misspelt",
    }


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_sql_keeps_to_what_every_engine_understands(check: Check) -> None:
    words = _plain(check).lower()
    for word in (
        "qualify",
        "pivot",
        "median",
        "select *",
        "exclude",
        "regexp_matches",
        "any_value",
    ):
        assert word not in words
    assert "\norder by" in words


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_no_check_knows_a_model(check: Check) -> None:
    """Sets are named only as the standard names them."""
    words = _plain(check)
    assert not _GUID.search(words)
    for name in (
        "ArchiCAD",
        "Custom_Pset",
        "Dimensions",
        "Revit",
        "Duplex",
        "nulpunt",
        "Elementgewicht",
    ):
        assert name not in words


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("-- why: x\n-- severity: note", "lacks the line '-- title"),
        ("-- title: x\n-- why: x\n-- severity: bad", "'severity: bad'"),
        ("-- title: x\n-- why: x\n-- severity: note\n-- grain: a", "says 'grain'"),
    ],
)
def test_wrong_header_is_named(tmp_path: Path, header: str, words: str) -> None:
    path = tmp_path / "mine.sql"
    path.write_text(f"{header}\nselect 1\n")
    with pytest.raises(InputRefused, match=f"header of check .*{words}"):
        checks.read_check(path)


def test_unknown_check_names_the_nearest() -> None:
    with pytest.raises(InputRefused, match="did you mean unit_magnitude"):
        checks.find_checks(["unit_magnitud"], [QUERIES])
