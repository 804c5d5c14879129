"""Rows that were parsed when their page came, put by for the decoder, which need not parse again.

They lie in the run's folder under the sha256 of the page, as unfinished parts do: a later try of
the fetch does not take them over, and whoever finds none parses the page.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pyarrow as pa


def put(folder: Path, sha256: str, rows: pa.StructArray) -> None:
    """Put the rows of the page with this content by; what cannot be kept is left out."""
    if not rows.type.num_fields:
        return
    batch = pa.RecordBatch.from_struct_array(rows)
    # A page may come twice, and the first be read while the second is written.
    new = folder / f"rows-{secrets.token_hex(6)}.part"
    try:
        with pa.OSFile(str(new), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        new.replace(_place(folder, sha256))
    except OSError:
        new.unlink(missing_ok=True)


def taken(folder: Path, sha256: str) -> pa.StructArray | None:
    """The rows of the page with this content; null if they were not put by. They are gone then.

    All columns lie in one piece: to keep one is to keep all, unless it is copied.
    """
    place = _place(folder, sha256)
    try:
        with pa.memory_map(str(place)) as file, pa.ipc.open_file(file) as reader:
            rows = reader.get_batch(0).to_struct_array()
    except FileNotFoundError:
        return None
    place.unlink()
    return rows


def _place(folder: Path, sha256: str) -> Path:
    return folder / f"rows-{sha256}.part"
