"""init writes what is read back, doctor names what is wrong, and lab opens the notebooks."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from takeoff import cli
from takeoff.cli import first_steps
from takeoff.config import Settings, read_settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.jobs import lab as jobs_lab
from takeoff.jobs.sources import Files, Service, read_source
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots

_ROOT = Path(__file__).resolve().parents[2]
_SERVICES = _ROOT / "data" / "sample" / "Lindenhof_services.ifc"
_COMMENTED = re.compile(r"^# (?=\[|\w+ = )", re.MULTILINE)


class _Terminal(io.StringIO):
    """A person's terminal: what is typed comes from it, what is said goes to it."""

    def isatty(self) -> bool:
        return True


def test_what_init_writes_is_read_back(desk: Path) -> None:
    shutil.copy(_SERVICES, desk / "services [1].ifc")
    told = ("--lake", "our lake", "--project", "harbour", "--vendor", "qonic", "--vendor", "itwin")
    assert cli.main(["init", *told, "--files", "services [1].ifc", "models/*.ifc"]) == 0
    (desk / "models").mkdir()
    shutil.copy(_SERVICES, desk / "models")
    settings = read_settings({}, {})
    assert settings.lake == desk / "our lake"
    assert sorted(settings.vendors) == ["itwin", "qonic"]
    files, *services = (read_source("here", desk, step) for step in settings.models)
    assert isinstance(files, Files)
    assert files.options.project == "harbour"
    assert [path.name for path in files.paths] == ["services [1].ifc", _SERVICES.name]
    assert [one.vendor for one in services if isinstance(one, Service)] == ["qonic", "itwin"]


def test_every_line_that_init_comments_out_is_right(desk: Path) -> None:
    assert cli.main(["init", "--vendor", "autodesk"]) == 0
    text = (desk / "takeoff.toml").read_text("utf-8")
    assert len(_COMMENTED.findall(text)) > 10
    (desk / "takeoff.toml").write_text(_COMMENTED.sub("", text), "utf-8")
    settings = read_settings({}, {})
    assert settings.threads == 4
    assert [model["vendor"] for model in settings.models] == ["ifc", "autodesk"]
    assert settings.buildings[0].prefer == "ifc"


@pytest.mark.parametrize("name", ['a "b" \\c', "line\nend\x7f\t", "Straße 道"])
def test_names_stay_what_they_are(desk: Path, name: str) -> None:
    assert cli.main(["init", "--lake", name, "--project", name, "--files", name]) == 0
    content = tomllib.loads((desk / "takeoff.toml").read_text("utf-8"))
    assert content["takeoff"]["lake"] == content["models"][0]["project"] == name
    assert content["models"][0]["files"] == [name]


def test_init_takes_the_models_that_are_there(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "ifc").mkdir()
    (desk / "ifc" / "house.ifczip").touch()
    assert cli.main(["init", "--yes"]) == 0
    [model] = read_settings({}, {}).models
    assert model == {"vendor": "ifc", "files": ["*/*.ifczip"], "project": "default"}
    assert capsys.readouterr().err.count("\n") == 1


def test_init_changes_no_file(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "takeoff.toml").write_text("mine")
    assert cli.main(["init", "--yes"]) == 3
    assert "is there already" in capsys.readouterr().err
    assert cli.main(["init", "--config", "nowhere/takeoff.toml"]) == 3
    assert cli.main(["init", "--project", "\udcff", "--config", "other.toml"]) == 3
    assert [path.name for path in desk.iterdir()] == ["takeoff.toml"]
    assert (desk / "takeoff.toml").read_text() == "mine"


def test_init_asks_a_person(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _Terminal()
    monkeypatch.setattr(sys, "stdin", _Terminal("\nharbour\n\nqonic, itwin\n"))
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.main(["init"]) == 0
    assert said.getvalue().count("]: ") == 4
    settings = read_settings({}, {})
    assert settings.lake == desk / "lake"
    assert [model["vendor"] for model in settings.models] == ["qonic", "itwin"]


def test_init_writes_nothing_for_a_vendor_that_there_is_not(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _Terminal()
    monkeypatch.setattr(sys, "stdin", _Terminal("\n\n\nqonc\n"))
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.main(["init"]) == 3
    assert "did you mean 'qonic'?" in said.getvalue()
    assert list(desk.iterdir()) == []


def test_lab_says_how_to_get_it(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    with pytest.raises(InputRefused, match=r"pip install 'takeoff\[ifc,lab\]'"):
        jobs_lab.lab(Settings(), desk / "lab", [], Quiet())
    assert list(desk.iterdir()) == []


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebooks with one small model of the sample; and a JupyterLab that tells its command."""
    sample = tmp_path / "shipped" / "data" / "sample"
    sample.mkdir(parents=True)
    shutil.copy(_SERVICES, sample)
    shutil.copytree(_ROOT / "notebooks", tmp_path / "shipped" / "notebooks")
    monkeypatch.setattr(jobs_lab, "shipped", lambda name: tmp_path / "shipped" / name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    return tmp_path / "shipped"


def test_lab_opens_copies_beside_the_samples_lake(
    desk: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    monkeypatch.setattr(first_steps, "_until_it_ends", lambda command: commands.append(command))
    cli.main(["lab", "--no-browser", "--", "--port", "9000"])
    root = desk / "takeoff-lab"
    [command] = commands
    assert command[1:3] == ["-m", "jupyterlab"]
    assert command[3:] == [
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/notebooks/{jobs_lab.FIRST}",
        "--no-browser",
        "--port",
        "9000",
    ]
    [snapshot] = read_snapshots(open_layout(root / jobs_lab.LAKE))
    assert snapshot.ref.project_id == jobs_lab.PROJECT

    (root / "notebooks" / jobs_lab.FIRST).write_text("my own")
    cli.main(["lab"])
    assert (root / "notebooks" / jobs_lab.FIRST).read_text() == "my own"
    assert len(read_snapshots(open_layout(root / jobs_lab.LAKE))) == 1


def test_the_first_notebook_looks_where_lab_puts_its_lake() -> None:
    notebook = (_ROOT / jobs_lab.NOTEBOOKS / jobs_lab.FIRST).read_text("utf-8")
    source = "".join("".join(cell["source"]) for cell in json.loads(notebook)["cells"])
    assert f'lake_folder = "../{jobs_lab.LAKE}"' in source
    assert f'sample = "../{jobs_lab.SAMPLE}"' in source
    assert f'project="{jobs_lab.PROJECT}"' in source


def test_lab_ends_as_jupyter_does() -> None:
    assert first_steps._until_it_ends([sys.executable, "-c", "raise SystemExit(3)"]) == 3
