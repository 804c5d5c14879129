"""From evidence to neutral rows: what fetch and rebuild do alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import pyarrow as pa

from takeoff.config import Settings, read_rows
from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document, Evidence, Snapshot
from takeoff.core.tables import SCHEMA_VERSION
from takeoff.core.version import __version__
from takeoff.http.redact import redacted
from takeoff.lake.work import Run
from takeoff.vendors import load

# The option of a snapshot whose rows were read from an IFC file that the vendor handed out.
DOCUMENT = "document"
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


def reader(vendor: str, options: Mapping[str, bool]) -> ModuleType:
    """The vendor whose decoder reads what `vendor` gave: with DOCUMENT that of IFC files."""
    return load("ifc" if options.get(DOCUMENT) else vendor)


def to_read(evidence: Sequence[Evidence], options: Mapping[str, bool]) -> list[Evidence]:
    """What of the evidence is decoded: all of it, or the document alone."""
    if not options.get(DOCUMENT):
        return list(evidence)
    return [item for item in evidence if item.method == "DOCUMENT"]


def libraries(vendor: str, options: Mapping[str, bool], rules: Rules) -> dict[str, str]:
    """Versions whose change may change the bytes that a decoder yields."""
    return {
        **reader(vendor, options).decode.LIBRARIES,
        "pyarrow": pa.__version__,
        _NAMES_FILE: rules.sha256[:16],
    }


def is_read_alike(
    snapshot: Snapshot, options: Mapping[str, bool], versions: Mapping[str, str]
) -> bool:
    """Whether the same evidence would give the same rows today."""
    return (
        snapshot.options == options
        and snapshot.libraries == versions
        and snapshot.tool_version == __version__
        and snapshot.schema_version == SCHEMA_VERSION
    )


def decoded(
    vendor: str,
    documents: Sequence[Document],
    options: Mapping[str, bool],
    rules: Rules,
    run: Run,
    progress: Progress,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(table, batch) pairs of one model's documents, as its vendor's decoder yields them.

    What it does not understand it quotes; a service may have said a secret again.
    """
    with redacted():
        yield from reader(vendor, options).decode.decode(
            documents, names=rules.names, options=options, work=run.folder, progress=progress
        )


def can_follow(vendor: str) -> bool:
    """Whether the vendor's decoder reads answers that are still coming, see `followed`."""
    return hasattr(load(vendor).decode, "follow")


def followed(
    vendor: str, rules: Rules, run: Run, documents: Iterator[Document], progress: Progress
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """As `decoded`, of answers that are still coming, in the order of their numbers."""
    found: Iterator[tuple[str, pa.RecordBatch]] = load(vendor).decode.follow(
        documents, names=rules.names, options={}, work=run.folder, progress=progress
    )
    return found
