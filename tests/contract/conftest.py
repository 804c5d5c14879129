"""Which of the contract tests are slow: what one case of a kind shows, CI need not see in all.

CI keeps a building there and back for each vendor, all of Qonic as the pattern for the others, and
of these every trap, endpoint and printed example. Models of others, every form that a contract
leaves open, and the other three's faults at every place run with the slow tests.
"""

from __future__ import annotations

import pytest

_OTHERS = ("autodesk", "bimplus", "itwin")
# Of the shared suites, for the others than Qonic.
_FOR_OTHERS = (
    "test_a_body_that_is_cut_is_asked_for_again",
    "test_a_fault_that_lasts_is_the_documented_error",
    "test_a_fault_that_passes_changes_nothing",
    "test_a_killed_fetch_goes_on_where_it_was",
    "test_answers_that_come_in_another_way_are_the_same",
    "test_answers_that_do_not_come_or_are_not_understood",
    "test_every_product_of_2500_comes_once",
    "test_rows_that_are_not_all_there_is_are_refused",
    "test_whole_bodies_are_taken_in_every_framing",
)
_GAVE_UP = "test_a_fetch_that_gave_up_goes_on_where_it_was"
# Of these and of the faults of a service, the cases that CI sees of the others, too.
_KEPT_CASES = ("-]", "-401]", "-cut_chunked]", "-html]")
# The one building that makes the round trip in CI, and what tells that all kinds of loss are met.
_KEPT_MODEL, _ALL_MODELS = "architecture", "every_kind"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them."""
    for item in items:
        if item.path.parent.name == "contract" and _is_slow(item.path.stem, item.name):
            item.add_marker(pytest.mark.slow)


def _is_slow(file: str, test: str) -> bool:
    has_cases = "[" in test
    if file.endswith("_round_trip"):
        return _ALL_MODELS in test or (has_cases and _KEPT_MODEL not in test)
    if file.endswith(("_unknowns", "_open_points")):
        return has_cases
    if test.startswith(_GAVE_UP):
        return not test.endswith("-503]") or "[qonic" not in test
    is_kept = file == "test_every_vendor" and test.endswith(_KEPT_CASES)
    is_other = any(f"[{vendor}" in test for vendor in _OTHERS)
    return is_other and not is_kept and test.startswith(_FOR_OTHERS)
