"""Where objects are and what they are in a takeoff, told by the tree they stand in.

Contract 6.1: the storey of an element is its nearest structure node; which nodes are storeys the
contract only infers. A node that names its IFC class is believed. Of the others one that holds
elements is a storey, unless a storey stands in it or it stands in one; one that holds storeys is a
building.
"""

from __future__ import annotations

from dataclasses import dataclass

from takeoff.vendors.bimplus import classes, known
from takeoff.vendors.bimplus.tree import Tree

PART = "part"
_TOPS = (known.PROJECT_NODE, known.MODEL_NODE)
_BY_TYPE = {
    known.PROJECT_NODE: "project",
    known.MODEL_NODE: "project",
    known.SITE_NODE: "site",
    known.STOREY: "storey",
    known.ROOM: "space",
}
_WHOLES = ("physical", "part")


@dataclass(frozen=True)
class Places:
    """One entry for each node of the tree; nearest ones are places in the tree, -1 if none is.

    `kinds`: project, site, building, storey, space or part for what is a place, else null.
    `roles`: as in the table `elements`; null for what is no row there, the project and what is
    skipped. `numbers` count those that are, -1 for the others. What is around a node does not
    include the node itself.
    """

    kinds: list[str | None]
    roles: list[str | None]
    numbers: list[int]
    buildings: list[int]
    storeys: list[int]
    spaces: list[int]
    above: list[int]

    @property
    def count(self) -> int:
        """How many rows `elements` has."""
        return sum(role is not None for role in self.roles)


def find(tree: Tree) -> Places:
    """The places of a tree, and the role of each of its nodes."""
    kinds = _kinds(tree)
    roles = _roles(tree, kinds)
    numbers, next_no = [], 0
    for role in roles:
        numbers.append(-1 if role is None else next_no)
        next_no += role is not None
    return Places(
        kinds,
        roles,
        numbers,
        _nearest(tree, [kind == "building" for kind in kinds]),
        _nearest(tree, [kind == "storey" for kind in kinds]),
        _nearest(tree, [kind == "space" for kind in kinds]),
        _nearest(tree, [kind is not None for kind in kinds]),
    )


def _kinds(tree: Tree) -> list[str | None]:
    """What kind of place each node is; skipped ones are none."""
    stated = [
        None if is_skipped else classes.place_kind(ifc_class) or _BY_TYPE.get(type_id or "")
        for is_skipped, ifc_class, type_id in zip(
            tree.is_skipped, tree.classes, tree.type_ids, strict=True
        )
    ]
    untold = [
        tree.is_structure[at] and kind is None and not tree.is_skipped[at]
        for at, kind in enumerate(stated)
    ]
    is_storey = [kind == "storey" for kind in stated]
    in_storey, with_storey = _nearest(tree, is_storey), _holding(tree, is_storey)
    for at, parent in enumerate(tree.parents):
        holds = parent >= 0 and untold[parent] and not (tree.is_structure[at] or stated[at])
        if holds and not tree.is_skipped[at] and in_storey[parent] < 0 and not with_storey[parent]:
            stated[parent] = "storey"
    for at, parent in enumerate(tree.parents):
        is_above = parent >= 0 and untold[parent] and stated[parent] is None
        if is_above and stated[at] == "storey":
            stated[parent] = "building"
    return [PART if untold[at] and kind is None else kind for at, kind in enumerate(stated)]


def _holding(tree: Tree, is_wanted: list[bool]) -> list[bool]:
    """Whether a wanted node stands somewhere below."""
    found = [False] * len(tree)
    for at in range(len(tree) - 1, -1, -1):
        if (parent := tree.parents[at]) >= 0 and (found[at] or is_wanted[at]):
            found[parent] = True
    return found


def _nearest(tree: Tree, is_wanted: list[bool]) -> list[int]:
    """The nearest wanted node above each node; -1 if there is none."""
    found: list[int] = []
    for parent in tree.parents:
        found.append(parent if parent >= 0 and is_wanted[parent] else -1)
        if parent >= 0 and not is_wanted[parent]:
            found[-1] = found[parent]
    return found


def _roles(tree: Tree, kinds: list[str | None]) -> list[str | None]:
    by_look: dict[tuple[str | None, ...], str] = {}
    roles: list[str | None] = []
    for at, parent in enumerate(tree.parents):
        kind, type_id = kinds[at], tree.type_ids[at]
        if tree.is_skipped[at] or kind == "project" or type_id in _TOPS:
            roles.append(None)
            continue
        if kind is not None:
            roles.append("space" if kind == "space" else "location")
            continue
        look = (tree.classes[at], tree.layers[at], tree.words[at])
        role = by_look.get(look)
        if role is None:
            role = by_look[look] = _role(*look)
        is_part = tree.is_child[at] and parent >= 0 and roles[parent] in _WHOLES
        roles.append("part" if role == "physical" and is_part else role)
    return roles


def _role(ifc_class: str | None, layer: str | None, word: str | None) -> str:
    if classes.is_opening(ifc_class, layer, word):
        return "opening"
    return "annotation" if classes.is_annotation(ifc_class) else "physical"
