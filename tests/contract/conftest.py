"""What of the contract tests is heavy, so that it runs with the slow ones.

Qonic's stay, as the pattern for the others: their large models, every form that their contracts
leave open, and the suite's faults at every place are slow tests.
"""

from __future__ import annotations

import pytest
from round_trip import PUBLIC

_LARGE = tuple(name for name in PUBLIC if not name.startswith("PCERT"))
_OTHERS = ("autodesk", "bimplus", "itwin")
_EVERYWHERE = (
    "test_a_fault_that_passes_changes_nothing_wherever_it_is",
    "test_answers_that_come_in_another_way_are_the_same",
    "test_a_body_that_is_cut_is_asked_for_again",
    "test_whole_bodies_are_taken_in_every_framing",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them."""
    for item in items:
        if item.path.parent.name == "contract" and _is_heavy(item.path.stem, item.name):
            item.add_marker(pytest.mark.slow)


def _is_heavy(file: str, test: str) -> bool:
    if file == "test_every_vendor":
        is_other = any(vendor in test for vendor in _OTHERS)
        return is_other and test.startswith(_EVERYWHERE)
    if not any(vendor in file for vendor in _OTHERS):
        return False
    if file.endswith("_round_trip"):
        return any(name in test for name in _LARGE) or "every_kind" in test
    return file.endswith(("_unknowns", "_open_points"))
