from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import PROVED, commit, model, tree, writer

from takeoff.core.refs import Snapshot
from takeoff.lake import manifest
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.layout import Layout
from takeoff.lake.verify import DAMAGE, NOTE, verify
from takeoff.lake.work import Run

Damage = Callable[[bytes], bytes] | None


@pytest.fixture
def house(layout: Layout, tmp_path: Path) -> Snapshot:
    """A snapshot in a lake that holds another one beside it."""
    for name in ("shed", "house"):
        document = tmp_path / f"{name}.ifc"
        document.write_text(name * 10_000)
        snapshot = commit(layout, model(500), name, document)
    return snapshot


def _flip_each_place(raw: bytes) -> list[bytes]:
    places = range(0, len(raw), max(1, len(raw) // 20))
    return [raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :] for at in places]


def test_sound_lake_has_no_findings(layout: Layout, house: Snapshot) -> None:
    before = tree(layout.root)
    report = verify(layout)
    assert report.is_sound
    assert report.findings == ()
    assert (report.snapshots, report.files, report.evidence) == (2, 6, 2)
    assert tree(layout.root) == before


def test_empty_lake_is_sound(layout: Layout) -> None:
    assert verify(layout).is_sound


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda raw: raw[:-1], "bytes"),
        (lambda raw: raw + b"\0", "bytes"),
        (lambda raw: b"", "has 0 bytes"),
        (lambda raw: raw[::-1], "has changed"),
        (None, "is missing"),
    ],
    ids=["truncated", "longer", "empty", "changed", "missing"],
)
def test_damaged_table_is_named(layout: Layout, house: Snapshot, damage: Damage, what: str) -> None:
    for file in house.files:
        path = layout.file(file.name)
        raw = path.read_bytes()
        path.unlink()
        if damage is not None:
            path.write_bytes(damage(raw))
        (finding,) = verify(layout).findings
        assert (finding.severity, finding.file) == (DAMAGE, path)
        assert what in finding.what
        assert "takeoff rebuild" in finding.what_to_do
        path.write_bytes(raw)


def test_flipped_bit_is_found_in_any_file(layout: Layout, house: Snapshot) -> None:
    paths = [
        layout.file(house.files[0].name),
        layout.stored(house.evidence[0].sha256),
    ]
    for path in paths:
        raw = path.read_bytes()
        for flipped in _flip_each_place(raw):
            path.write_bytes(flipped)
            assert [finding.file for finding in verify(layout).findings] == [path]
        path.write_bytes(raw)
    assert verify(layout).is_sound


@pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: b"", None])
def test_damaged_evidence_is_named(layout: Layout, house: Snapshot, damage: Damage) -> None:
    path = layout.stored(house.evidence[0].sha256)
    raw = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(damage(raw))
    (finding,) = verify(layout).findings
    assert (finding.severity, finding.file) == (DAMAGE, path)
    assert "fetch the same model again" in finding.what_to_do


def test_changed_original_that_was_not_copied_is_named(layout: Layout, tmp_path: Path) -> None:
    document = tmp_path / "house.ifc"
    document.write_text("x")
    with Run(layout) as run:
        evidence = EvidenceStore(layout, run).add_file(document, copy=False)
        writer(layout, run).commit(PROVED, [evidence])
    assert verify(layout).is_sound
    document.write_text("y")
    (finding,) = verify(layout).findings
    assert (finding.severity, finding.file) == (DAMAGE, document)


@pytest.mark.parametrize("raw", [b"", b"{}", b"{"])
def test_damaged_manifest_is_named_and_nothing_of_it_called_unused(
    layout: Layout, house: Snapshot, raw: bytes
) -> None:
    layout.manifest(house.snapshot_id).write_bytes(raw)
    report = verify(layout)
    assert [(f.severity, f.file) for f in report.findings] == [
        (DAMAGE, layout.manifest(house.snapshot_id))
    ]
    assert not report.is_sound


@pytest.mark.parametrize(
    "harm", [lambda raw: raw + b"\n", lambda raw: raw.replace(b"\\u00e4", b"\\u00E4")]
)
def test_manifest_of_other_bytes_is_found_although_it_says_the_same(
    layout: Layout, harm: Callable[[bytes], bytes]
) -> None:
    snapshot = commit(layout, model(3), "H\u00e4user")
    path = layout.manifest(snapshot.snapshot_id)
    path.write_bytes(harm(path.read_bytes()))
    (finding,) = verify(layout).findings
    assert (finding.severity, finding.file) == (DAMAGE, path)
    assert "other bytes" in finding.what


def _recommit(layout: Layout, snapshot: Snapshot) -> None:
    layout.manifest(snapshot.snapshot_id).write_bytes(manifest.to_bytes(snapshot))


def test_other_row_count_than_the_footer_is_found(layout: Layout, house: Snapshot) -> None:
    wrong = replace(house.files[0], rows=499)
    _recommit(layout, replace(house, files=(wrong, *house.files[1:])))
    (finding,) = verify(layout).findings
    assert finding.what == "has 500 rows, its manifest says 499"


def test_other_columns_than_the_table_are_found(layout: Layout, house: Snapshot) -> None:
    path = layout.file(house.files[0].name)
    pq.write_table(pq.read_table(path).drop_columns(["name"]), path)
    raw = path.stat().st_size
    from takeoff.lake.disk import measure

    wrong = replace(house.files[0], bytes=raw, sha256=measure(path)[1])
    _recommit(layout, replace(house, files=(wrong, *house.files[1:])))
    (finding,) = verify(layout).findings
    assert finding.what == "has other columns than the table elements"


def test_leftovers_are_notes(layout: Layout, house: Snapshot) -> None:
    dead = layout.work / "20260101T000000Z-000000000000"
    dead.mkdir()
    layout.manifest(house.snapshot_id).unlink()
    with Run(layout) as run:
        report = verify(layout)
        unused = {layout.file(file.name) for file in house.files}
        unused.add(layout.stored(house.evidence[0].sha256))
        assert {finding.file for finding in report.findings} == unused | {dead, run.folder}
        assert {finding.severity for finding in report.findings} == {NOTE}
        assert report.is_sound


def test_damage_stands_before_notes(layout: Layout, house: Snapshot) -> None:
    (layout.data / "elements" / "stray.parquet").write_bytes(b"x")
    layout.file(house.files[0].name).unlink()
    assert [finding.severity for finding in verify(layout).findings] == [DAMAGE, NOTE]


def test_progress_counts_every_file(layout: Layout, house: Snapshot) -> None:
    class Counting:
        def __init__(self) -> None:
            self.steps: list[list[int]] = []

        def step(self, title: str, total: int | None = None) -> None:
            assert total is not None
            self.steps.append([total, 0])

        def advance(self, done: int = 1) -> None:
            self.steps[-1][1] += done

    counting = Counting()
    verify(layout, counting)
    assert counting.steps == [[6, 6], [2, 2]]
