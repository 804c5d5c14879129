"""Every command's help has an example, and the example works as it is printed."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.cli.arguments import parser
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_SECRET = "..."
_GUID = "2O2Fr$t4X7Zf8NOew3FLOH"
# What a person would not wait for.
_MORE = {"takeoff sandbox": ["--seconds", "0"]}
# What other tests run, for it needs a person or takes long.
_ELSEWHERE = {
    "takeoff": "the README's first commands, tests/readme",
    "takeoff demo": "the README's first command, tests/readme",
    "takeoff lab": "tests/jobs/test_lab.py starts it",
    "takeoff login": "wants a browser; tests/jobs/test_logins.py is one",
}


_EPILOGS = {command.prog: command.epilog or "" for command in parser().below()}


def _words(epilog: str) -> tuple[dict[str, str], list[str]]:
    """The variables that are set before the command, and its words."""
    words = shlex.split(epilog.removeprefix("Example: "))
    start = words.index("takeoff")
    return dict(word.split("=", 1) for word in words[:start]), words[start + 1 :]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """A folder with the files that the examples name, and services that have a model each."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("house.ifc", "structure.ifc", "services.ifc", "models/tower.ifc"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(_SAMPLE / "Lindenhof_services.ifc", folder / name)
    for revision in (1, 2):
        wall = Model("house").add(_GUID, ifc_class="Wall", name=f"wall {revision}")
        wall.figure("NetVolume", "2.5").material("Concrete").commit(folder / "lake")
    wall.commit(folder / "served")
    (folder / "rates.csv").write_text("item,rate,unit,currency\nB2010,10,m2,EUR\n")
    (folder / "factors.csv").write_text(
        "key_kind,key,module,kg_co2e,declared_unit,density_kg_m3,source,version,region\n"
        "material,Concrete,A1-A3,200,m3,2400,ours,1,none\n"
    )
    (folder / "codes.csv").write_text(f"guid,value\n{_GUID},7\n")
    (folder / "job.toml").write_text(
        'lake = "lake"\n[[report]]\nname = "by_class"\noutput = "by_class.csv"\n'
    )
    with Sandbox(open_layout(folder / "served")).start() as running:
        yield folder, running


def test_every_command_has_an_example() -> None:
    without = [name for name, text in _EPILOGS.items() if not text.startswith("Example: ")]
    assert without == ["takeoff"]
    assert _ELSEWHERE.keys() <= _EPILOGS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(_EPILOGS.keys() - _ELSEWHERE.keys()))
def test_the_example_works(
    command: str, desk: tuple[Path, Running], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, running = desk
    variables, words = _words(_EPILOGS[command])
    assert " ".join(["takeoff", *words]).startswith(command)
    mine = tmp_path / "desk"
    shutil.copytree(folder, mine)
    monkeypatch.chdir(mine)
    for name in [name for name in os.environ if name.startswith("TAKEOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TAKEOFF_TOKENS", str(tmp_path / "tokens.json"))
    for vendor in running.vendors:
        monkeypatch.setenv(f"TAKEOFF_{vendor.upper()}_BASE_URL", running.at(vendor).base_url)
        name = f"TAKEOFF_{vendor.upper()}_TOKEN"
        if not variables or name in variables:
            monkeypatch.setenv(name, running.at(vendor).token)
    assert all(value == _SECRET for value in variables.values())
    if "qonic:house" in words or "writeback" in words:
        assert main(["fetch", "qonic", "--lake", "lake"]) == 0
    if command == "takeoff rebuild":
        shutil.rmtree("lake")
        assert main(["fetch", "ifc", "house.ifc", "--no-geometry", "--lake", "lake"]) == 0
    ids = _ids(running, words[1] if words[1:] and words[1] in running.vendors else "qonic")
    given = [ids.get(word, word) for word in words]
    assert main([*given, *_MORE.get(command, [])]) == 0


def _ids(running: Running, vendor: str) -> dict[str, str]:
    """The ids that the sandbox has for those of the examples."""
    (model,) = running.at(vendor).models
    project, model_id = model.project_id, model.model_id
    return {"2409": project, "6234": model_id, "qonic:house": f"qonic:{model_id}"}
