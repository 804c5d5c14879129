"""Fetch: models from a vendor's service, each proved complete or not committed.

What a killed or failed fetch has got is kept in the lake's work folder; the next fetch of the same
model goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, NotUnderstood, TakeoffError, VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Document, ModelRef, Snapshot, SourceVersion
from takeoff.core.results import Result, listing
from takeoff.http.session import Session
from takeoff.jobs.control_totals import differing_totals
from takeoff.jobs.fetch import Fetched, out_of_order
from takeoff.jobs.following import Following
from takeoff.jobs.logins import client_of, vendor_session
from takeoff.jobs.reading import (
    DOCUMENT,
    Rules,
    can_follow,
    decoded,
    followed,
    is_read_alike,
    libraries,
    read_rules,
    to_read,
)
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.journal import Journal
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.work import Run, clear
from takeoff.lake.writer import SnapshotWriter

# Answers of a fetch that was killed longer ago may no longer fit together.
_RESUMED_FOR = timedelta(days=1)
_MEANINGS = {
    "vendor": "the vendor",
    "project_id": "id of the project, for --project",
    "project_name": "its name",
    "model_id": "id of the model, for --model",
    "model_name": "its name",
}


@dataclass(frozen=True)
class ModelOptions:
    """Which models, by id or name; none named means all. `project` is an id.

    With `ifc` the vendor's IFC export is fetched and read as an IFC file, `geometry` then as there.
    `force` fetches what has not changed, too. `asking` are the vendor's own options, as texts;
    `shard` says by its id whether a model is for us.
    """

    project: str | None = None
    models: Sequence[str] = ()
    allow_unproved: bool = False
    force: bool = False
    ifc: bool = False
    geometry: bool = True
    asking: Mapping[str, str] = field(default_factory=dict)
    shard: Callable[[str], bool] = field(default=lambda name: True)

    def decoding(self, *, is_document: bool) -> dict[str, bool]:
        """What shapes the rows, as the manifest keeps it."""
        return {DOCUMENT: True, "geometry": self.geometry} if is_document else {}


def list_models(settings: Settings, vendor: str, project: str | None) -> Result:
    """The models that the login may see, one row each.

    Raises: InputRefused; VendorRefused; TryLater; NotUnderstood.
    """
    with vendor_session(settings, vendor) as session:
        refs = client_of(vendor).models(session, project)
    rows = [{name: getattr(ref, name) for name in _MEANINGS} for ref in refs]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    return listing("Models", pa.Table.from_pylist(rows, schema), _MEANINGS)


def fetch_models(
    settings: Settings, vendor: str, options: ModelOptions, progress: Progress
) -> Iterator[Fetched]:
    """Fetch each model into the lake; one that fails does not stop the others.

    A model whose version at the vendor is that of the lake's current snapshot is not fetched again.
    Raises: InputRefused for a project, model or option that the vendor does not know; VendorRefused
    if there is no login; TryLater; NotUnderstood; LakeUnusable.
    """
    rules = read_rules(settings)
    client = client_of(vendor)
    asking = client_options(client, options.asking)
    if options.ifc and not hasattr(client, "ask_document"):
        raise InputRefused(f"{client.NAME} hands out no IFC file; fetch without --ifc.")
    with vendor_session(settings, vendor) as session:
        wanted = _wanted(client.models(session, options.project), options)
        layout = open_layout(settings.lake_path(), create=True)
        for ref in wanted:
            source = f"{ref.vendor}:{ref.project_id}/{ref.model_id}"
            fetching = _Fetching(settings, layout, ref, session, options, asking, rules, progress)
            try:
                yield fetching.outcome(source)
            except TakeoffError as error:
                yield Fetched(source, None, False, error)


@dataclass(frozen=True)
class _Fetching:
    """One model on its way into the lake."""

    settings: Settings
    layout: Layout
    ref: ModelRef
    session: Session
    options: ModelOptions
    asking: object
    rules: Rules
    progress: Progress

    def outcome(self, source: str) -> Fetched:
        """The new snapshot, or the current one if the vendor states that nothing has changed."""
        version = client_of(self.ref.vendor).version(self.session, self.ref)
        # The vendor's own options may mean another version, or other rows of the same.
        is_wanted = self.options.force or bool(self.options.asking)
        known = None if is_wanted else self._unchanged(version)
        if known is not None:
            return Fetched(source, known, is_new=False)
        with Run(self.layout, self._purpose(version), within=_RESUMED_FOR) as run:
            try:
                snapshot = self._fetched(run, version)
            except (NotUnderstood, VendorRefused) as error:
                # What cannot be right, has failed or is lacking would be the same again: ask anew.
                # A refused request alone, which has a status, says nothing about what has come.
                if getattr(error, "status", None) is None:
                    run.discard()
                raise
        clear(self.layout, partial(_is_of_another_version, self._purpose(version)))
        notes = (out_of_order(self.layout, snapshot), differing_totals(self.settings, snapshot))
        return Fetched(source, snapshot, is_new=True, note=" ".join(filter(None, notes)) or None)

    def _fetched(self, run: Run, version: SourceVersion) -> Snapshot:
        """The snapshot of what the vendor has, which was of this version before it was asked for.

        Answers are packed, and decoded if the decoder can, while others are waited for.
        """
        taken_at = datetime.now(UTC)
        store = EvidenceStore(self.layout, run)
        journal = Journal(run, store.pack)
        client = client_of(self.ref.vendor)
        ask = client.ask_document if self.options.ifc else client.ask
        early = self._writer(run, taken_at, version, {}, {})
        with Following(journal, early, self.progress) as following:
            if not self.options.ifc and can_follow(self.ref.vendor):
                following.begin(partial(followed, self.ref.vendor, self.rules, run))
            brought = ask(self.ref, self.session, journal, self.progress, self._asking())
            kept = {store.add_answer(answer): answer.path for answer in journal.answers()}
            self.progress.step(f"{self.ref.model_name or self.ref.model_id}: decoding")
            documents = [Document(e.evidence_no, e.path, kept[e], e.sha256) for e in kept]
            is_as_begun = brought.version == version and not brought.lineage
            is_written = is_as_begun and following.has_written(documents)
        if is_written:
            writer = early
        else:
            decoding = self.options.decoding(is_document=brought.is_document)
            writer = self._writer(run, taken_at, brought.version, brought.lineage, decoding)
            if brought.is_document:
                documents = [store.lay_out(e, run.folder) for e in to_read(list(kept), decoding)]
            vendor, rules = self.ref.vendor, self.rules
            for table, batch in decoded(vendor, documents, decoding, rules, run, self.progress):
                writer.write(table, batch)
        return writer.commit(
            brought.proof,
            list(kept),
            brought.stated_totals,
            allow_unproved=self.options.allow_unproved,
        )

    def _writer(
        self,
        run: Run,
        taken_at: datetime,
        version: SourceVersion,
        lineage: Mapping[str, str],
        decoding: Mapping[str, bool],
    ) -> SnapshotWriter:
        return SnapshotWriter(
            self.layout,
            run,
            self.ref,
            source_version=version,
            taken_at=taken_at,
            options=decoding,
            libraries=libraries(self.ref.vendor, decoding, self.rules),
            lineage=lineage,
        )

    def _asking(self) -> object:
        """The vendor's options; what can be compared is compared with what the lake has."""
        asking: Any = self.asking
        if getattr(asking, "previous_version", "") is not None:
            return asking
        for snapshot in current(read_snapshots(self.layout)):
            if snapshot.ref.key == self.ref.key and snapshot.source_version.value is not None:
                return replace(asking, previous_version=snapshot.source_version.value)
        return asking

    def _unchanged(self, version: SourceVersion) -> Snapshot | None:
        """The current snapshot, if it is of this version and would be read alike today.

        One that nothing proves is only good enough where that is allowed.
        """
        if version.kind == "none":
            return None
        for snapshot in current(read_snapshots(self.layout)):
            theirs = snapshot.source_version
            same_version = (theirs.kind, theirs.value) == (version.kind, version.value)
            is_document = DOCUMENT in snapshot.options
            decoding = self.options.decoding(is_document=is_document)
            versions = libraries(self.ref.vendor, decoding, self.rules)
            if (
                snapshot.ref.key == self.ref.key
                and same_version
                and (is_document or not self.options.ifc)
                and (snapshot.proof.kind != "none" or self.options.allow_unproved)
                and is_read_alike(snapshot, decoding, versions)
            ):
                return snapshot
        return None

    def _purpose(self, version: SourceVersion) -> str:
        """What is fetched and how: only what a try for the same has got fits together."""
        how = [self.options.ifc, sorted(self.options.asking.items())]
        state = [version.kind, version.value]
        return json.dumps([*self.ref.key, how, state])


def _is_of_another_version(ours: str, purpose: str) -> bool:
    """Whether a fetch asked for the same model in the same way, at a version that is no more."""
    try:
        *theirs, state = json.loads(purpose)
    except (ValueError, TypeError):
        return False
    *same, now = json.loads(ours)
    return bool(theirs == same and state != now)


def client_options(client: ModuleType, given: Mapping[str, str]) -> object:
    """The vendor's own options from texts; those that no text can state stay as they are.

    Raises: InputRefused for one that the vendor does not have, or a value that it cannot take.
    """
    known = {
        item.name: item.type for item in fields(client.Options) if str(item.type) in _FROM_TEXT
    }
    values = {}
    for name, text in given.items():
        key = name.replace("-", "_")
        if key not in known:
            there = ", ".join(sorted(known)) or "none"
            raise InputRefused(f"{client.NAME} has no option '{name}'; there are: {there}.")
        try:
            values[key] = _FROM_TEXT[str(known[key])](text)
        except ValueError as error:
            raise InputRefused(f"The option {name} cannot be '{text}'; {error}.") from error
    options: object = client.Options(**values)
    return options


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("it is true or false")
    return text.lower() == "true"


def _texts(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("it is a whole number")
    return int(text)


_FROM_TEXT: Mapping[str, Callable[[str], object]] = {
    "bool": _flag,
    "int": _number,
    "str": str,
    "str | None": str,
    "tuple[str, ...]": _texts,
}


def _wanted(shown: Sequence[ModelRef], options: ModelOptions) -> list[ModelRef]:
    for name in options.models:
        if not any(name in (ref.model_id, ref.model_name) for ref in shown):
            known = ", ".join(f"{ref.model_id} ({ref.model_name})" for ref in shown) or "none"
            raise InputRefused(f"The vendor shows no model '{name}'; it shows: {known}.")
    named = [
        ref
        for ref in shown
        if not options.models or {ref.model_id, ref.model_name} & set(options.models)
    ]
    return [ref for ref in named if options.shard(ref.model_id)]
