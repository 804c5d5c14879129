"""takeoff changes and takeoff reconcile, as they are typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.cli import main


@pytest.fixture
def lake(tmp_path: Path) -> str:
    path = tmp_path / "lake"
    Model("m").add("a", storey_name="L1").figure("NetVolume", 2).commit(path)
    Model("m").add("a", storey_name="L1").figure("NetVolume", 3).add("b").commit(path)
    Model("q", vendor="qonic").add("a").figure("NetVolume", "3.003").commit(path)
    return str(path)


def _run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(list(argv))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_changes_as_json(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--by", "change", "--quantity", "NetVolume", "--format", "json")
    code, out, _ = _run(capsys, "changes", "ifc:m@1", "ifc:m", "--lake", lake, *asked)
    lines = {(line["change"], line["quantity"]): line for line in json.loads(out)}
    assert code == 0
    assert lines["changed", "NetVolume"]["delta"] == 1
    assert lines["added", "Count"]["new_elements"] == 1


def test_changes_of_elements_as_csv(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(
        capsys, "changes", "ifc:m@1", "ifc:m", "--lake", lake, "--elements", "--format", "csv"
    )
    lines = list(csv.DictReader(io.StringIO(out)))
    assert [(line["change"], line["matched_by"]) for line in lines] == [
        ("added", ""),
        ("changed", "ifc_guid"),
    ]


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx"])
def test_every_form_of_file(
    lake: str, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"out.{form}"
    code, _, _ = _run(capsys, "changes", "ifc:m@1", "ifc:m", "--lake", lake, "-o", str(target))
    assert code == 0
    assert target.stat().st_size > 0


@pytest.mark.parametrize(("tolerance", "differing"), [("0.01", 0), ("0.0001", 1)])
def test_reconcile_with_a_tolerance(
    lake: str, capsys: pytest.CaptureFixture[str], tolerance: str, differing: int
) -> None:
    asked = ("--quantity", "NetVolume", "--param", f"tolerance={tolerance}", "--format", "json")
    code, out, _ = _run(capsys, "reconcile", "ifc:m", "qonic:q", "--lake", lake, *asked)
    assert code == 0
    assert [x["differing"] for x in json.loads(out) if x["quantity"] == "NetVolume"] == [differing]


def test_reconcile_lists_elements(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(
        capsys, "reconcile", "ifc:m", "qonic:q", "--lake", lake, "--elements", "--format", "json"
    )
    assert [line["disagreement"] for line in json.loads(out)] == ["only in a"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("changes", "ifc:m@9", "ifc:m"), "No snapshot is called ifc:m@9"),
        (("changes", "ifc:m@1", "ifc:m", "--param", "x=1"), "has no parameter 'x'"),
        (("changes", "ifc:m@1", "ifc:m", "--by", "colour"), "cannot be grouped by 'colour'"),
        (("reconcile", "ifc:m", "qonic:z"), "No snapshot is called qonic:z"),
        (("reconcile", "ifc:m", "qonic:q", "--param", "tolerance=some"), "is decimal"),
        (("report", "changes"), "compares two snapshots"),
        (("report", "changes", "--snapshot", "ifc:m", "--model", "m"), "compares two snapshots"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    lake: str, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str
) -> None:
    code, out, err = _run(capsys, *argv, "--lake", lake)
    assert (code, out) == (3, "")
    assert words in err


def test_a_report_that_compares_can_be_asked_as_a_report(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ("--snapshot", "ifc:m@1", "--snapshot", "ifc:m@2")
    code, out, _ = _run(capsys, "report", "changes", *named, "--lake", lake, "--format", "json")
    assert code == 0
    assert json.loads(out)[0]["added_elements"] == 1
