"""Paging over raw HTTP, as it should be and as it should not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from wire import Serve, Wire, lake_of, row_of_walls

WALLS = [f"{number:022d}" for number in range(25)]


def _page(wire: Wire, page: int, size: int = 10) -> dict[str, Any]:
    told: dict[str, Any] = wire.query({"fields": ["Guid"]}, page=page, pageSize=size).json()
    return told


def _pages(wire: Wire, count: int, size: int = 10) -> list[list[str]]:
    return [[row["Guid"] for row in _page(wire, n, size)["result"]] for n in range(1, count + 1)]


def test_pages_follow_one_another_and_end_with_an_empty_one(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake)
    assert _pages(wire, 4) == [WALLS[:10], WALLS[10:20], WALLS[20:], []]
    first = _page(wire, 1)
    assert (first["totalCount"], first["page"], first["pageSize"]) == (25, 1, 10)


def test_the_last_page_may_be_exactly_full(serve: Serve, walls_lake: Path) -> None:
    assert [len(page) for page in _pages(serve(walls_lake), 6, size=5)] == [5, 5, 5, 5, 5, 0]


def test_the_default_is_a_thousand_rows(tmp_path: Path, serve_new: Serve) -> None:
    wire = serve_new(lake_of(tmp_path / "lake", row_of_walls(1100)))
    assert len(wire.rows()) == 1000
    assert wire.query().json()["pageSize"] == 1000
    assert len(wire.rows(pageSize=5000)) == 1100


def test_pages_are_clamped(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake, page_limit="8")
    assert _page(wire, 2, size=20)["pageSize"] == 8
    assert _pages(wire, 4, size=20) == [WALLS[:8], WALLS[8:16], WALLS[16:24], WALLS[24:]]


def test_a_page_size_over_the_largest(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake)
    assert _page(wire, 1, size=10_000)["pageSize"] == 5000
    wire.running.turn(page_size_over="400")
    assert wire.query(pageSize=10_000).status_code == 400
    assert wire.query(pageSize=5000).status_code == 200


@pytest.mark.parametrize("asked", [{"page": 0}, {"page": -1}, {"page": "one"}, {"pageSize": 0}])
def test_paging_that_makes_no_sense_is_400(
    serve: Serve, walls_lake: Path, asked: dict[str, Any]
) -> None:
    assert serve(walls_lake).query(**asked).status_code == 400


def test_no_products_is_an_answer(tmp_path: Path, serve_new: Serve) -> None:
    model = row_of_walls(0)
    model.add("0ttttttttttttttttttttt", role="type")
    wire = serve_new(lake_of(tmp_path / "lake", model))
    assert _page(wire, 1) == {"totalCount": 0, "page": 1, "pageSize": 10, "result": []}


def test_a_row_repeated_over_two_pages_loses_none(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake, rows="repeated")
    pages = _pages(wire, 3)
    assert pages[0][-1] == pages[1][0]
    assert [guid for page in pages for guid in page] == WALLS[:10] + WALLS[9:]
    assert _page(wire, 1)["totalCount"] == 25


def test_a_row_in_the_place_of_another(serve: Serve, walls_lake: Path) -> None:
    pages = _pages(serve(walls_lake, rows="lost"), 4)
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert {guid for page in pages for guid in page} == set(WALLS) - {WALLS[10]}


def test_a_short_end(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake, rows="short")
    assert _pages(wire, 4) == [WALLS[:10], WALLS[10:20], WALLS[20:24], []]
    assert _page(wire, 3)["totalCount"] == 25


def test_page_ignored(serve: Serve, walls_lake: Path) -> None:
    assert _pages(serve(walls_lake, rows="ignored"), 3) == [WALLS[:10]] * 3


def test_total_absent(serve: Serve, walls_lake: Path) -> None:
    assert set(_page(serve(walls_lake, total="absent"), 1)) == {"page", "pageSize", "result"}


def test_only_result_is_all_there_is(serve: Serve, walls_lake: Path) -> None:
    told = _page(serve(walls_lake, paging_keys="result"), 1)
    assert told == {"result": [{"Guid": guid} for guid in WALLS]}


def test_total_that_grows_once(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake, total="grows_once")
    assert [_page(wire, page)["totalCount"] for page in (1, 2, 3)] == [24, 25, 25]
    assert _pages(wire, 3) == [WALLS[:10], WALLS[10:20], WALLS[20:]]
    wire.running.turn()
    assert len(_page(wire, 1, size=100)["result"]) == 24


def test_total_that_keeps_moving(serve: Serve, walls_lake: Path) -> None:
    wire = serve(walls_lake, total="moving")
    assert [_page(wire, page)["totalCount"] for page in (1, 2, 3, 1)] == [25, 26, 27, 28]


def test_available_data_is_paged(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, available_limit="4")
    path = f"{wire.products}/properties/available-data"
    pages = [wire.get(path, params={"page": page}).json() for page in range(1, 6)]
    names = [name for page in pages for name in page["fields"]]
    assert [len(page["fields"]) for page in pages] == [4, 4, 4, 3, 0]
    assert {page["totalCount"] for page in pages} == {len(names)} == {len(set(names))}
    wire.running.turn(available_keys="fields")
    assert wire.get(path).json() == {"fields": names}


def test_the_same_page_has_the_same_bytes(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    assert len({wire.query().content for _ in range(3)}) == 1
