"""The iTwin platform, from its contract: iModels, Grouping and Mapping, reports and their feed."""

from takeoff.sandbox.itwin.door import door
from takeoff.sandbox.itwin.switches import ENDPOINTS, SWITCHES

__all__ = ["ENDPOINTS", "SWITCHES", "door"]
