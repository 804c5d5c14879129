"""Files as they come: packed, damaged or hostile; what to call them; what stands in them."""

from __future__ import annotations

import gzip
import json
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from ifc_rows import BASE, decoded, step_text

from takeoff import vendors
from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors import load
from takeoff.vendors.ifc import container, step
from takeoff.vendors.ifc.cite import cite
from takeoff.vendors.ifc.client import check, model_id

TEXT = step_text(BASE).encode()


def _zip(path: Path, *names: str, content: bytes = TEXT) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def _gzip(path: Path, content: bytes = TEXT) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def test_packed_models_give_the_same_rows(tmp_path: Path) -> None:
    plain = tmp_path / "m.ifc"
    plain.write_bytes(TEXT)
    work = tmp_path / "work"
    work.mkdir()
    expected = decoded(plain, work)
    assert len(expected["elements"]) == 3
    assert decoded(_zip(tmp_path / "m.ifczip", "inner.IFC", "readme.txt"), work) == expected
    assert decoded(_gzip(tmp_path / "m.ifc.gz"), work) == expected
    # By content, whatever the suffix says.
    assert decoded(_gzip(tmp_path / "misnamed.ifc"), work) == expected
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "without an .ifc"),
        (("a.txt",), "without an .ifc"),
        (("a.ifc", "b.ifc"), "holds 2 models"),
        (("../a.ifc",), "leads out"),
        (("a.ifc", "..\\b.txt"), "leads out"),
        (("/a.ifc",), "leads out"),
        (("C:/a.ifc",), "leads out"),
    ],
)
def test_zips_that_are_refused(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    path = _zip(tmp_path / "m.ifczip", *names)
    for read in (check, lambda path: decoded(path, tmp_path)):
        with pytest.raises(InputRefused, match=words):
            read(path)
    assert [item.name for item in tmp_path.iterdir()] == ["m.ifczip"]


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "m.ifczip", "a.ifc")
    content = bytearray(path.read_bytes())
    # The flag's place in the local header and in the central directory.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputRefused, match="encrypted"):
        check(path)


@pytest.mark.parametrize(
    "places",
    [
        pytest.param([(b"PK\3\4", 6, 0x20), (b"PK\1\2", 8, 0x20)], id="patched data: flag bit 5"),
        pytest.param([(b"PK\3\4", 6, 0x40), (b"PK\1\2", 8, 0x40)], id="strong encryption: bit 6"),
        pytest.param([(b"PK\3\4", 4, 99), (b"PK\1\2", 6, 99)], id="needs version 9.9"),
    ],
)
def test_a_zip_of_another_form_is_not_called_damaged(
    tmp_path: Path, places: list[tuple[bytes, int, int]]
) -> None:
    """APPNOTE 4.4.3 and 4.4.4: what Python does not read."""
    path = _zip(tmp_path / "m.ifczip", "a.ifc")
    content = bytearray(path.read_bytes())
    for signature, place, bits in places:
        content[content.index(signature) + place] |= bits
    path.write_bytes(content)
    with pytest.raises(InputRefused, match="rare in zip files; unpack it"):
        check(path)


@pytest.mark.parametrize("header", [0, 1])
def test_a_zip_with_a_name_that_is_no_text_is_damaged(tmp_path: Path, header: int) -> None:
    path = _zip(tmp_path / "m.ifczip", "ä.ifc")
    content = bytearray(path.read_bytes())
    name = "ä.ifc".encode()
    places = [at for at in range(len(content)) if content.startswith(name, at)]
    content[places[header]] = 0xFF
    path.write_bytes(content)
    with pytest.raises(NotUnderstood, match="damaged or cut short"):
        check(path)


def test_a_zip_with_a_nameless_member_is_refused(tmp_path: Path) -> None:
    """zipfile ends a name at its first NUL, so that nothing is left of this one."""
    path = _zip(tmp_path / "m.ifczip", "a.ifc", "x.txt")
    path.write_bytes(path.read_bytes().replace(b"x.txt", b"\0.txt"))
    with pytest.raises(InputRefused, match="leads out of its folder"):
        check(path)


@pytest.mark.parametrize("pack", [_gzip, lambda path: _zip(path, "a.ifc")])
def test_packed_files_cut_short_are_not_understood(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = pack(tmp_path / "m.bin")
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 4):
        path.write_bytes(whole[:size])
        with pytest.raises(NotUnderstood, match="damaged or cut short"):
            decoded(path, tmp_path)


def test_a_bomb_is_stopped_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_FREE_BYTES", 1 << 20)
    work = tmp_path / "work"
    work.mkdir()
    for path in (
        _gzip(tmp_path / "bomb.ifc.gz", TEXT + bytes(64 << 20)),
        _zip(tmp_path / "bomb.ifczip", "a.ifc", content=TEXT + bytes(64 << 20)),
    ):
        with pytest.raises(InputRefused, match="unpacks to more than"):
            decoded(path, work)
        assert sum(item.stat().st_size for item in work.iterdir()) < 40 << 20


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_packing_is_refused_before_it_fills_the_memory(tmp_path: Path, packing: int) -> None:
    """Of these a piece is unpacked at once: 4 kB may be 4 GB."""
    with zipfile.ZipFile(tmp_path / "m.ifczip", "w", packing) as archive:
        archive.writestr("a.ifc", TEXT)
    with pytest.raises(InputRefused, match="packed in a way that is rare"):
        check(tmp_path / "m.ifczip")


def test_a_size_that_is_only_stated_is_refused_as_well(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.ifczip", "w") as archive:
        archive.writestr("a.ifc", TEXT)
        archive.getinfo("a.ifc").file_size = 10 << 30
    with pytest.raises(InputRefused, match="unpacks to more than"):
        check(tmp_path / "m.ifczip")


def test_a_broken_record_without_an_end_is_not_held_whole() -> None:
    text = b"#9=IFCWALL('" + b"a" * (1 << 20)
    record = next(one for one in step.records(text, 0, step.Every()) if not isinstance(one, int))
    assert (record.step_id, record.end, record.whole) == (9, len(text), False)
    assert len(record.arguments) == 1 << 16


def test_check_tells_schema_and_packing(tmp_path: Path) -> None:
    path = tmp_path / "m.ifc"
    path.write_bytes(TEXT)
    assert (check(path).schema, check(path).packing) == ("IFC4", "plain")
    assert check(_zip(tmp_path / "m.ifczip", "a.ifc")).packing == "zip"
    assert check(_gzip(tmp_path / "m.ifc.gz")).packing == "gzip"


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"some text", "not an IFC file")])
def test_check_refuses_what_is_no_model(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "m.ifc"
    path.write_bytes(content)
    with pytest.raises(InputRefused, match=words):
        check(path)


def test_check_refuses_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="There is no file"):
        check(tmp_path / "absent.ifc")
    with pytest.raises(InputRefused, match="not a file"):
        check(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.ifc", "a"),
        ("a.b.ifc", "a.b"),
        ("a.IFCZIP", "a"),
        ("a.ifc.gz", "a"),
        ("plan v2.0.ifc", "plan v2.0"),
        ("noname", "noname"),
        (".ifc", ".ifc"),
    ],
)
def test_model_id_is_the_name_without_suffixes(name: str, expected: str) -> None:
    assert model_id(Path("some/folder") / name) == expected


def test_vendors_are_found_by_name() -> None:
    assert load("ifc").client.check is check
    with pytest.raises(InputRefused, match="did you mean 'ifc'"):
        load("ifcc")


def test_installed_packages_may_bring_a_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("other", "json", vendors.ENTRY_POINTS)

    monkeypatch.setattr(vendors, "_added", lambda: [point])
    assert {"ifc", "other"} <= set(vendors.names())
    assert load("other") is json


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'ifcopenshell'", name="ifcopenshell")

    monkeypatch.setattr(vendors.importlib, "import_module", missing)
    load.cache_clear()
    with pytest.raises(InputRefused, match=r"pip install 'takeoff\[ifc\]'"):
        load("ifc")


def _document(path: Path) -> Document:
    return Document(0, path.name, path, "")


def test_cite_shows_the_whole_record_and_no_other(tmp_path: Path) -> None:
    record = "#101=IFCWALL('2XQ$n5SLP5MBLyL442paFy',$,'a;#100=IFCWALL(b)\n;',\n  $,$,$,$,$,$);"
    path = tmp_path / "m.ifc"
    path.write_text(step_text(BASE + record + "\n/* #101=no */"))
    assert cite(_document(path), 101, tmp_path) == [record]
    assert cite(_document(path), 100, tmp_path)[0].startswith(
        "#100=IFCWALL('2XQ$n5SLP5MBLyL442paFx'"
    )
    packed = _gzip(tmp_path / "m.ifc.gz", path.read_bytes())
    assert cite(_document(packed), 101, tmp_path) == [record]
    with pytest.raises(NotUnderstood, match="no record #7777"):
        cite(_document(path), 7777, tmp_path)


def test_cite_shows_broken_and_repeated_records(tmp_path: Path) -> None:
    path = tmp_path / "m.ifc"
    path.write_text(step_text(BASE + "#101=IFCWALL('x',$;\n#100=IFCDOOR($);\n"))
    assert cite(_document(path), 101, tmp_path) == ["#101=IFCWALL('x',$;"]
    assert [text[:8] for text in cite(_document(path), 100, tmp_path)] == ["#100=IFC"] * 2


def test_every_figure_of_a_real_model_stands_in_the_record_it_cites(
    shared: Path, tmp_path: Path
) -> None:
    path = shared / "ifc" / "Duplex_Electrical_20121207.ifc"
    rows = decoded(path, tmp_path)["quantities"]
    assert len(rows) > 400
    for row in rows[:: len(rows) // 12]:
        (record,) = cite(_document(path), row["source_row"], tmp_path)
        assert row["source_name"] in record
        assert row["source_value"] in record
