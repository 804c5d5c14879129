"""What a product row says, field by field: the set a value stands in, and the value by its type.

Contract: a property is `{"PropertySet", "Value"}` (both null if it is not set), or a bare value; a
value is text, number, flag or null, and empty text means not set. Other objects are taken apart
member by member, as `Field.Member`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.vendors.qonic.rows import BARE_FLAG, BARE_LIST, BARE_NUMBER, BARE_TEXT

_SET, _VALUE = "propertyset", "value"
_BARE = {BARE_TEXT, BARE_NUMBER, BARE_FLAG, BARE_LIST}


class Scalars(NamedTuple):
    """The values of one place in all rows; at most one of the three is filled in a row."""

    text: pa.Array
    number: pa.Array
    flag: pa.Array


@dataclass(frozen=True)
class Field:
    """One field of all rows. `set_name` is null where no set is named."""

    name: str
    set_name: pa.Array
    values: Scalars

    @property
    def is_set(self) -> pa.Array:
        """Where it has a value."""
        return pc.or_(
            pc.is_valid(self.values.text),
            pc.or_(pc.is_valid(self.values.number), pc.is_valid(self.values.flag)),
        )


class NotScalar(NotUnderstood):
    """A value that is an object or array where the contract knows text, number and flag only."""


def columns(rows: pa.StructArray) -> dict[str, pa.Array]:
    """The members of the rows by key, in order; those that are empty in every row left out."""
    names = [field.name for field in rows.type]
    return {
        name: column
        for name, column in zip(names, rows.flatten(), strict=True)
        if column.null_count < len(column)
    }


def find(found: Mapping[str, pa.Array], name: str) -> pa.Array | None:
    """The column of this name, or the first that differs from it in case only."""
    if name in found:
        return found[name]
    return next((found[key] for key in found if key.casefold() == name.casefold()), None)


def fields(name: str, column: pa.Array) -> Iterator[Field]:
    """What one column of the rows holds: one field, or one for each part of an object.

    Raises: NotScalar if the value of a property is an object or array.
    """
    if not pa.types.is_struct(column.type):
        yield Field(name, _nulls(column, pa.string()), scalars(column, name))
        return
    members = columns(column)
    folded = {key.casefold(): key for key in members}
    if _SET in folded or _VALUE in folded:
        yield _property(name, column, members, folded)
    elif bare := [key for key in members if key in _BARE]:
        yield Field(name, _nulls(column, pa.string()), _bare(members, len(column), name))
        members = {key: part for key, part in members.items() if key not in bare}
    for key, part in members.items():
        if key.casefold() not in (_SET, _VALUE) and key not in _BARE:
            yield from fields(f"{name}.{key}", part)


def scalars(column: pa.Array, name: str) -> Scalars:
    """The values of a column of text, numbers, flags, or several of these.

    Raises: NotScalar if it holds anything else.
    """
    if pa.types.is_struct(column.type):
        members = columns(column)
        if members.keys() <= _BARE:
            return _bare(members, len(column), name)
        raise NotScalar(f"the value of {name!r} is an object")
    return _bare({_bare_key(column.type): column}, len(column), name)


def names(column: pa.Array, name: str) -> pa.Array:
    """The texts of a column that holds names; numbers by their shortest form, empty is null."""
    found = scalars(column, name)
    return pc.coalesce(found.text, pc.cast(found.number, pa.string()))


def _property(
    name: str, column: pa.Array, members: dict[str, pa.Array], folded: dict[str, str]
) -> Field:
    """Rows with a bare value beside rows with objects are taken as values without a set."""
    set_name = _nulls(column, pa.string())
    if _SET in folded:
        set_name = scalars(members[folded[_SET]], f"{name}.PropertySet").text
    bare = {key: part for key, part in members.items() if key in _BARE}
    if _VALUE not in folded:
        return Field(name, set_name, _bare(bare, len(column), name))
    values = scalars(members[folded[_VALUE]], name)
    if bare:
        pairs = zip(values, _bare(bare, len(column), name), strict=True)
        values = Scalars(*(pc.coalesce(inner, outer) for inner, outer in pairs))
    return Field(name, set_name, values)


def _bare(members: dict[str, pa.Array], length: int, name: str) -> Scalars:
    if BARE_LIST in members:
        raise NotScalar(f"the value of {name!r} is an array")
    text = members.get(BARE_TEXT, pa.nulls(length, pa.string()))
    number = members.get(BARE_NUMBER, pa.nulls(length, pa.float64()))
    flag = members.get(BARE_FLAG, pa.nulls(length, pa.bool_()))
    if BARE_TEXT in members and pc.any(is_empty := pc.equal(text, "")).as_py():
        text = pc.if_else(is_empty, None, text)
    return Scalars(text, number, flag)


def _bare_key(type_: pa.DataType) -> str:
    if pa.types.is_string(type_):
        return BARE_TEXT
    if pa.types.is_floating(type_):
        return BARE_NUMBER
    return BARE_FLAG if pa.types.is_boolean(type_) else BARE_LIST


def _nulls(column: pa.Array, type_: pa.DataType) -> pa.Array:
    return pa.nulls(len(column), type_)


def in_order(found: Sequence[Field], first: Sequence[str]) -> list[Field]:
    """The fields named in `first` in that order, then the others by name.

    So that the order does not depend on which answers were read before.
    """
    places = {name: place for place, name in enumerate(first)}
    return sorted(found, key=lambda item: (places.get(item.name, len(places)), item.name))


def refuse_bare(members: dict[str, pa.Array], name: str) -> None:
    """Raises: NotScalar if some rows hold a value where the members of objects are wanted."""
    if any(pc.any(is_filled(part)).as_py() for key, part in members.items() if key in _BARE):
        raise NotScalar(f"{name} is no object")


def is_filled(column: pa.Array) -> pa.Array:
    """Where a column of any type holds something: no null, no empty text."""
    if pa.types.is_string(column.type):
        return pc.fill_null(pc.not_equal(column, ""), False)
    return pc.is_valid(column)
