"""The commands on the README's page are run, and what they print is compared with the page.

`...` on the page stands for any text: a line of its own for any lines, within a line for any part.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[str]:
    page = (_ROOT / "README.md").read_text("utf-8")
    return [text for kind, text in _BLOCK.findall(page) if kind == language]


def _commands() -> list[tuple[str, str]]:
    """Commands and the output that the page shows, in the order of the page."""
    return [
        (command, output)
        for block in _blocks("console")
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def _pattern(shown: str) -> re.Pattern[str]:
    escaped = (
        re.escape(shown).replace(re.escape("...\n"), ".*").replace(re.escape("..."), r"[^\n]*")
    )
    return re.compile(escaped, re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a checkout, where the commands may leave their files."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "data").symlink_to(_ROOT / "data", target_is_directory=True)
    (folder / "job.toml").write_text(_blocks("toml")[0], "utf-8")
    return folder


@pytest.fixture(scope="module")
def printed(desk: Path) -> dict[str, str]:
    """What each command prints, run one after the other in one folder."""
    binaries = str(Path(sys.executable).parent)
    environ = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    environ |= {"COLUMNS": "200"}
    outputs = {}
    with ExitStack() as at_the_end:
        for command, _ in _commands():
            if command.split()[2:3] == ["qonic"] and "TAKEOFF_QONIC_TOKEN" not in environ:
                environ |= at_the_end.enter_context(_service(desk / "lake"))
            outputs[command] = _printed(command, desk, environ)
    return outputs


def _printed(command: str, folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout + done.stderr


@contextmanager
def _service(lake: Path) -> Iterator[dict[str, str]]:
    """The sandbox that the page tells to start, which waits for nothing; what leads to it."""
    from takeoff.lake.layout import open_layout
    from takeoff.sandbox import Sandbox

    with Sandbox(open_layout(lake), {"polls": "0"}).start() as running:
        service = running.at("qonic")
        yield {
            "TAKEOFF_QONIC_BASE_URL": service.base_url,
            "TAKEOFF_QONIC_TOKEN": service.token,
        }


def test_commands_print_what_the_page_shows(printed: dict[str, str]) -> None:
    """One test, as all commands are run for any of them."""
    others = [
        f"{command}\n{printed[command]}"
        for command, shown in _commands()
        if not _pattern(shown).fullmatch(printed[command])
    ]
    assert len(printed) > 10
    assert not others, "\n".join(others)


def test_python_on_the_page_runs(desk: Path, printed: dict[str, str]) -> None:
    assert printed
    subprocess.run([sys.executable, "-c", _blocks("python")[0]], cwd=desk, check=True, timeout=120)


def test_exit_codes_are_those_of_the_errors() -> None:
    from takeoff.core import errors

    page = (_ROOT / "README.md").read_text("utf-8")
    stated = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    classes = errors.TakeoffError.__subclasses__()
    assert stated == {0, 2, 130, *(error.exit_code for error in classes)}
