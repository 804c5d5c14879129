"""A lake on an object store, by a store in memory: what is asked of it, and what becomes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from far import machine, memory, objects
from made_up import PROVED, commit, model, writer
from small_lakes import QUERIES

from takeoff.core import lake_url
from takeoff.core.errors import InputRefused, LakeUnusable, TryLater
from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import open_engine
from takeoff.lake import manifest, mirror
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.evidence import EvidenceStore, is_mended, lay_out
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.remote import Remote
from takeoff.lake.verify import verify
from takeoff.lake.work import Run

TEXT = b"ISO-10303-21; a model; END-ISO-10303-21;"


@pytest.fixture
def store() -> Iterator[Any]:
    with memory() as opened:
        yield opened


@pytest.fixture
def here(store: Any, tmp_path: Path) -> Layout:
    return open_layout(machine(tmp_path, "here"), create=True)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "house.ifc"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def committed(here: Layout, document: Path) -> Snapshot:
    return commit(here, model(10), document=document)


@pytest.fixture
def there(committed: Snapshot, tmp_path: Path) -> Layout:
    """Another machine that opens the lake with the one snapshot."""
    return open_layout(machine(tmp_path, "there"))


def names(snapshot: Snapshot) -> set[str]:
    stored = {f"evidence/{e.sha256[:2]}/{e.sha256}.zst" for e in snapshot.evidence}
    return {file.name for file in snapshot.files} | stored


def test_what_is_committed_is_there_by_its_own_names(
    store: Any, here: Layout, committed: Snapshot
) -> None:
    manifest = f"snapshots/{committed.snapshot_id}.json"
    assert objects(store).keys() == {manifest, *names(committed)}
    for name, content in objects(store).items():
        assert here.file(name).read_bytes() == content


def test_another_machine_brings_manifests_first_and_files_when_they_are_asked(
    there: Layout, committed: Snapshot
) -> None:
    assert read_snapshots(there) == [committed]
    assert not any(there.file(name).exists() for name in names(committed))
    with open_engine(there, [committed]) as engine:
        assert engine.sql("select count(*) from quantities").read_all()[0].to_pylist() == [10]
    brought = {name for name in names(committed) if there.file(name).exists()}
    assert {name.split("/")[1] for name in brought} == {"quantities"}


def test_evidence_comes_when_it_is_read(there: Layout, committed: Snapshot, tmp_path: Path) -> None:
    laid_out = lay_out(there, committed.evidence[0], tmp_path / "out")
    assert laid_out.path.read_bytes() == TEXT


def test_a_snapshot_that_is_gone_there_is_gone_here(store: Any, there: Layout) -> None:
    (known,) = read_snapshots(there)
    store.rm_file(f"/bucket/lake/snapshots/{known.snapshot_id}.json")
    assert read_snapshots(there) == []
    assert list(there.snapshots.iterdir()) == []


def test_two_machines_revise_one_model_in_turn(here: Layout, there: Layout) -> None:
    second = commit(there, model(11))
    third = commit(here, model(12))
    assert [s.sequence for s in read_snapshots(there)] == [1, 2, 3]
    assert third.lineage == {"revision_of": second.snapshot_id}


def test_a_harmed_copy_is_brought_anew(there: Layout, committed: Snapshot) -> None:
    file = committed.files[0]
    CheckedFiles(there).require([file])
    sound = there.file(file.name).read_bytes()
    there.file(file.name).write_bytes(sound[:-1] + b"?")
    CheckedFiles(there).require([file])
    assert there.file(file.name).read_bytes() == sound


@pytest.mark.parametrize("harm", ["flipped", "cut", "missing"])
def test_a_harmed_object_is_named_by_its_url_and_put_right(
    harm: str, store: Any, here: Layout, there: Layout, committed: Snapshot
) -> None:
    whole = objects(store)
    harmed = [n for n in whole if n.startswith(("data/elements/", "evidence/"))]
    for name in harmed:
        do_harm(store, f"/bucket/lake/{name}", harm)
    report = verify(here)
    assert {finding.file for finding in report.findings} == {
        f"memory://bucket/lake/{name}" for name in harmed
    }
    assert not report.is_sound
    file = next(file for file in committed.files if file.table == "elements")
    with pytest.raises(LakeUnusable, match=f"^memory://bucket/lake/{file.name} ") as refused:
        CheckedFiles(there).require([file])
    assert str(there.root) not in str(refused.value)
    mirror.send(here, [here.file(file.name)])
    assert [is_mended(here, piece) for piece in committed.evidence] == [True]
    assert objects(store) == whole
    assert verify(there).findings == ()


def test_a_harmed_manifest_is_read_from_the_copy_and_put_right_by_it(
    store: Any, here: Layout, committed: Snapshot, tmp_path: Path
) -> None:
    before, path = objects(store), here.manifest(committed.snapshot_id)
    do_harm(store, f"/bucket/lake/{here.name(path)}", "cut")
    (finding, *_) = verify(here).findings
    assert finding.file == f"memory://bucket/lake/{here.name(path)}"
    assert read_snapshots(here) == [committed]
    with pytest.raises(LakeUnusable, match=f"Manifest memory://bucket/lake/{here.name(path)} is"):
        read_snapshots(open_layout(machine(tmp_path, "another")))
    assert mirror.is_mended(here, path, manifest.read)
    assert objects(store) == before


def do_harm(store: Any, path: str, harm: str) -> None:
    content = store.cat_file(path)
    store.rm_file(path)
    if harm == "cut":
        store.pipe_file(path, content[: len(content) // 2])
    if harm == "flipped":
        half = len(content) // 2
        store.pipe_file(path, content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])


def test_evidence_that_is_harmed_everywhere_is_no_more_mended_than_read(
    store: Any, there: Layout, committed: Snapshot, tmp_path: Path
) -> None:
    (name,) = (name for name in objects(store) if name.startswith("evidence/"))
    do_harm(store, f"/bucket/lake/{name}", "cut")
    for read in (lambda e: lay_out(there, e, tmp_path / "out"), lambda e: is_mended(there, e)):
        with pytest.raises(LakeUnusable, match=f"Evidence memory://bucket/lake/{name} is damaged"):
            read(committed.evidence[0])


@pytest.mark.parametrize("harm", ["cut", "missing"])
def test_fetching_again_puts_lost_evidence_back(
    harm: str, store: Any, here: Layout, committed: Snapshot, document: Path
) -> None:
    (name,) = (name for name in objects(store) if name.startswith("evidence/"))
    do_harm(store, f"/bucket/lake/{name}", harm)
    commit(here, model(10), document=document)
    assert verify(here).findings == ()


def test_what_no_manifest_names_is_a_note(store: Any, there: Layout) -> None:
    left = "data/elements/20260101T000000Z-0123456789ab-00000.parquet"
    store.pipe_file(f"/bucket/lake/{left}", b"left")
    (finding,) = verify(there).findings
    assert (finding.severity, finding.file) == ("note", f"memory://bucket/lake/{left}")


def test_an_upload_that_fails_leaves_the_lake_as_it_was(
    store: Any, here: Layout, committed: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, put = objects(store), store.put_file

    def fails(source: str, target: str, **how: Any) -> None:
        if "quantities" in target:
            raise ConnectionResetError
        put(source, target, **how)

    monkeypatch.setattr(type(store), "put_file", staticmethod(fails))
    with pytest.raises(TryLater, match=r"Cannot write memory://bucket/lake/data/quantities.*reach"):
        commit(here, model(11))
    assert objects(store) == before
    assert read_snapshots(here) == [committed]


def test_an_answer_that_is_lost_does_not_lose_the_commit(
    store: Any, here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = store.pipe_file

    def lost(path: str, content: bytes, **how: Any) -> None:
        create(path, content, **how)
        raise TimeoutError

    monkeypatch.setattr(type(store), "pipe_file", staticmethod(lost))
    snapshot = commit(here, model(10))
    assert read_snapshots(here) == [snapshot]
    assert verify(here).findings == ()


def test_a_library_that_cannot_create_only_what_is_free_is_named(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As none could before it knew the word `mode`; one that is not there is another matter."""
    at = machine(tmp_path, "here")
    monkeypatch.setitem(lake_url.STORES, "memory", "fsspec>=9999")
    with pytest.raises(InputRefused, match=r"a newer fsspec: .* pip install 'fsspec>=9999'\.$"):
        open_layout(at, create=True)
    monkeypatch.setitem(lake_url.STORES, "memory", "no-such-library>=1")
    with pytest.raises(InputRefused, match=r"a library more; pip install 'no-such-library>=1'\.$"):
        open_layout(at, create=True)
    assert objects(store) == {}


def test_stores_need_the_versions_that_the_package_names() -> None:
    extras = tomllib.loads((QUERIES.parent / "pyproject.toml").read_text("utf-8"))["project"]
    assert extras["optional-dependencies"]["s3"] == [lake_url.STORES["s3"]]


def test_a_mistake_of_our_own_is_not_laid_on_the_store(
    here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = here.remote
    assert remote is not None
    monkeypatch.setattr(remote, "_path", lambda name: None + name)
    with pytest.raises(TypeError, match="unsupported operand"):
        remote.size("snapshots")


def test_while_nobody_knows_of_a_commit_its_files_stay(
    store: Any, here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store may still do what it was asked."""

    def silent(path: str, content: bytes, **how: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(type(store), "pipe_file", staticmethod(silent))
    with pytest.raises(TryLater, match="committed or not"):
        commit(here, model(10))
    assert sorted(name.split("/")[1] for name in objects(store)) == ["elements", "quantities"]


def test_a_refused_commit_takes_back_what_was_sent(
    store: Any, here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: str, content: bytes, **how: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(type(store), "pipe_file", staticmethod(refuses))
    with pytest.raises(LakeUnusable, match=r"You may not create memory://bucket/lake/snapshots/"):
        commit(here, model(10))
    assert objects(store) == {}
    assert [p for p in here.data.rglob("*") if p.is_file()] == []


def test_a_name_is_given_once(store: Any, here: Layout) -> None:
    remote = Remote("memory://bucket/lake")
    remote.create(b"one", "snapshots/a.json")
    remote.create(b"one", "snapshots/a.json")
    with pytest.raises(LakeUnusable, match="is there already, with other content"):
        remote.create(b"two", "snapshots/a.json")
    assert objects(store) == {"snapshots/a.json": b"one"}


def test_a_run_whose_commit_is_there_is_not_taken_over(here: Layout) -> None:
    """Its process was killed before this machine had a copy of the manifest."""
    with suppress(KeyError), Run(here, "house") as run:
        one = writer(here, run)
        for table, batch in model(3):
            one.write(table, batch)
        snapshot = one.commit(PROVED, [])
        raise KeyError
    here.manifest(snapshot.snapshot_id).unlink()
    with Run(here, "house") as again:
        assert not again.is_resumed


def test_evidence_that_the_lake_has_is_not_sent_again(
    store: Any, there: Layout, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(type(store), "put_file", lambda _, source, target: sent.append(target))
    with Run(there) as run:
        evidence = EvidenceStore(there, run).add_file(document)
        assert not run.staged(evidence.sha256).exists()
    assert sent == []


def test_a_script_names_the_copies_and_says_so(there: Layout, committed: Snapshot) -> None:
    duckdb = pytest.importorskip("duckdb")
    with open_engine(there, [committed]) as engine:
        script = engine.script()
    assert "of the lake memory://bucket/lake\n" in script
    assert f"copies of its files that this machine keeps in {there.root}" in script
    with duckdb.connect() as connection:
        connection.execute(script)
        assert connection.sql("select count(*) from elements").fetchall() == [(10,)]


def test_there_is_no_lake_where_there_is_nothing(store: Any, tmp_path: Path) -> None:
    with pytest.raises(LakeUnusable, match="There is no lake at memory://bucket/lake; fetch"):
        open_layout(machine(tmp_path, "here"))


def test_other_objects_are_no_lake(store: Any, tmp_path: Path) -> None:
    store.pipe_file("/bucket/lake/holiday.jpg", b"")
    with pytest.raises(LakeUnusable, match="memory://bucket/lake is neither a lake nor empty"):
        open_layout(machine(tmp_path, "here"), create=True)
