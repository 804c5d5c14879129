"""All campaigns by name, in the order of the table."""

from __future__ import annotations

from . import (
    addresses,
    arithmetic,
    bomb_files,
    bombs,
    browser,
    disk,
    faults,
    fuzz,
    kills,
    kills_of_compactions,
    misplaced,
    names,
    office,
    onlookers,
    redirects,
    secrets,
    vendor_redirects,
    writers,
)
from .tally import Part

CAMPAIGNS: dict[str, tuple[Part, ...]] = {
    "kills": (*kills.PARTS, *kills_of_compactions.PARTS),
    "faults": faults.PARTS,
    "writers": writers.PARTS,
    "disk": disk.PARTS,
    "arithmetic": arithmetic.PARTS,
    "bombs": (*bombs.PARTS, *bomb_files.PARTS),
    "secrets": (*secrets.PARTS, *misplaced.PARTS, *onlookers.PARTS),
    "redirects": (*redirects.PARTS, *addresses.PARTS, *vendor_redirects.PARTS),
    "names": (*names.PARTS, *office.PARTS, *browser.PARTS),
    "fuzz": fuzz.PARTS,
}
