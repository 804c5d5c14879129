"""Which engine works the answers out, and what is said where that one is not there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from small_lakes import Model

from takeoff.config import Settings, read_settings
from takeoff.core.errors import InputRefused
from takeoff.jobs.session import checking_session, session


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    Model("house").add("wall").commit(tmp_path / "lake")
    return tmp_path / "lake"


def test_engine_and_master_stand_in_the_file_or_are_arguments(tmp_path: Path) -> None:
    config = tmp_path / "takeoff.toml"
    config.write_text("[takeoff]\nengine = 'spark'\nmaster = 'spark://host:7077'\n")
    written = read_settings({"config": str(config)}, {})
    assert (written.engine, written.master) == ("spark", "spark://host:7077")
    assert read_settings({"config": str(config), "engine": "duckdb"}, {}).engine == "duckdb"
    assert Settings().engine == "duckdb"


def test_an_engine_that_there_is_not_is_refused(tmp_path: Path) -> None:
    (tmp_path / "takeoff.toml").write_text("[takeoff]\nengine = 'trino'\n")
    with pytest.raises(InputRefused, match="'trino'; it can be duckdb or spark"):
        read_settings({"config": str(tmp_path / "takeoff.toml")}, {})


@pytest.mark.parametrize("missing", ["pyspark", "sqlglot"])
def test_a_library_that_is_missing_is_named(
    lake: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("pyspark", "takeoff.engines."))]:
        if name.startswith("pyspark") or "spark" in name or name.endswith("portable"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputRefused, match=r"run: pip install 'takeoff\[spark\]'"):
        with session(Settings(lake=lake, engine="spark")):
            pass


def test_without_java_it_is_said_what_to_install(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("sqlglot") is None:
        pytest.skip("pyspark and sqlglot (pip install 'takeoff[spark]') are not here")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(InputRefused, match=r"needs Java 17 or later.*install it"):
        with session(Settings(lake=lake, engine="spark")):
            pass


def test_checks_are_by_duckdb_whatever_engine_is_wanted(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with checking_session(Settings(lake=lake, engine="spark")) as engine:
        assert engine.query("select count(*) as n from elements").read_all().to_pylist() == [
            {"n": 1}
        ]
