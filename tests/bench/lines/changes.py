"""Two versions of a model compared: the shipped report, and pandas over the same Parquet.

pandas does what people write who know that every element kept its GUID or is a new one: it joins by
GUID, looks for storeys and figures that differ, and sums up by class and quantity. The report finds
out by which of several keys elements belong together, compares all that counts as a change, and
compares every file with its manifest before it reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.needs import Rows, needs
from tests.bench.race import Goal, Race, inside
from tests.bench.room import Room

_MODEL = "ifc:bench-1"


def races(room: Room) -> Iterator[Race]:
    """All ways must find as many elements added, removed, changed and moved."""
    for elements in room.sizes(1_000, 100_000, large=1_000_000):
        lake = str(room.lake(elements, versions=2))
        ways = [inside(name, f"{__name__}:{name}", lake=lake) for name in ("pandas", "takeoff")]
        goals = [Goal("pandas", "takeoff", refuse=15, reach=40)] if elements > 100_000 else []
        agree = ("added", "removed", "changed", "moved")
        yield Race(
            f"changes of two versions of {elements:,} elements", ways, goals, agree, elements
        )


# pyarrow imports pandas with the first array that it makes of Python objects.
@needs("takeoff.jobs.changes", "takeoff.engines.duckdb", "pyarrow.parquet", "pandas")
def takeoff(folder: Path, lake: str) -> Rows:
    """`takeoff changes`, without writing its answer anywhere."""
    from takeoff.config import Settings
    from takeoff.jobs.changes import Comparison, changes

    settings = Settings(lake=Path(lake))
    lines = changes(settings, f"{_MODEL}@1", f"{_MODEL}@2", Comparison()).table.to_pylist()
    counts = [line for line in lines if line["quantity"] == "Count"]
    return {
        name: sum(line[f"{name}_elements"] for line in counts)
        for name in ("added", "removed", "changed", "moved")
    }


@needs("pandas", "pyarrow.parquet", "pyarrow.dataset", "pandas.core.arrays.arrow")
def pandas(folder: Path, lake: str) -> Rows:
    """Both versions read whole, merged by GUID, compared column by column, grouped."""
    import pandas as pd

    old, new = (
        {name: _read(lake, name, version) for name in ("elements", "quantities")}
        for version in (0, 1)
    )
    both = old["elements"].merge(
        new["elements"], on="ifc_guid", how="outer", suffixes=("_old", "_new"), indicator=True
    )
    here = both[both._merge == "both"]
    told = [name.removesuffix("_old") for name in both.columns if name.endswith("_old")]
    own = [name for name in told if name not in ("snapshot_id", "element_no", "source_row")]
    differs = {
        name: (here[f"{name}_old"] != here[f"{name}_new"])
        & ~(here[f"{name}_old"].isna() & here[f"{name}_new"].isna())
        for name in own
    }
    moved = differs["storey_name"] | differs["storey_elevation_m"]
    changed = pd.concat(
        [differs[name] for name in own if not name.startswith("storey_")], axis=1
    ).any(axis=1)
    figures = old["quantities"].merge(
        new["quantities"], on=["element_id", "quantity"], how="outer", suffixes=("_old", "_new")
    )
    other = figures[figures.value_old != figures.value_new]
    resized = here.ifc_guid.isin(other.element_id)
    classes = both.ifc_class_new.fillna(both.ifc_class_old)
    sums = figures.merge(
        pd.DataFrame({"element_id": both.ifc_guid, "ifc_class": classes}), on="element_id"
    ).groupby(["ifc_class", "quantity"])[["value_old", "value_new"]]
    sums.sum()
    physical = (here.role_new == "physical").to_numpy()
    is_changed = (changed | resized).to_numpy()
    return {
        "added": int(((both._merge == "right_only") & (both.role_new == "physical")).sum()),
        "removed": int(((both._merge == "left_only") & (both.role_old == "physical")).sum()),
        "changed": int((physical & is_changed).sum()),
        "moved": int((physical & moved.to_numpy() & ~is_changed).sum()),
    }


def _read(lake: str, table: str, version: int):  # type: ignore[no-untyped-def] - pandas is late
    """The rows of the older or the newer snapshot, whose id begins with when it was made."""
    import pandas as pd

    files = sorted((Path(lake) / "data" / table).glob("*.parquet"))
    ids = sorted({file.name.rpartition("-")[0] for file in files})
    mine = [file for file in files if file.name.startswith(ids[version])]
    return pd.concat([pd.read_parquet(file) for file in mine], ignore_index=True)
