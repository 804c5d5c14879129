"""Asks Qonic for a model: every page, look-up and result, as raw answers, proved complete.

Contract: Models API v1. A page is looked at for no more than the next request needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from threading import BoundedSemaphore, Event
from typing import Any

from takeoff.core.errors import InputRefused, NotUnderstood, VendorRefused
from takeoff.core.progress import Progress, Quiet
from takeoff.core.refs import Brought, ModelRef, Proof, SourceVersion
from takeoff.core.sink import Asked, Sink
from takeoff.http.clock import StoppableClock
from takeoff.http.messages import Answer as Received
from takeoff.http.messages import Into, Request
from takeoff.http.operations import Patience
from takeoff.http.pages import Page, Pages, TotalMoved
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import (
    answers,
    asked,
    calculations,
    calls,
    coverage,
    endpoints,
    glance,
    login,
)
from takeoff.vendors.qonic.answers import member, text
from takeoff.vendors.qonic.asked import Filter, Record, Sum
from takeoff.vendors.qonic.calculations import Begun, Calculation, Early
from takeoff.vendors.qonic.glance import Glance, Look
from takeoff.vendors.qonic.lookups import Answer
from takeoff.vendors.qonic.paths import ASKED, CALCULATORS
from takeoff.vendors.qonic.totals import count_of

NAME = "Qonic"
BASE_URL = "https://api.qonic.com/v1"
SCOPES = login.SCOPES
WRITE_SCOPES = login.WRITE_SCOPES
CALLS = coverage.CALLS
oauth_app = login.oauth_app
HINTS = {
    401: "the token is missing, wrong or has ended; log in to Qonic again",
    403: "the login lacks the scope models:read (or projects:read, libraries:read), or the project",
}

# Places of the kinds of answers among the evidence.
_AVAILABLE, _LOOKUPS, _PRODUCTS, _DYNAMIC_AVAILABLE, _DYNAMIC, _SUMS, _RECORD, _EXPORT = range(8)
_IFC = ".ifc"
# A login may lack the right to a library, and a service an endpoint; the model comes without then.
_MAY_LACK = (403, 404)
# Operations that are waited for at once; who waits asks for nothing.
_WAITED_FOR = 32
# Look-ups that wait for nothing but the service, and the threads that wait beside the products.
_LISTS, _BESIDE = 4, 2


@dataclass(frozen=True)
class Options:
    """How a model is asked for. `per_class` asks for the sums of each class as well.

    `parallel` is how many answers with rows or look-ups are asked for at once.
    """

    parallel: int = 8
    per_class: bool = True
    patience: Patience = field(default_factory=lambda: Patience(first_s=0.1))


def models(session: Session, project_id: str | None = None) -> list[ModelRef]:
    """Every model of the project, or of all projects, in the service's order.

    Raises: InputRefused if there is no such project; VendorRefused; TryLater; NotUnderstood.
    """
    with ThreadPoolExecutor(_LISTS) as pool:

        def listing(projects: Iterable[str]) -> dict[str, Future[dict[str, str | None]]]:
            return {project: pool.submit(calls.models, session, project) for project in projects}

        listed = listing(() if project_id is None else (project_id,))
        names = calls.projects(session)
        if project_id is not None and project_id not in names:
            known = ", ".join(f"{key} ({name})" for key, name in names.items()) or "none"
            raise InputRefused(
                f"Qonic shows this login no project '{project_id}'; it shows: {known}."
            )
        listed = listed or listing(names)
    return [
        ModelRef("qonic", project, model, names[project], name)
        for project, models in listed.items()
        for model, name in models.result().items()
    ]


def version(session: Session, ref: ModelRef) -> SourceVersion:
    """The service states no version of a model; so every fetch is one of its own."""
    return SourceVersion("none", None)


@redacted()
def ask(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Ask for all there is of a model and keep every answer in the sink.

    A stated total that moves makes all pages be asked for once more. What an earlier, killed try
    has kept is not asked for again, and what it has started not started again.
    Raises: NotUnderstood if the answers are not all there are; VendorRefused; TryLater.
    """
    return _Asking(ref, session, sink, progress, options or Options()).all()


@redacted()
def ask_document(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Let the model be exported as IFC, and keep the file as the one document of the fetch.

    It is the latest published version: it can lag behind what `ask` brings, which includes the
    caller's unpublished changes. A file without its last line is refused.
    Raises: VendorRefused, also if the export fails; TryLater; NotUnderstood.
    """
    name = ref.model_name or ref.model_id
    document = name if name.lower().endswith(_IFC) else f"{name}{_IFC}"
    progress.step(f"waiting for the IFC export of {name}")
    operation_id = export_ifc(ref, session, sink, options, document=Asked("DOCUMENT", document))
    proof = Proof("protocol_end", f"the export {operation_id} has its last line END-ISO-10303-21")
    exported_from = {"exported_from": f"{ref.vendor}:{ref.project_id}/{ref.model_id}"}
    return Brought(proof, {}, version(session, ref), exported_from, is_document=True)


@redacted()
def export_ifc(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    options: Options | None = None,
    *,
    document: Asked | None = None,
) -> str:
    """Let the latest published version be exported, and keep the IFC file; the operation's id.

    It is kept as the answer to its own request, or else as `document`.
    """
    ids = (ref.project_id, ref.model_id)
    calculation = Calculation(
        f"The IFC export of {ref.model_id}",
        endpoints.export(*ids),
        lambda operation: endpoints.export_result(*ids, operation),
        (_EXPORT,),
        document,
    )
    patience = (options or Options()).patience
    return calculations.run(session, sink, calculation, patience)


@dataclass(frozen=True)
class _List:
    """All pages of one list: which pages brought something, what they hold.

    `is_first_repeated`: others came, all of them with rows of the first.
    """

    proof: Proof
    stated_total: int | None
    ids: list[str]
    classes: frozenset[str]
    pages: tuple[int, ...]
    is_first_repeated: bool


@dataclass(frozen=True)
class _Told:
    """Tells how much of a list has come: people, and who goes on with it.

    `came` is told of each page, and of the number of the first one that has not come.
    """

    progress: Progress
    name: str
    came: Callable[[Glance, int], None] = field(default=lambda seen, missing: None)

    def of(self, page: int, found: Mapping[int, Glance]) -> None:
        """This page has come, beside others; the first one says how much there is."""
        if page == 1:
            self.progress.step(f"asking for {self.name}", found[page].stated_total)
        self.progress.advance(len(found[page].ids))
        self.came(found[page], next(number for number in count(1) if number not in found))


class _Asking:
    """One model being asked for."""

    def __init__(
        self, ref: ModelRef, session: Session, sink: Sink, progress: Progress, options: Options
    ) -> None:
        self._ids = (ref.project_id, ref.model_id)
        self._ref, self._session, self._sink = ref, session, sink
        self._progress, self._options = progress, options
        self._turns = BoundedSemaphore(options.parallel)
        self._early: Mapping[str, Early] = {}
        self._are_listed = Event()
        # By the place of what is not proved, so that it is said in one order.
        self._unproved: dict[int, str] = {}

    def all(self) -> Brought:
        """Everything; what rests on no product is asked for beside the products."""
        with ThreadPoolExecutor(_BESIDE) as pool:
            listed, calculated = pool.submit(self._lookups), pool.submit(self._calculated_fields)
            self._progress.step("asking for field names")
            available = self._fields(endpoints.available, _AVAILABLE, "field names")
            products = self._products(available, calculated)
            listed.result()
            names = calculated.result()
        self._sink.complete((_DYNAMIC,))
        sums = self._calculations(products.classes, names)
        if products.stated_total is None:
            self._compare_count(products, sums[0])
        self._keep_record(Record(products.pages, tuple(sums)))
        totals = {} if products.stated_total is None else {"products": products.stated_total}
        unproved = Proof("none", "; ".join(self._unproved[at] for at in sorted(self._unproved)))
        proof = unproved if self._unproved else products.proof
        return Brought(proof, totals, version(self._session, self._ref))

    def _products(self, available: Sequence[str], calculated: Future[list[str]]) -> _List:
        """Every page of products, with every field; Guid is asked for even if it is not listed.

        What the service is to calculate is begun as soon as a page shows what, or `calculated`.
        """
        has_guid = any(name.casefold() == "guid" for name in available)
        fields = available if has_guid else ["Guid", *available]

        def request(page: int) -> Request:
            return endpoints.products(*self._ids, page, fields)

        def all_pages(*, is_fresh: bool) -> _List:
            look = glance.Glancer().at_products
            begun = Begun(
                self._session, self._sink, self._options.patience, _WAITED_FOR, is_fresh=is_fresh
            )
            with begun:
                begun.begin(self._sum_of(0, ()))

                def came(seen: Glance, missing: int) -> None:
                    for at, filters in enumerate(self._filters(seen.classes)):
                        begun.begin(self._sum_of(at, filters))
                    if calculated.done() and (names := calculated.result()):
                        begun.begin(self._dynamic_of(names))
                    if self._are_listed.is_set():
                        self._sink.complete((_PRODUCTS, missing))

                of, told = (_PRODUCTS, "products"), _Told(self._progress, "products", came)
                found = self._pages(request, look, of, told, is_fresh=is_fresh)
                self._refuse_moved(found.stated_total)
                self._refuse_unpaged(found, is_fresh=is_fresh)
            self._early = begun.ended
            return found

        return _twice(all_pages)

    def _refuse_moved(self, stated_total: int | None) -> None:
        """Pages are no snapshot: whoever edits between two of them makes a model that never was.

        Raises: TotalMoved if the total is another one after the last page.
        """
        request = endpoints.products(*self._ids, 1, ["Guid"], page_size=1)
        content = BytesIO()
        self._asked(request, content)
        now = glance.total_of(content.getvalue(), request.target)
        if now != stated_total:
            raise TotalMoved(
                f"products: {stated_total} were stated, {now} are after the last page; the model "
                "is being edited: fetch again when it is not. Nothing was committed."
            )

    def _refuse_unpaged(self, found: _List, *, is_fresh: bool) -> None:
        """A service that answers with page 1 again has sent all, or is deaf to the page's number.

        Raises: NotUnderstood if it gives one row when one is asked for, and on page 2 the first;
        TotalMoved if it gives another one, and page 1 may have been repeated in an earlier try.
        """
        if found.stated_total is not None or not found.is_first_repeated:
            return
        request = endpoints.products(*self._ids, 2, ["Guid"], page_size=1)
        content = BytesIO()
        self._asked(request, content)
        second = glance.guids_of(content.getvalue(), request.target)
        if second == found.ids[:1] != found.ids:
            raise NotUnderstood(
                "products: no total is stated, and page 2 is page 1 again; the service does not "
                "page as it should. Nothing was committed; ask the vendor."
            )
        if len(second) == 1 and not is_fresh:
            raise TotalMoved("products: page 2 was page 1 again, and is no longer; fetch again.")

    def _compare_count(self, found: _List, of_all: Sum) -> None:
        """Where no page states a total, the service's own Count of the model is what is left.

        The pages are not proved to be all there are if it counts more.
        """
        request = endpoints.quantities_result(*self._ids, of_all.operation_id)
        path = self._sink.held(request.asked)
        if path is None:
            return
        raw = answers.plain(path, request.target)
        count = count_of(Answer(request.target, 0, raw))
        if count is not None and count > len(found.ids):
            self._unproved[_SUMS] = (
                f"products: no total is stated, {len(found.ids):,} came, and the service's own "
                f"Count is {count:,}"
            )

    def _fields(
        self, endpoint: Callable[[str, str, int], Request], place: int, name: str
    ) -> list[str]:
        def request(page: int) -> Request:
            return endpoint(*self._ids, page)

        def all_pages(*, is_fresh: bool) -> _List:
            of, told = (place, name), _Told(Quiet(), name)
            return self._pages(
                request, glance.at_fields, of, told, is_tolerant=True, is_fresh=is_fresh
            )

        found = _twice(all_pages)
        if found.proof.kind == "none":
            self._unproved[place] = found.proof.detail
        return found.ids

    def _pages(
        self,
        request: Callable[[int], Request],
        look: Look,
        of: tuple[int, str],
        told: _Told,
        *,
        is_fresh: bool,
        is_tolerant: bool = False,
    ) -> _List:
        """All pages of a list; with `is_fresh` none that an earlier try has kept."""
        place, name = of

        def get(page: int) -> Glance:
            return self._answer(request(page), (place, page), look, is_fresh=is_fresh)

        pages = Pages(name, at_once=self._options.parallel, is_tolerant=is_tolerant)
        return _joined(pages, self._paged(pages, get, told))

    def _paged(self, pages: Pages, get: Callable[[int], Glance], told: _Told) -> dict[int, Glance]:
        """Every page that is to be asked for, by its number."""
        found: dict[int, Glance] = {}
        with ThreadPoolExecutor(self._options.parallel) as pool:
            running: dict[Future[Glance], int] = {}
            new: list[int] = []
            try:
                while True:
                    running |= {pool.submit(get, page): page for page in pages.to_ask()}
                    for page in new:
                        told.of(page, found)
                    if not running:
                        break
                    done = wait(running, return_when=FIRST_COMPLETED).done
                    new = [running.pop(future) for future in done]
                    for page, future in zip(new, done, strict=True):
                        found[page] = seen = future.result()
                        pages.saw(Page(page, seen.stated_total, seen.ids))
            finally:
                for future in running:
                    future.cancel()
        return found

    def _answer(
        self,
        request: Request,
        order: tuple[int, ...],
        look: Look,
        *,
        is_fresh: bool,
    ) -> Glance:
        """What a page holds; it is kept once it was understood."""
        held = None if is_fresh else self._sink.held(request.asked)
        if held is not None:
            return look(held, request.target, None)
        part = self._sink.part()
        answer = self._asked(request, part)
        seen = look(part, request.target, answer.sha256)
        self._sink.keep(
            request.asked, part, order=order, status=answer.status, sha256=answer.sha256
        )
        return seen

    def _lookups(self) -> None:
        """What the project says beside its products; where the login may not, it goes without."""
        project = self._ref.project_id
        lists = (
            endpoints.codifications(project),
            endpoints.material_libraries(project),
            endpoints.locations(project),
            endpoints.custom_properties(project),
        )
        with ThreadPoolExecutor(_LISTS) as pool:
            listed = list(pool.map(self._lookup, lists, count()))[0]
            libraries = member(listed, "codificationLibraries") if isinstance(listed, dict) else ()
            guids = [text(member(one, "guid", "libraryGuid", "id")) for one in libraries or ()]
            wanted = [(at, guid) for at, guid in enumerate(guids, len(lists)) if guid is not None]
            asked_for = [endpoints.codification(project, guid) for _, guid in wanted]
            list(pool.map(self._lookup, asked_for, [at for at, _ in wanted]))

        self._are_listed.set()

    def _lookup(self, request: Request, place: int) -> Any:
        """The answer as JSON; null if the login may not see it or the service does not have it."""
        path = self._sink.held(request.asked)
        if path is None:
            part = self._sink.part()
            try:
                answer = self._asked(request, part)
            except VendorRefused as refusal:
                if refusal.status not in _MAY_LACK:
                    raise
                return None
            found = answers.parsed(answers.plain(part, request.target), request.target)
            self._sink.keep(request.asked, part, order=(_LOOKUPS, place), status=answer.status)
            return found
        return answers.parsed(answers.plain(path, request.target), request.target)

    def _asked(self, request: Request, into: Into) -> Received:
        """As `Session.ask`, in turn."""
        with self._turns:
            return self._session.ask(request, into)

    def _calculated_fields(self) -> list[str]:
        """Names of the values that the service calculates for each product, if it has any."""
        try:
            fields = self._fields(
                endpoints.dynamic_available, _DYNAMIC_AVAILABLE, "calculated properties"
            )
        except VendorRefused as refusal:
            if refusal.status not in _MAY_LACK:
                raise
            return []
        return [name for name in fields if name.casefold() != "guid"]

    def _calculations(self, classes: Iterable[str], names: Sequence[str]) -> list[Sum]:
        """What the service calculates: values of these names for each product, if there are any;
        the sums of all calculators for the model and, if wanted, for each class.
        """
        sums = [self._sum_of(at, filters) for at, filters in enumerate(self._filters(classes))]
        wanted = [*sums, self._dynamic_of(names)] if names else sums
        self._progress.step("waiting for what the service calculates", len(wanted))
        clock = StoppableClock(self._session.clock)

        def ended(calculation: Calculation) -> str:
            return calculations.run(
                self._session,
                self._sink,
                calculation,
                self._options.patience,
                clock,
                early=self._early.get(calculation.key),
            )

        ids = []
        with ThreadPoolExecutor(_WAITED_FOR) as pool:
            running = [pool.submit(ended, calculation) for calculation in wanted]
            try:
                for future in running:
                    ids.append(future.result())
                    self._progress.advance()
            finally:
                clock.stop()
                pool.shutdown(wait=False, cancel_futures=True)
        return list(map(Sum, ids, self._filters(classes)))

    def _dynamic_of(self, names: Sequence[str]) -> Calculation:
        return Calculation(
            "The calculated properties",
            endpoints.dynamic(*self._ids, names),
            lambda operation: endpoints.dynamic_result(*self._ids, operation),
            (_DYNAMIC,),
        )

    def _filters(self, classes: Iterable[str]) -> list[tuple[Filter, ...]]:
        """What each sum is taken over: everything, then one class after the other."""
        per_class = sorted(classes) if self._options.per_class else []
        return [(), *((Filter("Class", "Eq", name),) for name in per_class)]

    def _sum_of(self, at: int, filters: tuple[Filter, ...]) -> Calculation:
        return Calculation(
            "The service's own total",
            endpoints.quantities(*self._ids, CALCULATORS, filters),
            lambda operation: endpoints.quantities_result(*self._ids, operation),
            (_SUMS, at),
        )

    def _keep_record(self, record: Record) -> None:
        """What was asked for is evidence, too: the answers do not say which products they cover."""
        part = self._sink.part()
        part.write_bytes(asked.written(record))
        self._sink.keep(Asked("FILE", ASKED), part, order=(_RECORD,), status=None)


def _twice(all_pages: Callable[..., _List]) -> _List:
    """All pages; once more, and none from an earlier try, if the total moves meanwhile."""
    try:
        return all_pages(is_fresh=False)
    except TotalMoved:
        return all_pages(is_fresh=True)


def _joined(pages: Pages, found: dict[int, Glance]) -> _List:
    """What the pages hold together; those that bring nothing new are left out."""
    known: dict[str, None] = {}
    bringing = []
    for page in sorted(found):
        before = len(known)
        known.update(dict.fromkeys(found[page].ids))
        if len(known) > before:
            bringing.append(page)
    classes = frozenset[str]().union(*(seen.classes for seen in found.values()))
    return _List(
        pages.proof(),
        pages.stated_total,
        list(known),
        classes,
        tuple(bringing),
        is_first_repeated=bringing == [1] and any(found[page].ids for page in found if page > 1),
    )
