"""A local stand-in for the vendors, served from a lake: for demos, notebooks and tests.

It is a second reading of the vendors' contracts and shares no code with the clients, so that the
two can disagree. It shows what the lake holds and nothing else; only ids that the lake lacks
(numbers of projects and models, GUIDs of libraries, ids of operations) are its own.
"""

from takeoff.sandbox.desk import ReadIfc, Served
from takeoff.sandbox.doors import SWITCHES, read_switches, routes
from takeoff.sandbox.seen import Seen
from takeoff.sandbox.server import Running, Sandbox, Service
from takeoff.sandbox.switches import Switch, Switches

__all__ = [
    "SWITCHES",
    "ReadIfc",
    "Running",
    "Sandbox",
    "Seen",
    "Served",
    "Service",
    "Switch",
    "Switches",
    "read_switches",
    "routes",
]
