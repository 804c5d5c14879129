"""Projects and models of a lake, with the numbers that the wire knows them by."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.qonic.model import Model

_FIRST_PROJECT = 101
_FIRST_MODEL = 1001


@dataclass(frozen=True)
class Project:
    """A project of one vendor in the lake; models by name."""

    number: str
    name: str
    models: tuple[Model, ...]

    def model(self, number: str) -> Model:
        for model in self.models:
            if model.number == number:
                return model
        raise Refused(404, "ModelNotFound", f"The project has no model {number}.")


class Catalogue:
    """What is served. Ids are numbers on the wire: an id of the lake that is one stays as it is."""

    def __init__(self, layout: Layout, snapshots: Sequence[Snapshot]) -> None:
        projects = {(s.ref.vendor, s.ref.project_id): s for s in snapshots}
        project_numbers = _numbers([project_id for _, project_id in projects], _FIRST_PROJECT)
        model_numbers = _numbers([s.ref.model_id for s in snapshots], _FIRST_MODEL)
        self.projects = []
        for number, (key, first) in zip(project_numbers, projects.items(), strict=True):
            models = [
                Model(layout, snapshot, model, snapshot.ref.model_name or snapshot.ref.model_id)
                for model, snapshot in zip(model_numbers, snapshots, strict=True)
                if (snapshot.ref.vendor, snapshot.ref.project_id) == key
            ]
            name = first.ref.project_name or first.ref.project_id
            self.projects.append(Project(number, name, _by_name(models)))
        self._lock = threading.Lock()
        self._given = {*model_numbers}

    def project(self, number: str) -> Project:
        for project in self.projects:
            if project.number == number:
                return project
        raise Refused(404, "ProjectNotFound", f"There is no project {number}.")

    def new_number(self) -> str:
        """One that no model has, nor ever had."""
        with self._lock:
            number = max((int(known) for known in self._given), default=_FIRST_MODEL - 1) + 1
            self._given.add(str(number))
            return str(number)

    def add(self, project: Project, model: Model) -> None:
        """From now on the project has this model, too."""
        with self._lock:
            at = next(n for n, one in enumerate(self.projects) if one.number == project.number)
            models = (*self.projects[at].models, model)
            self.projects[at] = replace(self.projects[at], models=_by_name(models))

    def models(self) -> Iterable[tuple[Project, Model]]:
        for project in self.projects:
            for model in project.models:
                yield project, model


def _by_name(models: Iterable[Model]) -> tuple[Model, ...]:
    return tuple(sorted(models, key=lambda model: (model.name, model.number)))


def _numbers(ids: Sequence[str], first: int) -> list[str]:
    """A number for each, as text: itself if it is one and not given away yet, else the next."""
    given: set[str] = set()
    result: list[str] = []
    kept = {one for one in ids if _is_number(one)}
    following = first
    for one in ids:
        number = one
        if one not in kept or one in given:
            while str(following) in kept | given:
                following += 1
            number = str(following)
        given.add(number)
        result.append(number)
    return result


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) < 10
