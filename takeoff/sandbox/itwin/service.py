"""All that the routes work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from takeoff.sandbox.desk import Desk
from takeoff.sandbox.itwin.answers import mapping_time, platform_time
from takeoff.sandbox.itwin.auth import Auth
from takeoff.sandbox.itwin.creating import Creations
from takeoff.sandbox.itwin.extractions import Extractions
from takeoff.sandbox.itwin.mappings import Mappings
from takeoff.sandbox.itwin.reports import Reports
from takeoff.sandbox.itwin.world import World
from takeoff.sandbox.switches import Switches

USER = "surveyor@example.com"


@dataclass(frozen=True)
class Service:
    """The service's parts; each is safe to share by threads."""

    desk: Desk
    auth: Auth
    world: World
    creations: Creations
    mappings: Mappings
    extractions: Extractions
    reports: Reports

    @property
    def switches(self) -> Switches:
        """As they stand now."""
        return self.desk.control.switches

    def platform_time(self, moment: datetime) -> str:
        return platform_time(moment, self.switches)

    def mapping_time(self, moment: datetime) -> str:
        return mapping_time(moment, self.switches)
