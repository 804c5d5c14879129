"""Where a vendor's client puts raw answers, without knowing what a lake is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Asked:
    """What tells one request from another: neither host nor credentials.

    `path` is the path with its query, as the vendor's contract writes it.
    """

    method: str
    path: str
    body_sha256: str | None = None


class Sink(Protocol):
    """Takes raw answers, and gives back those that a killed try of the same fetch had kept.

    Safe to call from several threads. Upload, token and session answers never come here.
    """

    def held(self, asked: Asked) -> Path | None:
        """The answer as a plain file, if an earlier try of this fetch has kept it."""

    def part(self) -> Path:
        """A new name in the run's folder to download to."""

    def keep(
        self,
        asked: Asked,
        part: Path,
        *,
        order: tuple[int, ...],
        status: int | None,
        sha256: str | None = None,
    ) -> Path:
        """Keep the downloaded file as the answer; the path where it can be read.

        `status` is null for what is no answer of the vendor but the client's own record. `sha256`
        is that of what was received, if the file is that; it is compared when the fetch commits.

        Answers are numbered by `order`, not by arrival, so that rows and bytes do not depend on
        which of several parallel answers came first.
        """

    def complete(self, order: tuple[int, ...]) -> None:
        """Say that no answer before this place is still to come: they may be read already.

        If that was wrong, as others came in their stead, they are read once more in the end.
        """

    def note(self, key: str, value: str) -> None:
        """Remember a small fact durably, such as an operation that was started."""

    def noted(self, key: str) -> str | None:
        """What was noted by this or a killed try; null if nothing was."""
