"""What the checks of iTwin's endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from itwin_asking import MAPPINGS, Asker

from takeoff.vendors.itwin import grouping
from takeoff.vendors.itwin.definitions import ECProperty, Property

FULL = {"Prefer": "return=representation"}
QUERY = "SELECT ECInstanceId, ECClassId FROM Ifc.IfcWall"
Check = Callable[[Asker], None]
NUMBERS = count()
NEW = Property(
    None, "NetVolume", "Double", "Volume", (ECProperty("*", "*", "NetVolume"),), "Volume", None
)


class Made:
    """What a test makes for itself, so that others find everything as it was."""

    def __init__(self, asker: Asker) -> None:
        name = f"Own_{next(NUMBERS)}"
        self.mapping = grouping.create_mapping(asker.session, asker.imodel, name).id
        self.group = grouping.create_group(asker.session, self.mapping, "Walls", QUERY).id
        self.path = f"{MAPPINGS}/{self.mapping}"
        self.group_path = f"{self.path}/groups/{self.group}"


def ids(items: Sequence[Mapping[str, Any]], key: str = "id") -> list[Any]:
    return [one[key] for one in items]


def said(items: Sequence[Any], name: str = "id") -> list[Any]:
    return [getattr(one, name) for one in items]
