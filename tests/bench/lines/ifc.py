"""An IFC file into a lake, beside IfcOpenShell's own iterator and beside opening the file.

The iterator triangulates every product on all cores and measures nothing. With its shells turned
outwards it does what volumes need, whose sign is else that of the shell: the limit for us. Ours
reads all properties and figures, computes quantities from the geometry, and commits tables,
evidence and proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.needs import Rows, needs
from tests.bench.race import ROOT, Goal, Race, inside
from tests.bench.room import Room

_SAMPLE = ROOT / "data" / "sample" / "Lindenhof_structure.ifc"
_SHARED = ROOT.parent / "shared" / "data" / "ifc"
_LARGE = ("Duplex_A_20110907.ifc", "BIMWhale_LargeBuilding.ifc", "Duplex_Electrical_20121207.ifc")


def races(room: Room) -> Iterator[Race]:
    """The public models beside the repository; the sample where they are absent."""
    found = [_SHARED / name for name in _LARGE if (_SHARED / name).is_file()]
    for path in [_SAMPLE] if room.is_small or not found else found:
        asked = {"path": str(path)}
        ways = [
            inside(name, f"{__name__}:{name}", **asked)
            for name in ("opened", "iterator", "takeoff", "takeoff_no_geometry")
        ]
        turned = inside("iterator, turned", f"{__name__}:iterator", **asked, is_turned=True)
        ways.insert(2, turned)
        goals = [
            Goal("takeoff", "iterator", refuse=1.5, reach=1.2),
            Goal("takeoff_no_geometry", "opened", refuse=3, reach=2),
        ]
        yield Race(f"{path.name}, {path.stat().st_size / 1e6:.1f} MB", ways, goals)


@needs("ifcopenshell")
def opened(folder: Path, path: str) -> Rows:
    """ifcopenshell.open, and nothing read from it."""
    import ifcopenshell

    return {"products": len(ifcopenshell.open(path).by_type("IfcProduct"))}


@needs("ifcopenshell", "ifcopenshell.geom")
def iterator(folder: Path, path: str, is_turned: bool = False) -> Rows:
    """The file opened, and all shapes made on all cores; with `is_turned` their shells outwards."""
    import os

    import ifcopenshell
    import ifcopenshell.geom

    # Held here: the iterator does not keep the file that it reads.
    model = ifcopenshell.open(path)
    settings = ifcopenshell.geom.settings()
    settings.set("reorient-shells", is_turned)
    shapes = ifcopenshell.geom.iterator(settings, model, os.cpu_count() or 1)
    made = 0
    more = shapes.initialize()
    while more:
        made += bool(shapes.get())
        more = shapes.next()
    return {"shapes": made}


# pyarrow imports pandas with the first array that it makes of Python objects.
@needs("takeoff.jobs.fetch", "takeoff.vendors.ifc", "ifcopenshell.geom", "shapely", "pandas")
def takeoff(folder: Path, path: str) -> Rows:
    """`takeoff fetch ifc`."""
    return _fetched(folder, path, geometry=True)


@needs("takeoff.jobs.fetch", "takeoff.vendors.ifc", "ifcopenshell", "pandas")
def takeoff_no_geometry(folder: Path, path: str) -> Rows:
    """`takeoff fetch ifc --no-geometry`."""
    return _fetched(folder, path, geometry=False)


def _fetched(folder: Path, path: str, *, geometry: bool) -> Rows:
    from takeoff.config import Settings
    from takeoff.core.progress import Quiet
    from takeoff.jobs.fetch import IfcOptions, fetch_ifc

    settings = Settings(lake=folder / "lake")
    options = IfcOptions(geometry=geometry)
    (outcome,) = fetch_ifc(settings, [Path(path)], options, Quiet())
    if outcome.snapshot is None:
        raise outcome.error or RuntimeError("nothing was fetched")
    tables = ("elements", "quantities", "properties")
    return {table: outcome.snapshot.rows(table) for table in tables}
