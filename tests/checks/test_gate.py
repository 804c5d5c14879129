"""The gate of reports: said, left out, or no report; nothing gets lost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.config import Settings, shipped
from takeoff.core.errors import GateFailed, InputRefused
from takeoff.core.results import Result
from takeoff.jobs.boq import boq
from takeoff.jobs.carbon import carbon
from takeoff.jobs.report import Question, report


def _report(lake: Path, gate: str | None, name: str = "by_class", **asked: object) -> Result:
    return report(Settings(lake=lake), Question(name, gate=gate, **asked))  # type: ignore[arg-type]


def _line(result: Result, ifc_class: str, quantity: str) -> dict[str, object]:
    rows = result.table.to_pylist()
    return next(r for r in rows if (r["ifc_class"], r["quantity"]) == (ifc_class, quantity))


def test_warn_says_it_and_changes_nothing(twins_lake: Path) -> None:
    asked = {"models": ["area_collapsed"], "quantities": ["NetArea"]}
    plain, warned = (_report(twins_lake, gate, **asked) for gate in (None, "warn"))
    assert warned.table.equals(plain.table)
    assert warned.provenance.notes[0].startswith(
        "Gate: checks show 1 figures to be wrong: 1 NetArea by area_against_volume"
    )


def test_exclude_puts_it_under_doubtful(twins_lake: Path) -> None:
    result = _report(twins_lake, "exclude", models=["area_collapsed"])
    line = _line(result, "Slab", "NetArea")
    assert (line["value"], line["counted"], line["doubtful"]) == (Decimal(72), 1, 1)
    assert _line(result, "Slab", "NetVolume")["doubtful"] == 0


@pytest.mark.slow
def test_a_whole_that_rests_on_a_wrong_part_is_doubtful_too(models_lake: Path) -> None:
    result = _report(models_lake, "exclude", models=["BIMWhale_LargeBuilding"])
    roof = _line(result, "Roof", "GrossVolume")
    assert (roof["value"], roof["missing"], roof["doubtful"]) == (None, 0, 1)


def test_fail_gives_no_report(twins_lake: Path) -> None:
    with pytest.raises(GateFailed, match="NetArea by area_against_volume"):
        _report(twins_lake, "fail", models=["area_collapsed"])


def test_fail_looks_at_what_is_asked(twins_lake: Path) -> None:
    asked = {"models": ["area_collapsed"], "quantities": ["NetVolume"]}
    assert "no figure in it" in _report(twins_lake, "fail", **asked).provenance.notes[0]


def test_wrong_openings_do_not_close_the_gate(twins_lake: Path) -> None:
    """They are in no total."""
    _report(twins_lake, "fail", models=["openings_like_roof"])


def test_unknown_gate_is_refused(twins_lake: Path) -> None:
    with pytest.raises(InputRefused, match="cannot be 'shut'"):
        _report(twins_lake, "shut")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["takeoff", "by_class", "by_storey"])
def test_conservation_behind_the_gate(twins_lake: Path, name: str) -> None:
    rows = _report(twins_lake, "exclude", name).table.to_pylist()
    assert any(row["doubtful"] for row in rows)
    for row in rows:
        assert row["counted"] + row["missing"] + row["doubtful"] == row["elements"]
    plain = _report(twins_lake, None, name).table.to_pylist()
    assert _counts(rows) == _counts(plain)


def _counts(rows: list[dict[str, object]]) -> int:
    return sum(int(str(row["elements"])) for row in rows if row["quantity"] == "Count")


def test_exit_codes(twins_lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = ["--lake", str(twins_lake), "--model", "area_collapsed"]
    assert main(["report", "by_class", *lake, "--gate", "fail"]) == 8
    assert main(["audit", *lake, "--gate", "fail", "--format", "csv"]) == 8
    assert main(["audit", *lake, "--format", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "area_against_volume" in out
    assert "NetArea of 2 elements: 50 % believed" in err
    assert main(["audit", *lake, "--show", "checks", "--format", "csv"]) == 0
    assert "unit_magnitude" in capsys.readouterr().out


def _twice(lake: Path) -> Path:
    """A slab whose stated NetVolume is 1000 times its body's, and a wall that is right."""
    model = Model("m").add("s", ifc_class="Slab").figure("NetVolume", 5000)
    for quantity in ("NetVolume", "GrossVolume"):
        model.figure(quantity, 5, "computed")
    model.add("w").figure("NetVolume", 3).figure("NetVolume", 3, "computed")
    model.add("d", ifc_class="Door").commit(lake)
    return lake


_RULES = "rule,ifc_class,item,unit,formula\nslabs,Slab,S,m3,{}\nwalls,Wall,W,m3,NetVolume\n"


def _bill(folder: Path, gate: str, formula: str = "NetVolume") -> Result:
    (folder / "rules.csv").write_text(_RULES.format(formula))
    question = Question("boq", params={"rules": str(folder / "rules.csv")}, gate=gate)
    return boq(Settings(lake=_twice(folder / "lake")), question)


def test_a_bill_behind_the_gate_loses_nothing(tmp_path: Path) -> None:
    result = _bill(tmp_path, "exclude")
    found = {line["item"]: line for line in result.table.to_pylist()}
    assert (found["S"]["value"], found["S"]["counted"], found["S"]["doubtful"]) == (None, 0, 1)
    assert found["W"]["value"] == 3
    assert sum(line["elements"] for line in found.values()) == 3
    assert "1 NetVolume by" in result.provenance.notes[0]
    assert "they stand under doubtful" in result.provenance.notes[0]


def test_a_bill_warns_and_fails_for_what_its_rules_read(tmp_path: Path) -> None:
    warned = _bill(tmp_path, "warn")
    assert next(x["value"] for x in warned.table.to_pylist() if x["item"] == "S") == 5000
    assert "they are in it" in warned.provenance.notes[0]
    with pytest.raises(GateFailed, match="1 NetVolume by"):
        _bill(tmp_path, "fail")
    assert "no figure in it" in _bill(tmp_path, "fail", "GrossVolume").provenance.notes[0]


def test_carbon_fails_for_its_volume(tmp_path: Path) -> None:
    factors = {"factors": str(shipped("data/rules") / "carbon_demo.csv")}
    settings = Settings(lake=_twice(tmp_path / "lake"))
    with pytest.raises(GateFailed, match="1 NetVolume by"):
        carbon(settings, Question("carbon", params=factors, gate="fail"))
    excluded = carbon(settings, Question("carbon", params=factors, gate="exclude"))
    assert sum(line["doubtful"] for line in excluded.table.to_pylist()) == 3
