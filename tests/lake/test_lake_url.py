"""Where lakes are said to be: folders as ever, URLs whole, and none with a login in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import takeoff
from takeoff.config import lake_place, read_settings
from takeoff.core.errors import InputRefused
from takeoff.core.lake_url import LakeUrl


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/some/lake/", "s3://bucket/some/lake"),
        ("gs://bucket/lake", "gs://bucket/lake"),
        (
            "abfs://lakes@office.dfs.core.windows.net/a",
            "abfs://lakes@office.dfs.core.windows.net/a",
        ),
    ],
)
def test_a_url_is_kept_whole(given: str, meant: str, tmp_path: Path) -> None:
    place = lake_place(given, tmp_path)
    assert isinstance(place, LakeUrl)
    assert str(place) == meant
    assert place.mirror.parent == tmp_path / "lakes"


@pytest.mark.parametrize(
    "given",
    [
        "s3://AKIA123:hush/hush@bucket/lake",
        "s3://hush@bucket/lake",
        "abfs://lakes:hush@office/lake",
        "s3://bucket/lake?key=hush",
        "s3://bucket/lake#hush",
        "s3://bucket/hush/../lake",
        "s3://bucket//hush",
        "s3://",
        "s3:///hush",
        "s3://bucket/hush\n",
        "ftp://user:hush@host/lake",
        "file:///hush",
    ],
)
def test_a_url_that_is_more_or_less_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(InputRefused) as refused:
        lake_place(given, None)
    assert "hush" not in str(refused.value)


def test_a_url_that_was_made_a_path_is_refused() -> None:
    with pytest.raises(InputRefused, match="name it by a text"):
        takeoff.open(Path("s3://bucket/lake"))


def test_all_sources_of_settings_take_a_url(tmp_path: Path) -> None:
    file = tmp_path / "takeoff.toml"
    file.write_text("[takeoff]\nlake = 's3://written/a'\ncache = 'copies'\n")
    written = read_settings({"config": str(file)}, {})
    assert written.lake == LakeUrl("s3://written/a", tmp_path / "copies" / "lakes")
    environ = {"TAKEOFF_LAKE": "s3://told/a", "TAKEOFF_CACHE": str(tmp_path / "elsewhere")}
    told = read_settings({"config": str(file)}, environ)
    assert told.lake == LakeUrl("s3://told/a", tmp_path / "elsewhere" / "lakes")
    asked = read_settings({"config": str(file), "lake": "s3://asked/a"}, environ)
    assert str(asked.lake_path()) == "s3://asked/a"


def test_a_folder_is_a_folder(tmp_path: Path) -> None:
    assert read_settings({"lake": "lake"}, {}).lake == Path("lake")
    assert lake_place("lake", None, tmp_path) == tmp_path / "lake"
    assert lake_place("", None) is None


def test_each_url_has_a_mirror_of_its_own(tmp_path: Path) -> None:
    mirrors = {LakeUrl(f"s3://bucket/{name}", tmp_path).mirror for name in "abc"}
    assert len(mirrors) == 3
