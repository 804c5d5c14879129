"""What all tests share: where the public models and their truth tables lie."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with the public models (`ifc/`) and their truth tables (`truth/`)."""
    if not SHARED.is_dir():
        pytest.skip("the public models are not beside this checkout (../shared/data)")
    return SHARED
