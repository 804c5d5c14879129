"""Pages are proved to be all there are, in whatever order they come; otherwise refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Proof
from takeoff.http.pages import Page, Pages, TotalMoved

Answer = Callable[[int], Page]


def _listed(rows: Sequence[str], size: int, total: int | None) -> Answer:
    """A service that holds `rows`, gives `size` a page and states `total`."""
    return lambda number: Page(number, total, rows[(number - 1) * size : number * size])


def _fetch(answer: Answer, seed: int = 0, **options: object) -> tuple[Pages, Proof, list[int]]:
    """Asks in parallel; answers come in a random order. The numbers asked for, in order."""
    pages, order = Pages("products", **options), random.Random(seed)
    asked = waiting = pages.to_ask()
    while waiting:
        waiting = sorted(waiting, key=lambda _: order.random())
        pages.saw(answer(waiting.pop()))
        new = pages.to_ask()
        asked, waiting = asked + new, waiting + new
        assert len(asked) < 10_000
    return pages, pages.proof(), asked


def _ids(count: int) -> list[str]:
    return [f"id{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("count", "size", "pages"),
    [(2500, 1000, 3), (2000, 1000, 2), (1, 1000, 1), (0, 1000, 1), (1000, 1000, 1), (40, 1, 40)],
)
def test_each_page_is_asked_once(count, size, pages) -> None:
    """Also if the last page is exactly full; and the size is the server's, whatever was asked."""
    for seed in range(20):
        seen, proof, asked = _fetch(_listed(_ids(count), size, count), seed)
        assert sorted(asked) == list(range(1, pages + 1))
        assert (seen.row_count, seen.stated_total) == (count, count)
        assert proof.kind == "stated_total"


def test_never_more_at_once_than_allowed() -> None:
    pages = Pages("products", at_once=4)
    answer = _listed(_ids(100), 5, 100)
    assert pages.to_ask() == [1]
    assert pages.to_ask() == []
    pages.saw(answer(1))
    assert pages.to_ask() == [2, 3, 4, 5]
    assert pages.to_ask() == []
    pages.saw(answer(4))
    assert pages.to_ask() == [6]


def test_row_repeated_over_two_pages_counts_once() -> None:
    rows = [*_ids(1000), "id999", *_ids(2500)[1000:]]
    for seed in range(20):
        seen, proof, asked = _fetch(_listed(rows, 1000, 2500), seed)
        assert proof.kind == "stated_total"
        assert seen.row_count == 2501
        assert sorted(asked) == [1, 2, 3]


def test_row_pushed_to_a_further_page_is_asked_for() -> None:
    rows = [*_ids(10), *_ids(10)[5:], *_ids(20)[10:]]
    _, proof, asked = _fetch(_listed(rows, 10, 20))
    assert proof.kind == "stated_total"
    assert sorted(asked) == [1, 2, 3]


def test_ids_that_differ_in_case_are_two() -> None:
    assert _fetch(_listed(["aB", "Ab", "ab", "AB"], 3, 4))[1].kind == "stated_total"


@pytest.mark.parametrize("count", [0, 7, 1000, 2500])
def test_without_a_total_pages_are_asked_until_one_adds_nothing(count) -> None:
    _, proof, asked = _fetch(_listed(_ids(count), 1000, None))
    assert proof.kind == "protocol_end"
    assert asked == list(range(1, -(-count // 1000) + 2 if count else 2))


def test_service_that_does_not_page_and_states_no_total_has_sent_all() -> None:
    _, proof, asked = _fetch(lambda number: Page(number, None, _ids(7)))
    assert proof == Proof("protocol_end", "products: page 2 of 2 pages adds nothing")
    assert asked == [1, 2]


def test_without_a_total_a_page_of_known_rows_in_another_order_is_the_end() -> None:
    pages = {1: _ids(10), 2: _ids(20)[10:], 3: _ids(20)[5:15]}
    _, proof, asked = _fetch(lambda number: Page(number, None, pages[number]))
    assert proof == Proof("protocol_end", "products: page 3 of 3 pages adds nothing")
    assert asked == [1, 2, 3]


def test_page_that_repeats_another_is_refused_whichever_comes_first() -> None:
    answer = _listed(_ids(40), 10, 40)
    for seed in range(20):
        with pytest.raises(NotUnderstood, match="page [23] repeats page [23],"):
            _fetch(lambda n: Page(n, 40, answer(2 if n == 3 else n).ids), seed, at_once=3)


def test_one_page_is_called_one() -> None:
    assert _fetch(_listed(_ids(3), 10, 3))[1].detail == "products: 3 stated, on 1 page"
    assert _fetch(_listed(_ids(3), 2, 3))[1].detail == "products: 3 stated, on 2 pages"


def test_service_that_ignores_page_numbers_is_refused() -> None:
    for seed in range(20):
        with pytest.raises(NotUnderstood, match="repeats page"):
            _fetch(lambda number: Page(number, 10, _ids(3)), seed)


@pytest.mark.parametrize("missing", [1, 1000, 1700, 2500])
def test_short_end_is_refused(missing) -> None:
    for seed in range(20):
        with pytest.raises(NotUnderstood, match=f"2500 are stated, but .* after {2500 - missing} "):
            _fetch(_listed(_ids(2500 - missing), 1000, 2500), seed)


def test_huge_total_asks_for_no_more_than_comes() -> None:
    for seed in range(20):
        with pytest.raises(NotUnderstood, match="1000000000000 are stated"):
            _fetch(_listed(_ids(25), 10, 10**12), seed)


@pytest.mark.parametrize("later", [24, 26])
def test_total_that_moves_is_noticed(later: int) -> None:
    for seed in range(20):
        with pytest.raises(TotalMoved, match="being edited"):
            _fetch(
                lambda n: Page(n, 25 if n == 1 else later, _ids(later)[(n - 1) * 10 : n * 10]), seed
            )


def test_more_than_is_stated_is_noticed() -> None:
    with pytest.raises(TotalMoved, match="20 are stated, but 21 came"):
        _fetch(lambda n: Page(n, 20, [f"{n}-{k}" for k in range(7)]))


def test_total_may_come_late() -> None:
    _, proof, asked = _fetch(
        lambda n: Page(n, None if n == 1 else 35, _ids(35)[(n - 1) * 10 : n * 10])
    )
    assert proof.kind == "stated_total"
    assert asked == [1, 2, 3, 4]


def test_tolerant_list_simply_ends() -> None:
    """Names of fields, where a service may state a total and yet not page."""
    for answer in (_listed(_ids(5), 10, 6), lambda number: Page(number, 6, _ids(5))):
        _, proof, asked = _fetch(answer, is_tolerant=True)
        assert proof.kind == "none"
        assert asked == [1, 2]


def test_proof_before_all_has_come_is_refused() -> None:
    pages = Pages("products")
    with pytest.raises(NotUnderstood):
        pages.proof()
    pages.to_ask()
    pages.saw(Page(1, 20, _ids(10)))
    with pytest.raises(NotUnderstood):
        pages.proof()


@settings(max_examples=300, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    doubled=st.lists(st.integers(0, 60), max_size=4),
    dropped=st.integers(0, 2),
    seed=st.integers(0, 9),
)
def test_proved_is_what_is_there(sizes, doubled, dropped, seed) -> None:
    """Pages of any sizes, rows that come twice, rows that never come: all, or refused."""
    count = sum(sizes)
    rows = _ids(count)
    pages, at = [], 0
    for size in sizes:
        pages.append(rows[at : at + size])
        at += size
    for n, row in enumerate(doubled):
        pages[n % len(pages)].append(rows[row % count])
    total = count + dropped
    served: list[str] = []

    def answer(number: int) -> Page:
        page = pages[number - 1] if number <= len(pages) else []
        served.extend(page)
        return Page(number, total, page)

    try:
        seen, _, asked = _fetch(answer, seed)
    except NotUnderstood:
        is_twin = len({tuple(page) for page in pages}) < len(pages)
        assert dropped or is_twin
    else:
        assert not dropped
        assert set(served) == set(rows)
        assert len(asked) == len(set(asked))
