"""Arithmetic on the triangle mesh of one body, in metres.

Vertices are welded on a grid of one micrometre first: bodies whose edges meet only to within the
modeller's tolerance then close. Everything is measured relative to the body itself, so that a
body far from the origin loses no digits.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]

_GRID_PER_METRE = 1e6
# Beyond this a coordinate divided by the grid is no longer a whole number in a double.
_FARTHEST_M = 2.0**52 / _GRID_PER_METRE
# Triangles thinner than this cover nothing and would only break the union of an outline.
_NO_AREA_M2 = 1e-12
# Two triangles lie in one plane if normals agree to 0.08 degrees and planes to a tenth of a mm.
_SAME_DIRECTION = 1 - 1e-6
_SAME_PLANE_M = 1e-4
_PLANE_CANDIDATES = 8
# A plane stands upright if its normal is level to half a degree.
_UPRIGHT = 0.01


@dataclass(frozen=True)
class Outline:
    """The shadow of a mesh on a plane: its area, and the length of its rings."""

    area: float
    outer_length: float
    all_length: float


@dataclass(frozen=True)
class Plane:
    """The faces of a mesh that lie in one plane and look one way, holes taken off."""

    normal: Points
    area: float
    members: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mesh:
    """Triangles over welded points, the points relative to their own centre."""

    points: Points
    faces: Faces

    @cached_property
    def area_vectors(self) -> Points:
        """For each triangle its normal, as long as its area."""
        first, second, third = (self.points[self.faces[:, corner]] for corner in range(3))
        normals: Points = np.cross(second - first, third - first)
        return normals / 2

    @cached_property
    def areas(self) -> Points:
        areas: Points = np.linalg.norm(self.area_vectors, axis=1)
        return areas

    @cached_property
    def extents(self) -> Points:
        extents: Points = np.ptp(self.points, axis=0)
        return extents

    @cached_property
    def surface(self) -> float:
        return float(self.areas.sum())

    @cached_property
    def is_closed(self) -> bool:
        """True if every edge is used as often one way as the other.

        This is what the enclosed volume needs: two solids that touch along an edge pass; a gap or
        a face that looks the wrong way does not.
        """
        start = self.faces.ravel()
        end = self.faces[:, [1, 2, 0]].ravel()
        _, edge = np.unique(
            np.minimum(start, end) * len(self.points) + np.maximum(start, end),
            return_inverse=True,
        )
        return not np.bincount(edge, np.where(start < end, 1.0, -1.0)).any()

    @cached_property
    def volume(self) -> float:
        """Enclosed volume; of no meaning unless the mesh is closed. Never negative."""
        centroids = self.points[self.faces].mean(axis=1)
        return abs(float(np.einsum("ij,ij->", centroids, self.area_vectors)) / 3)

    def turned(self, rotation: Points) -> Mesh:
        """The same mesh in axes turned by the 3 x 3 matrix `rotation`."""
        return Mesh(self.points @ rotation.T, self.faces)

    def outline(self, along: int) -> Outline:
        """The shadow along axis 0, 1 or 2. Holes that go right through are not in it.

        Of a closed mesh the triangles on one side throw the whole shadow.
        """
        axes = [axis for axis in range(3) if axis != along]
        faces = self.faces
        towards = self.area_vectors[:, along]
        faces = faces[towards > _NO_AREA_M2 if self.is_closed else abs(towards) > _NO_AREA_M2]
        return _union(self.points[:, axes][faces])

    def largest_plane(self, upright: bool) -> Plane:
        """The plane that holds most of the surface; its faces look the same way.

        Planes that stand upright (along axis 2) are left out unless `upright`. The normal is zero
        if there is none.
        """
        solid = self.areas > _NO_AREA_M2
        if not upright:
            solid &= abs(self.area_vectors[:, 2]) > _UPRIGHT * self.areas
        areas = np.where(solid, self.areas, 0.0)
        normals = self.area_vectors / np.where(solid, self.areas, 1.0)[:, None]
        offsets = np.einsum("ij,ij->i", normals, self.points[self.faces[:, 0]])
        best = Plane(np.zeros(3), 0.0, np.zeros(len(areas), dtype=bool))
        for seed in _plane_seeds(normals, offsets, areas):
            members = (
                (normals @ normals[seed] > _SAME_DIRECTION)
                & (abs(offsets - offsets[seed]) < _SAME_PLANE_M)
                & solid
            )
            area = float(areas[members].sum())
            if area > best.area:
                best = Plane(normals[seed], area, members)
        return best

    def plane_outline(self, plane: Plane) -> Outline:
        """The outline of the faces of `plane`, seen straight on."""
        across = np.cross(plane.normal, np.eye(3)[np.argmin(abs(plane.normal))])
        across /= np.linalg.norm(across)
        axes = np.stack([across, np.cross(plane.normal, across)], axis=1)
        return _union((self.points @ axes)[self.faces[plane.members]])


def weld(points: Points, faces: npt.NDArray[np.int32]) -> Mesh | None:
    """The mesh of a triangulation; None if nothing is left of it or a coordinate is out of range.

    `points` is (n, 3) in metres, `faces` (m, 3) indexes into it. Triangles of which two corners
    fall together are left out.
    """
    if not len(faces) or not (abs(points) < _FARTHEST_M).all():
        return None
    # + 0.0 makes one zero of -0.0 and 0.0.
    grid, place = np.unique(np.rint(points * _GRID_PER_METRE) + 0.0, axis=0, return_inverse=True)
    corners = place.reshape(-1)[faces]
    first, second, third = corners.T
    corners = corners[(first != second) & (second != third) & (third != first)]
    if not len(corners):
        return None
    centre = np.rint((grid.min(axis=0) + grid.max(axis=0)) / 2)
    return Mesh((grid - centre) / _GRID_PER_METRE, corners.astype(np.int64))


def box(points: Points, placement: Points) -> array[float] | None:
    """Least x, y, z and greatest x, y, z of the points in the model, to the micrometre.

    `placement` (4, 4) takes the body's frame into the model's. None if one is out of range.
    """
    placed = points @ placement[:3, :3].T + placement[:3, 3]
    corners = np.concatenate([placed.min(axis=0), placed.max(axis=0)])
    if not (abs(corners) < _FARTHEST_M).all():
        return None
    # + 0.0 as in `weld`.
    return array("d", np.rint(corners * _GRID_PER_METRE) / _GRID_PER_METRE + 0.0)


def _union(triangles: npt.NDArray[np.float64]) -> Outline:
    """The union of (n, 3, 2) triangles."""
    polygons = shapely.polygons(triangles)
    union = shapely.union_all(polygons[shapely.area(polygons) > _NO_AREA_M2])
    parts = shapely.get_parts(union)
    return Outline(
        area=float(shapely.area(union)),
        outer_length=float(shapely.length(shapely.get_exterior_ring(parts)).sum()),
        all_length=float(shapely.length(union)),
    )


def _plane_seeds(normals: Points, offsets: Points, areas: Points) -> list[int]:
    """The largest triangle in each of the few coarse planes that hold most area."""
    coarse = np.rint(np.column_stack([normals, offsets]) * 1000)
    _, plane = np.unique(coarse, axis=0, return_inverse=True)
    plane = plane.reshape(-1)
    order = np.lexsort((-areas, plane))
    first = order[np.searchsorted(plane[order], np.arange(plane.max() + 1))]
    heaviest = np.argsort(-np.bincount(plane, areas), kind="stable")[:_PLANE_CANDIDATES]
    return [int(seed) for seed in first[heaviest]]
