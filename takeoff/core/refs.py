"""What names a model, its version, and the documents it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

OperationState = Literal[
    "queued", "running", "waiting_for_file", "ready", "partial", "skipped", "failed", "unknown"
]


@dataclass(frozen=True)
class ModelRef:
    """One model at one vendor. Ids are text and compared as text, case included."""

    vendor: str
    project_id: str
    model_id: str
    project_name: str | None = None
    model_name: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells models apart; names may change."""
        return self.vendor, self.project_id, self.model_id


@dataclass(frozen=True)
class SourceVersion:
    """The vendor's own word for which state of the model this is; kind `sha256` for a file."""

    kind: str
    value: str | None
    label: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One raw answer or document: the request that brought it, and its content by sha256.

    `location` is null if the content lies in the lake; else the absolute path of the original,
    which stays where it is (fetch with --no-copy) and must still have this sha256 when it is read.
    """

    evidence_no: int
    method: str
    path: str
    body_sha256: str | None
    status: int | None
    bytes: int
    sha256: str
    fetched_at: datetime
    location: str | None = None


@dataclass(frozen=True)
class Document:
    """Evidence laid out as a plain local file that a decoder can open.

    `path` holds the raw bytes as they came; its suffixes are those of `name`, the original file
    name, so that a reader that goes by suffix works.
    """

    evidence_no: int
    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Proof:
    """Why the rows are all there are: `stated_total`, `protocol_end`, or `none`."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Brought:
    """What a vendor's client knows once all answers of a model are there.

    `lineage` names where the model comes from, such as `forked_from`. With `is_document` the
    answers hold one file, kept with the method DOCUMENT, and the IFC decoder reads that alone.
    """

    proof: Proof
    stated_totals: dict[str, int]
    version: SourceVersion
    lineage: dict[str, str] = field(default_factory=dict)
    is_document: bool = False


@dataclass(frozen=True)
class Operation:
    """Work that a vendor does for us, as its last answer described it; partial is not complete.

    `percent` is 0..100, `wait_s` what the vendor asks us to wait before the next look, `problem`
    its own words about a failure; each null if it does not say. `result_url` may be a signed link.
    """

    id: str
    state: OperationState
    percent: float | None = None
    wait_s: float | None = None
    result_url: str | None = field(default=None, repr=False)
    problem: str | None = None


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a snapshot; `name` is relative to the lake, `sha256` of its bytes."""

    table: str
    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """One committed model version, as its manifest states it.

    `sequence` counts a model's snapshots; the highest is current, whatever the clock said.
    `options` are the decoder's options, `libraries` the versions whose change may change bytes.
    `evidence` is also a table of the snapshot; it stands here so that the tables can be rebuilt.
    """

    snapshot_id: str
    ref: ModelRef
    sequence: int
    taken_at: datetime
    source_version: SourceVersion
    proof: Proof
    lineage: dict[str, str]
    options: dict[str, bool]
    tool_version: str
    schema_version: int
    libraries: dict[str, str]
    stated_totals: dict[str, int]
    files: tuple[DataFile, ...]
    evidence: tuple[Evidence, ...] = ()

    def rows(self, table: str) -> int:
        """Rows of `table` in this snapshot; 0 if it has none."""
        return sum(file.rows for file in self.files if file.table == table)
