"""What a model's status means for a fetch. The words are open: unknown ones may come."""

from __future__ import annotations

from takeoff.core.errors import TakeoffError, TryLater, VendorRefused
from takeoff.vendors.bimplus.shapes import Model

_DONE, _WITH_ERRORS, _EMPTY, _FAILED = "DONE", "WITH_ERRORS", "EMPTY", "FAILED"


def problem(model: Model) -> TakeoffError | None:
    """Why the model cannot be read; null if it can: its status begins with DONE.

    TryLater for one that is not ready, or of which the service does not say that it is;
    VendorRefused for one that failed.
    """
    status = _status(model)
    if status.startswith(_DONE):
        return None
    shown = f"the Bimplus model '{model.name or model.id}'"
    if status == _FAILED:
        return VendorRefused(f"The import of {shown} has failed; import its file again.")
    said = f"'{model.status}'" if status else "not stated"
    return TryLater(
        f"The status of {shown} is {said}, so it is not ready to be read; "
        "fetch again when Bimplus shows it as done."
    )


def has_errors(model: Model) -> bool:
    """Whether it was imported with errors: it can be read, with a warning."""
    return _WITH_ERRORS in _status(model)


def is_empty(model: Model) -> bool:
    """Whether the service itself says that the model holds nothing."""
    status = _status(model)
    return status.startswith(_DONE) and _EMPTY in status


def _status(model: Model) -> str:
    return (model.status or "").strip().upper()
