"""Geometry in a process of its own: what it says is heard, and its end is no end of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from takeoff.cli import main
from takeoff.core.errors import InputRefused
from takeoff.vendors.ifc import apart

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_structure.ifc"
_SAYS_AND_DIES = """
import os, signal
from takeoff.vendors.ifc import apart
speaker = apart._Speaker()
print("what the kernel prints is no note", flush=True)
speaker.step("computing geometry", 2)
os.kill(os.getpid(), signal.{name})
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_a_crash_is_one_sentence_and_commits_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apart, "_PROGRAM", _SAYS_AND_DIES.format(name=name))
    lake = str(tmp_path / "lake")
    assert main(["fetch", "ifc", str(SAMPLE), "--lake", lake]) == 3
    said = capsys.readouterr().err
    number = getattr(signal, name).value
    assert f"{SAMPLE.name}: ifcopenshell's geometry kernel broke off by signal {number}" in said
    assert "--no-geometry" in said
    assert not list((tmp_path / "lake" / "snapshots").rglob("*.json"))
    assert main(["fetch", "ifc", str(SAMPLE), "--lake", lake, "--no-geometry"]) == 0


def test_what_went_wrong_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_PROGRAM", "raise MemoryError('no room for a body')")
    with pytest.raises(InputRefused, match=r"with code 1 \(MemoryError: no room for a body\)"):
        _all_said(tmp_path / "none.ifc", None)


def test_a_file_with_other_records_than_expected_is_not_measured() -> None:
    assert _all_said(SAMPLE, 3) == [apart.Unreadable()]


def _all_said(path: Path, record_count: int | None) -> list[object]:
    with apart.speaking(path, path.name, record_count) as notes:
        return list(notes)


def test_the_other_process_begins_before_anybody_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    monkeypatch.setattr(apart, "_PROGRAM", f"open({str(begun)!r}, 'w')")
    with apart.speaking(SAMPLE, SAMPLE.name, None):
        assert any(begun.exists() or time.sleep(0.05) for _ in range(200))


def test_a_reader_that_goes_ends_the_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "from takeoff.vendors.ifc import apart; s = apart._Speaker()"
    program += "; s.step(str(apart.os.getpid()))"
    monkeypatch.setattr(apart, "_PROGRAM", f"{program}; import time; time.sleep(600)")
    with apart.speaking(SAMPLE, SAMPLE.name, None) as notes:
        step = next(notes)
        assert isinstance(step, apart.Step)
    assert _is_gone(int(step.title))


@pytest.mark.skipif(os.name != "posix", reason="kills are POSIX's")
def test_a_reader_that_is_killed_ends_the_other_process() -> None:
    program = (
        "import threading; from takeoff.vendors.ifc import apart;"
        "threading.Thread(target=apart._end_with_listener, daemon=True).start();"
        "s = apart._Speaker(); s.step(str(apart.os.getpid())); import time; time.sleep(600)"
    )
    reader = (
        "import time; from pathlib import Path; from takeoff.vendors.ifc import apart;"
        f"apart._PROGRAM = {program!r}; kernel = apart.speaking(Path('x'), 'x', None);"
        "notes = kernel.__enter__(); print(next(notes).title, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", reader], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    assert _is_gone(pid)


def _is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
