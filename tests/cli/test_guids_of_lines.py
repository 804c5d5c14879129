"""`takeoff explain --report ... --guids`: the GUIDs behind lines, for viewers."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.cli import main

_ASK = ["explain", "--report", "by_storey", "--guids"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guids") / "lake"
    house = Model("house").add("b", storey_name="Ground").figure("NetVolume", 2)
    house.figure("NetVolume", 3, "computed").add("a", storey_name="Ground")
    house.add("twin", storey_name="Ground", ifc_guid="b")
    house.add("nameless", storey_name="Ground", ifc_guid=None)
    house.add("c", storey_name="Roof").figure("NetVolume", 1).commit(folder)
    return folder


def test_each_guid_of_the_line_stands_on_a_line_of_its_own(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*_ASK, "--where", "storey_name=Ground", "--lake", str(lake)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "b\na\n"
    assert "1 of 4 elements behind the lines has no IFC GUID" in printed.err


def test_guids_go_to_a_file(lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "roof.txt"
    where = ["--where", "storey_name=Roof", "--lake", str(lake), "-o", str(target)]
    assert main([*_ASK, *where]) == 0
    assert target.read_text("utf-8") == "c\n"
    assert capsys.readouterr().err == f"wrote {target}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*_ASK, "--format", "csv"], "drop --format"),
        ([*_ASK, "--where", "storey_name=Attic"], "no line with"),
        (["explain", "a", "NetVolume", "--guids"], "name their --report"),
    ],
)
def test_what_is_no_list_of_guids_is_refused(
    lake: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--lake", str(lake)]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
