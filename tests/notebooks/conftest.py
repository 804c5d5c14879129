"""A lake of the sample, read once for every notebook that begins with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from notebook_runs import SAMPLE

import takeoff

_DISCIPLINES = ("architecture", "services", "structure")


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three disciplines; read it, or work in `own_lake`."""
    folder = tmp_path_factory.mktemp("sample") / "lake"
    files = [SAMPLE / f"Lindenhof_{discipline}.ifc" for discipline in _DISCIPLINES]
    takeoff.open(folder).fetch(*files, project="lindenhof")
    return folder


@pytest.fixture
def own_lake(sample_lake: Path, tmp_path: Path) -> str:
    """A copy of it for one notebook, which finds its files read."""
    return str(shutil.copytree(sample_lake, tmp_path / "lake"))
