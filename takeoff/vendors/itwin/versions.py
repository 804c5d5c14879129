"""Which version of a model is meant: its latest changeset, or one that is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.refs import SourceVersion
from takeoff.core.sink import Sink
from takeoff.http.messages import Request
from takeoff.http.session import Session
from takeoff.vendors.itwin import answers, endpoints
from takeoff.vendors.itwin.answers import Json
from takeoff.vendors.itwin.definitions import Mapping
from takeoff.vendors.itwin.lists import Kept, kept_object, listed, object_of, pages
from takeoff.vendors.itwin.records import Changeset, NamedVersion

_NOT_FOUND = (404, 422)
_DIGITS = 16


@dataclass(frozen=True)
class Wanted:
    """A version: the changeset, null for the baseline, whose index is 0; a name, or the index."""

    changeset_id: str | None
    index: int
    label: str
    is_latest: bool

    def source(self, mappings: Sequence[Mapping]) -> SourceVersion:
        """As the lake keeps it: the changeset, and the state of the mappings that are read.

        The value is `<changeset id or baseline>;mappings=<digest>`. A mapping that is made, changed
        or deleted changes the digest, because the tables are of a changeset by a mapping.
        """
        stood = sorted((one.id, str(one.modified_at)) for one in mappings)
        digest = hashlib.sha256(json.dumps(stood).encode()).hexdigest()[:_DIGITS]
        value = f"{self.changeset_id or 'baseline'};mappings={digest}"
        return SourceVersion("changeset", value, self.label)


@dataclass(frozen=True)
class Versions:
    """Asks for the versions of one iModel; with a sink every answer is kept in place `order`."""

    session: Session
    imodel_id: str
    sink: Sink | None = None
    order: int = 0

    def latest(self) -> Wanted:
        """The last changeset whose file has come, or the baseline."""
        newest = self._newest()
        if newest is None:
            return self._wanted(None, 0, self._labels(), is_latest=True)
        return self._wanted(newest.id, newest.index, self._labels(), is_latest=True)

    def named(self, name: str) -> Wanted:
        """The version with this name, changeset id or index. Raises: InputRefused if none has."""
        labels = self._labels()
        newest = self._newest()
        last = 0 if newest is None else newest.index
        for label in labels:
            if name in (label.name, label.id) and label.changeset_index is not None:
                index = label.changeset_index
                return self._wanted(label.changeset_id, index, [label], is_latest=index == last)
        if name == "0":
            return self._wanted(None, 0, labels, is_latest=last == 0)
        found = self._changeset(name)
        return self._wanted(found.id, found.index, labels, is_latest=found.index == last)

    def _wanted(
        self,
        changeset_id: str | None,
        index: int,
        labels: Sequence[NamedVersion],
        *,
        is_latest: bool,
    ) -> Wanted:
        """A hidden label counts only where there is no other."""
        here = [one for one in labels if one.name is not None and one.changeset_index == index]
        here.sort(key=lambda one: (one.state or "").casefold() != "hidden")
        label = here[-1].name if here else None
        return Wanted(changeset_id or None, index, label or str(index), is_latest)

    def _labels(self) -> list[NamedVersion]:
        request = endpoints.named_versions(self.imodel_id)
        return listed(self.session, request, "namedVersions", NamedVersion.of, self._kept(1))

    def _newest(self) -> Changeset | None:
        """Newest first is asked for; if the service answers in another order, all are read."""
        request = endpoints.changesets(self.imodel_id, order="index desc")
        newest: Changeset | None = None
        for page, value in pages(self.session, request, self._kept(0)):
            items = answers.objects(value, "changesets", page.target)
            found = [Changeset.of(item, page.target) for item in items]
            for one in found:
                if one.is_there and (newest is None or one.index > newest.index):
                    newest = one
            if newest is not None and found and found[0].index > found[-1].index:
                break
        return newest

    def _changeset(self, name: str) -> Changeset:
        request = endpoints.changeset(self.imodel_id, name)
        try:
            found = answers.inner(self._object(request), "changeset", request.target)
        except VendorRefused as refusal:
            if refusal.status not in _NOT_FOUND:
                raise
            raise InputRefused(
                f"The iModel {self.imodel_id} has no version '{name}'; give the name of a named "
                "version, or the id or index of a changeset."
            ) from None
        return Changeset.of(found, request.target)

    def _object(self, request: Request) -> Json:
        kept = self._kept(2)
        if kept is None:
            return object_of(self.session, request)
        return kept_object(self.session, request, kept)

    def _kept(self, place: int) -> Kept | None:
        return None if self.sink is None else Kept(self.sink, (self.order, place))
