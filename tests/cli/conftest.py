"""A place to try commands in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, without settings or logins of the machine's own."""
    for name in [name for name in os.environ if name.startswith("TAKEOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TAKEOFF_TOKENS", str(tmp_path / "private" / "tokens.json"))
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
