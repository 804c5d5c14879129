"""Lakes that the tests of this room share, each made once."""

from __future__ import annotations

from pathlib import Path

import pytest
import score

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc

SAMPLE = score.TWINS.parent


@pytest.fixture(scope="session")
def twins_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return score.lake_of_twins(tmp_path_factory.mktemp("twins") / "lake")


@pytest.fixture(scope="session")
def models_lake(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    return score.lake_of_models(tmp_path_factory.mktemp("models") / "lake", shared)


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("sample") / "lake"
    options = IfcOptions(project="lindenhof")
    list(fetch_ifc(Settings(lake=lake), sorted(SAMPLE.glob("*.ifc")), options, Quiet()))
    return lake
