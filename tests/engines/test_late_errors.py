"""What goes wrong after the first rows came is told as what goes wrong at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_lakes import Model, open_lake

from takeoff.core.errors import InputRefused


@pytest.mark.parametrize(
    ("value", "words"),
    [("error('late')", "late"), ("cast('x' || i as integer)", "Could not convert string 'x29")],
)
def test_wrong_value_far_down_is_refused_in_the_words_of_duckdb(
    tmp_path: Path, value: str, words: str
) -> None:
    Model("house").add("a").commit(tmp_path / "lake")
    sql = f"select case when i > 290000 then {value} else 1 end as v from range(300000) as r(i)"
    with open_lake(tmp_path / "lake") as engine:
        for ask in (engine.sql, engine.query):
            reader = ask(sql)
            with pytest.raises(InputRefused, match=f"DuckDB cannot run this query.*{words}"):
                reader.read_all()
