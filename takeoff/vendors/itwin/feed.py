"""The second reader: the feed of a report, page by page.

The addresses of a feed's tables hold until the next extraction, so the service document is read
again before each table, and once more at the end: if it has changed, everything is read once more.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.refs import ModelRef
from takeoff.http.messages import Request
from takeoff.vendors.itwin import answers, edmx, report_endpoints, reports
from takeoff.vendors.itwin.answers import Json
from takeoff.vendors.itwin.asked import Table
from takeoff.vendors.itwin.definitions import Mapping
from takeoff.vendors.itwin.edmx import EntitySet
from takeoff.vendors.itwin.plan import Came, GroupTable, Tools
from takeoff.vendors.itwin.reports import next_page, refuse_again
from takeoff.vendors.itwin.runs import Report


@dataclass(frozen=True)
class Feed:
    """The feed of one report, being read; `order` is the place of the answers in the evidence."""

    tools: Tools
    report_id: str
    order: int

    def read(self, wanted: Sequence[GroupTable], index: int) -> Came:
        """Keep every page of the tables of these groups.

        Raises: NotUnderstood if the tables are made anew again and again meanwhile, or a table
        could be that of two groups; VendorRefused; TryLater.
        """
        for _ in range(2):
            came = self._read(wanted, index)
            if came is not None:
                return came
        raise NotUnderstood(
            f"The report {self.report_id} was extracted again while it was read, twice; fetch "
            "again when nobody extracts. Nothing was committed."
        )

    def _read(self, wanted: Sequence[GroupTable], index: int) -> Came | None:
        """Null if the addresses of the tables have changed meanwhile."""
        described = report_endpoints.odata_metadata(self.report_id)
        sets = self._described(described)
        there = [one for one in sets if one.name in self._addresses()]
        pairs, unknown = paired(there, wanted)
        self.tools.progress.step("asking for tables", len(pairs))
        used: dict[str, str] = {}
        tables: list[Table] = []
        for place, (entity, group) in enumerate(pairs):
            used[entity.name] = address = self._addresses().get(entity.name, "")
            if not address:
                return None
            rows = self._pages(address, (self.order + 1, place))
            tables.append(group.table(entity.name, described.target, rows, index))
            self.tools.progress.advance()
        now = self._addresses()
        if {name: now.get(name) for name in used} != used:
            return None
        self._keep_service()
        found = [group.words for _, group in pairs]
        missing = [group.words for group in wanted if group.words not in found]
        return Came(tuple(tables), tuple(missing), tuple(map(_unknown, unknown)))

    def _addresses(self) -> dict[str, str]:
        """entity -> address, as it is now."""
        return {one.name: one.url for one in reports.service(self.tools.session, self.report_id)}

    def _keep_service(self) -> None:
        request = report_endpoints.odata_service(self.report_id)
        self._kept(request, (self.order, 0))

    def _described(self, request: Request) -> list[EntitySet]:
        path = self._kept(request, (self.order, 1))
        return edmx.entity_sets(path.read_bytes(), request.target)

    def _pages(self, address: str, order: tuple[int, ...]) -> list[str]:
        """Names of the answers with the rows of a table."""
        following: Request | None = report_endpoints.odata_entity(self.report_id, address)
        seen: set[str] = set()
        names: list[str] = []
        while following is not None:
            refuse_again(following, seen)
            names.append(following.target)
            page = self._page(following, (*order, len(names)))
            following = next_page(self.tools.session, page, following)
        return names

    def _page(self, request: Request, order: tuple[int, ...]) -> Json:
        page = answers.read_object(self._kept(request, order), request.target)
        answers.objects(page, "value", request.target)
        return page

    def _kept(self, request: Request, order: tuple[int, ...]) -> Path:
        held = self.tools.sink.held(request.asked)
        if held is not None:
            return held
        part = self.tools.sink.part()
        answer = self.tools.session.ask(request, part)
        return self.tools.sink.keep(request.asked, part, order=order, status=answer.status)


def paired(
    sets: Sequence[EntitySet], wanted: Sequence[GroupTable]
) -> tuple[list[tuple[EntitySet, GroupTable]], list[EntitySet]]:
    """Which table is which group's, in the order of the groups; and those of none of them.

    A table says its group's name; the names of tables begin with mapping and group, which tells
    groups of one name apart, and all of them where a feed is too old to say names. How they end is
    not documented and means nothing here.
    Raises: NotUnderstood if a table could be that of two groups, or a group has two.
    """
    owners: dict[str, EntitySet] = {}
    unknown: list[EntitySet] = []
    for entity in sets:
        fitting = _fitting(entity, wanted)
        if not fitting:
            unknown.append(entity)
            continue
        if len(fitting) > 1 or fitting[0].words in owners:
            raise NotUnderstood(
                f"The feed's table '{entity.name}' cannot be told to be that of one group "
                f"({', '.join(one.words for one in fitting)}); read the tables without a report."
            )
        owners[fitting[0].words] = entity
    return [(owners[one.words], one) for one in wanted if one.words in owners], unknown


def _fitting(entity: EntitySet, wanted: Sequence[GroupTable]) -> list[GroupTable]:
    by_name = [one for one in wanted if one.group.name == entity.display_name]
    if entity.display_name is not None and len(by_name) < 2:
        return by_name
    begun = [one for one in by_name or wanted if _begins(entity.name, one)]
    longest = max((len(one.group.name) for one in begun), default=0)
    return [one for one in begun if len(one.group.name) == longest]


def _begins(name: str, group: GroupTable) -> bool:
    start = f"{group.source.mapping.name}_{group.group.name}"
    return name == start or name.startswith(f"{start}_")


def _unknown(entity: EntitySet) -> tuple[str, str]:
    called = entity.display_name or entity.name
    return "group_unknown", f"The feed's table '{called}' is of no group that was read; left out."


def report_for(tools: Tools, ref: ModelRef, mappings: Sequence[Mapping]) -> str:
    """The id of the report whose feed is read.

    Its rows do not say of which iModel they are, so a report that reads others too is none.
    Raises: InputRefused if there is none, and none may be made.
    """
    shown = reports.reports(tools.session, ref.project_id)
    name = tools.options.report
    named = [one for one in shown if name is None or name in (one.id, one.name)]
    if name is not None and not named:
        known = ", ".join(f"{one.id} ({one.name})" for one in shown) or "none"
        raise InputRefused(f"The iTwin shows no report '{name}'; it shows: {known}.")
    for report in named:
        if not report.deleted and _reads_just(tools, report, ref, mappings):
            return report.id
    if tools.options.create_report:
        return _made(tools, ref, mappings)
    wanted = ", ".join(one.name for one in mappings)
    raise InputRefused(
        f"No report{f' {name!r}' if name else ''} of the iTwin reads the mappings {wanted} of "
        f"{ref.model_id} and no other iModel; make one, let takeoff make it (create_report), or "
        "read the tables without a report."
    )


def _reads_just(tools: Tools, report: Report, ref: ModelRef, mappings: Sequence[Mapping]) -> bool:
    found = reports.report_mappings(tools.session, report.id)
    ids: Mapped[str, str | None] = {one.mapping_id: one.imodel_id for one in found}
    is_ours_alone = all(imodel in (None, ref.model_id) for imodel in ids.values())
    return is_ours_alone and all(one.id in ids for one in mappings)


def _made(tools: Tools, ref: ModelRef, mappings: Sequence[Mapping]) -> str:
    name = f"Takeoff of {ref.model_name or ref.model_id}"
    made = reports.create_report(tools.session, ref.project_id, name)
    for one in mappings:
        reports.add_report_mapping(tools.session, made.id, one.id, ref.model_id)
    return made.id
