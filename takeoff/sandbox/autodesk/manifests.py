"""The manifest of an index or a diff: its files, databases and views."""

from __future__ import annotations

import gzip
from datetime import datetime
from typing import Any

from takeoff.sandbox.autodesk.ids import opaque, short, uuid
from takeoff.sandbox.autodesk.jobs import Job
from takeoff.sandbox.autodesk.model import Version
from takeoff.sandbox.switches import Switches

_DATABASE_FILES = {
    "offsets": "objects_offs",
    "attributes": "objects_attrs",
    "values": "objects_vals",
    "mapping": "objects_avs",
    "ids": "objects_ids",
}


def manifest(job: Job, region: str) -> dict[str, Any]:
    """The manifest of a finished job; `region` is the part of URNs that says where it lies."""
    subject, switches = job.subject, job.switches
    assert subject.version is not None  # else it has failed
    told: dict[str, Any] = {
        "schema": "2.0.0",
        "projectId": subject.project_id,
        "status": "SUCCESS" if switches["autodesk_manifest"] == "capitals" else "Succeeded",
        "createdAt": _time(job.began),
        "seedFiles": [_seed_file(subject.version, subject.urn, region, switches)],
        "errors": [],
    }
    size = len(gzip.compress(job.properties, 6, mtime=0))
    if subject.prev is not None and subject.prev_urn is not None:
        told["prev"] = [_seed_file(subject.prev, subject.prev_urn, region, switches)]
        names = ("addedObjects", "removedObjects", "changedObjects")
        stats = dict(zip(names, job.stats.values(), strict=True))
    else:
        stats = job.stats
    told["stats"] = {**stats, "contentLength": size}
    return told


def _seed_file(version: Version, urn: str, region: str, switches: Switches) -> dict[str, Any]:
    is_text = switches["autodesk_manifest"] == "capitals"
    output = f"urn:adsk.viewing:fs.file:{opaque('output', urn)}/output/Resource"
    views = zip(version.view_ids, ("{3D}", "Plan"), (True, False), strict=True)
    if switches["autodesk_source"] == "ifc":
        views = zip(version.view_ids[:1], ("{3D}",), (True,), strict=True)
    return {
        "lineageId": version.lineage_id(switches["autodesk_lineage"]),
        "lineageUrn": f"urn:adsk.{region}:dm.lineage:{version.lineage}",
        "versionUrn": urn,
        "databases": [
            {
                "id": version.database_id,
                **{name: f"{output}/{file}.json.gz" for name, file in _DATABASE_FILES.items()},
            }
        ],
        "views": [
            {
                "id": key,
                "urn": urn,
                "is3d": ("true" if is_3d else "false") if is_text else is_3d,
                "viewableName": name,
                "viewableId": f"{uuid('viewable', urn, name)}-{short(name):0>8}",
                "viewableGuid": uuid("viewable guid", urn, name),
            }
            for key, name, is_3d in views
        ],
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}3+00:00"
