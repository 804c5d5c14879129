"""What `--log` tells of fetches and jobs, line by line."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_structure.ifc"


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_steps_are_lines_that_machines_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(tmp_path / "lake")
    command = ["fetch", "ifc", str(SAMPLE), "--no-geometry", "--lake", lake, "--log", "json"]
    assert main(command) == 0
    out, err = capsys.readouterr()
    told = lines(err)
    assert {line["level"] for line in told} == {"info"}
    assert all(datetime.fromisoformat(line["at"]).tzinfo is not None for line in told)
    begun = [line for line in told if "total" in line]
    ended = [line for line in told if "done" in line]
    assert begun
    assert {f"done: {line['message']}" for line in begun} >= {line["message"] for line in ended}
    assert all(line["seconds"] >= 0 for line in ended)
    assert "Lindenhof_structure" in out
    assert logging.getLogger("takeoff").handlers == []


def test_the_error_is_a_line_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none.ifc")
    before = ["fetch", "--log", "json", "ifc", missing, "--lake", str(tmp_path / "lake")]
    assert main(before) == 3
    (told,) = lines(capsys.readouterr().err)
    assert (told["level"], told["exit_code"]) == ("error", 3)
    assert "none.ifc" in told["message"]
    (tmp_path / "job.toml").write_text('reports = "none"\n')
    assert main(["run", str(tmp_path / "job.toml"), "--log", "text"]) == 3
    said = capsys.readouterr().err
    assert " error " in said
    assert said.rstrip().endswith(", exit_code 3")


def test_waits_are_told_and_secrets_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Model("house").add("0" * 22, ifc_class="Wall").commit(tmp_path / "served")
    faults = {"fault": "503", "fault_at": "projects", "fault_count": "1"}
    with Sandbox(open_layout(tmp_path / "served"), faults).start() as running:
        service = running.at("qonic")
        monkeypatch.setenv("TAKEOFF_QONIC_TOKEN", service.token)
        monkeypatch.setenv("TAKEOFF_QONIC_BASE_URL", service.base_url)
        assert main(["fetch", "qonic", "--lake", str(tmp_path / "lake"), "--log", "json"]) == 0
    err = capsys.readouterr().err
    waits = [line["message"] for line in lines(err) if "waiting" in line["message"]]
    assert len(waits) >= 1
    assert "503" in waits[0]
    assert service.token not in err


def test_a_failed_fetch_of_a_job_is_told_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = tmp_path / "job.toml"
    job.write_text('lake = "lake"\n[[fetch]]\nvendor = "ifc"\nfiles = ["broken.ifc"]\n')
    (tmp_path / "broken.ifc").write_bytes(SAMPLE.read_bytes()[:20_000])
    code = main(["run", str(job), "--log", "json"])
    out, err = capsys.readouterr()
    assert json.loads(out)["exit_code"] == code != 0
    (told,) = (line for line in lines(err) if line["level"] == "error")
    assert told["exit_code"] == code
    assert "broken.ifc" in told["message"]
