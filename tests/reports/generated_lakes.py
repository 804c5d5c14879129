"""Small lakes drawn at random: models of up to seven elements that share GUIDs, wholes, codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import strategies as st
from small_lakes import Model

_ROLES = ("physical", "physical", "physical", "part", "opening", "space", "type", "annotation")
_FIGURE = st.tuples(
    st.sampled_from(["NetVolume", "NetArea", "Length", "Width", "Height"]),
    st.sampled_from([None, "0", "1.25", "1000000000000000", "0.001", "-2.5"]),
    st.sampled_from(["authored", "authored", "computed", "vendor_calculated"]),
)
_ELEMENT = st.fixed_dictionaries(
    {
        "guid": st.sampled_from(["g1", "g2", "g3", "G3", "g4", "g5", "g6", None]),
        "role": st.sampled_from(_ROLES),
        "ifc_class": st.sampled_from(["Wall", "Slab", "Door", None]),
        "storey_name": st.sampled_from(["L1", "L2", None]),
        "building_id": st.sampled_from(["b1", "b2", None]),
        "is_external": st.sampled_from([True, False, None]),
        "figures": st.lists(_FIGURE, max_size=4),
        "materials": st.lists(
            st.tuples(
                st.sampled_from(["Brick", "Wool", None]),
                st.sampled_from(["layer", "layer", "list", "constituent"]),
                st.sampled_from([None, 0.0, 0.1, 0.24]),
            ),
            max_size=3,
        ),
        "codes": st.lists(
            st.tuples(
                st.sampled_from(["U", "UNIFORMAT II", None]),
                st.sampled_from(["1", "B2010", "C1010", None]),
            ),
            max_size=3,
        ),
    }
)
# A lake: of each model its project and its elements.
Told: TypeAlias = list[tuple[str, list[dict[str, Any]]]]
LAKES = st.lists(
    st.tuples(st.sampled_from(["p", "q"]), st.lists(_ELEMENT, max_size=7)), min_size=1, max_size=3
)


def commit(lake: Path, told: Told) -> None:
    """Parts are parts of the first element, which may itself be anything."""
    for number, (project, elements) in enumerate(told):
        model = Model(f"m{number}", project_id=project)
        for place, one in enumerate(elements):
            model.add(
                f"e{place}",
                one["role"],
                ifc_guid=one["guid"],
                ifc_class=one["ifc_class"],
                storey_name=one["storey_name"],
                building_id=one["building_id"],
                is_external=one["is_external"],
                parent_id="e0" if one["role"] == "part" else None,
            )
            for quantity, value, basis in one["figures"]:
                model.figure(quantity, value, basis)
            for material, role, thickness in one["materials"]:
                model.material(material, role, thickness_m=thickness, share=thickness)
            for system, code in one["codes"]:
                model.code(system, code)
        model.commit(lake)
