"""Job files: what they may hold, what is refused before anything is done, and the summary."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.jobs.batch import run_job

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_FETCH = """
lake = "lake"

[[fetch]]
vendor = "ifc"
files = ["models/*.ifc", "models/services.ifc"]
project = "harbour"
geometry = false
"""
_REPORT = """
[[report]]
name = "takeoff"
by = ["class"]
quantities = ["Length"]
params = {basis = ["computed", "authored"]}
output = "lengths.csv"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with models."""
    models = tmp_path / "models"
    models.mkdir()
    for name in ("services", "structure"):
        content = (_SAMPLE / f"Lindenhof_{name}.ifc").read_bytes()
        (models / f"{name}.ifc").write_bytes(content)
    return tmp_path


def _run(desk: Path, job: str) -> dict:
    (desk / "job.toml").write_text(job)
    return json.loads(run_job(Settings(), desk / "job.toml", Quiet()).as_json())


def test_a_job_fetches_reports_and_sums_up(desk: Path) -> None:
    first = _run(desk, _FETCH + _REPORT)
    again = _run(desk, _FETCH + _REPORT)
    assert first["exit_code"] == again["exit_code"] == 0
    assert [item["outcome"] for item in first["fetched"]] == ["new", "new"]
    assert [item["outcome"] for item in again["fetched"]] == ["unchanged", "unchanged"]
    header, *lines = (desk / "lengths.csv").read_text().splitlines()
    assert header.startswith("ifc_class,quantity,unit,value")
    assert first["reports"][0]["rows"] == len(lines) > 5


def test_reports_are_not_run_after_a_fetch_that_failed(desk: Path) -> None:
    harmed = desk / "models" / "structure.ifc"
    harmed.write_bytes(harmed.read_bytes()[:20_000])
    summary = _run(desk, _FETCH + _REPORT)
    assert summary["exit_code"] == 6
    assert [item["outcome"] for item in summary["fetched"]] == ["new", "refused"]
    assert summary["reports"] == []
    assert "cut short" in summary["errors"][0]
    assert not (desk / "lengths.csv").exists()


_GATED = """
lake = "lake"

[[report]]
name = "by_class"
quantities = ["NetVolume"]
gate = "{0}"
explain = true
output = "{0}.xlsx"

[[report]]
name = "boq"
params = {{rules = "rules.csv", rates = "rates.csv"}}
gate = "{0}"
output = "{0}.csv"
"""


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A lake whose slab states 1000 times the volume of its body, with rules and rates."""
    model = Model("m").add("s", ifc_class="Slab").figure("NetVolume", 5000)
    model.figure("NetVolume", 5, "computed").figure("GrossVolume", 5, "computed")
    model.add("w").figure("NetVolume", 3).commit(tmp_path / "lake")
    (tmp_path / "rules.csv").write_text("rule,ifc_class,item,unit,formula\nall,*,X,m3,NetVolume\n")
    (tmp_path / "rates.csv").write_text("item,rate,unit,currency\nX,10,m3,EUR\n")
    return tmp_path


def test_a_gate_that_excludes_and_one_that_fails(doubtful: Path) -> None:
    """Files of rules and rates lie beside the job file; what the gate refuses is not written."""
    excluded = _run(doubtful, _GATED.format("exclude"))
    assert (excluded["exit_code"], len(excluded["reports"])) == (0, 2)
    assert all("1 NetVolume by" in step["notes"][0] for step in excluded["reports"])
    (line,) = csv.DictReader((doubtful / "exclude.csv").read_text().splitlines())
    assert (line["value"], line["amount"], line["doubtful"]) == ("3", "30", "1")
    with zipfile.ZipFile(doubtful / "exclude.xlsx") as book:
        assert '<sheet name="Evidence"' in book.read("xl/workbook.xml").decode()
    failed = _run(doubtful, _GATED.format("fail"))
    assert (failed["exit_code"], failed["reports"]) == (8, [])
    assert all("The gate is closed" in error for error in failed["errors"])
    assert not (doubtful / "fail.csv").exists()


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("", "asks for nothing"),
        ("lake = 5", "lake must be a text"),
        ("fetch = 'x'", "fetch must be tables"),
        ("[fetch]\nvendor = 'ifc'", "fetch must be tables"),
        (_FETCH.replace("ifc", "revit"), "There is no vendor 'revit'"),
        (_FETCH.replace("files =", "fiels ="), "known are copy, files"),
        ("[[fetch]]\nvendor = 'ifc'", "needs files"),
        (_FETCH.replace('["models/*.ifc", "models/services.ifc"]', '"models/*.ifc"'), "a list of"),
        (_FETCH.replace("models/*", "nowhere/*"), "no file matches"),
        (_FETCH.replace("= false", '= "no"'), "geometry must be true or false"),
        (_FETCH.replace('"harbour"', "7"), "project must be a text"),
        (_FETCH + _REPORT.replace('"takeoff"', '"takeof"'), "did you mean takeoff"),
        (_FETCH + _REPORT.replace('["class"]', '"class"'), "by must be a list of texts"),
        (_FETCH + _REPORT.replace(".csv", ".docx"), "the forms are"),
        (_FETCH + _REPORT.replace('output = "lengths.csv"', ""), "lacks output"),
        (_FETCH + _REPORT + _REPORT, "two reports write"),
        (_FETCH + _REPORT + 'gate = "shut"', "The gate cannot be 'shut'"),
        (_FETCH + _REPORT + "explain = true", "cannot hold the evidence"),
    ],
)
def test_a_wrong_job_is_refused_before_anything_is_done(desk: Path, job: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        _run(desk, job)
    assert not (desk / "lake").exists()
