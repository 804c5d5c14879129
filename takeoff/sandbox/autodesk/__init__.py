"""Autodesk: Model Properties v2, Data Management and authentication, from their contract."""

from takeoff.sandbox.autodesk.door import door
from takeoff.sandbox.autodesk.switches import ENDPOINTS, SWITCHES

__all__ = ["ENDPOINTS", "SWITCHES", "door"]
