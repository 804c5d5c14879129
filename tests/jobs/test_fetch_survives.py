"""Fetches that are killed, that run at once, that meet bad files: the lake stays whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.rebuild import rebuild
from takeoff.jobs.verify import verify

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_STRUCTURE = _SAMPLE / "Lindenhof_structure.ifc"
_SERVICES = _SAMPLE / "Lindenhof_services.ifc"


def _start_fetch(lake: Path, *files: Path, force: bool = True) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "takeoff", "fetch", "ifc", *map(str, files)]
    command += ["--lake", str(lake), *(["--force"] if force else [])]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def test_two_processes_fetch_into_one_lake(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    fetches = [_start_fetch(lake, path) for path in (_STRUCTURE, _SERVICES, _STRUCTURE)]
    endings = [fetch.communicate(timeout=120)[1] for fetch in fetches]
    assert [fetch.returncode for fetch in fetches] == [0, 0, 0], endings
    assert len(list((lake / "snapshots").glob("*.json"))) == 3
    assert verify(Settings(lake=lake), Quiet()).is_sound


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    options = IfcOptions(geometry=False)
    first = list(fetch_ifc(settings, [_SERVICES], options, Quiet()))
    again = list(fetch_ifc(settings, [_SERVICES], options, Quiet()))
    with_geometry = list(fetch_ifc(settings, [_SERVICES], IfcOptions(), Quiet()))
    assert [first[0].is_new, again[0].is_new, with_geometry[0].is_new] == [True, False, True]
    assert again[0].snapshot == first[0].snapshot
    assert with_geometry[0].snapshot is not None
    assert first[0].snapshot is not None
    assert with_geometry[0].snapshot.lineage == {"revision_of": first[0].snapshot.snapshot_id}


def test_rebuild_gives_the_same_bytes_without_the_original(tmp_path: Path) -> None:
    model = tmp_path / "structure.ifc"
    model.write_bytes(_STRUCTURE.read_bytes())
    settings = Settings(lake=tmp_path / "lake")
    (fetched,) = fetch_ifc(settings, [model], IfcOptions(), Quiet())
    model.unlink()
    assert fetched.snapshot is not None
    lost, harmed = (tmp_path / "lake" / file.name for file in fetched.snapshot.files[:2])
    lost.unlink()
    harmed.write_bytes(b"PAR1")
    assert not verify(settings, Quiet()).is_sound
    outcomes = rebuild(settings, [], Quiet()).table.column("outcome").to_pylist()
    assert outcomes == ["restored"] * 2 + ["same"] * (len(outcomes) - 2)
    assert verify(settings, Quiet()).is_sound


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    cut = tmp_path / "cut.ifc"
    cut.write_bytes(_STRUCTURE.read_bytes()[:30_000])
    settings = Settings(lake=tmp_path / "lake")
    options = IfcOptions(geometry=False)
    outcomes = list(fetch_ifc(settings, [cut, _SERVICES], options, Quiet()))
    assert [outcome.snapshot is None for outcome in outcomes] == [True, False]
    assert "cut short" in str(outcomes[0].error)


def test_two_files_of_one_name_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    twin = tmp_path / _STRUCTURE.name
    twin.write_bytes(_STRUCTURE.read_bytes())
    settings = Settings(lake=tmp_path / "lake")
    with pytest.raises(InputRefused, match="would all become the model 'Lindenhof_structure'"):
        list(fetch_ifc(settings, [_STRUCTURE, twin], IfcOptions(), Quiet()))
    assert not (tmp_path / "lake").exists()


def test_evidence_that_was_not_copied_is_read_where_it_lies(tmp_path: Path) -> None:
    model = tmp_path / "model.ifc"
    model.write_bytes(_SERVICES.read_bytes())
    settings = Settings(lake=tmp_path / "lake")
    list(fetch_ifc(settings, [model], IfcOptions(geometry=False, copy=False), Quiet()))
    assert list((tmp_path / "lake" / "evidence").rglob("*.zst")) == []
    assert set(rebuild(settings, [], Quiet()).table.column("outcome").to_pylist()) == {"same"}
    model.write_bytes(_STRUCTURE.read_bytes())
    with pytest.raises(InputRefused, match="has changed since it was fetched"):
        rebuild(settings, [], Quiet())


def test_snapshot_of_earlier_tables_is_read_again_and_cannot_be_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(lake=tmp_path / "lake")
    options = IfcOptions(geometry=False)
    with monkeypatch.context() as before:
        before.setattr("takeoff.lake.writer.SCHEMA_VERSION", 1)
        before.setattr("takeoff.lake.parts.SCHEMA_VERSION", 1)
        list(fetch_ifc(settings, [_SERVICES], options, Quiet()))
    with pytest.raises(LakeUnusable, match=r"tables 1 then, \d now"):
        rebuild(settings, [], Quiet())
    outcomes = [
        again.outcome
        for _ in range(2)
        for again in fetch_ifc(settings, [_SERVICES], options, Quiet())
    ]
    assert outcomes == ["revision", "unchanged"]


def test_lost_evidence_comes_back_when_the_same_file_is_fetched(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    options = IfcOptions(geometry=False)
    list(fetch_ifc(settings, [_SERVICES], options, Quiet()))
    (stored,) = (tmp_path / "lake" / "evidence").rglob("*.zst")
    stored.unlink()
    assert not verify(settings, Quiet()).is_sound
    (again,) = fetch_ifc(settings, [_SERVICES], options, Quiet())
    assert again.outcome == "unchanged"
    assert verify(settings, Quiet()).is_sound


def test_a_fetch_with_a_copy_after_one_without_keeps_the_copy(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    outcomes = []
    for copy in (False, False, True):
        options = IfcOptions(geometry=False, copy=copy)
        outcomes += [f.outcome for f in fetch_ifc(settings, [_SERVICES], options, Quiet())]
    assert outcomes == ["new", "unchanged", "revision"]
    assert len(list((tmp_path / "lake" / "evidence").rglob("*.zst"))) == 1


def test_a_revision_that_shares_nothing_with_the_one_before_is_noted(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    options = IfcOptions(geometry=False, model="house")
    notes = []
    for model in (_STRUCTURE, _STRUCTURE, _SERVICES.parent / "hostile" / "names.ifc"):
        notes += [f.note for f in fetch_ifc(settings, [model], options, Quiet())]
    assert notes[:2] == [None, None]
    assert "shares no GUID with the revision before it" in str(notes[2])
