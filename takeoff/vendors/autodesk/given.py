"""The values of a batch of rows, typed: text, number or flag, each with the key that it stands at.

Arrow and numpy do the work; nothing here loops over rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs
from takeoff.vendors.autodesk.fields import NUMERIC, Fields
from takeoff.vendors.autodesk.rows import Pairs
from takeoff.vendors.longs import Indices
from takeoff.vendors.values import LongValues

_NUMERAL = r"^[-+]?(\d+\.?\d*|\.\d+)([Ee][-+]?\d+)?$"
_NONE = -1

Flags = npt.NDArray[np.bool_]


class Given:
    """The values of `length` rows. What is null is not there; lists and objects are JSON text."""

    def __init__(self, pairs: Pairs, length: int, fields: Fields) -> None:
        first = _first_bytes(pairs.values)
        kept = np.flatnonzero(first != ord("n"))
        at = pa.array(kept)
        keys = pairs.keys.take(at).dictionary_encode()
        self._fields, self._length = fields, length
        self._keys: list[str] = keys.dictionary.to_pylist()
        self._which = keys.indices.to_numpy().astype(np.int64)
        self.element: Indices = pairs.element[kept]
        self._read(pairs.values.take(at), first[kept])

    def texts(self, keys: Sequence[str]) -> pa.Array:
        """One text for each row: that of the first of these keys that it has a value of, or null.

        Numbers come by their shortest form; empty text is none.
        """
        places = self._picked(keys)
        at = pa.array(places, mask=places == _NONE)
        columns = (column.take(at) for column in (self._text, self._number, self._flag))
        found = pc.coalesce(*(pc.cast(column, pa.string()) for column in columns))
        return pc.if_else(pc.equal(found, ""), None, found)

    def flags(self, keys: Sequence[str]) -> pa.Array:
        """True, false or null for each row, in the same way."""
        places = self._picked(keys)
        return self._flag.take(pa.array(places, mask=places == _NONE))

    def references(self, keys: Sequence[str]) -> tuple[Indices, Indices, Indices]:
        """(row, rank of its key among `keys`, object number) of each value that is a number."""
        ranks = self._ranks(keys)
        is_number = self._number.is_valid().to_numpy(zero_copy_only=False)
        at = np.flatnonzero((ranks < len(keys)) & is_number)
        numbers = self._number.take(pa.array(at)).to_numpy(zero_copy_only=False)
        return self.element[at], ranks[at], numbers.astype(np.int64)

    def zeros(self, keys: Sequence[str]) -> Indices:
        """The rows whose value of one of the keys is 0."""
        is_zero = pc.fill_null(pc.equal(self._number, 0), False).to_numpy(zero_copy_only=False)
        found: Indices = np.unique(self.element[(self._ranks(keys) < len(keys)) & is_zero])
        return found

    def long(self, without: Sequence[str]) -> LongValues:
        """All values but those of the keys `without`, row by row."""
        at = np.flatnonzero(self._ranks(without) == len(without))
        taken, which = pa.array(at), self._which[at]
        fields = [self._fields.get(key) for key in self._keys]
        sets = [None if field is None else field.category for field in fields]
        names = [
            key if field is None else field.name
            for key, field in zip(self._keys, fields, strict=True)
        ]
        units = [None if field is None else field.uom for field in fields]
        return LongValues(
            self.element[at],
            longs.named(sets, which),
            longs.named(names, which),
            self._text.take(taken),
            self._number.take(taken),
            self._flag.take(taken),
            longs.named(units, which),
            longs.named(self._keys, which),
        )

    def _read(self, values: pa.Array, first: npt.NDArray[np.uint8]) -> None:
        is_quoted = first == ord('"')
        is_flag = (first == ord("t")) | (first == ord("f"))
        is_number = (first == ord("-")) | ((first >= ord("0")) & (first <= ord("9")))
        text = _unquoted(pc.if_else(pa.array(is_quoted), values, None))
        number = pc.cast(pc.if_else(pa.array(is_number), values, None), pa.float64())
        is_numeral = is_quoted & self._is_numeric()
        if is_numeral.any():
            is_numeral &= _matches(text, _NUMERAL)
            quoted = pc.cast(pc.if_else(pa.array(is_numeral), text, None), pa.float64())
            number = pc.coalesce(number, quoted)
            text = pc.if_else(pa.array(is_numeral), None, text)
        is_other = ~(is_quoted | is_flag | is_number)
        self._text = pc.coalesce(text, pc.if_else(pa.array(is_other), values, None))
        self._number = number
        self._flag = pc.if_else(pa.array(is_flag), pa.array(first == ord("t")), None)

    def _is_numeric(self) -> Flags:
        """Where the field's own type is a number; some writers quote them."""
        fields = [self._fields.get(key) for key in self._keys]
        types = [field is not None and field.type in NUMERIC for field in fields]
        found: Flags = np.array(types, dtype=bool)[self._which]
        return found

    def _ranks(self, keys: Sequence[str]) -> Indices:
        """For each value the place of its key in `keys`; their number where it is none of them."""
        places = {key: place for place, key in enumerate(keys)}
        of_key = np.array([places.get(key, len(keys)) for key in self._keys], dtype=np.int64)
        found: Indices = of_key[self._which]
        return found

    def _picked(self, keys: Sequence[str]) -> Indices:
        """For each row the place of its value of the first of the keys; -1 if it has none."""
        ranks = self._ranks(keys)
        at = np.flatnonzero(ranks < len(keys))
        best_last = at[np.argsort(-ranks[at], kind="stable")]
        found = np.full(self._length, _NONE)
        found[self.element[best_last]] = best_last
        return found


def _first_bytes(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """The first byte of each text; none is empty or null."""
    if not len(texts):
        return np.array([], dtype=np.uint8)
    _, offsets, content = texts.buffers()
    starts = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts)]
    found: npt.NDArray[np.uint8] = np.frombuffer(content, dtype=np.uint8)[starts]
    return found


def _unquoted(texts: pa.Array) -> pa.Array:
    """The text of JSON strings. DuckDB escapes little; each different text with escapes is read."""
    bare = pc.utf8_slice_codeunits(texts, 1, -1)
    is_escaped = pc.fill_null(pc.match_substring(texts, "\\"), False)
    where = np.asarray(is_escaped.to_numpy(zero_copy_only=False), dtype=bool)
    if not where.any():
        return bare
    escaped = texts.filter(is_escaped).dictionary_encode()
    read = pa.array([json.loads(text) for text in escaped.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(bare, is_escaped, read.take(escaped.indices))


def _matches(texts: pa.Array, pattern: str) -> Flags:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
