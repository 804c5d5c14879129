"""Every word that has an opposite is turned once, and nothing in comments and texts."""

from __future__ import annotations

from tests.mutation.sql import mutants

_QUERY = """-- a and b
select distinct a, 'x and y' as t, min(b) as c
from t
left join u on t.a = u.a and u.b is not null
where t.a >= 1 - 2
"""


def test_one_mutant_for_each_word() -> None:
    found = list(mutants(_QUERY))
    assert [(one.line, one.change.partition("\n+")[2]) for one in found] == [
        (2, "select a, 'x and y' as t, min(b) as c"),
        (2, "select distinct a, 'x and y' as t, max(b) as c"),
        (4, "join u on t.a = u.a and u.b is not null"),
        (4, "left join u on t.a <> u.a and u.b is not null"),
        (4, "left join u on t.a = u.a or u.b is not null"),
        (4, "left join u on t.a = u.a and u.b is null"),
        (5, "where t.a < 1 - 2"),
        (5, "where t.a >= 1 + 2"),
    ]
    assert len({one.text for one in found} | {_QUERY}) == len(found) + 1
