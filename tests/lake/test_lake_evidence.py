from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest
from failing import FailsAt
from made_up import PROVED, commit, model, tree, writer

from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood
from takeoff.core.sink import Asked
from takeoff.lake import evidence as evidence_module
from takeoff.lake.evidence import EvidenceStore, lay_out
from takeoff.lake.journal import Answer, Journal
from takeoff.lake.layout import Layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.work import Run

RAW = b"ISO-10303-21;\n" + bytes(range(256)) * 9_000


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "house.v2.ifc"
    path.write_bytes(RAW)
    return path


def test_document_comes_back_as_it_was(layout: Layout, document: Path, tmp_path: Path) -> None:
    snapshot = commit(layout, model(3), document=document)
    document.unlink()
    laid_out = lay_out(layout, snapshot.evidence[0], tmp_path / "out")
    assert laid_out.path.read_bytes() == RAW
    assert laid_out.sha256 == hashlib.sha256(RAW).hexdigest()
    assert (laid_out.name, laid_out.path.suffixes) == ("house.v2.ifc", [".v2", ".ifc"])
    assert (snapshot.evidence[0].method, snapshot.evidence[0].bytes) == ("FILE", len(RAW))


def test_empty_document_comes_back_empty(layout: Layout, tmp_path: Path) -> None:
    empty = tmp_path / "empty.ifc"
    empty.touch()
    snapshot = commit(layout, model(1), document=empty)
    assert lay_out(layout, snapshot.evidence[0], tmp_path / "out").path.read_bytes() == b""


def test_same_content_is_stored_once(layout: Layout, document: Path, tmp_path: Path) -> None:
    twin = tmp_path / "renamed.ifc"
    twin.write_bytes(RAW)
    first = commit(layout, model(1), "a", document)
    second = commit(layout, model(1), "b", twin)
    assert [first.evidence[0].path, second.evidence[0].path] == ["house.v2.ifc", "renamed.ifc"]
    assert [path.name for path in layout.evidence.rglob("*.zst")] == [
        f"{hashlib.sha256(RAW).hexdigest()}.zst"
    ]


def test_second_copy_that_cannot_be_removed_stops_no_commit(
    layout: Layout, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(layout, model(3), document=document)
    monkeypatch.setattr(os, "unlink", FailsAt(os.unlink, 1))
    commit(layout, model(3), document=document)
    assert len(read_snapshots(layout)) == 2


def test_one_run_may_commit_the_same_content_twice(layout: Layout, document: Path) -> None:
    with Run(layout) as run:
        for model_id in ("a", "b"):
            evidence = EvidenceStore(layout, run).add_file(document)
            writer(layout, run, model_id).commit(PROVED, [evidence])
    assert len(list(layout.evidence.rglob("*.zst"))) == 1


def test_uncommitted_evidence_can_be_read_but_never_reaches_the_lake(
    layout: Layout, document: Path
) -> None:
    before = tree(layout.root)
    with Run(layout) as run:
        store = EvidenceStore(layout, run)
        laid_out = store.lay_out(store.add_file(document), run.folder / "documents")
        assert laid_out.path.read_bytes() == RAW
    assert tree(layout.root) == before


def test_stored_content_is_plain_zstd(layout: Layout, document: Path) -> None:
    import zstandard

    stored = layout.stored(commit(layout, model(1), document=document).evidence[0].sha256)
    assert zstandard.ZstdDecompressor().decompress(stored.read_bytes()) == RAW


@pytest.mark.parametrize(
    "name",
    ["a b;c.ifc", "Ä 🏠.ifczip", "..ifc", "$HOME.ifc.gz", "no suffix", "-rf.ifc", "x.i\nfc", "CON"],
)
def test_file_name_shapes_no_path_but_the_suffix(layout: Layout, tmp_path: Path, name: str) -> None:
    odd = tmp_path / name
    odd.write_bytes(RAW)
    snapshot = commit(layout, model(1), document=odd)
    laid_out = lay_out(layout, snapshot.evidence[0], tmp_path / "out")
    assert laid_out.name == name
    assert laid_out.path.parent == tmp_path / "out"
    assert laid_out.path.name.isascii()
    assert laid_out.path.suffix == (odd.suffix if odd.suffix.isprintable() else "")


def test_evidence_path_with_slashes_stays_in_the_folder(
    layout: Layout, document: Path, tmp_path: Path
) -> None:
    evidence = commit(layout, model(1), document=document).evidence[0]
    hostile = type(evidence)(**{**vars(evidence), "path": "/v1/../../../etc/x.json"})
    laid_out = lay_out(layout, hostile, tmp_path / "out")
    assert laid_out.path == tmp_path / "out" / "document-0.json"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_file_name_that_is_no_unicode_is_refused(layout: Layout, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/mod\xffel.ifc"))
    path.write_bytes(RAW)
    with pytest.raises(InputRefused, match="not valid Unicode"), Run(layout) as run:
        EvidenceStore(layout, run).add_file(path)


@pytest.mark.parametrize("name", ["missing.ifc", "."])
def test_what_cannot_be_read_is_the_users_input(layout: Layout, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused, match="Cannot read"), Run(layout) as run:
        EvidenceStore(layout, run).add_file(tmp_path / name)


def test_file_that_grows_while_it_is_read_is_refused(document: Path) -> None:
    chunks = evidence_module._original(document)
    next(chunks)
    with document.open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputRefused, match="changed while it was read"):
        list(chunks)


def test_without_copy_the_original_is_read_in_its_place(
    layout: Layout, document: Path, tmp_path: Path
) -> None:
    with Run(layout) as run:
        evidence = EvidenceStore(layout, run).add_file(document, copy=False)
        writer(layout, run).commit(PROVED, [evidence])
    assert list(layout.evidence.rglob("*.zst")) == []
    assert lay_out(layout, evidence, tmp_path / "out").path == document
    document.write_bytes(RAW + b" ")
    with pytest.raises(InputRefused, match="has changed since"):
        lay_out(layout, evidence, tmp_path / "out")
    document.unlink()
    with pytest.raises(InputRefused, match="Cannot read"):
        lay_out(layout, evidence, tmp_path / "out")


def _kept(run: Run, raw: bytes) -> Answer:
    journal = Journal(run)
    part = journal.part()
    part.write_bytes(raw)
    journal.keep(Asked("GET", "/v1/pages?page=1"), part, order=(1,), status=200)
    return journal.answers()[0]


def test_answer_is_packed_while_the_run_goes_on(layout: Layout, tmp_path: Path) -> None:
    with Run(layout) as run:
        evidence = EvidenceStore(layout, run).add_answer(_kept(run, RAW))
        assert evidence.sha256 == hashlib.sha256(RAW).hexdigest()
        writer(layout, run).commit(PROVED, [evidence])
    assert lay_out(layout, evidence, tmp_path / "out").path.read_bytes() == RAW


def test_answer_that_the_lake_has_is_not_packed_again(layout: Layout) -> None:
    for _ in range(2):
        with Run(layout) as run:
            evidence = EvidenceStore(layout, run).add_answer(_kept(run, RAW))
            run.settle()
            assert run.staged(evidence.sha256).exists() != layout.stored(evidence.sha256).exists()
            writer(layout, run).commit(PROVED, [evidence])


def test_answer_that_changes_before_it_is_packed_is_refused(layout: Layout) -> None:
    before = tree(layout.root)
    with Run(layout) as run:
        answer = _kept(run, RAW)
        answer.path.write_bytes(RAW.replace(b"ISO", b"OSI"))
        evidence = EvidenceStore(layout, run).add_answer(answer)
        with pytest.raises(NotUnderstood, match="/v1/pages.page=1 was harmed"):
            writer(layout, run).commit(PROVED, [evidence])
    assert tree(layout.root) == before


def _flip(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [_flip, lambda raw: raw[:-60], lambda raw: raw[: len(raw) // 2], lambda raw: b"", None],
    ids=["flipped bit", "short by 60 bytes", "half", "empty", "missing"],
)
def test_damaged_evidence_is_named_and_put_right_by_the_next_fetch(
    layout: Layout, document: Path, tmp_path: Path, damage: object
) -> None:
    evidence = commit(layout, model(1), document=document).evidence[0]
    stored = layout.stored(evidence.sha256)
    raw = stored.read_bytes()
    stored.unlink()
    if callable(damage):
        stored.write_bytes(damage(raw))
    with pytest.raises(LakeUnusable, match=f"{evidence.sha256}.zst is (damaged|missing)"):
        lay_out(layout, evidence, tmp_path / "out")
    commit(layout, model(1), document=document)
    assert lay_out(layout, evidence, tmp_path / "out").path.read_bytes() == RAW


def test_more_content_than_stated_is_not_unpacked(layout: Layout, tmp_path: Path) -> None:
    big = tmp_path / "big.ifc"
    big.write_bytes(bytes(20 << 20))
    evidence = commit(layout, model(1), document=big).evidence[0]
    small = type(evidence)(**{**vars(evidence), "bytes": 1 << 20})
    with pytest.raises(LakeUnusable, match="is damaged"):
        lay_out(layout, small, tmp_path / "out")
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 2 << 20
