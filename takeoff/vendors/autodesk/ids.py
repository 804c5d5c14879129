"""Ids as this API and as Data Management write them, and what a version URN looks like."""

from __future__ import annotations

import re

# In Data Management the ids of hubs and projects of Autodesk Construction Cloud begin with `b.`.
_PREFIX = "b."
_PREFIXED = re.compile(r"[a-z]\..+", re.DOTALL)
# As the service's own refusal words it; US and EMEA differ in what follows `urn:adsk.`.
_VERSION_URN = re.compile(r"urn:adsk\S+:fs\.file:vf\.\S+\?version=\d+")
_VERSION = re.compile(r"\?version=(\d+)$")


def bare(project_id: str) -> str:
    """The project id as Model Properties wants it: without `b.`."""
    return project_id.removeprefix(_PREFIX)


def prefixed(project_id: str) -> str:
    """The project id as Data Management wants it: with `b.`, unless it has a prefix already."""
    return project_id if _PREFIXED.fullmatch(project_id) else _PREFIX + project_id


def is_version_urn(urn: str) -> bool:
    """Whether an index can be made of it: no lineage, nothing in base 64, and a version."""
    return _VERSION_URN.fullmatch(urn) is not None


def version_number(urn: str) -> int | None:
    """The number at the end of a version URN; null if it has none."""
    found = _VERSION.search(urn)
    return None if found is None else int(found[1])
