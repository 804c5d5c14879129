"""Fetching from a sandbox in tests: the client, a journal, and the decoder behind one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qonic_rows import Rows, names
from small_lakes import Model

from takeoff.core.progress import Quiet
from takeoff.core.refs import Brought, Document
from takeoff.http.auth import Bearer
from takeoff.http.messages import Limits
from takeoff.http.operations import Patience
from takeoff.http.session import Session
from takeoff.lake.journal import Journal
from takeoff.sandbox import SWITCHES, Running
from takeoff.vendors.qonic import client, decode
from takeoff.vendors.qonic.client import Options

Serve = Callable[..., Running]
QUICK = Options(patience=Patience(first_s=0.01, longest_s=0.05, total_s=2))
PAGE = 10


@dataclass(frozen=True)
class Folder:
    """Stands for a run: a folder that outlives a kill."""

    folder: Path


def guid(number: int) -> str:
    """A GlobalId that looks like one; 3 and 4 differ in case only."""
    last = {3: "a", 4: "A"}.get(number, "0")
    return f"{0 if number in (3, 4) else number:0>20}_{last}"[:22].rjust(22, "0")


def walls(count: int) -> Model:
    """Walls on two storeys, each with two figures, a code in two systems and a material."""
    model = Model("walls")
    for number in range(count):
        storey = number % 2
        model.add(
            guid(number),
            ifc_class="Wall" if number % 3 else "Slab",
            building_id="building-0000000000000",
            building_name="Main",
            storey_id=f"storey-{storey}",
            storey_name=f"L{storey}",
        )
        model.figure("NetVolume", f"{number}.25", source_set="Qto_WallBaseQuantities")
        model.figure("GrossFootPrintArea", "1.5", basis="computed")
        model.code("NL-SfB", "21.11", "Outer walls").code("Omni", "23-13")
        model.material("Concrete")
    return model


def turned(running: Running, **switches: str) -> Running:
    """The sandbox with these switches, others at their defaults; what it has seen is gone."""
    running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
    running.forget()
    return running


def session(running: Running, limits: Limits | None = None) -> Session:
    return Session(
        running.at("qonic").base_url,
        Bearer(running.at("qonic").token),
        name="Qonic",
        hints=client.HINTS,
        limits=limits,
    )


def asked(running: Running, folder: Path, options: Options = QUICK) -> Brought:
    """Ask for the only model and keep its answers in `folder`, as a run that may be killed does."""
    folder.mkdir(parents=True, exist_ok=True)
    with session(running) as open_session:
        ref = client.models(open_session)[0]
        return client.ask(ref, open_session, Journal(Folder(folder)), Quiet(), options)


def documents(folder: Path) -> list[Document]:
    """What was kept, numbered as the lake numbers evidence."""
    kept = Journal(Folder(folder)).answers()
    return [Document(no, one.asked.path, one.path, "") for no, one in enumerate(kept)]


def rows(folder: Path) -> Rows:
    """The neutral rows of what was kept."""
    return decoded(documents(folder), folder)


def decoded(documents: Sequence[Document], work: Path) -> Rows:
    """The neutral rows of these answers."""
    found: Rows = defaultdict(list)
    for table, batch in decode.decode(
        documents, names=names(), options={}, work=work, progress=Quiet()
    ):
        found[table].extend(batch.to_pylist())
    return found


def fetched(running: Running, folder: Path, options: Options = QUICK) -> tuple[Brought, Rows]:
    """Asked and decoded."""
    return asked(running, folder, options), rows(folder)
