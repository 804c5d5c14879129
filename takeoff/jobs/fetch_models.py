"""Fetch: models from a vendor's service, each proved complete or not committed.

What a killed or failed fetch has got is kept in the lake's work folder; the next fetch of the same
model goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType

import pyarrow as pa

from takeoff.config import Access, Settings
from takeoff.core.errors import InputRefused, NotUnderstood, TakeoffError, VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Document, Evidence, ModelRef
from takeoff.core.results import Result, listing
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.reading import Rules, decoded, libraries, read_rules
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.journal import Journal
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter
from takeoff.vendors import load

_OPTIONS: dict[str, bool] = {}
_MEANINGS = {
    "vendor": "the vendor",
    "project_id": "id of the project, for --project",
    "project_name": "its name",
    "model_id": "id of the model, for --model",
    "model_name": "its name",
}


@dataclass(frozen=True)
class ModelOptions:
    """Which models, by id or name; none named means all. `project` is an id."""

    project: str | None = None
    models: Sequence[str] = ()
    allow_unproved: bool = False


def list_models(settings: Settings, vendor: str, project: str | None) -> Result:
    """The models that the login may see, one row each.

    Raises: InputRefused; VendorRefused; TryLater; NotUnderstood.
    """
    with _session(settings, vendor) as session:
        refs = _client(vendor).models(session, project)
    rows = [{name: getattr(ref, name) for name in _MEANINGS} for ref in refs]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    return listing("Models", pa.Table.from_pylist(rows, schema), _MEANINGS)


def fetch_models(
    settings: Settings, vendor: str, options: ModelOptions, progress: Progress
) -> Iterator[Fetched]:
    """Fetch each model into the lake; one that fails does not stop the others.

    Raises: InputRefused for a project or model that the vendor does not show; VendorRefused if
    there is no login; TryLater; NotUnderstood; LakeUnusable.
    """
    rules = read_rules(settings)
    with _session(settings, vendor) as session:
        wanted = _wanted(_client(vendor).models(session, options.project), options)
        layout = open_layout(settings.lake_path(), create=True)
        for ref in wanted:
            source = f"{ref.vendor}:{ref.project_id}/{ref.model_id}"
            try:
                yield _fetch_one(layout, ref, session, options, rules, progress)
            except TakeoffError as error:
                yield Fetched(source, None, False, error)


def _fetch_one(
    layout: Layout,
    ref: ModelRef,
    session: Session,
    options: ModelOptions,
    rules: Rules,
    progress: Progress,
) -> Fetched:
    taken_at = datetime.now(UTC)
    with Run(layout, _purpose(ref)) as run:
        try:
            journal = Journal(run)
            facts = _client(ref.vendor).ask(ref, session, journal, progress)
            store = EvidenceStore(layout, run)
            writer = SnapshotWriter(
                layout,
                run,
                ref,
                source_version=facts.version,
                taken_at=taken_at,
                options=_OPTIONS,
                libraries=libraries(ref.vendor, rules),
            )
            kept = [(store.add_answer(answer), answer.path) for answer in journal.answers()]
            documents = [Document(e.evidence_no, e.path, path, e.sha256) for e, path in kept]
            progress.step(f"{ref.model_name or ref.model_id}: decoding")
            for table, batch in decoded(ref.vendor, documents, _OPTIONS, rules, run, progress):
                writer.write(table, batch)
            evidence: list[Evidence] = [item for item, _ in kept]
            snapshot = writer.commit(
                facts.proof,
                evidence,
                facts.stated_totals,
                allow_unproved=options.allow_unproved,
            )
        except NotUnderstood:
            # What cannot be right or is not understood would be the same again: ask anew.
            run.discard()
            raise
    return Fetched(f"{ref.vendor}:{ref.project_id}/{ref.model_id}", snapshot, is_new=True)


def _purpose(ref: ModelRef) -> str:
    return json.dumps([ref.vendor, ref.project_id, ref.model_id])


def _wanted(shown: Sequence[ModelRef], options: ModelOptions) -> list[ModelRef]:
    for name in options.models:
        if not any(name in (ref.model_id, ref.model_name) for ref in shown):
            known = ", ".join(f"{ref.model_id} ({ref.model_name})" for ref in shown) or "none"
            raise InputRefused(f"The vendor shows no model '{name}'; it shows: {known}.")
    if not options.models:
        return list(shown)
    return [ref for ref in shown if {ref.model_id, ref.model_name} & set(options.models)]


@contextmanager
def _session(settings: Settings, vendor: str) -> Iterator[Session]:
    client = _client(vendor)
    access = settings.vendors.get(vendor, Access())
    if access.token is None:
        raise VendorRefused(
            f"There is no login for {client.NAME}; set TAKEOFF_{vendor.upper()}_TOKEN to a token."
        )
    base_url = access.base_url or client.BASE_URL
    with Session(base_url, Bearer(access.token), name=client.NAME, hints=client.HINTS) as session:
        yield session


def _client(vendor: str) -> ModuleType:
    client: ModuleType = load(vendor).client
    if not hasattr(client, "models"):
        raise InputRefused(f"'{vendor}' has no service to ask; it is read from files.")
    return client
