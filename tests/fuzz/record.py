"""`PYTHONPATH=tests:tests/contract python tests/fuzz/record.py`: keep what each reader gets.

Of a vendor it is what the sandbox answers to a fetch of a small model of the sample, of IFC such a
model itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from both_ways import fetch_ifc_model, fetch_one, hurry, settings
from reading import READERS, RECORDED

from takeoff.jobs.reading import to_read
from takeoff.lake.evidence import lay_out
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox import Sandbox

_FAULTY = Path(__file__).resolve().parents[2] / "data" / "sample" / "faulty"
# A few products with figures of several bases, parts, odd units and properties.
_SERVED = _FAULTY / "mm3_under_m3.ifc"
_FILE = _FAULTY / "assembly_and_parts.ifc"


def main() -> None:
    RECORDED.mkdir(exist_ok=True)
    for reader in READERS:
        with TemporaryDirectory() as folder:
            lake = _fetched(reader, Path(folder))
            (RECORDED / f"{reader}.json").write_text(_kept(lake, Path(folder) / "out"), "utf-8")


def _fetched(reader: str, folder: Path) -> Path:
    """The lake with what this reader got."""
    if reader == "ifc":
        fetch_ifc_model(_FILE, folder / "ifc", geometry=False)
        return folder / "ifc"
    fetch_ifc_model(_SERVED, folder / "sent", geometry=False)
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(open_layout(folder / "sent")).start() as running,
    ):
        hurry(patch)
        outcome = fetch_one(settings(folder / reader, running, reader), reader, proved=False)
    assert outcome.snapshot is not None, outcome.error
    return folder / reader


def _kept(lake: Path, folder: Path) -> str:
    layout = open_layout(lake)
    [snapshot] = read_snapshots(layout)
    read = to_read(snapshot.evidence, snapshot.options)
    documents = [lay_out(layout, item, folder) for item in read]
    answers = {document.name: document.path.read_text("utf-8") for document in documents}
    assert len(answers) == len(documents)
    return json.dumps({"options": snapshot.options, "answers": answers}, indent=1) + "\n"


if __name__ == "__main__":
    main()
