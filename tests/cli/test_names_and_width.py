"""Names are completed and corrected; what is printed fits the terminal and keeps to its colours."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from takeoff import cli
from takeoff.cli.arguments import parser
from takeoff.cli.bars import Bars

_ROOT = Path(__file__).resolve().parents[2]
# What sets a colour; bold and dim set none.
_COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10[0-7])[;m]")
_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["reprot"], "report"),
        (["fetch", "qonc"], "qonic"),
        (["models", "itwn"], "itwin"),
        (["login", "autodeks"], "autodesk"),
        (["audit", "--severity", "eror"], "error"),
    ],
)
def test_a_misspelled_name_gets_the_nearest(
    arguments: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert f"did you mean '{near}'?" in capsys.readouterr().err


def test_a_name_like_no_other_gets_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["xyzzy"])
    said = capsys.readouterr().err
    assert "did you mean" not in said
    assert "reconcile" in said


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("takeoff rec", "reconcile"),
        ("takeoff fetch qo", "qonic"),
        ("takeoff report by_c", "by_class"),
    ],
)
def test_the_shell_completes_names(typed: str, offered: str, tmp_path: Path) -> None:
    pytest.importorskip("argcomplete", reason="the extra completion is not installed")
    answer = tmp_path / "answer"
    shell = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": typed,
        "COMP_POINT": str(len(typed)),
        "COMP_TYPE": "9",
    }
    environ = {**os.environ, **shell}
    command = [sys.executable, "-m", "takeoff"]
    subprocess.run(command, env=environ, cwd=_ROOT, timeout=60, check=False)
    assert offered in [name.strip() for name in answer.read_text().split("\x0b")]


def test_help_fits_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    helps = {command.prog: command.format_help() for command in parser().below()}
    assert len(helps) > 25
    assert [line for text in helps.values() for line in text.splitlines() if len(line) > 80] == []


class _Stream(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def _progress(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> str:
    """What is said of a step with a long name on a terminal of 80 columns, or to a file."""
    stream = _Stream(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    with Bars() as bars:
        bars.step("read a model with a long name " * 5, 10)
        bars.advance()
    return stream.getvalue()


def test_progress_keeps_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    said = _progress(monkeypatch, is_terminal=True)
    assert _COLOUR.search(said)
    lines = re.split(r"[\r\n]+", _STEERING.sub("", said))
    assert max(map(len, lines)) <= 80
    assert "1/10" in said
    monkeypatch.setenv("NO_COLOR", "1")
    plain = _progress(monkeypatch, is_terminal=True)
    assert "read a model" in plain
    assert _COLOUR.search(plain) is None


def test_progress_says_nothing_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _progress(monkeypatch, is_terminal=False) == ""
