"""`takeoff fetch --all`: what takeoff.toml names, by file or service, each by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model

from takeoff.config import Access, Settings, read_settings
from takeoff.core.errors import InputRefused, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.fetch_models import ModelOptions, client_options
from takeoff.jobs.sources import (
    Service,
    Shard,
    fetch_all,
    fetch_source,
    read_shard,
    read_source,
)
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors import load

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_BOTH = f"""
[takeoff]
lake = "lake"

[[models]]
vendor = "ifc"
files = ["{_SAMPLE}/Lindenhof_structure.ifc"]
project = "harbour"
geometry = false

[[models]]
vendor = "qonic"
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    wall = {"element_id": "1aBc", "element_no": 0, "evidence_no": 0, "source_row": 1}
    house = Model("house")
    house.rows["elements"] = [{**wall, "ifc_guid": "1aBc", "ifc_class": "Wall", "role": "physical"}]
    house.commit(tmp_path / "served")
    Model("shed").commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served"), {"polls": "0"}).start() as sandbox:
        yield sandbox


def _settings(folder: Path, text: str, running: Running | None) -> Settings:
    (folder / "takeoff.toml").write_text(text)
    environ = {}
    if running is not None:
        service = running.at("qonic")
        environ["TAKEOFF_QONIC_BASE_URL"] = service.base_url
        environ["TAKEOFF_QONIC_TOKEN"] = service.token
    return read_settings({"config": str(folder / "takeoff.toml")}, environ)


def _all(settings: Settings, shard: Shard | None = None) -> list[Fetched]:
    return list(fetch_all(settings, shard or Shard(), Quiet()))


def test_files_and_services_come_into_one_lake(tmp_path: Path, running: Running) -> None:
    outcomes = _all(_settings(tmp_path, _BOTH, running))
    assert [outcome.outcome for outcome in outcomes] == ["new", "new", "new"], outcomes
    names = [outcome.snapshot.ref.model_name for outcome in outcomes if outcome.snapshot]
    assert names == ["Lindenhof_structure", "house.ifc", "shed.ifc"]


def test_one_source_that_fails_stops_no_other(tmp_path: Path) -> None:
    text = _BOTH.replace("[[models]]", '[[models]]\nvendor = "qonic"\n\n[[models]]', 1)
    outcomes = _all(_settings(tmp_path, text, None))
    assert [outcome.outcome for outcome in outcomes] == ["refused", "new", "refused"]
    assert isinstance(outcomes[0].error, VendorRefused)
    assert "no login" in str(outcomes[0].error)


def test_a_service_that_cannot_be_reached_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(tmp_path, _BOTH, None)
    dead = {"qonic": Access("http://127.0.0.1:9/v1", "token")}
    monkeypatch.setattr("takeoff.http.clock.Clock.sleep", lambda self, seconds: None)
    settings = Settings(
        lake=settings.lake,
        project_folder=settings.project_folder,
        vendors=dead,
        models=settings.models,
    )
    outcomes = _all(settings)
    assert [outcome.outcome for outcome in outcomes] == ["new", "refused"]
    assert isinstance(outcomes[1].error, TryLater)


def test_shards_are_parts_of_the_whole(tmp_path: Path, running: Running) -> None:
    settings = _settings(tmp_path, _BOTH, running)
    parts = [
        [outcome.source for outcome in _all(settings, Shard(number, 3))] for number in (1, 2, 3)
    ]
    everything = [outcome.source for outcome in _all(settings)]
    assert sorted(source for part in parts for source in part) == sorted(everything)
    assert len(everything) == 3
    assert max(map(len, parts)) < 3


def test_two_processes_fetch_a_shard_each_into_one_lake(tmp_path: Path) -> None:
    models = f"vendor = 'ifc'\nfiles = ['{_SAMPLE}/*.ifc']\ngeometry = false\ncopy = false\n"
    (tmp_path / "takeoff.toml").write_text(f"[takeoff]\nlake = 'lake'\n\n[[models]]\n{models}")
    command = [sys.executable, "-m", "takeoff", "fetch", "--all", "--shard"]
    at_once = [
        subprocess.Popen([*command, shard], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for shard in ("1/2", "2/2")
    ]
    told = [process.communicate(timeout=300)[0] for process in at_once]
    assert [process.returncode for process in at_once] == [0, 0]
    lines = [len(text.splitlines()) - 1 for text in told]
    assert sum(lines) == 3
    assert min(lines) > 0
    held = {snapshot.ref.model_id for snapshot in read_snapshots(open_layout(tmp_path / "lake"))}
    assert held == {path.stem for path in _SAMPLE.glob("*.ifc")}


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputRefused, match="I/N"):
        read_shard(text)


def test_a_shard_as_written() -> None:
    assert read_shard("2/4") == Shard(2, 4)
    assert read_shard(None) == Shard(1, 1)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({}, "needs vendor"),
        ({"vendor": "qonick"}, "did you mean 'qonic'"),
        ({"vendor": "ifc"}, "needs files"),
        ({"vendor": "ifc", "files": ["none.ifc"]}, "no file matches"),
        ({"vendor": "ifc", "files": ["x"], "models": ["a"]}, "holds models"),
        ({"vendor": "qonic", "files": ["x"]}, "holds files"),
        ({"vendor": "qonic", "models": "one"}, "a list of texts"),
    ],
)
def test_a_table_that_is_wrong_is_refused(tmp_path: Path, step: dict[str, Any], words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        read_source("takeoff.toml: [[models]]", tmp_path, step)


def test_a_wrong_table_stops_all_before_anything_is_done(tmp_path: Path) -> None:
    settings = _settings(tmp_path, _BOTH.replace('"qonic"', '"nobody"'), None)
    with pytest.raises(InputRefused, match="nobody"):
        _all(settings)
    assert not (tmp_path / "lake").exists()


def test_no_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="takeoff fetch VENDOR"):
        _all(Settings(lake=tmp_path / "lake"))


def test_the_vendors_own_options_are_read_from_texts(tmp_path: Path) -> None:
    step = {"vendor": "qonic", "options": {"per_class": False, "parallel": 3}}
    source = read_source("here", tmp_path, step)
    assert isinstance(source, Service)
    options = client_options(load("qonic").client, source.options.asking)
    assert (options.per_class, options.parallel) == (False, 3)  # type: ignore[attr-defined]
    with pytest.raises(InputRefused, match=r"no option 'patience'; there are: parallel, per_class"):
        client_options(load("qonic").client, {"patience": "3"})
    with pytest.raises(InputRefused, match="per_class cannot be 'perhaps'; it is true or false"):
        client_options(load("qonic").client, {"per_class": "perhaps"})


def test_models_of_a_service_are_chosen_by_name(tmp_path: Path, running: Running) -> None:
    settings = _settings(tmp_path, _BOTH, running)
    source = Service("qonic", ModelOptions(models=("shed.ifc",)))
    [outcome] = fetch_source(settings, source, Quiet())
    assert outcome.snapshot is not None
    assert outcome.snapshot.ref.model_name == "shed.ifc"
