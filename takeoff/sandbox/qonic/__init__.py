"""Qonic, from the contract of its Models API v1."""

from takeoff.sandbox.qonic.door import door
from takeoff.sandbox.qonic.switches import ENDPOINTS, SWITCHES

__all__ = ["ENDPOINTS", "SWITCHES", "door"]
