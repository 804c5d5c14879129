"""One iModel being asked for: version, origin, mappings, extraction, and then the tables."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.refs import Brought, ModelRef, Operation, Proof
from takeoff.core.sink import Asked
from takeoff.http import operations
from takeoff.vendors.itwin import (
    answers,
    asked,
    endpoints,
    feed,
    grouping,
    models,
    partitions,
    starter,
)
from takeoff.vendors.itwin.asked import ODATA, Record
from takeoff.vendors.itwin.definitions import Group, Mapping
from takeoff.vendors.itwin.extracting import Extracted, Extracting, once_final
from takeoff.vendors.itwin.lists import Kept, listed, pages
from takeoff.vendors.itwin.paths import ASKED
from takeoff.vendors.itwin.plan import Came, GroupTable, Tools
from takeoff.vendors.itwin.records import Creation, Source
from takeoff.vendors.itwin.versions import Versions, Wanted

# Places of the kinds of answers among the evidence; a reader takes two.
_VERSIONS, _CREATION, _MAPPINGS, _GROUPS, _PROPERTIES, _EXTRACTION, _TABLES, _ROWS, _RECORD = range(
    9
)
# A login may lack the right to a look at where a model comes from; the model comes without then.
_MAY_LACK = (403, 404)

Noticed = list[tuple[str, str]]


class Asking:
    """One model being asked for."""

    def __init__(self, ref: ModelRef, tools: Tools) -> None:
        self._ref, self._tools = ref, tools
        self._session, self._sink = tools.session, tools.sink
        self._noticed: Noticed = []

    def all(self) -> Brought:
        """Everything, in the order of dependence."""
        progress, options = self._tools.progress, self._tools.options
        progress.step("asking for versions")
        lineage = self._lineage()
        wanted = self._wanted()
        progress.step("asking for mappings")
        mappings = self._mappings()
        grouped = self._groups(mappings)
        progress.step("waiting for the extraction")
        sources = self._extracting(wanted).tables_of(mappings)
        tables = self._tables(sources, grouped)
        came = self._came(sources, tables, wanted)
        noticed = (*self._noticed, *came.noticed)
        self._keep(Record(options.reader, came.tables, noticed))
        return Brought(_proof(sources, came, wanted), {}, wanted.source(mappings), lineage)

    def _wanted(self) -> Wanted:
        versions = Versions(self._session, self._ref.model_id, self._sink, _VERSIONS)
        name = self._tools.options.changeset
        return versions.latest() if name is None else versions.named(name)

    def _lineage(self) -> dict[str, str]:
        """What the model was copied from, if it was; one that is still being made is waited for.

        Raises: VendorRefused if the making failed; TryLater if it takes too long.
        """
        try:
            found = self._creation()
        except VendorRefused as refusal:
            if refusal.status not in _MAY_LACK:
                raise
            said = "iTwin does not tell this login whether the iModel is a copy of another one."
            self._noticed.append(("lineage_unknown", said))
            return {}
        return {
            **_origin("cloned_from", found.cloned_from),
            **_origin("forked_from", found.forked_from),
        }

    def _creation(self) -> Creation:
        request = endpoints.creation(self._ref.model_id)

        def read(path: Path) -> Creation:
            value = answers.read_object(path, request.target)
            item = answers.inner(value, "createOperation", request.target)
            return Creation.of(item, request.target)

        def once() -> Creation:
            kept = Kept(self._sink, (_CREATION,))
            return once_final(self._session, kept, request, read, lambda one: one.state == "ready")

        found = once()

        def look(imodel_id: str) -> Operation:
            nonlocal found
            found = once()
            return models.as_operation(imodel_id, found)

        operations.wait(
            models.as_operation(self._ref.model_id, found),
            look,
            name=f"The making of the iModel {self._ref.model_id}",
            patience=models.CREATION_PATIENCE,
            clock=self._session.clock,
        )
        return found

    def _mappings(self) -> list[Mapping]:
        """The mappings that are read. Raises: InputRefused if there are none, or not the named."""
        request = endpoints.mappings(self._ref.model_id)
        if self._tools.options.create_mapping and self._sink.held(request.asked) is None:
            known = grouping.mappings(self._session, self._ref.model_id)
            if all(starter.is_ours(one) for one in known):
                starter.make(self._session, self._ref.model_id, known)
        kept = Kept(self._sink, (_MAPPINGS,))
        found = listed(self._session, request, "mappings", Mapping.of, kept)
        if not found:
            raise InputRefused(
                f"The iModel {self._ref.model_id} has no mapping, so there are no tables to read; "
                "make one with groups and properties in Grouping and Mapping, or let takeoff make "
                "its own (option create_mapping)."
            )
        return self._chosen(found)

    def _chosen(self, found: Sequence[Mapping]) -> list[Mapping]:
        names = self._tools.options.mappings
        for name in names:
            if not any(name in (one.id, one.name) for one in found):
                known = ", ".join(f"{one.id} ({one.name})" for one in found)
                raise InputRefused(f"The iModel has no mapping '{name}'; it has: {known}.")
        return [one for one in found if not names or {one.id, one.name} & set(names)]

    def _groups(self, mappings: Sequence[Mapping]) -> list[tuple[Mapping, Group, tuple[str, ...]]]:
        """Every group, with the answers that list its properties. Raises: InputRefused if none."""
        found = [
            (mapping, at, group)
            for at, mapping in enumerate(mappings)
            for group in listed(
                self._session,
                endpoints.groups(mapping.id),
                "groups",
                Group.of,
                Kept(self._sink, (_GROUPS, at)),
            )
        ]
        if not found:
            names = ", ".join(one.name for one in mappings)
            raise InputRefused(
                f"The mappings {names} of {self._ref.model_id} have no groups, so there are no "
                "tables to read; add groups and properties in Grouping and Mapping."
            )
        with ThreadPoolExecutor(self._tools.options.parallel) as pool:
            names_of = list(pool.map(self._properties, enumerate(found)))
        return [
            (mapping, group, names)
            for (mapping, _, group), names in zip(found, names_of, strict=True)
        ]

    def _properties(self, numbered: tuple[int, tuple[Mapping, int, Group]]) -> tuple[str, ...]:
        """Names of the answers that list the properties of a group."""
        at, (mapping, _, group) = numbered
        request = endpoints.properties(mapping.id, group.id)
        kept = Kept(self._sink, (_PROPERTIES, at))
        names = []
        for page, value in pages(self._session, request, kept):
            answers.objects(value, "properties", page.target)
            names.append(page.target)
        return tuple(names)

    def _extracting(self, wanted: Wanted) -> Extracting:
        options = self._tools.options
        return Extracting(
            self._session,
            self._sink,
            self._ref.model_id,
            wanted,
            options.patience,
            _EXTRACTION,
            must_be_newest=options.reader == ODATA,
        )

    def _tables(
        self,
        sources: Sequence[Extracted],
        grouped: Sequence[tuple[Mapping, Group, tuple[str, ...]]],
    ) -> list[GroupTable]:
        by_mapping = {one.mapping.id: one for one in sources}
        return [GroupTable(by_mapping[m.id], group, names) for m, group, names in grouped]

    def _came(
        self, sources: Sequence[Extracted], tables: Sequence[GroupTable], wanted: Wanted
    ) -> Came:
        if self._tools.options.reader == ODATA:
            mappings = [one.mapping for one in sources]
            report_id = feed.report_for(self._tools, self._ref, mappings)
            return feed.Feed(self._tools, report_id, _TABLES).read(tables, wanted.index)
        return partitions.read(self._tools, sources, tables, wanted.index, _TABLES)

    def _keep(self, record: Record) -> None:
        """What was asked for is evidence, too: no row says of which mapping and group it is."""
        part = self._sink.part()
        part.write_bytes(asked.written(record))
        self._sink.keep(Asked("FILE", ASKED), part, order=(_RECORD,), status=None)


def _origin(key: str, source: Source | None) -> dict[str, str]:
    if source is None:
        return {}
    found = {key: source.imodel_id}
    if source.changeset_id is not None:
        found[f"{key}_changeset"] = source.changeset_id
    if source.relationship_id is not None:
        found[f"{key}_relationship"] = source.relationship_id
    return found


def _proof(sources: Sequence[Extracted], came: Came, wanted: Wanted) -> Proof:
    """Whether every group's table came whole, from a run that succeeded."""
    doubts = [
        f"the extraction {one.extraction_id} of the mapping '{one.mapping.name}' ended as "
        f"{one.word} ({one.said})"
        for one in sources
        if not one.is_whole
    ]
    if came.missing:
        doubts.append(
            f"there are no tables of {', '.join(came.missing)}, so what these groups hold is left "
            "out; correct them in Grouping and Mapping"
        )
    elif doubts:
        doubts.append(
            "every group has a table, but rows may be left out; look at the extraction's log in "
            "Grouping and Mapping"
        )
    files = sum(len(table.rows) for table in came.tables)
    if came.is_blank:
        doubts.append(f"none of the {files} files has anything in it, not even names of columns")
    if doubts:
        return Proof("none", "; ".join(doubts))
    return Proof(
        "protocol_end",
        f"all {len(came.tables)} tables of {len(sources)} mappings came with all their {files} "
        f"files, from extractions of changeset {wanted.index} that succeeded",
    )
