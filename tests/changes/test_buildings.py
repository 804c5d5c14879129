"""A building drawn by several models: each element counts once, from the preferred source."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.config import Building, Settings, read_settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.audit import AuditQuestion, audit
from takeoff.jobs.report import Question, report


def _ifc(project: str = "p") -> Model:
    model = Model("house", project_id=project)
    for number in range(12):
        model.add(f"g{number}").figure("NetVolume", 1)
    return model.add("only ifc").figure("NetVolume", 100)


def _qonic() -> Model:
    model = Model("4711", vendor="qonic", project_id="q")
    for number in range(12):
        model.add(f"g{number}").figure("NetVolume", 2)
    return model.add("only qonic").figure("NetVolume", 1000)


def _settings(lake: Path, prefer: str | None = None) -> Settings:
    models = ("ifc:house", "qonic:4711")
    buildings = () if prefer is None else (Building("Harbour", models, prefer),)
    return Settings(lake=lake, buildings=buildings)


def _takeoff(settings: Settings) -> Result:
    return report(settings, Question("takeoff", by=("class",), quantities=("Count", "NetVolume")))


@pytest.mark.parametrize(
    ("prefer", "value"), [("ifc", 1112), ("qonic", 1124), ("ifc:house", 1112), ("qonic:4711", 1124)]
)
def test_each_element_counts_once_from_the_preferred_source(
    tmp_path: Path, prefer: str, value: int
) -> None:
    _ifc().commit(tmp_path / "lake")
    _qonic().commit(tmp_path / "lake")
    result = _takeoff(_settings(tmp_path / "lake", prefer))
    lines = result.table.to_pylist()
    assert [(line["quantity"], line["value"]) for line in lines] == [
        ("Count", 14),
        ("NetVolume", value),
    ]
    notes = " ".join(result.provenance.notes)
    assert "Of the building Harbour an element counts once" in notes
    assert "counts first (13 elements, 0 are in a model before)" in notes
    assert "counts after (1 elements, 12 are in a model before)" in notes
    assert "no grand total" not in notes


def test_without_a_preference_there_is_no_grand_total(tmp_path: Path) -> None:
    _ifc().commit(tmp_path / "lake")
    _qonic().commit(tmp_path / "lake")
    result = _takeoff(_settings(tmp_path / "lake"))
    assert len({line["model_id"] for line in result.table.to_pylist()}) == 2
    assert "no grand total" in " ".join(result.provenance.notes)


@pytest.mark.parametrize("seed", range(4))
def test_federated_totals_hold_each_guid_once(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"g{number}" for number in range(30)]
    held: dict[str, dict[str, int]] = {}
    for vendor in ("ifc", "qonic", "bimplus"):
        held[vendor] = {name: draw.randint(1, 9) for name in draw.sample(names, 20)}
        model = Model("m", vendor=vendor, project_id=vendor)
        for name, volume in held[vendor].items():
            model.add(name).figure("NetVolume", volume)
        model.commit(tmp_path / "lake")
    first = held["ifc"] | held["bimplus"] | held["qonic"]
    models = ("ifc:m", "qonic:m", "bimplus:m")
    settings = replace(_settings(tmp_path / "lake"), buildings=(Building("H", models, "qonic"),))
    lines = _takeoff(settings).table.to_pylist()
    assert [line["value"] for line in lines] == [len(first), sum(first.values())]


def test_a_model_that_is_not_asked_about_takes_nothing_away(tmp_path: Path) -> None:
    _ifc().commit(tmp_path / "lake")
    _qonic().commit(tmp_path / "lake")
    question = Question("takeoff", quantities=("NetVolume",), models=("4711",))
    lines = report(_settings(tmp_path / "lake", "ifc"), question).table.to_pylist()
    assert lines[-1]["value"] == 1024


def test_sources_that_share_no_guid_are_added_up_with_a_warning(tmp_path: Path) -> None:
    _ifc().commit(tmp_path / "lake")
    other = Model("4711", vendor="qonic", project_id="q")
    other.add("another guid", ifc_class="Wall").figure("NetVolume", 5).commit(tmp_path / "lake")
    result = _takeoff(_settings(tmp_path / "lake", "ifc"))
    assert [line["value"] for line in result.table.to_pylist()] == [14, 117]
    (note,) = (note for note in result.provenance.notes if note.startswith("Warning"))
    assert note.startswith(
        "Warning: ifc:house and qonic:4711 of the building Harbour share no GUID"
    )
    assert "added up in full" in note


def _fork(guid: str, of: str, lake: Path, kind: str = "forked_from") -> None:
    model = Model("fork", vendor="itwin", project_id="q")
    for number in range(12):
        model.add(f"{guid}{number}").figure("NetVolume", 2)
    model.commit(lake, lineage={"revision_of": "x", kind: of})


@pytest.mark.parametrize(
    ("guid", "of", "kind", "said"),
    [
        ("other", "main", "forked_from", "forked from itwin:main and shares 0 GUIDs"),
        ("other", "main", "cloned_from", "cloned from itwin:main and shares 0 GUIDs"),
        ("other", "another model", "forked_from", None),
        ("other", "main", "revision_of", None),
        ("g", "main", "forked_from", None),
    ],
)
def test_a_model_and_its_fork_are_added_up_with_a_warning(
    tmp_path: Path, guid: str, of: str, kind: str, said: str | None
) -> None:
    """Not where GUIDs show that both draw one building: then nothing is added up anyway."""
    model = Model("main", vendor="itwin", project_id="p")
    for number in range(12):
        model.add(f"g{number}").figure("NetVolume", 1)
    model.commit(tmp_path / "lake")
    _fork(guid, of, tmp_path / "lake", kind)
    notes = _takeoff(_settings(tmp_path / "lake")).provenance.notes
    warnings = [note for note in notes if note.startswith("Warning")]
    assert [said in note for note in warnings] == ([] if said is None else [True])
    found = audit(
        Settings(lake=tmp_path / "lake"), AuditQuestion(checks=["model_beside_copy"])
    ).findings.table.to_pylist()
    assert [row["model_id"] for row in found] == (["fork"] if said or guid == "g" else [])


def _written(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "takeoff.toml").write_text(text)
    return read_settings({"config": str(tmp_path / "takeoff.toml")}, {})


def test_buildings_are_read_from_the_configuration(tmp_path: Path) -> None:
    text = '[[buildings]]\nname = "H"\nmodels = ["ifc:a", "qonic:b"]\nprefer = "qonic"\n'
    assert _written(tmp_path, text).buildings == [Building("H", ("ifc:a", "qonic:b"), "qonic")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "H"\nmodels = ["ifc:a"]', "lacks prefer"),
        ('name = "H"\nmodels = ["ifc:a"]\nprefer = "qonic"', "prefers qonic, which is none of"),
        ('name = "H"\nmodels = "ifc:a"\nprefer = "ifc"', "models must be a list of texts"),
        ('name = "H"\nmodels = ["ifc:a"]\nprefer = "ifc"\nfirst = 1', "holds first"),
    ],
)
def test_wrong_buildings_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        _written(tmp_path, f"[[buildings]]\n{text}\n")
