"""Figures computed from the bodies of an IFC model: what measures.py defines, body by body.

ifcopenshell's parallel iterator makes the meshes; none is kept. Lengths are metres whatever the
file's unit. Net figures come from bodies with their openings cut, gross figures from bodies
without; only elements that have openings are made twice.
"""

from __future__ import annotations

import math
import os
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import ifcopenshell
import ifcopenshell.geom
import numpy as np

from takeoff.core.progress import Progress
from takeoff.vendors.ifc.measures import (
    Body,
    Figure,
    Group,
    Rule,
    figure,
    group_of,
    measure,
)
from takeoff.vendors.ifc.mesh import Points, box, weld

# ifcopenshell states no types for what it hands out.
Entity = Any
_kernel: Any = ifcopenshell.geom
_wrapper: Any = ifcopenshell.ifcopenshell_wrapper

_MEASURED = ("IfcElement", "IfcSpace", "IfcSpatialZone")
_NOT_MEASURED = "IfcVirtualElement"
_BODY_IDENTIFIERS = frozenset({"Body", "Facetation", "Body-FallBack", "Mesh", None})
_NO_BODY_TYPES = frozenset({"Curve2D", "Curve3D", "GeometricCurveSet", "BoundingBox", "Point"})
# Records that hold a whole solid or surface, or a part that is cut from or added to one. A single
# face that fails is left to the check whether the body closes.
_BODY_PARTS = (
    "IfcSolidModel",
    "IfcBooleanResult",
    "IfcHalfSpaceSolid",
    "IfcCsgPrimitive3D",
    "IfcShellBasedSurfaceModel",
    "IfcFaceBasedSurfaceModel",
    "IfcTessellatedItem",
    "IfcMappedItem",
)
_STEP_ID = re.compile(r"#(\d+)=")
_UP = np.array([0.0, 0.0, 1.0])
_UPRIGHT_TOLERANCE = 1e-9
# Bodies that come again (a door drawn once and placed a hundred times) come close together.
_REMEMBERED = 256
_NOTHING: array[float] = array("d")


@dataclass(frozen=True)
class Trouble:
    """Why an element lacks figures that its class has.

    `code`: `geometry_failed` no body, or not all of it, could be made: no figures;
    `openings_failed` an opening could not be cut: no net figures;
    `geometry_open` the body does not close: no volumes.
    """

    code: str
    text: str


class Measured(NamedTuple):
    """One element's figures in the order of its class's rules, and what went wrong, if anything.

    `box` is that of the body without its openings cut, in the model's coordinates: least x, y, z,
    greatest x, y, z in metres; null if not all of the body could be made.
    """

    step_id: int
    figures: list[Figure]
    trouble: Trouble | None
    box: array[float] | None


def figures(
    model: ifcopenshell.file, progress: Progress, threads: int | None = None
) -> Iterator[Measured]:
    """The computed figures of every element and space with a body, openings included.

    In the order of STEP ids, and the same bit for bit for any number of `threads` (null: as many
    as there are cores). All bodies are made before the first is given; some 400 bytes are kept of
    each. An element without a body is left out, one whose body could not be made is not.
    """
    groups = _groups(model)
    hosts = _hosts(model) & groups.keys()
    workers = threads or os.cpu_count() or 1
    progress.step("computing geometry", len(groups) + len(hosts))

    def net_rules(step_id: int) -> tuple[Rule, ...]:
        group = groups[step_id]
        return group.net if step_id in hosts else group.net + group.gross

    net = _make(model, groups, net_rules, workers, progress, cut=True)
    gross = _make(model, hosts, lambda host: groups[host].gross, workers, progress, cut=False)
    for step_id in sorted(groups):
        host = step_id in hosts
        trouble = _trouble(model, step_id, host, net, gross)
        if trouble is None and step_id not in net.values:
            continue
        rules = net_rules(step_id) + (groups[step_id].gross if host else ())
        values = net.values.get(step_id, _NOTHING) + gross.values.get(step_id, _NOTHING)
        around = gross.boxes.get(step_id) or net.boxes.get(step_id)
        if trouble is not None and trouble.code == "geometry_failed":
            around = None
        yield Measured(step_id, list(_given(rules, values, trouble)), trouble, around)


@dataclass(frozen=True)
class _Made:
    """What one pass of the iterator leaves behind.

    `values` holds a number for each rule asked for, NaN where there is none, `boxes` what mesh.box
    says. `incomplete` are the products of which some part could not be made, `complained` those in
    the midst of which the geometry kernel reported an error.
    """

    values: dict[int, array[float]]
    boxes: dict[int, array[float]]
    open_bodies: set[int]
    incomplete: set[int]
    complained: set[int]


def _make(
    model: ifcopenshell.file,
    step_ids: Iterable[int],
    rules_of: Callable[[int], tuple[Rule, ...]],
    threads: int,
    progress: Progress,
    *,
    cut: bool,
) -> _Made:
    """Make the bodies of these elements, with openings `cut` or not, and measure each."""
    log = _wrapper.logger()
    log.output_format(log.FMT_INMEMORY)
    log.verbosity(log.LOG_ERROR)
    values: dict[int, array[float]] = {}
    boxes: dict[int, array[float]] = {}
    open_bodies: set[int] = set()
    repeated: dict[tuple[object, ...], tuple[array[float], bool] | None] = {}
    for shape in _shapes(model, step_ids, threads, log, cut=cut):
        progress.advance()
        rules = rules_of(shape.id)
        placement = np.frombuffer(shape.transformation_buffer).reshape(4, 4).T
        rotation = placement[:3, :3]
        tilt = None if abs(rotation[2] - _UP).max() < _UPRIGHT_TOLERANCE else rotation
        key = (shape.geometry.id, rules, None if tilt is None else tilt.tobytes())
        if key not in repeated:
            if len(repeated) == _REMEMBERED:
                repeated.clear()
            repeated[key] = _measure(shape.geometry, tilt, rules)
        measured = repeated[key]
        if measured is None:
            continue
        values[shape.id], closed = measured
        around = box(_points(shape.geometry), placement)
        if around is not None:
            boxes[shape.id] = around
        if not closed:
            open_bodies.add(shape.id)
    incomplete, complained = _errors(model, log)
    return _Made(values, boxes, open_bodies, incomplete, complained)


def _shapes(
    model: ifcopenshell.file, step_ids: Iterable[int], threads: int, log: Any, *, cut: bool
) -> Iterator[Any]:
    """ifcopenshell's triangulations of these elements, in the order in which they are done.

    The log is complete only when the last one has been taken and this is at its end.
    """
    included = [model.by_id(step_id) for step_id in step_ids]
    if not included:
        return
    settings = _kernel.settings()
    settings.set("weld-vertices", True)
    settings.set("reorient-shells", True)
    settings.set("disable-opening-subtractions", not cut)
    shapes = _kernel.iterator(settings, model, threads, include=included, logger=log)
    try:
        yield from shapes
    finally:
        # Its end writes to the log: it must not outlive that, not even when interrupted.
        del shapes


def _measure(
    triangulation: Any, tilt: Points | None, rules: tuple[Rule, ...]
) -> tuple[array[float], bool] | None:
    """The values of the rules, and whether the body closes; None if it has no faces.

    `tilt` turns the element's frame into the world's; null if the frame stands upright.
    """
    mesh = weld(
        _points(triangulation),
        np.frombuffer(triangulation.faces_buffer, dtype=np.int32).reshape(-1, 3),
    )
    if mesh is None:
        return None
    return array("d", measure(Body.placed(mesh, tilt), rules)), mesh.is_closed


def _points(triangulation: Any) -> Points:
    return np.frombuffer(triangulation.verts_buffer).reshape(-1, 3)


def _trouble(
    model: ifcopenshell.file, step_id: int, host: bool, net: _Made, gross: _Made
) -> Trouble | None:
    incomplete = step_id in net.incomplete or step_id in gross.complained
    if incomplete or (step_id in net.complained and not host):
        return Trouble(
            "geometry_failed", "A part of the body could not be made, so nothing is computed."
        )
    if step_id not in net.values:
        if not _has_body(model.by_id(step_id)):
            return None
        return Trouble("geometry_failed", "The body could not be made, so nothing is computed.")
    if step_id in net.complained or (host and step_id not in gross.values):
        return Trouble(
            "openings_failed", "An opening could not be cut, so no net figure is computed."
        )
    if step_id in net.open_bodies:
        return Trouble("geometry_open", "The body does not close, so no volume is computed.")
    return None


def _given(
    rules: Iterable[Rule], values: Iterable[float], trouble: Trouble | None
) -> Iterator[Figure]:
    """The figures that hold in spite of the trouble."""
    code = trouble.code if trouble else None
    for rule, value in zip(rules, values, strict=False):
        unsound = code == "geometry_failed" or (code == "openings_failed" and not rule.gross)
        if not unsound and not math.isnan(value):
            yield figure(rule, value)


def _groups(model: ifcopenshell.file) -> dict[int, Group]:
    """How each element and space that has a representation is measured, by STEP id."""
    layered = _layered_walls(model)
    group_of_class: dict[str, Group] = {}
    groups: dict[int, Group] = {}
    for kind in _existing(model, _MEASURED):
        element: Entity
        for element in model.by_type(kind):
            name = element.is_a()
            if element.Representation is None or element.is_a(_NOT_MEASURED):
                continue
            if name == "IfcWall" and element.id() in layered:
                name = "IfcWallStandardCase"
            if name not in group_of_class:
                group_of_class[name] = group_of(_lineage(model, name))
            groups[element.id()] = group_of_class[name]
    return groups


def _layered_walls(model: ifcopenshell.file) -> set[int]:
    """Elements laid out in layers along the second axis of their frame, as standard walls are."""
    return {
        element.id()
        for link in model.by_type("IfcRelAssociatesMaterial")
        if link.RelatingMaterial is not None
        and link.RelatingMaterial.is_a("IfcMaterialLayerSetUsage")
        and link.RelatingMaterial.LayerSetDirection == "AXIS2"
        for element in link.RelatedObjects or ()
    }


def _lineage(model: ifcopenshell.file, class_name: str) -> list[str]:
    """The class and its supertypes, nearest first, without Ifc."""
    schema = ifcopenshell.schema_by_name(model.schema_identifier)
    declaration = schema.declaration_by_name(class_name).as_entity()
    lineage = []
    while declaration is not None:
        lineage.append(declaration.name().removeprefix("Ifc"))
        declaration = declaration.supertype()
    return lineage


def _existing(model: ifcopenshell.file, names: Iterable[str]) -> list[str]:
    """Those of the classes that the model's schema knows."""
    schema = ifcopenshell.schema_by_name(model.schema_identifier)
    known = {declaration.name() for declaration in schema.entities()}
    return [name for name in names if name in known]


def _hosts(model: ifcopenshell.file) -> set[int]:
    """Elements with openings, and the parts of such elements: these are cut, too."""
    waiting = [link.RelatingBuildingElement for link in model.by_type("IfcRelVoidsElement")]
    hosts: set[int] = set()
    while waiting:
        element = waiting.pop()
        if element is None or not element.is_a("IfcElement") or element.id() in hosts:
            continue
        hosts.add(element.id())
        waiting += [part for link in element.IsDecomposedBy for part in link.RelatedObjects or ()]
    return hosts


def _has_body(element: Entity) -> bool:
    """Whether it is drawn with faces, not with curves, points or a box alone."""
    drawn = element.Representation
    if not drawn.is_a("IfcProductRepresentation"):
        return False
    return any(
        shape.is_a("IfcRepresentation")
        and shape.RepresentationIdentifier in _BODY_IDENTIFIERS
        and shape.RepresentationType not in _NO_BODY_TYPES
        for shape in drawn.Representations or ()
    )


def _errors(model: ifcopenshell.file, log: Any) -> tuple[set[int], set[int]]:
    """Products of which a part could not be made, and products in whose making an error came."""
    incomplete: set[int] = set()
    complained: set[int] = set()
    for message in log.log_messages():
        product = _STEP_ID.match(message.product)
        record = _STEP_ID.match(message.instance)
        if product:
            complained.add(int(product.group(1)))
        elif record:
            incomplete |= _products_of(model, int(record.group(1)))
    return incomplete, complained


def _products_of(model: ifcopenshell.file, step_id: int) -> set[int]:
    """The products drawn with this record, if it is a whole solid or a part cut from one."""
    record: Entity = model.by_id(step_id)
    if not any(record.is_a(name) for name in _existing(model, _BODY_PARTS)):
        return set()
    waiting, seen = [record], {step_id}
    products: set[int] = set()
    while waiting:
        user: Entity
        for user in model.get_inverse(waiting.pop()):
            if user.is_a("IfcProduct"):
                products.add(user.id())
            elif user.id() not in seen:
                seen.add(user.id())
                waiting.append(user)
    return products
