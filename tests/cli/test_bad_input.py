"""Bad input gets one clear sentence on stderr, the documented exit code, and changes nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pytest

from takeoff import cli

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_SERVICES = _SAMPLE / "Lindenhof_services.ifc"


@dataclass(frozen=True)
class _Done:
    returncode: int
    stdout: str
    stderr: str


def _takeoff(*arguments: object, cwd: Path | None = None) -> _Done:
    """What the command does, in this process: it is started anew in a few tests below only."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("TAKEOFF_")}
    out, err = (TextIOWrapper(BytesIO(), "utf-8") for _ in range(2))
    with (
        patch.dict(os.environ, environ, clear=True),
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = cli.main([*map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
    return _Done(code, _written(out), _written(err))


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def _state(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "lake"
    done = _takeoff("fetch", "ifc", _SERVICES, "--lake", folder, "--no-geometry")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of files that are no models."""
    model = _SERVICES.read_bytes()
    (tmp_path / "missing_folder").mkdir()
    (tmp_path / "text.ifc").write_text("a shopping list\n")
    (tmp_path / "cut.ifc").write_bytes(model[: len(model) // 2])
    (tmp_path / "empty.ifc").write_bytes(b"")
    (tmp_path / "old.ifc").write_bytes(model.replace(b"IFC2X3", b"IFC2X2"))
    with zipfile.ZipFile(tmp_path / "climbs.ifczip", "w") as archive:
        archive.writestr("../../model.ifc", model)
    with zipfile.ZipFile(tmp_path / "two.ifczip", "w") as archive:
        archive.writestr("a.ifc", model)
        archive.writestr("b.ifc", model)
    with zipfile.ZipFile(tmp_path / "none.ifczip", "w") as archive:
        archive.writestr("readme.txt", "no model here")
    return tmp_path


def _refused(lake: Path, code: int, words: str, *arguments: object) -> None:
    before = _state(lake)
    done = _takeoff(*arguments, "--lake", lake)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("takeoff: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert _state(lake) == before


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("missing.ifc", 3, "There is no file"),
        ("missing_folder", 3, "is not a file"),
        ("text.ifc", 3, "is not an IFC file"),
        ("empty.ifc", 3, "is empty"),
        ("old.ifc", 3, "IFC2X2"),
        ("climbs.ifczip", 3, "leads out of its folder"),
        ("two.ifczip", 3, "holds 2 models"),
        ("none.ifczip", 3, "without an .ifc file"),
        ("cut.ifc", 6, "cut short"),
    ],
)
def test_file_that_is_no_model(lake: Path, files: Path, name: str, code: int, words: str) -> None:
    before = _state(lake)
    done = _takeoff("fetch", "ifc", files / name, "--lake", lake)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert _state(lake) == before


@pytest.mark.parametrize(
    ("code", "words", "arguments"),
    [
        (3, "did you mean", ["report", "by_clas"]),
        (3, "nonsense", ["report", "takeoff", "--param", "nonsense=1"]),
        (3, "nonsense", ["report", "takeoff", "--by", "nonsense"]),
        (3, "NAME=VALUE", ["report", "takeoff", "--param", "nonsense"]),
        (3, "no model 'nobody'", ["report", "takeoff", "--model", "nobody"]),
        (3, "No snapshot is called", ["report", "takeoff", "--snapshot", "ifc:nobody"]),
        (3, "eleements", ["sql", "select * from eleements"]),
        (3, "takeoff: ", ["sql", "selec 1"]),
        (3, "takeoff: ", ["sql", "select 1; select 2"]),
        (3, "takeoff: ", ["sql", "drop view elements"]),
        (3, "takeoff: ", ["sql", "copy (select 1) to 'stolen.csv'"]),
        (3, "takeoff: ", ["sql", "select * from read_text('/etc/passwd')"]),
        (3, "takeoff: ", ["sql", "attach 'other.db'"]),
        (3, "takeoff: ", ["sql", "set enable_external_access = true"]),
        (3, "takeoff: ", ["sql", ""]),
        (3, "No element has", ["explain", "nobody", "NetVolume"]),
        (3, "not both", ["explain", "a", "b", "--report", "takeoff"]),
        (3, "--param basis", ["explain", "--report", "takeoff", "--basis", "computed"]),
        (3, "name their --report", ["explain", "a", "b", "--where", "ifc_class=Wall"]),
        (3, "more than once", ["report", "takeoff", "--param", "basis=a", "--param", "basis=b"]),
        (3, "drop one", ["report", "takeoff", "--by", "class", "--param", "by=storey"]),
        (3, "did you mean", ["report", "\x1b[31mtakeof"]),
        (3, "not valid text", ["sql", "select '\udcff'"]),
        (3, "does not exist", ["report", "takeoff", "--queries", "nowhere"]),
        (3, "No snapshot is called", ["rebuild", "--snapshot", "nobody"]),
        (3, "form", ["snapshots", "-o", "snapshots.docx"]),
        (3, "not a folder", ["snapshots", "-o", "nowhere/snapshots.csv"]),
    ],
)
def test_question_that_cannot_be_answered(
    lake: Path, code: int, words: str, arguments: list[str]
) -> None:
    _refused(lake, code, words, *arguments)


def test_lake_that_is_a_file(tmp_path: Path) -> None:
    place = tmp_path / "lake"
    place.write_text("not a lake")
    for arguments in (["fetch", "ifc", _SERVICES], ["snapshots"], ["verify"], ["report", "models"]):
        done = _takeoff(*arguments, "--lake", place)
        assert (done.returncode, done.stderr.count("\n")) == (7, 1), done.stderr
        assert "is a file, not a lake" in done.stderr
    assert place.read_text() == "not a lake"


def test_file_name_that_is_no_text(lake: Path, tmp_path: Path) -> None:
    odd = tmp_path / "bad\udcff.ifc"
    odd.write_bytes(_SERVICES.read_bytes())
    _refused(lake, 3, "not valid Unicode", "fetch", "ifc", _SERVICES, odd)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("lake = 'x'", "known are buildings, models, takeoff, vendors"),
        ("takeoff = 3", "must be a table"),
        ("[[takeoff]]", "must be a table"),
        ("[takeoff]\nlaek = 'x'", "known are cache, engine, lake"),
        ("[takeoff]\nthreads = '2'", "must be a whole number"),
        ("[takeoff", "Cannot read"),
        ("a = " + "[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ("a" + ".a" * 10_000 + " = 1", "nested too deeply"),
        ("#" * (2 << 20), "larger than"),
    ],
)
def test_configuration_that_is_wrong(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "takeoff.toml").write_text(content)
    done = _takeoff("snapshots", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert words in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"item," * (1 << 18), "a line has more than"),
        (b"item,rate,unit,currency\n\x00,\x00,m2,EUR\n", "bytes that are no text"),
    ],
)
def test_rows_that_are_none(lake: Path, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "rates.csv").write_bytes(content)
    _refused(lake, 3, words, "boq", "--rates", tmp_path / "rates.csv")


def test_no_lake_named(tmp_path: Path) -> None:
    done = _takeoff("snapshots", cwd=tmp_path)
    assert done.returncode == 3
    assert "give --lake" in done.stderr


def test_full_disk_leaves_the_lake_as_it_was(lake: Path, tmp_path: Path) -> None:
    """A limit on file sizes stands for a full disk: writing fails in the middle."""
    before = _state(lake)
    command = f"ulimit -f 8; exec {sys.executable} -m takeoff fetch ifc"
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; {command} '{_SERVICES}' --force --lake '{lake}'"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert "What was committed before is unchanged" in done.stderr
    assert _state(lake) == before


def test_damaged_parquet_is_named(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert _takeoff("fetch", "ifc", _SERVICES, "--lake", lake, "--no-geometry").returncode == 0
    harmed = next((lake / "data" / "elements").iterdir())
    harmed.write_bytes(harmed.read_bytes()[:-100])
    for arguments in (["report", "by_class"], ["verify"]):
        done = _takeoff(*arguments, "--lake", lake)
        assert done.returncode == 7
        assert harmed.name in done.stdout + done.stderr


def test_interrupt_ends_with_130(tmp_path: Path) -> None:
    fetch = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, str(tmp_path / "lake"), str(_SERVICES)],
        stderr=subprocess.PIPE,
        text=True,
    )
    _, words = fetch.communicate(timeout=60)
    assert fetch.returncode == 130
    assert "interrupted" in words
    assert list((tmp_path / "lake" / "work").iterdir()) == []


_INTERRUPTED = """
import os, signal, sys
from takeoff import cli
from takeoff.lake import writer

def interrupt(self, table, batch):
    os.kill(os.getpid(), signal.SIGINT)

writer.SnapshotWriter.write = interrupt
lake, model = sys.argv[1:]
raise SystemExit(cli.main(["fetch", "ifc", model, "--lake", lake, "--no-geometry"]))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["report", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "takeoff", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "takeoff.cli.arguments" in loaded
    heavy = {"duckdb", "pyarrow", "pandas", "ifcopenshell", "rich", "numpy", "argcomplete"}
    assert loaded.isdisjoint(heavy)
