"""IFC export: the document that a model was read from, if it is one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from takeoff.lake.evidence import lay_out
from takeoff.sandbox.qonic.model import Model
from takeoff.sandbox.qonic.operations import CannotBeMade, File


def ifc_file(model: Model) -> File | None:
    """The model's IFC as it came; None if the lake has none of it, or not as plain STEP text.

    Raises: CannotBeMade if changes were published; LakeUnusable if it is missing or damaged.
    """
    if model.is_changed:
        raise CannotBeMade("The sandbox cannot write a changed model as an IFC file.")
    documents = [item for item in model.snapshot.evidence if item.path.lower().endswith(".ifc")]
    if len(documents) != 1:
        return None
    with tempfile.TemporaryDirectory(prefix="takeoff-") as folder:
        content = lay_out(model.layout, documents[0], Path(folder)).path.read_bytes()
    return File(content, "application/octet-stream")
