"""The line behind a row."""

from __future__ import annotations

import json
from pathlib import Path

from takeoff.core.refs import Document


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """As it stands in the list."""
    return [json.dumps(json.loads(document.path.read_bytes())["lines"][source_row])]
