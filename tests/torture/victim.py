"""The process that is killed: forked from one that has imported everything, it works at once.

Reads jobs from stdin, one JSON object a line; each is done by a child of its own. On stdout, one
JSON object a line: the child's id, each phase when it begins, and how the child ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from both_ways import Hurried
from made_up import commit_many, model

from takeoff.config import Access, Settings
from takeoff.core.progress import Quiet
from takeoff.http.messages import Limits
from takeoff.http.session import Session
from takeoff.jobs import compact as compacting
from takeoff.jobs import expire as expiring
from takeoff.jobs import fetch, fetch_models, logins
from takeoff.jobs.fetch import Fetched, IfcOptions
from takeoff.jobs.fetch_models import ModelOptions
from takeoff.jobs.rebuild import rebuild
from takeoff.lake.writer import SnapshotWriter
from takeoff.vendors import load

Job = dict[str, Any]


def main() -> None:
    """Serve until stdin ends."""
    _import_all()
    child = None
    for line in sys.stdin:
        if child is not None:
            os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            _do(json.loads(line))
        # Not reaped until the next job comes: as long as it may be killed its id is its own.
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        was_killed = ended.si_code != os.CLD_EXITED
        _tell(ended=-ended.si_status if was_killed else ended.si_status)


def _do(job: Job) -> None:
    """Do the job and end, whatever happens; 1 if it went wrong, in words on stderr."""
    ending = 1
    _tell(child=os.getpid())
    try:
        _JOBS[job["verb"]](job)
        ending = 0
    except BaseException as error:  # noqa: BLE001 - a fork must not go on as its parent
        sys.stderr.write(f"{job['verb']}: {error!r}\n")
    finally:
        os._exit(ending)


def _fetch(job: Job) -> None:
    logins.Session = partial(  # type: ignore[assignment,misc]
        Session, clock=Hurried(), limits=Limits(parallel=job["parallel"])
    )
    access = {job["vendor"]: Access(job["base_url"], job["token"])}
    settings = Settings(lake=Path(job["lake"]), vendors=access)
    asked_at_once = {"parallel": str(job["parallel"])} if _has_parallel(job["vendor"]) else {}
    _tell_phases()
    options = ModelOptions(force=True, asking=asked_at_once)
    [outcome] = fetch_models.fetch_models(settings, job["vendor"], options, Quiet())
    _raise(outcome)


def _has_parallel(vendor: str) -> bool:
    """Whether the vendor's client works on several answers at once; what it asks is limited too."""
    return any(option.name == "parallel" for option in fields(logins.client_of(vendor).Options))


def _fetch_ifc(job: Job) -> None:
    _tell_phases()
    options = IfcOptions(geometry=False)
    settings = Settings(lake=Path(job["lake"]))
    [outcome] = fetch.fetch_ifc(settings, [Path(job["file"])], options, Quiet())
    _raise(outcome)


def _commit(job: Job) -> None:
    _tell(phase="commit")
    commit_many(Path(job["lake"]), "house", job["commits"], job["rows"], Path(job["told"]))


def _rebuild(job: Job) -> None:
    _tell(phase="rebuild")
    rebuild(Settings(lake=Path(job["lake"])), [], Quiet())


def _compact(job: Job) -> None:
    _tell(phase="merge")
    compacting.commit = _told("commit", compacting.commit, "end")
    compacting.compact(Settings(lake=Path(job["lake"])), Quiet())


def _expire(job: Job) -> None:
    expiring._remove = _told("remove", expiring._remove, "end")
    expiring.expire(Settings(lake=Path(job["lake"])), Quiet(), timedelta(0))


_JOBS: dict[str, Callable[[Job], None]] = {
    "fetch": _fetch,
    "fetch_ifc": _fetch_ifc,
    "commit": _commit,
    "rebuild": _rebuild,
    "compact": _compact,
    "expire": _expire,
}


def _tell_phases() -> None:
    """A fetch asks first; what follows tells of itself."""
    _tell(phase="ask")
    decoded = _told("decode", fetch.decoded)
    for module in (fetch, fetch_models):
        module.decoded = decoded  # type: ignore[attr-defined]
    commit = _told("commit", SnapshotWriter.commit, "end")
    SnapshotWriter.commit = commit  # type: ignore[method-assign]


def _told(phase: str, work: Callable[..., Any], then: str | None = None) -> Callable[..., Any]:
    def told(*arguments: Any, **named: Any) -> Any:
        _tell(phase=phase)
        done = work(*arguments, **named)
        if then is not None:
            _tell(phase=then)
        return done

    return told


def _tell(**words: object) -> None:
    """A line in one piece, for a kill may come at any moment."""
    os.write(1, json.dumps(words).encode() + b"\n")


def _raise(outcome: Fetched) -> None:
    if outcome.error is not None:
        raise outcome.error


def _import_all() -> None:
    for vendor in ("ifc", "qonic", "autodesk", "bimplus", "itwin"):
        load(vendor)
    model(1)


if __name__ == "__main__":
    main()
