"""The topology tree of a model, laid out flat: who is in whom, and of what type.

Contract 6.1: nodes that hold others are told by the id of their element type, all others are
elements; `children` may be null or missing, and how deep they go is the data's choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from takeoff.vendors.bimplus import answers, classes, known
from takeoff.vendors.bimplus.answers import guid, text
from takeoff.vendors.bimplus.shapes import ElementType

CHILDREN = "children"
_TRUE = (True, 1, "1", "true", "True")


@dataclass(frozen=True)
class Tree:
    """Nodes in the order of the answer's text, whole before part; one entry a node in each list.

    `parents` are places in these lists, -1 at the top. `is_structure`: holds others and is no
    building part. `is_skipped`: in a layer that holds none, such as clashes. `is_child`: a part of
    its parent element. `written` is the class as the service writes it, else its word for the type.
    Ids are in lower case. A node whose id came before is left out.
    """

    ids: list[str]
    parents: list[int]
    rows: list[int]
    type_ids: list[str | None]
    words: list[str | None]
    names: list[str | None]
    classes: list[str | None]
    written: list[str | None]
    ifc_ids: list[str | None]
    authoring_ids: list[str | None]
    layers: list[str | None]
    is_child: list[bool]
    is_structure: list[bool]
    is_skipped: list[bool]
    repeated: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def by_type(self, *, structure: bool) -> dict[str | None, list[str]]:
        """Ids of the structure nodes, or of all others, by element type, in the tree's order.

        What is skipped is not there; the nodes of project and model themselves are not, either.
        """
        found: dict[str | None, list[str]] = {}
        for at, type_id in enumerate(self.type_ids):
            is_top = type_id in (known.PROJECT_NODE, known.MODEL_NODE)
            if self.is_structure[at] is structure and not (self.is_skipped[at] or is_top):
                found.setdefault(type_id, []).append(self.ids[at])
        return found

    def skipped(self) -> set[str]:
        """Ids of the nodes that are skipped."""
        return {
            id_ for id_, is_skipped in zip(self.ids, self.is_skipped, strict=True) if is_skipped
        }


def read(raw: bytes, name: str, types: Sequence[ElementType] = ()) -> Tree:
    """The tree in an answer; `types` say of what type a node is that only has the type's word.

    Raises: NotUnderstood if it is no tree of objects with ids.
    """
    found, parents = _walked(answers.parsed_tree(raw, name), raw, name)
    fields = _Fields(found)
    ids = [guid(value) for value in fields.of("id")]
    if None in ids:
        raise answers.refused(name, raw, f"its node {ids.index(None)} has no id")
    words = [text(value) for value in fields.of("type")]
    ids_of_words = {(one.word or "").casefold(): one.id for one in types} | known.STRUCTURE_WORDS
    type_ids = [
        guid(value) or ids_of_words.get((word or "").casefold())
        for value, word in zip(fields.of("elementTypeId", "elementtyp"), words, strict=True)
    ]
    layers = [guid(value) for value in fields.of("layerid")]
    by_id = {one.id: one for one in types}
    tree = Tree(
        ids=[id_ or "" for id_ in ids],
        parents=parents,
        rows=list(range(len(found))),
        type_ids=type_ids,
        words=words,
        names=[text(value) for value in fields.of("name")],
        classes=_classes(fields.of("ifcType"), type_ids, words, by_id),
        written=[
            text(value) or word for value, word in zip(fields.of("ifcType"), words, strict=True)
        ],
        ifc_ids=[text(value) for value in fields.of("ifcId")],
        authoring_ids=[text(value) for value in fields.of("allplanGuid")],
        layers=layers,
        is_child=[value in _TRUE for value in fields.of("isChild")],
        is_structure=[type_id in known.STRUCTURE for type_id in type_ids],
        is_skipped=_skipped(type_ids, layers, parents),
        repeated=[],
    )
    return _each_once(tree) if len(set(tree.ids)) < len(tree) else tree


def nodes(raw: bytes, name: str) -> list[dict[str, Any]]:
    """All nodes as they are in JSON, in the order of `Tree.rows`. Raises: NotUnderstood."""
    return _walked(answers.parsed_tree(raw, name), raw, name)[0]


class _Fields:
    """The members of all nodes, name by name, whatever the case of their keys."""

    def __init__(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        self._nodes = nodes
        self._spellings: dict[str, list[str]] = {}
        for key in sorted(set().union(*nodes)):
            self._spellings.setdefault(key.casefold(), []).append(key)

    def of(self, *names: str) -> list[Any]:
        """The first of these members that is not null in each node."""
        keys = [key for name in names for key in self._spellings.get(name.casefold(), [])]
        if len(keys) < 2:
            return [node.get(key) for key in keys for node in self._nodes] or [None] * len(
                self._nodes
            )
        return [
            next((node[key] for key in keys if node.get(key) is not None), None)
            for node in self._nodes
        ]


def _walked(top: Any, raw: bytes, name: str) -> tuple[list[dict[str, Any]], list[int]]:
    """All nodes, and the place of each one's parent."""
    nodes: list[dict[str, Any]] = []
    parents: list[int] = []
    waiting: list[tuple[Any, int]] = [(one, -1) for one in reversed(_children(top, raw, name))]
    while waiting:
        node, parent = waiting.pop()
        if not isinstance(node, dict):
            raise answers.refused(name, raw, f"below its node {parent} stands what is no object")
        place = len(nodes)
        nodes.append(node)
        parents.append(parent)
        inner = node.get(CHILDREN)
        if inner is None and CHILDREN not in node:
            inner = next((node[key] for key in node if key.casefold() == CHILDREN), None)
        if inner:
            waiting.extend((one, place) for one in reversed(_children(inner, raw, name)))
    return nodes, parents


def _children(value: Any, raw: bytes, name: str) -> list[Any]:
    """A tree's top may be one node or several."""
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise answers.refused(name, raw, "it is no tree of objects")
    return [item for item in value if item is not None]


def _classes(
    written: Sequence[Any],
    type_ids: Sequence[str | None],
    words: Sequence[str | None],
    types: Mapping[str, ElementType],
) -> list[str | None]:
    """The IFC class of each node: its own, else that of its element type, else its word if IFC has
    a class of that name.
    """
    found: dict[tuple[str | None, str | None, str | None], str | None] = {}
    seen = list(zip(map(text, written), type_ids, words, strict=True))
    for own, type_id, word in dict.fromkeys(seen):
        of_type = types.get(type_id or "")
        given = own or (None if of_type is None else of_type.ifc_type)
        found[own, type_id, word] = classes.ifc_class(given) or classes.class_of_word(word)
    return [found[one] for one in seen]


def _skipped(
    type_ids: Sequence[str | None], layers: Sequence[str | None], parents: Sequence[int]
) -> list[bool]:
    """What is in a skipped layer, or below such a node."""
    found: list[bool] = []
    for type_id, layer, parent in zip(type_ids, layers, parents, strict=True):
        is_own = type_id in known.SKIPPED or layer in known.SKIPPED
        found.append(is_own or (parent >= 0 and found[parent]))
    return found


def _each_once(tree: Tree) -> Tree:
    """The tree without nodes whose id came before; what is below them hangs on the first one.

    A node that is skipped in one place and not in another counts where it is not.
    """
    counts = Counter(
        id_ for id_, is_skipped in zip(tree.ids, tree.is_skipped, strict=True) if not is_skipped
    )
    first: dict[str, int] = {}
    kept: list[int] = []
    new_places: list[int] = []
    for place, id_ in enumerate(tree.ids):
        hides = tree.is_skipped[place] and counts[id_] > 0
        if id_ not in first and not hides:
            first[id_] = len(kept)
            kept.append(place)
        new_places.append(first.get(id_, -1))
    parents = [-1 if (at := tree.parents[place]) < 0 else new_places[at] for place in kept]

    def taken(column: list[Any]) -> list[Any]:
        return [column[place] for place in kept]

    return Tree(
        ids=taken(tree.ids),
        parents=parents,
        rows=taken(tree.rows),
        type_ids=taken(tree.type_ids),
        words=taken(tree.words),
        names=taken(tree.names),
        classes=taken(tree.classes),
        written=taken(tree.written),
        ifc_ids=taken(tree.ifc_ids),
        authoring_ids=taken(tree.authoring_ids),
        layers=taken(tree.layers),
        is_child=taken(tree.is_child),
        is_structure=taken(tree.is_structure),
        is_skipped=taken(tree.is_skipped),
        repeated=[id_ for id_, count in counts.items() if count > 1],
    )
