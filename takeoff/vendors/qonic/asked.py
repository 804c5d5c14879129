"""The client's own record of what it asked for, kept beside the answers that do not say it.

A quantities result does not tell which products it covers; the request did.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from takeoff.vendors.qonic.lookups import Answer

_PAGES, _SUMS = "pages", "quantities"


@dataclass(frozen=True)
class Filter:
    """One condition on products, as the query's body has it.

    `Eq` takes one value and `In` several; these two are documented, others only seen.
    """

    field: str
    operator: str
    value: str | tuple[str, ...]

    @property
    def body(self) -> dict[str, Any]:
        """As the contract writes it; several values are an array."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"property": self.field, "operator": self.operator, "value": value}

    @property
    def words(self) -> str:
        """For people: Class Eq Wall, Class In Wall, Slab."""
        value = ", ".join(self.value) if isinstance(self.value, tuple) else self.value
        return f"{self.field} {self.operator} {value}"


@dataclass(frozen=True)
class Sum:
    """A calculation that was started: its operation, and which products it covers."""

    operation_id: str
    filters: tuple[Filter, ...]

    @property
    def words(self) -> str | None:
        """The filter as `control_totals` holds it; null if all products are covered."""
        return " and ".join(item.words for item in self.filters) or None


@dataclass(frozen=True)
class Record:
    """`pages` are the numbers of the pages of products that brought something."""

    pages: tuple[int, ...]
    sums: tuple[Sum, ...]

    def sum_of(self, operation_id: str | None) -> Sum | None:
        """The sum that this operation calculates; null if it was not asked for."""
        return next((one for one in self.sums if one.operation_id == operation_id), None)


def written(record: Record) -> bytes:
    """The record as bytes; the same record gives the same bytes."""
    sums = [
        {"operationId": one.operation_id, "filters": [item.body for item in one.filters]}
        for one in record.sums
    ]
    content = {_PAGES: record.pages, _SUMS: sums}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def read(answer: Answer) -> Record:
    """The record again."""
    content = answer.as_object()
    sums = [
        Sum(str(one["operationId"]), tuple(_filter(item) for item in one["filters"]))
        for one in answer.list_of(content[_SUMS], _SUMS)
    ]
    return Record(tuple(int(page) for page in content[_PAGES]), tuple(sums))


def _filter(item: dict[str, Any]) -> Filter:
    value = item["value"]
    told = tuple(value) if isinstance(value, list) else value
    return Filter(item["property"], item["operator"], told)
