"""Odd evidence gives rows or one of our own errors, never anything else.

A few examples here; many are `python -m tests.torture fuzz`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import READERS, Lake, odd, recorded

# Of the slower readers fewer: less than a second each.
_FEW = {"autodesk": 2, "bimplus": 2, "ifc": 5, "itwin": 3, "qonic": 5}
_CHANCES = st.randoms(use_true_random=False)


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    with TemporaryDirectory() as folder:
        yield Lake(Path(folder) / "lake")


def _fuzz(lake: Lake, reader: str, examples: int) -> None:
    read = recorded(reader)

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(_CHANCES)
    def is_read_or_refused(chance: Random) -> None:
        lake.outcome(odd(read, chance), chance)

    is_read_or_refused()


@pytest.mark.parametrize("reader", READERS)
def test_odd_evidence_is_read_or_refused(lake: Lake, reader: str) -> None:
    _fuzz(lake, reader, _FEW[reader])


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_much_odd_evidence_is_read_or_refused(lake: Lake, reader: str) -> None:
    _fuzz(lake, reader, 50 * _FEW[reader])
