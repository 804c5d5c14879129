"""Small made-up models and an empty lake to write them into."""

from __future__ import annotations

from pathlib import Path

import pytest

from takeoff.lake.layout import Layout, open_layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return open_layout(tmp_path / "lake", create=True)
