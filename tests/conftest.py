"""What all tests share: where the public models and their truth tables lie."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure() -> None:
    """Collecting leaves nothing to free; to look for it takes a quarter of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was collected stays: nobody need look at it again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with the public models (`ifc/`) and their truth tables (`truth/`)."""
    if not SHARED.is_dir():
        pytest.skip("the public models are not beside this checkout (../shared/data)")
    return SHARED
