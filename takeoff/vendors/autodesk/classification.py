"""Codes: the systems that Revit has fields for, and those that users add properties for."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from takeoff.vendors import longs
from takeoff.vendors.autodesk.given import Given
from takeoff.vendors.autodesk.names import Names
from takeoff.vendors.longs import Indices
from takeoff.vendors.values import Elements, as_batch

# As Revit's exporter to IFC reads it: [Uniclass 2015]Ss_25_10:Framed wall systems
_CODE = re.compile(r"\[(?P<system>[^\]]+)\]\s*(?P<code>[^:\[]+?)\s*(?::\s*(?P<title>.*))?")

Code = tuple[str | None, str | None, str | None]


class Codes:
    """The fields with codes of one index."""

    def __init__(self, names: Names) -> None:
        self._systems = names.codes
        self._free = names.keys("classification")

    def batch(self, given: Given, elements: Elements) -> pa.RecordBatch:
        """One row for each element and system that it has a code of, in the order of systems."""
        found = [
            (system, given.texts(codes), given.texts(titles))
            for system, codes, titles in self._systems
        ]
        parts = [_with_system(system, code, title) for system, code, title in found]
        parts.append(_free(given.texts(self._free)))
        rows = np.concatenate([rows for rows, _ in parts])
        order = np.argsort(rows, kind="stable")
        rows, at = rows[order], pa.array(order)
        system, code, title = (
            pa.concat_arrays([columns[place] for _, columns in parts]).take(at)
            for place in range(3)
        )
        return as_batch(
            "codes",
            {
                **elements.identity(rows),
                "ordinal": pa.array(longs.ranks(rows), pa.int32()),
                "system": system,
                "edition": pa.nulls(len(rows), pa.string()),
                "code": code,
                "title": title,
            },
        )


Part = tuple[Indices, tuple[pa.Array, pa.Array, pa.Array]]


def _with_system(system: str, code: pa.Array, title: pa.Array) -> Part:
    rows = np.flatnonzero(code.is_valid().to_numpy(zero_copy_only=False))
    at = pa.array(rows)
    systems = pa.array([system] * len(rows), pa.string())
    return rows, (systems, code.take(at), title.take(at))


def _free(written: pa.Array) -> Part:
    """Codes that name their system themselves."""
    texts, which = longs.encoded(written)
    codes = [_code(text) for text in texts]
    has_code = np.array([code is not None for _, code, _ in codes], dtype=bool)
    rows = np.flatnonzero(has_code[which])
    spread = (longs.spread([code[place] for code in codes], which[rows]) for place in range(3))
    system, code, title = spread
    return rows, (system, code, title)


def _code(text: str | None) -> Code:
    """(system, code, title); a text of another form is a code of no named system."""
    found = None if text is None else _CODE.fullmatch(text.strip())
    if found is None:
        return None, text, None
    return found["system"], found["code"], found["title"] or None
