"""The definitions of an index's properties: what a key stands for, in this index.

Keys are opaque and names are in the language of whoever drew the model; only the sets in double
underscores, such as `__category__`, are called the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from takeoff.core import json_text
from takeoff.core.errors import InputRefused
from takeoff.vendors.autodesk.answers import refused, text

NUMERIC = frozenset(("Integer", "Double"))
REFERENCE = "DbKey"


@dataclass(frozen=True)
class Field:
    """One definition. `category` and `uom` are null if it has none; `row` is its line, from 0."""

    key: str
    category: str | None
    name: str
    type: str
    uom: str | None
    row: int

    @property
    def words(self) -> str:
        """For people: Dimensions.Volume."""
        return ".".join(part for part in (self.category, self.name) if part)

    @property
    def is_internal(self) -> bool:
        """Whether it is the service's own, and so called the same in every language."""
        return self.category is not None and self.category.startswith("__")


class Fields:
    """All definitions of one index, in the order of the file."""

    def __init__(self, found: Iterable[Field]) -> None:
        self._by_key: dict[str, Field] = {}
        self._named: dict[str, list[Field]] = {}
        for field in found:
            if self._by_key.setdefault(field.key, field) is field:
                self._named.setdefault(field.name, []).append(field)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Field | None:
        """The definition of a key; null if the index has none."""
        return self._by_key.get(key)

    def find(self, category: str | None, name: str) -> list[Field]:
        """Those of this category and name, else those of the name alone; several are ambiguous.

        Fields of one category and name may differ in type or unit. A null category is one, too.
        """
        named = self._named.get(name, [])
        exact = [field for field in named if field.category == category]
        return exact or named

    def key(self, category: str | None, name: str) -> str:
        """The one key of this category and name, to ask for in a query.

        Raises: InputRefused if there is none, or more than one.
        """
        found = self.find(category, name)
        if len(found) == 1:
            return found[0].key
        if not found:
            raise InputRefused(
                f"The index has no field '{name}'; field names are in the language of the model."
            )
        said = ", ".join(f"{field.words} ({field.key}, {field.type})" for field in found)
        raise InputRefused(f"The field '{name}' is ambiguous; it may be: {said}.")


def read(path: Path, name: str) -> Fields:
    """The definitions in a file of one JSON object a line; `name` says in errors whose it is.

    Raises: NotUnderstood if a line is no definition with a key and a name, or no UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            written = (line for line in lines if not line.isspace())
            return Fields([_field(line, row, name) for row, line in enumerate(written)])
    except UnicodeDecodeError as error:
        raise refused(name, error.object, f"it is no UTF-8 ({error.reason})") from error


def _field(line: str, row: int, name: str) -> Field:
    try:
        given = json_text.read(line)
    except (ValueError, RecursionError) as error:
        raise refused(name, line.encode(), f"its line {row + 1} is no JSON ({error})") from error
    given = given if isinstance(given, dict) else {}
    key, own_name = text(given.get("key")), given.get("name")
    if key is None or not isinstance(own_name, str):
        raise refused(name, line.encode(), f"its line {row + 1} has no key and name")
    return Field(
        key,
        text(given.get("category")),
        own_name,
        text(given.get("type")) or "Unknown",
        text(given.get("uom")),
        row,
    )
