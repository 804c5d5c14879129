"""What stands beside a report: the audit of its models, and what changed since their revision."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.report import Question, report


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """House, whose second revision has one wall more; shed, whose slab is a thousand times its
    body.
    """
    for walls in (1, 2):
        house = Model("house")
        for number in range(walls):
            house.add(f"w{number}").figure("NetVolume", 2)
        house.commit(tmp_path / "lake")
    shed = Model("shed").add("s", ifc_class="Slab").figure("NetVolume", 5000)
    shed.figure("NetVolume", 5, "computed").commit(tmp_path / "lake")
    return tmp_path / "lake"


def _asked(lake: Path, *models: str, beside: tuple[str, ...]) -> Result:
    question = Question(
        "by_class", quantities=["NetVolume"], models=models, params={}, beside=beside
    )
    return report(Settings(lake=lake), question)


def _titles(result: Result) -> list[str]:
    return [other.provenance.title for other in result.beside]


def test_audit_is_that_of_the_models_asked(lake: Path) -> None:
    shed = _asked(lake, "shed", beside=("audit",))
    assert _titles(shed) == ["Audit: what can be believed", "Audit: findings"]
    verdicts, findings = (other.table.to_pylist() for other in shed.beside)
    assert {row["model_id"] for row in (*verdicts, *findings)} == {"shed"}
    assert "error" in {row["severity"] for row in findings}


def test_changes_are_since_the_revision_before(lake: Path) -> None:
    result = _asked(lake, beside=("changes",))
    assert _titles(result) == ["Changes of ifc:house.ifc, revision 1 to 2"]
    (changed,) = (
        row for row in result.beside[0].table.to_pylist() if row["quantity"] == "NetVolume"
    )
    assert (changed["old_value"], changed["added_value"], changed["new_value"]) == (2, 2, 4)


def test_models_of_one_revision_have_no_changes_and_it_says_so(lake: Path) -> None:
    result = _asked(lake, "shed", beside=("changes",))
    assert result.beside == ()
    assert "one revision of each" in result.provenance.notes[-1]
    assert all("revision" not in n for n in _asked(lake, beside=()).provenance.notes)


def test_what_cannot_stand_beside_is_refused(lake: Path) -> None:
    with pytest.raises(InputRefused, match="'costs' cannot stand beside a report; it is audit or"):
        _asked(lake, beside=("costs",))


def test_command_writes_them_into_a_page_and_a_job_into_a_workbook(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["--quantity", "NetVolume", "--beside", "audit,changes", "-o", "a.html"]
    assert main(["report", "by_class", "--lake", str(lake), *asked]) == 0
    (tmp_path / "job.toml").write_text(
        'lake = "lake"\n[[report]]\nname = "by_class"\nquantities = ["NetVolume"]\n'
        'beside = ["changes"]\noutput = "b.xlsx"\n'
    )
    assert main(["run", "job.toml"]) == 0
    assert _words(tmp_path / "a.html") == ["Audit", "Audit", "Changes"]
    assert _words(tmp_path / "b.xlsx") == ["Changes"]


def _words(path: Path) -> list[str]:
    """The first word of the title of each table beside the lines."""
    if path.suffix == ".xlsx":
        names = openpyxl.load_workbook(path).sheetnames
        titles = [name[2:] for name in names if name[0].isdigit()]
    else:
        data = path.read_text("utf-8").split('id="data">', 1)[1].split("</script>", 1)[0]
        titles = [table["title"] for table in json.loads(data)["tables"][1:]]
    return [title.replace(":", " ").split()[0] for title in titles]


@pytest.mark.parametrize("command", ["report", "run"])
def test_form_without_room_for_them_is_refused_before_the_work(
    command: str, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = tmp_path / "job.toml"
    job.write_text(
        'lake = "lake"\n[[report]]\nname = "by_class"\nbeside = ["audit"]\noutput = "a.csv"\n'
    )
    output = ["--beside", "audit", "-o", str(tmp_path / "a.csv")]
    asked = {"report": ["report", "by_class", "--lake", str(lake), *output], "run": ["run", job]}
    assert main([str(word) for word in asked[command]]) == 3
    assert "write a file .html or .xlsx" in capsys.readouterr().err
