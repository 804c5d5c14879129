"""The data dictionary in queries/README.md says what the tables, marts and reports are."""

from __future__ import annotations

import dictionary


def test_the_page_is_as_the_headers_say() -> None:
    """After a change of a table or header: python -m tests.reports.dictionary --write."""
    assert dictionary.PAGE.read_text("utf-8") == dictionary.page_with(dictionary.dictionary())


def test_every_column_of_every_mart_is_explained() -> None:
    assert dictionary.unexplained() == {}
    assert dictionary.wrongly_typed() == []


def test_what_people_wrote_around_the_dictionary_stays() -> None:
    before, _, rest = dictionary.PAGE.read_text("utf-8").partition(dictionary.BEGIN)
    page = dictionary.page_with("new")
    assert page.startswith(f"{before}{dictionary.BEGIN}\nnew\n{dictionary.END}")
    assert page.endswith(rest.partition(dictionary.END)[2])
