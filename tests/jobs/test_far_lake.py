"""Jobs on a lake that is not in a folder: what they answer is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from far import machine, memory, objects
from small_lakes import Model

from takeoff.config import Settings
from takeoff.core.lake_url import LakeUrl
from takeoff.core.progress import Quiet
from takeoff.jobs.batch import run_job
from takeoff.jobs.compact import compact
from takeoff.jobs.doctor_lake import examine_lake
from takeoff.jobs.expire import expire
from takeoff.jobs.explain import explain
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.rebuild import rebuild
from takeoff.jobs.report import Question, report
from takeoff.jobs.verify import verify

SERVICES = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
STATED = IfcOptions(geometry=False)
ALL = Question("takeoff", by=("class",))


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with memory() as opened:
        yield opened


@pytest.fixture(scope="module")
def fetched(store: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(lake=machine(tmp_path_factory.mktemp("mirrors"), "here"))
    (one,) = fetch_ifc(settings, [SERVICES], STATED, Quiet())
    assert one.outcome == "new"
    return settings


def test_a_report_and_its_explanation_are_those_of_a_folder(
    fetched: Settings, tmp_path: Path
) -> None:
    local = Settings(lake=tmp_path / "lake")
    list(fetch_ifc(local, [SERVICES], STATED, Quiet()))
    elsewhere = replace(fetched, lake=machine(tmp_path, "there"))
    assert report(elsewhere, ALL).table.equals(report(local, ALL).table)
    guid = report(local, Question("elements")).table.column("element_id")[0].as_py()
    far, near = (
        explain(one, guid, "GrossWeight").figures.table.drop_columns("snapshot_id").to_pylist()
        for one in (elsewhere, local)
    )
    assert far == near != []


def test_the_same_file_is_unchanged(fetched: Settings, store: Any) -> None:
    before = objects(store)
    (one,) = fetch_ifc(fetched, [SERVICES], STATED, Quiet())
    assert one.outcome == "unchanged"
    assert objects(store) == before


def test_what_is_lost_is_found_and_built_again(fetched: Settings, store: Any) -> None:
    before = objects(store)
    lost = next(name for name in before if name.startswith("data/elements/"))
    store.rm_file(f"/bucket/lake/{lost}")
    (row,) = verify(fetched, Quiet()).result.table.to_pylist()
    assert (row["severity"], row["file"]) == ("damage", f"memory://bucket/lake/{lost}")
    outcomes = rebuild(fetched, [], Quiet()).table.to_pylist()
    assert [row["file"] for row in outcomes if row["outcome"] == "restored"] == [lost]
    assert objects(store) == before
    assert verify(fetched, Quiet()).is_sound


def test_doctor_tells_what_is_there_and_leaves_nothing(
    fetched: Settings, store: Any, tmp_path: Path
) -> None:
    before = objects(store)
    read, written, _ = examine_lake(machine(tmp_path, "there"), offline=False)
    assert (read.check, read.status) == ("lake", "ok")
    assert read.found.startswith("memory://bucket/lake: 1 snapshot of 1 model, tables of")
    assert (written.check, written.status, written.found) == ("lake is writable", "ok", "yes")
    assert objects(store) == before


def test_doctor_names_a_store_that_lets_objects_be_written_over(
    fetched: Settings, store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = store.pipe_file
    careless = staticmethod(lambda path, content, mode: create(path, content))
    monkeypatch.setattr(type(store), "pipe_file", careless)
    _, written, _ = examine_lake(machine(tmp_path, "there"), offline=False)
    assert written.status == "warning"
    assert written.found == "yes, but an object that is there can be created again, unseen"


def test_a_job_file_names_the_lake_by_its_url(fetched: Settings, tmp_path: Path) -> None:
    job = tmp_path / "job.toml"
    job.write_text(
        "lake = 'memory://bucket/lake'\n[[report]]\nname = 'models'\noutput = 'models.csv'\n"
    )
    summary = run_job(replace(fetched, lake=None, cache=tmp_path), job, Quiet())
    assert summary.exit_code == 0, summary.errors
    assert "Lindenhof_services" in (tmp_path / "models.csv").read_text()


def test_what_is_merged_and_expired_reads_alike_from_every_machine(
    store: Any, tmp_path: Path
) -> None:
    lake = LakeUrl("memory://bucket/many", tmp_path / "here")
    for volume in (1, 2, 3):
        Model("house").add("a").figure("NetVolume", volume).commit(lake)
    Model("shed").add("b").figure("NetVolume", 7).commit(lake)
    here, there = Settings(lake=lake), Settings(lake=LakeUrl(lake.url, tmp_path / "there"))
    before = report(here, ALL).table
    compact(here, Quiet())
    assert report(there, ALL).table.equals(before)
    outcomes = expire(there, Quiet(), timedelta(0)).result.table.column("outcome").to_pylist()
    assert set(outcomes) == {"removed"}
    assert len(store.find("/bucket/many/data/quantities")) == 2
    for machine_ in (here, there, Settings(lake=LakeUrl(lake.url, tmp_path / "new"))):
        assert report(machine_, ALL).table.equals(before)
    assert verify(there, Quiet()).is_sound
    store.pipe_file(store.find("/bucket/many/data/quantities")[0], b"no Parquet")
    assert not verify(here, Quiet()).is_sound
