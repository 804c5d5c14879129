"""Reading IFC in tests: a file or a few records, to rows by table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa

from takeoff.core.progress import Quiet
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.vendors import load

RULES = Path(__file__).resolve().parents[2] / "data" / "rules" / "quantity_names.csv"

# The heads of the examples: what every file has to have, in millimetres.
UNITS = """#10=IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.);
#11=IFCSIUNIT(*,.AREAUNIT.,$,.SQUARE_METRE.);
#12=IFCSIUNIT(*,.VOLUMEUNIT.,$,.CUBIC_METRE.);
"""
PROJECT = "#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'P',$,$,$,$,$,#2);\n"
ASSIGNED = "#2=IFCUNITASSIGNMENT((#10,#11,#12));\n"
STOREY = """#5=IFCBUILDING('1YvctVUKr0kugbFTf53O9L',$,'B',$,$,$,$,$,.ELEMENT.,$,$,$);
#6=IFCBUILDINGSTOREY('2YvctVUKr0kugbFTf53O9L',$,'S',$,$,$,$,$,.ELEMENT.,3000.);
#7=IFCRELAGGREGATES('3YvctVUKr0kugbFTf53O9L',$,$,$,#1,(#5));
#8=IFCRELAGGREGATES('0ZvctVUKr0kugbFTf53O9L',$,$,$,#5,(#6));
"""
WALL = "#100=IFCWALL('2XQ$n5SLP5MBLyL442paFx',$,'W',$,$,$,$,$,$);\n"
ON_STOREY = "#9=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9L',$,$,$,(#100),#6);\n"
BASE = PROJECT + ASSIGNED + UNITS + STOREY + WALL + ON_STOREY


def names() -> QuantityNames:
    """The names that ship with takeoff."""
    with RULES.open(encoding="utf-8", newline="") as file:
        return QuantityNames.from_rows(csv.DictReader(file))


def step_text(records: str, schema: str = "IFC4", end: str = "ENDSEC;\nEND-ISO-10303-21;\n") -> str:
    """A whole STEP file around `records`."""
    return (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
        "FILE_NAME('','',(''),(''),'','','');\n"
        f"FILE_SCHEMA(('{schema}'));\nENDSEC;\nDATA;\n{records}{end}"
    )


def decoded(path: Path, work: Path, *, geometry: bool = False) -> dict[str, list[dict[str, Any]]]:
    """All rows of the file by table; every batch has the schema that its table states."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    document = Document(0, path.name, path, "")
    decode = load("ifc").decode.decode
    for table, batch in decode(
        [document], names=names(), options={"geometry": geometry}, work=work, progress=Quiet()
    ):
        assert isinstance(batch, pa.RecordBatch)
        assert batch.schema.equals(TABLES[table].decoded)
        batch.validate(full=True)
        rows[table] += batch.to_pylist()
    return rows


def read_text(
    records: str, folder: Path, *, schema: str = "IFC4", geometry: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """The rows of a file that holds these records."""
    path = folder / "example.ifc"
    path.write_text(step_text(records, schema), "utf-8")
    return decoded(path, folder, geometry=geometry)
