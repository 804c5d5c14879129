"""Objects as JSON, in the forms that they can be asked for in; columns at a time, not values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.bimplus import units
from takeoff.sandbox.bimplus.attributes import Attributes, Definition, json_text
from takeoff.sandbox.bimplus.nodes import Nodes, Numbers
from takeoff.sandbox.bimplus.vocabulary import GROUP_TEXTS
from takeoff.sandbox.switches import Switches

_CHUNK = 4_000
_BOOLEANS = {
    "true": ("true", "false"),
    "one": ("1", "0"),
    "text_true": ('"true"', '"false"'),
    "text_one": ('"1"', '"0"'),
}


@dataclass(frozen=True)
class Looks:
    """The switches that shape values."""

    lengths: str
    symbols: str
    units: str
    numbers: str
    booleans: str
    enumeration: str
    set_keys: str

    @classmethod
    def at(cls, switches: Switches) -> Looks:
        return cls(*(switches[f"bimplus_{one.name}"] for one in fields(cls)))


@dataclass(frozen=True)
class Form:
    """What of an object is asked for. `is_flat`: all attributes in one group, by their ids."""

    definitions: bool = False
    is_flat: bool = False
    sets: bool = True
    ids: bool = False
    children: bool = False


class Renderer:
    """Writes the objects of one model under one position of the switches."""

    def __init__(self, nodes: Nodes, attributes: Attributes, looks: Looks) -> None:
        self._nodes = nodes
        self._attributes = attributes
        self._looks = looks
        self._labels = self._enumerated() if looks.enumeration != "none" else []

    def objects(self, nodes: Numbers, form: Form) -> list[str]:
        """The JSON text of each of these nodes."""
        texts: list[str] = []
        for start in range(0, len(nodes), _CHUNK):
            texts += self._chunk(nodes[start : start + _CHUNK], form)
        return texts

    def definition(self, row: int) -> dict[str, Any]:
        """One attribute of one object, with its value."""
        rows = np.array([row])
        nodes = np.array([0]) if self._looks.lengths != "mixed" else self._row_nodes(rows)
        leaves = self._leaves(rows, nodes, Form(definitions=True))
        told: dict[str, Any] = json.loads("{" + leaves[0].as_py() + "}")
        found: dict[str, Any] = next(iter(told.values()))
        return found

    def values(self, rows: Numbers) -> list[str]:
        """The value of each row as JSON; null if it has none."""
        nodes = self._row_nodes(rows)
        in_metres = self._in_metres(rows, nodes)
        values: list[str] = self._value_texts(rows, in_metres).fill_null("null").to_pylist()
        return values

    def unit(self, definition: int) -> str | None:
        """The unit of an attribute in the catalogue."""
        return self._unit(definition, self._looks.lengths == "m")

    def _row_nodes(self, rows: Numbers) -> Numbers:
        return np.searchsorted(self._attributes.starts, rows, side="right") - 1

    def _chunk(self, nodes: Numbers, form: Form) -> list[str]:
        rows, place = self._attributes.rows(nodes)
        kept = self._kept(rows, form)
        rows, place = rows[kept], place[kept]
        leaves = self._leaves(rows, nodes[place], form)
        heads = pa.array([self._head(int(node)) for node in nodes], pa.string())
        if form.is_flat:
            grouped = _lists(leaves, place, len(nodes))
            attributes = _joined('"content":{', pc.binary_join(grouped, ","), "}")
            localized = pa.array([""] * len(nodes), pa.string())
        else:
            attributes, localized = self._grouped(leaves, rows, place, len(nodes))
        parts = [heads, ',"attributes":{', attributes, '},"localizedAttributeGroups":{', localized]
        texts: list[str] = _joined(*parts, "}").to_pylist()
        if form.ids:
            ids = self._ids(rows, place, len(nodes))
            texts = [f'{text},"freeattributes":[{i}]' for text, i in zip(texts, ids, strict=True)]
        if form.children:
            below = self._children(nodes, form)
            texts = [f'{text},"children":[{c}]' for text, c in zip(texts, below, strict=True)]
        return [f"{text}}}" for text in texts]

    def _kept(self, rows: Numbers, form: Form) -> npt.NDArray[np.bool_]:
        definitions = self._attributes.definitions
        wanted = np.array([form.sets or not one.is_set for one in definitions], np.bool_)
        kept: npt.NDArray[np.bool_] = wanted[self._attributes.definition[rows]]
        return kept

    def _grouped(
        self, leaves: pa.Array, rows: Numbers, place: Numbers, count: int
    ) -> tuple[pa.Array, pa.Array]:
        """For each object its groups, and the groups' texts for people."""
        definitions = self._attributes.definitions
        groups = list(dict.fromkeys((self._key(one), one.group_text) for one in definitions))
        numbers = {group: number for number, (group, _) in enumerate(groups)}
        of_definition = np.array([numbers[self._key(one)] for one in definitions], np.int64)
        group = of_definition[self._attributes.definition[rows]]
        begins = np.ones(len(rows), np.bool_)
        begins[1:] = (place[1:] != place[:-1]) | (group[1:] != group[:-1])
        first = np.flatnonzero(begins)
        which = np.cumsum(begins) - 1
        opening = pa.array([f"{json_text(key)}:{{" for key, _ in groups], pa.string())
        told = [f"{json_text(key)}:{json_text(text)}" for key, text in groups]
        taken = pa.array(group[first])
        members = pc.binary_join(_lists(leaves, which, len(first)), ",")
        bodies = _joined(opening.take(taken), members, "}")
        localized = pa.array(told, pa.string()).take(taken)
        owner = place[first]
        return (
            pc.binary_join(_lists(bodies, owner, count), ","),
            pc.binary_join(_lists(localized, owner, count), ","),
        )

    def _head(self, node: int) -> str:
        """What an object says of itself beside its attributes, without the last brace."""
        nodes, one = self._nodes, self._nodes.types[node]
        members = [f'{{"id":"{nodes.ids[node]}"']
        if nodes.parents[node] >= 0:
            members.append(f'"parent":"{nodes.ids[nodes.parents[node]]}"')
        members += [f'"type":{json_text(one.word)}', f'"elementtyp":"{one.id}"']
        if one.layer_id is not None:
            members.append(f'"layerid":"{one.layer_id}"')
        name = nodes.names[node]
        if name is not None:
            members.append(f'"name":{json_text(name)}')
        return ",".join(members)

    def _ids(self, rows: Numbers, place: Numbers, count: int) -> list[str]:
        quoted = pa.array([f'"{one.id}"' for one in self._attributes.definitions], pa.string())
        ids = quoted.take(pa.array(self._attributes.definition[rows]))
        joined: list[str] = pc.binary_join(_lists(ids, place, count), ",").to_pylist()
        return joined

    def _children(self, nodes: Numbers, form: Form) -> list[str]:
        """For each node its children, with theirs."""
        children = [self._nodes.children(int(node)) for node in nodes]
        if not sum(map(len, children)):
            return [""] * len(nodes)
        texts = iter(self.objects(np.concatenate(children), form))
        return [",".join(islice(texts, len(own))) for own in children]

    def _leaves(self, rows: Numbers, nodes: Numbers, form: Form) -> pa.Array:
        """`"key":value` of each row."""
        in_metres = self._in_metres(rows, nodes)
        values = self._value_texts(rows, in_metres)
        definition = self._attributes.definition[rows]
        definitions = self._attributes.definitions
        keys = [json_text(one.id if form.is_flat else one.leaf) for one in definitions]
        if not form.definitions:
            opening = pa.array([f"{key}:" for key in keys], pa.string())
            return _joined(opening.take(pa.array(definition)), values.fill_null("null"))
        opening = pa.array(
            [f"{key}:{{{self._begin(one)}" for key, one in zip(keys, definitions, strict=True)],
            pa.string(),
        )
        closing = pa.array(
            [self._end(number, metres) for metres in (False, True) for number in range(len(keys))],
            pa.string(),
        )
        return _joined(
            opening.take(pa.array(definition)),
            _joined(',"value":', values).fill_null(""),
            closing.take(pa.array(definition + len(keys) * in_metres)),
        )

    def _begin(self, one: Definition) -> str:
        type_ = "int" if one.is_predefined_type and self._labels else one.type
        members = [f'"id":"{one.id}"']
        if one.name is not None:
            members.append(f'"name":{json_text(one.name)}')
        if one.description is not None:
            members.append(f'"description":{json_text(one.description)}')
        return ",".join([*members, f'"type":"{type_}"'])

    def _end(self, definition: int, in_metres: bool) -> str:
        one = self._attributes.definitions[definition]
        members = []
        unit = self._unit(definition, in_metres and one.is_length)
        if unit is not None:
            members += [f'"unit":{json_text(unit)}', f'"unitId":"{units.unit_id(unit)}"']
        if one.type == "double":
            members.append('"decimal":2')
        members.append('"isInternal":true' if one.is_internal else '"isChangeable":true')
        if one.is_predefined_type and self._labels:
            labels = {str(code): label for code, label in enumerate(self._labels)}
            told: Any = labels if self._looks.enumeration == "object" else self._labels
            members += ['"control":"Enumeration"', f'"enumdefinition":{json.dumps(told)}']
        return "," + ",".join([*members, f'"group":{json_text(self._key(one))}']) + "}"

    def _key(self, one: Definition) -> str:
        """The key of the attribute's group; a set that is called as a vendor's group has its id."""
        by_name = self._looks.set_keys == "name" and one.is_set
        is_free = one.group_text.lower() not in (*GROUP_TEXTS, "")
        return one.group_text if by_name and is_free else one.group

    def _unit(self, definition: int, in_metres: bool) -> str | None:
        one = self._attributes.definitions[definition]
        if self._looks.units == "absent" or (self._looks.units == "some" and definition % 2):
            return None
        return units.written("m" if in_metres and one.is_length else one.unit, self._looks.symbols)

    def _in_metres(self, rows: Numbers, nodes: Numbers) -> npt.NDArray[np.bool_]:
        """Which rows are lengths that are served in metres."""
        definitions = self._attributes.definitions
        is_length = np.array([one.is_length for one in definitions], np.bool_)
        lengths: npt.NDArray[np.bool_] = is_length[self._attributes.definition[rows]]
        if self._looks.lengths == "mixed":
            lengths &= nodes % 2 == 1
        elif self._looks.lengths != "m":
            lengths &= False
        return lengths

    def _value_texts(self, rows: Numbers, in_metres: npt.NDArray[np.bool_]) -> pa.Array:
        """Each value as JSON; null if there is none."""
        attributes, taken = self._attributes, pa.array(rows)
        number = pc.if_else(
            pa.array(in_metres), attributes.si.take(taken), attributes.number.take(taken)
        )
        digits = pc.cast(number, pa.string())
        if self._looks.numbers == "comma":
            digits = pc.replace_substring(digits, ".", ",")
        if self._looks.numbers != "number":
            digits = _joined('"', digits, '"')
        yes, no = _BOOLEANS[self._looks.booleans]
        flag = pc.if_else(attributes.flag.take(taken), yes, no)
        text = attributes.text.take(taken)
        if self._labels:
            text = self._coded(text, rows)
        return pc.coalesce(digits, flag, text)

    def _coded(self, texts: pa.Array, rows: Numbers) -> pa.Array:
        """The codes of predefined types; other texts as they are."""
        definitions = self._attributes.definitions
        coded = np.array([one.is_predefined_type for one in definitions], np.bool_)
        labels = pa.array([json_text(label) for label in self._labels], pa.string())
        codes = pc.cast(pc.index_in(texts, value_set=labels), pa.string())
        return pc.if_else(pa.array(coded[self._attributes.definition[rows]]), codes, texts)

    def _enumerated(self) -> list[str]:
        """All predefined types of the model."""
        numbers = [n for n, d in enumerate(self._attributes.definitions) if d.is_predefined_type]
        rows = np.flatnonzero(np.isin(self._attributes.definition, numbers))
        found = pc.unique(self._attributes.text.take(pa.array(rows)).drop_null())
        return sorted(json.loads(text) for text in found.to_pylist())


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _lists(items: pa.Array, owner: Numbers, count: int) -> pa.ListArray:
    """The items of each of `count` owners; `owner` ascends."""
    offsets = np.searchsorted(owner, np.arange(count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def tree(nodes: Nodes, heads: Sequence[str], walked: Numbers, leaf: str) -> str:
    """The nodes at the places `walked` as nested JSON.

    `heads` are objects without their last brace, one for each of `walked`; `leaf` is what closes
    a node that has no children. The places ascend, and each one's parent is among them.
    """
    depth = nodes.walk.depth[walked]
    deeper = np.append(depth[1:] > depth[:-1], False)
    closed = np.append(depth[:-1] - depth[1:] + 1, depth[-1] - depth[0] + 1)
    pieces = []
    for head, at, is_open, ends in zip(
        heads, depth.tolist(), deeper.tolist(), closed.tolist(), strict=True
    ):
        if is_open:
            pieces.append(f'{head},"level":{at},"children":[')
        else:
            pieces.append(f'{head},"level":{at}{leaf}' + "]}" * (ends - 1) + ",")
    return "".join(pieces)[:-1]
