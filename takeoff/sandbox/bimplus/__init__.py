"""Bimplus, from the contract of its API v2: projects, models, objects and their attributes."""

from takeoff.sandbox.bimplus.door import door
from takeoff.sandbox.bimplus.switches import ENDPOINTS, SWITCHES

__all__ = ["ENDPOINTS", "SWITCHES", "door"]
