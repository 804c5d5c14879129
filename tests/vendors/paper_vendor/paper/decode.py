"""From the list to the neutral tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.core.units import converted

LIBRARIES: dict[str, str] = {}


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Elements and their volumes."""
    lines = json.loads(documents[0].path.read_bytes())["lines"]
    trace = [
        {"element_id": line["no"], "element_no": n, "evidence_no": 0, "source_row": n}
        for n, line in enumerate(lines)
    ]
    elements = [
        {**here, "ifc_class": line["what"], "role": "physical"}
        for here, line in zip(trace, lines, strict=True)
    ]
    figures = []
    for here, line in zip(trace, lines, strict=True):
        value, exact = converted(line["m3"], Decimal(1))
        figures.append(
            {
                **here,
                "quantity": names.quantity("NetVolume", "volume", line["what"], None),
                "kind": "volume",
                "basis": "authored",
                "origin": "qto",
                "ordinal": 0,
                "source_name": "m3",
                "source_value": line["m3"],
                "source_unit": "m3",
                "unit_status": "declared",
                "value": value,
                "value_exact": exact,
                "unit": "m3",
            }
        )
    for table, rows in (("elements", elements), ("quantities", figures)):
        yield table, pa.RecordBatch.from_pylist(rows, schema=TABLES[table].decoded)
