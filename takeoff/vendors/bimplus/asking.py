"""One model being asked for: its tree, the objects of each type in it, or else its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

from takeoff.core.errors import VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, Proof, SourceVersion
from takeoff.core.sink import Asked, Sink
from takeoff.http.messages import Request
from takeoff.http.pages import TotalMoved
from takeoff.http.session import Session
from takeoff.vendors.bimplus import answers, asked, calls, endpoints, shapes, states, tree
from takeoff.vendors.bimplus.asked import Record
from takeoff.vendors.bimplus.keeping import Keeping
from takeoff.vendors.bimplus.parts import Parts, Wanted
from takeoff.vendors.bimplus.paths import ASKED
from takeoff.vendors.bimplus.shapes import Model
from takeoff.vendors.bimplus.tree import Tree

# Places of the kinds of answers among the evidence.
_MODEL, _TYPES, _DISCIPLINES, _UNITS, _TREE = range(5)
_OBJECTS, _CALCULATED, _ENTRIES, _RECORD, _FILE = range(5, 10)
# A login may lack a right, and a service an endpoint; what only adds names is then missing.
_MAY_LACK = (403, 404)
# How a service says that a list has no such further page.
_NO_PART = (400, 404)
# How it says that it does not know what the flags ask for.
_NO_FLAGS = (400, 404, 405, 501)
# A service that does not know HEAD gives no tag.
_NO_HEAD = (405, 501)
_WITH_SETS, _WITHOUT_SETS = endpoints.DEFINITIONS + endpoints.SETS, endpoints.DEFINITIONS
_IFC = (".ifc", ".ifczip", ".zip", ".gz")
_TAG = "tag"


class _NoObjects(Exception):
    """The service has no objects of this model for us; `why` says so in a clause."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


class Asking:
    """Everything that is asked of one model, kept in the sink."""

    def __init__(
        self,
        ref: ModelRef,
        slug: str,
        session: Session,
        sink: Sink,
        progress: Progress,
        *,
        parallel: int,
        is_calculating: bool,
    ) -> None:
        self._model_id, self._project_id = ref.model_id, ref.project_id
        self._slug, self._session, self._sink, self._progress = slug, session, sink, progress
        self._parallel, self._is_calculating = parallel, is_calculating
        self._keeping = Keeping(session, sink)
        self._noticed: list[tuple[str, str]] = []
        self._lacks_sets = False

    def all(self) -> Brought:
        """Tree and objects; the imported file if there are none to be had."""
        model = self._model()
        calculated, attributes = self._calculated()
        record = Record(calculated=calculated, attributes=attributes)
        try:
            return self._twice(lambda: self._objects(model, record))
        except _NoObjects as lack:
            return self._file_instead(model, lack)

    def file(self) -> Brought:
        """The imported file."""
        return self._file_instead(self._model(), None)

    def _file_instead(self, model: Model, lack: _NoObjects | None) -> Brought:
        return self._twice(lambda: self._file(model, lack))

    def _twice(self, ask: Callable[[], Brought]) -> Brought:
        """Once more, and nothing that was kept before, if the model moves meanwhile."""
        try:
            return ask()
        except TotalMoved:
            self._keeping.is_fresh = True
            self._noticed.clear()
            return ask()

    def _model(self) -> Model:
        """Details of a model that can be read; those of one that cannot are not kept."""
        self._progress.step("asking for the model")
        request = endpoints.model(self._slug, self._model_id)

        def refuse_unready(content: Any) -> None:
            found = shapes.one(content, shapes.model, request.target)
            if (problem := states.problem(found)) is not None:
                raise problem

        raw = self._keeping.answer(request, (_MODEL,), refuse_unready)
        return shapes.one(answers.parsed(raw, request.target), shapes.model, request.target)

    def _objects(self, model: Model, record: Record) -> Brought:
        """The tree, and the objects of each type in it, all of one state of the model."""
        tag = self._begin()
        if self._keeping.is_fresh:
            model = self._model()
        if states.has_errors(model):
            said = f"Bimplus imported this model with errors (status {model.status})."
            self._noticed.append(("imported_with_errors", said))
        if model.topology_id is None:
            return self._nothing(model, record, tag)
        request = endpoints.tree(self._slug, model.topology_id)
        found = self._tree(request)
        lists = self._lists(model.topology_id, found)
        if self._lacks_sets:
            said = "Bimplus gives no property sets with objects; what stands in them is missing."
            self._noticed.append(("sets_missing", said))
        self._refuse_moved(tag)
        self._keep(Record(request.target, tuple(lists), record.calculated, record.attributes))
        by_type = found.by_type(structure=False)
        count = sum(map(len, by_type.values()))
        detail = f"{count:,} objects of {len(by_type):,} element types, each type as in the tree"
        return Brought(Proof("protocol_end", detail), {"objects": count}, version_of(tag))

    def _nothing(self, model: Model, record: Record, tag: str | None) -> Brought:
        """A model without a topology: empty if its status says so, else not to be read."""
        if not states.is_empty(model):
            raise _NoObjects("it has no topologyId, so there are no objects to read")
        self._keep(record)
        proof = Proof("protocol_end", f"Bimplus states that it holds nothing ({model.status})")
        return Brought(proof, {"objects": 0}, version_of(tag))

    def _begin(self) -> str | None:
        """The tag as it is now. What a try at another tag has kept is not taken for this one."""
        tag = tag_of(self._session, self._slug, self._model_id)
        before = self._sink.noted(_TAG)
        if before is not None and before != (tag or ""):
            self._keeping.is_fresh = True
        self._sink.note(_TAG, tag or "")
        if tag is None:
            said = "Bimplus gives this model no tag; whether it was edited meanwhile is not known."
            self._noticed.append(("tag_missing", said))
        return tag

    def _refuse_moved(self, tag: str | None) -> None:
        """Raises: TotalMoved if the model is no longer what it was before the first answer."""
        if tag_of(self._session, self._slug, self._model_id) != tag:
            raise TotalMoved(
                f"The Bimplus model {self._model_id} was edited while it was read, twice; "
                "fetch again when it is not. Nothing was committed."
            )

    def _tree(self, request: Request) -> Tree:
        """The tree, and the look-ups that name what stands in it."""
        self._progress.step("asking for the tree")
        types = self._types()
        self._look_up(endpoints.disciplines(self._slug, self._model_id), (_DISCIPLINES,))
        self._look_up(endpoints.units(), (_UNITS,))
        try:
            raw = self._keeping.answer(request, (_TREE,), parse=answers.parsed_tree)
        except VendorRefused as refusal:
            raise _judged(refusal, "its tree") from refusal
        found = tree.read(raw, request.target, types)
        self._compare_with_project(found, types)
        return found

    def _types(self) -> Sequence[shapes.ElementType]:
        request = endpoints.project_element_types(self._slug, self._project_id)
        raw = self._look_up(request, (_TYPES,))
        if raw is None:
            return ()
        content = answers.parsed(raw, request.target)
        return shapes.several(content, shapes.element_type, request.target)

    def _look_up(self, request: Request, order: tuple[int, ...]) -> bytes | None:
        """The answer; null if the login may not see it or the service does not have it."""
        try:
            return self._keeping.answer(request, order)
        except VendorRefused as refusal:
            if refusal.status not in _MAY_LACK:
                raise
            return None

    def _compare_with_project(self, found: Tree, types: Sequence[shapes.ElementType]) -> None:
        """The project counts its objects, too, over all models: no model can have more."""
        counts = {one.id: one.count for one in types}
        for type_id, ids in found.by_type(structure=False).items():
            stated = counts.get(type_id or "")
            if stated is not None and len(ids) > stated:
                said = (
                    f"The tree has {len(ids):,} objects of the type {type_id}, "
                    f"the whole project is said to have {stated:,}."
                )
                self._noticed.append(("count_differs", said))

    def _lists(self, root: str, found: Tree) -> list[str]:
        """The requests whose answers hold the objects of all types, in the order of the tree."""
        elements, places = found.by_type(structure=False), found.by_type(structure=True)
        if None in elements:
            target = endpoints.tree(self._slug, root).target
            why = f"its node {elements[None][0]} has neither the id nor a known word of its type"
            raise answers.refused(target, b"", why)
        others = frozenset(found.skipped())
        wanted = [
            Wanted(type_id, frozenset(ids), others, is_needed)
            for by_type, is_needed in ((elements, True), (places, False))
            for type_id, ids in by_type.items()
            if type_id is not None
        ]
        self._progress.step("asking for objects", len(wanted))
        with ThreadPoolExecutor(self._parallel) as pool:
            running: list[Future[list[str]]] = [
                pool.submit(self._list, root, at, one) for at, one in enumerate(wanted)
            ]
            try:
                return [target for future in running for target in self._told(future)]
            finally:
                for future in running:
                    future.cancel()

    def _told(self, future: Future[list[str]]) -> list[str]:
        targets = future.result()
        self._progress.advance()
        return targets

    def _list(self, root: str, at: int, wanted: Wanted) -> list[str]:
        """The requests that all objects of a type came by; none if they are not needed and not
        given.
        """
        try:
            return self._with_sets_or_without(root, at, wanted)
        except VendorRefused as refusal:
            if not wanted.is_needed:
                return []
            raise _judged(refusal, f"the objects of the type {wanted.type_id}") from refusal

    def _with_sets_or_without(self, root: str, at: int, wanted: Wanted) -> list[str]:
        """With property sets, unless the service then gives no list, or another than the tree's.

        Every type is asked for by itself: what another lacks says nothing of this one.
        """
        other: TotalMoved | None = None
        try:
            return self._all_of(root, (_OBJECTS, at, 0), wanted, _WITH_SETS)
        except TotalMoved as error:
            other = error
        except VendorRefused as refusal:
            if refusal.status not in _NO_FLAGS:
                raise
        try:
            targets = self._all_of(root, (_OBJECTS, at, 1), wanted, _WITHOUT_SETS)
        except VendorRefused:
            if other is not None:
                raise other from None
            raise
        self._lacks_sets |= wanted.is_needed
        return targets

    def _all_of(self, root: str, order: tuple[int, ...], wanted: Wanted, flags: int) -> list[str]:
        """The requests for all parts of a list.

        Raises: TotalMoved if the objects are needed and are not those of the tree.
        """
        request = endpoints.objects(self._slug, root, wanted.type_id, flags=flags)
        parts = Parts(self._keeping.list_(request, (*order, 0)), wanted.ids)
        targets = [request.target]
        while (more := parts.next()) is not None:
            request = endpoints.objects(self._slug, root, wanted.type_id, flags=flags, more=more)
            try:
                parts.saw(self._keeping.list_(request, (*order, len(targets))))
            except VendorRefused as refusal:
                if refusal.status not in _NO_PART or not parts.is_guessed:
                    raise
                break
            targets.append(request.target)
        wanted.refuse_others(parts.ids)
        return targets

    def _calculated(self) -> tuple[str | None, tuple[tuple[str, str], ...]]:
        """The request for calculated quantities, and those that their units came by."""
        if not self._is_calculating:
            return None, ()
        self._progress.step("letting Bimplus calculate quantities")
        numbers = range(len(endpoints.CALCULATED))
        request = endpoints.base_quantities(self._slug, self._project_id, self._model_id, numbers)
        raw = self._keeping.answer(request, (_CALCULATED,))
        values = answers.parsed(raw, request.target)
        if not isinstance(values, dict) or not all(isinstance(v, dict) for v in values.values()):
            raise answers.refused(request.target, raw, "it is no map of attributes to objects")
        entries = [self._entry(at, key.lower()) for at, key in enumerate(values)]
        return request.target, tuple(entry for entry in entries if entry is not None)

    def _entry(self, at: int, attribute_id: str) -> tuple[str, str] | None:
        """The attribute and the request for its catalogue entry, the team's or the vendor's."""
        for owner in (self._slug, endpoints.CATALOGUE):
            request = endpoints.attribute_entry(attribute_id, owner)
            if self._look_up(request, (_ENTRIES, at)) is not None:
                return attribute_id, request.target
        return None

    def _keep(self, record: Record) -> None:
        """What was asked for is evidence, too: the answers do not say which of them count."""
        whole = Record(
            record.tree, record.lists, record.calculated, record.attributes, tuple(self._noticed)
        )
        part = self._sink.part()
        part.write_bytes(asked.written(whole))
        self._sink.keep(Asked("FILE", ASKED), part, order=(_RECORD,), status=None)

    def _file(self, model: Model, lack: _NoObjects | None) -> Brought:
        """The file that the model was imported from; `lack` is why it is asked for."""
        name = PurePosixPath((model.import_file or "").replace("\\", "/")).name
        if not model.has_file or not name.lower().endswith(_IFC):
            raise _no_file(model, lack)
        self._progress.step(f"fetching {name}")
        tag = self._begin()
        document = Asked("DOCUMENT", name)
        path = None if self._keeping.is_fresh else self._sink.held(document)
        if path is None:
            path = self._downloaded(model, document, lack)
        self._refuse_moved(tag)
        came = path.stat().st_size
        detail = f"the imported file {name} to its closing line, {came:,} bytes"
        if model.import_bytes not in (None, came):
            said = f"Bimplus states {model.import_bytes:,} bytes for {name}, {came:,} came."
            self._noticed.append(("size_differs", said))
            detail += f"; {model.import_bytes:,} bytes are stated"
        detail += "" if lack is None else f"; {lack.why}"
        self._keep(Record())
        return Brought(Proof("protocol_end", detail), {}, version_of(tag), is_document=True)

    def _downloaded(self, model: Model, document: Asked, lack: _NoObjects | None) -> Path:
        part = self._sink.part()
        try:
            answer = calls.download(self._session, self._slug, self._model_id, part)
        except VendorRefused as refusal:
            if lack is None or refusal.status not in _MAY_LACK:
                raise
            raise _no_file(
                model, lack, f"its imported file is refused ({refusal.status})"
            ) from None
        return self._sink.keep(document, part, order=(_FILE,), status=answer.status)


def tag_of(session: Session, slug: str, model_id: str) -> str | None:
    """The model's tag as it is now; null if the service gives none."""
    try:
        return calls.head(session, slug, model_id).value
    except VendorRefused as refusal:
        if refusal.status not in _NO_HEAD:
            raise
        return None


def version_of(tag: str | None) -> SourceVersion:
    """The tag as the version of the model."""
    return SourceVersion("none", None) if tag is None else SourceVersion("etag", tag)


def _judged(refusal: VendorRefused, what: str) -> Exception:
    """That there are no objects for us, if the refusal says so; else a refusal as it is."""
    if refusal.status in _MAY_LACK:
        return _NoObjects(f"Bimplus refuses {what} ({refusal.status})", refusal.status)
    return VendorRefused(str(refusal), refusal.status)


def _no_file(model: Model, lack: _NoObjects | None, why: str | None = None) -> VendorRefused:
    """The error for a model without a file that could be read; `lack` is why it was wanted."""
    shown = f"The Bimplus model '{model.name or model.id}'"
    if why is None and model.has_file:
        why = f"its imported file '{model.import_file}' is no IFC file"
    why = why or "it has no imported file that could be had instead"
    if lack is None:
        return VendorRefused(f"{shown} hands out no IFC file: {why}.")
    return VendorRefused(
        f"{shown} cannot be read: {lack.why}, and {why}; "
        "import an IFC file in Bimplus, or ask whoever manages the project.",
        lack.status,
    )
