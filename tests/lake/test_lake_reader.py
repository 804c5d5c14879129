from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from made_up import PROVED, TAKEN_AT, commit, model, tree, writer

from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood
from takeoff.core.refs import ModelRef, Snapshot, SourceVersion
from takeoff.core.tables import SNAPSHOTS, TABLES
from takeoff.lake import manifest
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, files, find, read_snapshots, snapshots_table
from takeoff.lake.work import Run


@pytest.fixture
def house(layout: Layout, tmp_path: Path) -> Snapshot:
    document = tmp_path / "Ä 🏠.ifc"
    document.write_text("x")
    return commit(layout, model(5), "Ä 🏠", document)


def test_manifest_holds_the_whole_snapshot(layout: Layout, house: Snapshot) -> None:
    assert read_snapshots(layout) == [house]
    assert len(house.evidence) == 1


def _changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content) + "\n")


def test_unknown_keys_are_passed_over(layout: Layout, house: Snapshot) -> None:
    _changed(layout.manifest(house.snapshot_id), lambda content: content.update(colour="blue"))
    assert read_snapshots(layout) == [house]


def test_newer_schema_is_refused_by_name(layout: Layout, house: Snapshot) -> None:
    path = layout.manifest(house.snapshot_id)
    _changed(path, lambda content: content.update(schema_version=99))
    with pytest.raises(LakeUnusable, match=f"{path} has tables of version 99"):
        read_snapshots(layout)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_manifest_is_refused_by_name(
    layout: Layout, house: Snapshot, raw: bytes
) -> None:
    path = layout.manifest("20260101T000000Z-000000000000")
    path.write_bytes(raw + b"\n")
    with pytest.raises(LakeUnusable, match=f"Manifest {path} is damaged; "):
        read_snapshots(layout)


def test_a_manifest_that_lacks_its_last_byte_alone_is_refused_by_name(
    layout: Layout, house: Snapshot
) -> None:
    path = layout.manifest(house.snapshot_id)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LakeUnusable, match=f"Manifest {path} is damaged: its end is missing; "):
        read_snapshots(layout)


def test_huge_manifest_is_refused_without_reading_all_of_it(
    layout: Layout, house: Snapshot
) -> None:
    path = layout.manifest(house.snapshot_id)
    with path.open("r+b") as file:
        file.truncate(400 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(LakeUnusable, match=f"{path} is damaged: it has more than 16,777,216"):
            read_snapshots(layout)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_snapshot_whose_manifest_nobody_could_read_is_not_committed(
    layout: Layout, house: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(layout.root)
    (document := tmp_path / f"{'long ' * 40}.ifc").write_text("x")
    monkeypatch.setattr(manifest, "MOST_BYTES", len(manifest.to_bytes(house)))
    with pytest.raises(NotUnderstood, match="in larger pages. Nothing was committed"):
        commit(layout, model(5), house.ref.model_id, document)
    assert tree(layout.root) == before


def test_no_flipped_bit_goes_unseen(layout: Layout, house: Snapshot) -> None:
    """Each is refused, or changes nothing that is read (white space between JSON tokens)."""
    path = layout.manifest(house.snapshot_id)
    raw = path.read_bytes()
    refused = 0
    for place in range(0, len(raw), 7):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        try:
            assert read_snapshots(layout) == [house]
        except LakeUnusable as error:
            assert str(path) in str(error)  # noqa: PT017 - most, but not all, are refused
            refused += 1
    assert refused > len(raw) // 7 // 2


@pytest.mark.parametrize(
    "name",
    [
        "data/elements/../../../secret.parquet",
        "/etc/elements/x.parquet",
        "data/quantities/x.parquet",
        "data/elements/*.parquet",
    ],
)
def test_manifest_that_points_elsewhere_is_refused(
    layout: Layout, house: Snapshot, name: str
) -> None:
    def point_elsewhere(content: dict[str, Any]) -> None:
        content["files"][0]["name"] = name
        keys = content["checksum"]["of"]
        plain = json.dumps(
            {key: content[key] for key in keys}, sort_keys=True, separators=(",", ":")
        )
        content["checksum"]["sha256"] = hashlib.sha256(plain.encode()).hexdigest()

    _changed(layout.manifest(house.snapshot_id), point_elsewhere)
    with pytest.raises(LakeUnusable, match="is damaged"):
        read_snapshots(layout)


def test_renamed_manifest_is_refused(layout: Layout, house: Snapshot) -> None:
    layout.manifest(house.snapshot_id).rename(layout.manifest("20260101T000000Z-000000000000"))
    with pytest.raises(LakeUnusable, match="is damaged"):
        read_snapshots(layout)


def test_hidden_and_other_files_are_no_manifests(layout: Layout, house: Snapshot) -> None:
    for name in (".DS_Store", "._x.json", "notes.txt"):
        (layout.snapshots / name).write_bytes(b"\0")
    assert read_snapshots(layout) == [house]


def test_current_is_the_highest_sequence_whatever_the_clock_said(layout: Layout) -> None:
    with Run(layout) as run:
        writer(layout, run).commit(PROVED, [])
        early = writer(layout, run, taken_at=TAKEN_AT - timedelta(days=9)).commit(PROVED, [])
    assert current(read_snapshots(layout)) == [early]


def test_ties_in_sequence_are_broken_by_time_then_id() -> None:
    def made(snapshot_id: str, minutes: int) -> Snapshot:
        return replace(
            MADE, snapshot_id=snapshot_id, taken_at=TAKEN_AT + timedelta(minutes=minutes)
        )

    first, second, third = made("z", 0), made("a", 1), made("b", 1)
    assert current([third, first, second]) == [third]
    assert current([first, second]) == [second]


def test_files_are_listed_for_every_table(layout: Layout, house: Snapshot) -> None:
    found = files(layout, read_snapshots(layout))
    assert found.keys() == TABLES.keys()
    assert found["elements"] == [layout.file(house.files[0].name)]
    assert found["materials"] == []


@pytest.mark.parametrize("size", [None, 0, 100])
def test_missing_or_short_file_is_refused_by_name(
    layout: Layout, house: Snapshot, size: int | None
) -> None:
    path = layout.file(house.files[0].name)
    raw = path.read_bytes()
    path.unlink()
    if size is not None:
        path.write_bytes(raw[:size])
    with pytest.raises(LakeUnusable, match=f"{path} (is missing|has {size} bytes)"):
        files(layout, [house])


def test_snapshots_table(layout: Layout, house: Snapshot) -> None:
    again = commit(layout, model(6), house.ref.model_id)
    table = snapshots_table(read_snapshots(layout))
    assert table.schema == SNAPSHOTS.schema
    shown = ["snapshot_id", "model_id", "sequence", "is_current", "elements", "lineage", "options"]
    assert [tuple(row.values()) for row in table.select(shown).to_pylist()] == [
        (house.snapshot_id, "Ä 🏠", 1, False, 5, None, '{"geometry": true}'),
        (
            again.snapshot_id,
            "Ä 🏠",
            2,
            True,
            6,
            f'{{"revision_of": "{house.snapshot_id}"}}',
            '{"geometry": true}',
        ),
    ]
    assert snapshots_table([]).schema == SNAPSHOTS.schema


MADE = Snapshot(
    snapshot_id="s1",
    ref=ModelRef("ifc", "site", "house", None, "House, north"),
    sequence=1,
    taken_at=TAKEN_AT,
    source_version=SourceVersion("sha256", "ab12", "draft"),
    proof=PROVED,
    lineage={},
    options={},
    tool_version="0.1.0",
    schema_version=1,
    libraries={},
    stated_totals={},
    files=(),
)


def _like(snapshot_id: str, **changes: object) -> Snapshot:
    return replace(MADE, snapshot_id=snapshot_id, **changes)  # type: ignore[arg-type]


SNAPSHOTS_FOUND = [
    MADE,
    _like("s2", sequence=2, source_version=SourceVersion("sha256", "cd34", "final")),
    _like("s3", ref=ModelRef("ifc", "site", "HOUSE")),
    _like("s4", ref=ModelRef("ifc", "site", "a:b@c")),
    _like("s5", ref=ModelRef("ifc", "site", "shed")),
    _like("s6", ref=ModelRef("ifc", "other site", "shed")),
    _like("s7", ref=ModelRef("qonic", "site", "house")),
]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("s1", "s1"),
        ("ifc:house", "s2"),
        ("ifc:House, north", "s2"),
        ("ifc:House, north@draft", "s1"),
        ("ifc:HOUSE", "s3"),
        ("qonic:house", "s7"),
        ("ifc:house@draft", "s1"),
        ("ifc:house@final", "s2"),
        ("ifc:house@ab12", "s1"),
        ("ifc:house@1", "s1"),
        ("ifc:house@2", "s2"),
        ("ifc:a:b@c", "s4"),
        ("ifc:a:b@c@draft", "s4"),
    ],
)
def test_selector_finds_one(selector: str, found: str) -> None:
    assert find(SNAPSHOTS_FOUND, selector).snapshot_id == found


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("ifc:hous", "did you mean .*ifc:house"),
        ("ifc:House", "did you mean .*ifc:HOUSE"),
        ("house", "No snapshot is called house"),
        ("ifc:house@3", "did you mean"),
        ("zzzzzzzzzzzz", "takeoff snapshots"),
        ("ifc:shed", "names several snapshots.* s6 .*other site.; s5 "),
    ],
)
def test_selector_that_finds_none_or_several_is_refused(selector: str, message: str) -> None:
    with pytest.raises(InputRefused, match=message):
        find(SNAPSHOTS_FOUND, selector)


def test_empty_lake_says_so() -> None:
    with pytest.raises(InputRefused, match="the lake is empty"):
        find([], "ifc:house")
