"""From evidence to neutral rows: what fetch and rebuild do alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from takeoff.config import Settings, read_rows
from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.lake.work import Run
from takeoff.vendors import load

_NAMES_FILE = "quantity_names.csv"


@dataclass(frozen=True)
class Rules:
    """The rules that decoders need, and their fingerprint: other rules may give other rows."""

    names: QuantityNames
    sha256: str


def read_rules(settings: Settings) -> Rules:
    """The quantity names of the project folder or the package."""
    path = settings.rules_file(_NAMES_FILE)
    names = QuantityNames.from_rows(read_rows(path))
    return Rules(names, hashlib.sha256(path.read_bytes()).hexdigest())


def libraries(vendor: str, rules: Rules) -> dict[str, str]:
    """Versions whose change may change the bytes that a decoder yields."""
    return {
        **load(vendor).decode.LIBRARIES,
        "pyarrow": pa.__version__,
        _NAMES_FILE: rules.sha256[:16],
    }


def decoded(
    vendor: str,
    documents: Sequence[Document],
    options: Mapping[str, bool],
    rules: Rules,
    run: Run,
    progress: Progress,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(table, batch) pairs of one model's documents, as its vendor's decoder yields them."""
    batches: Iterator[tuple[str, pa.RecordBatch]] = load(vendor).decode.decode(
        documents, names=rules.names, options=options, work=run.folder, progress=progress
    )
    return batches
