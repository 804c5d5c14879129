"""What is to be read of a model, how, and what came: values that the steps of a fetch hand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from takeoff.core.progress import Progress
from takeoff.core.sink import Sink
from takeoff.http.operations import Patience
from takeoff.http.session import Session
from takeoff.vendors.itwin.asked import CDM, Table
from takeoff.vendors.itwin.definitions import Group
from takeoff.vendors.itwin.extracting import Extracted

# The vendor's own tests look every 3 s; large models need hours.
EXTRACTION_PATIENCE = Patience(first_s=3, growth=1.5, longest_s=60, total_s=7200)


@dataclass(frozen=True)
class Options:
    """How a model is asked for.

    `mappings` are ids or names, none means all. `changeset` is the name of a named version, or the
    id or index of a changeset; null is the latest. `reader` is cdm, or odata for a report's feed;
    `report` its id or name, null for one that reads these mappings and no other model. With
    `create_mapping` and `create_report` what is missing is made at the service.
    """

    mappings: tuple[str, ...] = ()
    changeset: str | None = None
    reader: str = CDM
    report: str | None = None
    create_mapping: bool = False
    create_report: bool = False
    parallel: int = 8
    patience: Patience = field(default_factory=lambda: EXTRACTION_PATIENCE)


@dataclass(frozen=True)
class Tools:
    """What every step works with."""

    session: Session
    sink: Sink
    progress: Progress
    options: Options


@dataclass(frozen=True)
class GroupTable:
    """One table that is wanted: that of a group, in the tables of its mapping.

    `properties` are the answers that list the group's properties.
    """

    source: Extracted
    group: Group
    properties: tuple[str, ...]

    @property
    def words(self) -> str:
        """For people: Mapping.Group."""
        return f"{self.source.mapping.name}.{self.group.name}"

    def table(self, entity: str, described_by: str, rows: Iterable[str], index: int) -> Table:
        """Its entry in the record."""
        return Table(
            self.source.mapping.id,
            self.source.mapping.name,
            self.group.id,
            self.group.name,
            self.source.extraction_id,
            index,
            entity,
            described_by,
            self.properties,
            tuple(rows),
        )


@dataclass(frozen=True)
class Came:
    """The tables, in order; the groups that have none, as Mapping.Group; what was noticed.

    `is_blank`: tables came as files, and none of these has anything in it.
    """

    tables: tuple[Table, ...]
    missing: tuple[str, ...]
    noticed: tuple[tuple[str, str], ...]
    is_blank: bool = False
