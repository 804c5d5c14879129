"""What the campaigns have in common: a part that runs once for each seed, and its tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Tally:
    """How the runs of a part ended, in words, and what was found: each names its seed."""

    ended: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return ", ".join(f"{count:,} {word}" for word, count in sorted(self.ended.items()))


@dataclass(frozen=True)
class Sizes:
    """Runs of a part: among the usual tests (0 if each is slow), in the short form, in the full."""

    few: int
    short: int
    full: int


@dataclass(frozen=True)
class Part:
    """One line of the table: `checked` says what must be true of each run.

    `run` gets a seed for each run and an empty folder.
    """

    name: str
    checked: str
    sizes: Sizes
    run: Callable[[Sequence[int], Path], Tally]


def each(seeds: Iterable[int], once: Callable[[int], str]) -> Tally:
    """`once` for each seed: it gives a word for how the run ended, or raises what it found."""
    tally = Tally()
    for seed in seeds:
        try:
            tally.ended[once(seed)] += 1
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is what is looked for
            tally.findings.append(f"seed {seed}: {_told(error)}")
    return tally


def _told(error: Exception) -> str:
    return "; ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
