"""All campaigns by name, in the order of the table."""

from __future__ import annotations

from . import arithmetic, bomb_files, bombs, disk, faults, kills, names, writers
from .tally import Part

CAMPAIGNS: dict[str, tuple[Part, ...]] = {
    "kills": kills.PARTS,
    "faults": faults.PARTS,
    "writers": writers.PARTS,
    "disk": disk.PARTS,
    "arithmetic": arithmetic.PARTS,
    "bombs": (*bombs.PARTS, *bomb_files.PARTS),
    "names": names.PARTS,
}
