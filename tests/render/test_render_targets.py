"""Which form is taken, and that a file is written whole or not at all."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from example_results import WALLS_SQL, of_sql, of_table

from takeoff import render
from takeoff.core.errors import InputRefused

FORMS = ("csv", "html", "json", "parquet", "table", "xlsx")
FILE_FORMS = tuple(form for form in FORMS if form != "table")


def test_forms_are_the_files_of_the_room() -> None:
    assert render.forms() == FORMS


@pytest.mark.parametrize("form", FORMS)
def test_suffix_names_the_form_in_any_case(form: str, tmp_path: Path) -> None:
    chosen = render.for_target(tmp_path / f"walls.{form.upper()}", None, terminal=True)
    assert chosen.__name__ == f"takeoff.render.{form}"


@pytest.mark.parametrize(("terminal", "form"), [(True, "table"), (False, "csv")])
def test_standard_output_is_a_table_for_people_and_csv_in_a_pipe(terminal: bool, form: str) -> None:
    assert render.for_target(None, None, terminal).__name__ == f"takeoff.render.{form}"


def test_form_asked_for_wins_over_suffix(tmp_path: Path) -> None:
    chosen = render.for_target(tmp_path / "walls.txt", "json", terminal=True)
    assert chosen.__name__ == "takeoff.render.json"


@pytest.mark.parametrize("form", ["doc", "CSV", "../csv", "os", "render", "", "csv.x"])
def test_unknown_form_is_refused_naming_the_known(form: str) -> None:
    with pytest.raises(InputRefused, match=", ".join(FORMS)):
        render.for_target(None, form, terminal=False)


@pytest.mark.parametrize("name", ["walls.doc", "walls", ".csv", "walls."])
def test_unknown_suffix_is_refused_naming_the_known(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=", ".join(FORMS)):
        render.for_target(tmp_path / name, None, terminal=False)


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_forms_that_cannot_be_printed_need_a_file(form: str, capsys: object) -> None:
    import sys

    with pytest.raises(InputRefused, match=f"-o FILE.{form}"):
        render.for_target(None, form, terminal=False)
    module = render.for_target(Path(f"walls.{form}"), None, terminal=False)
    with pytest.raises(InputRefused, match=f"-o FILE.{form}"):
        module.write(of_sql(WALLS_SQL), sys.stdout)


@contextmanager
def _bad_place(kind: str, tmp_path: Path, suffix: str) -> Iterator[Path]:
    if kind == "missing folder":
        yield tmp_path / "no" / f"walls.{suffix}"
    elif kind == "folder is a file":
        (tmp_path / "file").write_text("x")
        yield tmp_path / "file" / f"walls.{suffix}"
    elif kind == "is a folder":
        (tmp_path / f"walls.{suffix}").mkdir()
        yield tmp_path / f"walls.{suffix}"
    elif kind == "name too long":
        yield tmp_path / f"{'x' * 300}.{suffix}"
    elif kind == "nul in name":
        yield tmp_path / f"a\0b.{suffix}"
    elif kind == "device":
        (tmp_path / f"walls.{suffix}").symlink_to("/dev/null")
        yield tmp_path / f"walls.{suffix}"


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize(
    "kind",
    [
        "missing folder",
        "folder is a file",
        "is a folder",
        "name too long",
        "nul in name",
        "device",
    ],
)
def test_bad_place_is_refused_before_the_work_and_when_writing(
    kind: str, suffix: str, tmp_path: Path
) -> None:
    module = render.for_target(tmp_path / f"good.{suffix}", None, terminal=False)
    with _bad_place(kind, tmp_path, suffix) as target:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(InputRefused, match="cannot be written"):
            render.for_target(target, None, terminal=False)
        with pytest.raises(InputRefused, match="cannot be written"):
            module.write(of_sql(WALLS_SQL), target)
        assert sorted(tmp_path.rglob("*")) == before
        assert not Path("/dev/null").is_file()


@pytest.mark.parametrize("suffix", FORMS)
def test_folder_that_takes_no_files(suffix: str) -> None:
    target = Path("/proc") / f"walls.{suffix}"
    if not target.parent.is_dir():
        pytest.skip("no /proc here, the one folder that refuses files to everybody")
    with pytest.raises(InputRefused, match=r"/proc/walls.* cannot be written"):
        render.for_target(target, None, terminal=False).write(of_sql(WALLS_SQL), target)


def _big() -> pa.Table:
    """Text that no compression makes small."""
    return pa.table({"noise": [os.urandom(500).hex() for _ in range(400)]})


@pytest.mark.parametrize("suffix", FORMS)
def test_file_that_may_not_grow_leaves_the_old_one(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"walls.{suffix}"
    target.write_text("old")
    form = render.for_target(target, None, terminal=False)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(InputRefused, match="cannot be written: file too large"):
            form.write(of_table(_big()), target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("suffix", FORMS)
def test_full_disk_leaves_the_old_file(suffix: str, small_disk: Path) -> None:
    target = small_disk / f"walls.{suffix}"
    target.write_text("old")
    form = render.for_target(target, None, terminal=False)
    with pytest.raises(InputRefused, match="cannot be written: no space left on device"):
        form.write(of_table(_big()), target)
    assert target.read_text() == "old"
    assert [path.name for path in small_disk.iterdir()] == [target.name]


def test_error_of_ours_in_mid_file_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "walls.csv"
    target.write_text("old")
    result = of_sql(WALLS_SQL)

    def lines() -> Iterator[str]:
        yield "half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        render.write_text(result, target, lines(), sidecar={})
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("suffix", FORMS)
def test_existing_file_is_replaced_behind_its_link_with_its_rights(
    suffix: str, tmp_path: Path
) -> None:
    behind, link = tmp_path / "behind", tmp_path / f"walls.{suffix}"
    behind.write_text("old")
    behind.chmod(0o640)
    link.symlink_to(behind)
    render.for_target(link, None, terminal=False).write(of_sql(WALLS_SQL), link)
    assert link.is_symlink()
    assert behind.read_bytes() != b"old"
    assert behind.stat().st_mode & 0o777 == 0o640


def test_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    target = tmp_path / "walls.csv"
    old = os.umask(0o022)
    try:
        render.for_target(target, None, terminal=False).write(of_sql(WALLS_SQL), target)
    finally:
        os.umask(old)
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("suffix", FORMS)
def test_two_writings_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    contents = set()
    for folder in ("a", "b"):
        target = tmp_path / folder / f"walls.{suffix}"
        target.parent.mkdir()
        render.for_target(target, None, terminal=False).write(of_sql(WALLS_SQL), target)
        contents.add(tuple(path.read_bytes() for path in sorted(target.parent.iterdir())))
    assert len(contents) == 1
