"""What the service's answers say, as values: teams, projects, models, revisions, types, units.

Only `id` is needed of each; whatever else is missing is null. Ids are in lower case. Times stay the
text that they are: the vendor writes no time zone. A size is read from the number of bytes, never
from the text beside it, which is written in German ("6,88").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from takeoff.core.plain import excerpt
from takeoff.vendors.bimplus import answers
from takeoff.vendors.bimplus.answers import guid, member, text

T = TypeVar("T")
Json = Mapping[str, Any]
Of = Callable[[Json], T]
# Of a number that counts something.
_DIGITS = 19


@dataclass(frozen=True)
class Team:
    """A team; its `slug` begins the path of whatever belongs to it."""

    id: str
    slug: str | None
    name: str | None


@dataclass(frozen=True)
class ProjectDiscipline:
    """One model's part in a project's list of disciplines: its layer, revisions and topology."""

    id: str
    name: str | None
    model_id: str | None
    model_name: str | None
    topology_id: str | None
    revisions: tuple[int, ...]
    released_revisions: tuple[int, ...]


@dataclass(frozen=True)
class Project:
    """A project. `size_bytes` is all of its models; `disciplines` is empty if not asked for."""

    id: str
    name: str | None
    team_slug: str | None
    team_id: str | None
    team_name: str | None
    model_count: int | None
    size_bytes: int | None
    created: str | None
    changed: str | None
    disciplines: tuple[ProjectDiscipline, ...]


@dataclass(frozen=True)
class Revision:
    """One revision of a model; `number` is what download and topology take."""

    id: str
    number: int | None
    name: str | None
    description: str | None
    project_id: str | None
    model_id: str | None
    topology_id: str | None
    created: str | None
    input_type: str | None
    import_file: str | None


@dataclass(frozen=True)
class Model:
    """A model, which the vendor calls a division.

    `status` is null if the answer does not say it, as lists do not. `import_file` is the name of
    the file that was uploaded and `import_bytes` its size; `has_file` says that it can be had.
    """

    id: str
    name: str | None
    description: str | None
    project_id: str | None
    topology_id: str | None
    team_slug: str | None
    disciplines: tuple[str, ...]
    status: str | None
    file_type: str | None
    input_type: str | None
    created: str | None
    changed: str | None
    size_bytes: int | None
    import_file: str | None
    import_bytes: int | None
    has_file: bool
    is_deleted: bool
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class Discipline:
    """A layer of a model, with the IFC type that the vendor gives it."""

    id: str
    name: str | None
    category: str | None
    ifc_type: str | None


@dataclass(frozen=True)
class ElementType:
    """One element type as the service lists it; `name` is a key for translators, not for people.

    `count` is how many objects of the type the whole project has; null if the list does not say.
    """

    id: str
    word: str | None = None
    name: str | None = None
    ifc_type: str | None = None
    layer: str | None = None
    category: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Unit:
    """A unit record. `context` is the word of IFC for what it measures, such as LENGTHUNIT.

    Its factors are not here: the vendor's own example is wrong by a power.
    """

    id: str
    symbol: str | None
    context: str | None


@dataclass(frozen=True)
class Attribute:
    """A catalogue entry of an attribute; `unit` is the symbol as written."""

    id: str
    name: str | None
    type: str | None
    unit: str | None
    unit_id: str | None
    control: str | None


@dataclass(frozen=True)
class TokenInfo:
    """Whose token it is; `user_id` is an id here, not the e-mail of the login."""

    user_id: str | None
    application: str | None
    expires_in_s: float | None


def team(item: Json) -> Team:
    """See Team."""
    return Team(_id(item), text(member(item, "slug")), text(member(item, "name", "displayname")))


def project(item: Json) -> Project:
    """See Project."""
    return Project(
        _id(item),
        text(member(item, "name")),
        text(member(item, "teamSlug")),
        guid(member(item, "teamId")),
        text(member(item, "teamName")),
        whole(member(item, "modelCount")),
        whole(member(item, "size")),
        text(member(item, "created")),
        text(member(item, "changed")),
        tuple(map(_project_discipline, _objects(item, "disciplines"))),
    )


def model(item: Json) -> Model:
    """See Model. Its `disciplines` are ids here; objects with an id are taken as well."""
    layers = member(item, "disciplines") or ()
    ids = (guid(member(one, "id") if isinstance(one, Mapping) else one) for one in layers)
    file = text(member(item, "importFileName"))
    return Model(
        _id(item),
        text(member(item, "name")),
        text(member(item, "description")),
        guid(member(item, "projectId")),
        guid(member(item, "topologyId")),
        text(member(item, "teamSlug")),
        tuple(one for one in ids if one is not None),
        text(member(item, "status")),
        text(member(item, "fileType")),
        text(member(item, "inputType")),
        text(member(item, "created")),
        text(member(item, "changed")),
        whole(member(item, "size")),
        file,
        whole(member(item, "importFileSize")),
        file is not None and text(member(item, "url")) is not None,
        member(item, "recycleBin") in (True, 1, "1", "true"),
        tuple(map(revision, _objects(item, "revisionObjects"))),
    )


def revision(item: Json) -> Revision:
    """See Revision."""
    return Revision(
        _id(item),
        whole(member(item, "revisionNr")),
        text(member(item, "name")),
        text(member(item, "description")),
        guid(member(item, "projectId")),
        guid(member(item, "divisionId")),
        guid(member(item, "topologyId")),
        text(member(item, "created")),
        text(member(item, "inputType")),
        text(member(item, "importFileName")),
    )


def discipline(item: Json) -> Discipline:
    """See Discipline."""
    return Discipline(
        _id(item),
        text(member(item, "name")),
        text(member(item, "category")),
        text(member(item, "ifcType")),
    )


def element_type(item: Json) -> ElementType:
    """See ElementType. The layer may be an id or an object that has one."""
    layer = member(item, "layer", "layerid")
    return ElementType(
        _id(item),
        text(member(item, "type")),
        text(member(item, "name")),
        text(member(item, "ifcType")),
        guid(member(layer, "id") if isinstance(layer, Mapping) else layer),
        text(member(item, "category")),
        whole(member(item, "elementsCount")),
    )


def unit(item: Json) -> Unit:
    """See Unit. One page of the vendor misspells contextUnitType."""
    return Unit(
        _id(item),
        text(member(item, "unit", "symbol", "name")),
        text(member(item, "contextUnitType", "contexUnitType")),
    )


def attribute(item: Json) -> Attribute:
    """See Attribute."""
    return Attribute(
        _id(item),
        text(member(item, "name")),
        text(member(item, "type")),
        text(member(item, "unit")),
        guid(member(item, "unitId")),
        text(member(item, "controltype", "control")),
    )


def token_info(item: Json) -> TokenInfo:
    """See TokenInfo."""
    seconds = member(item, "expires_in")
    return TokenInfo(
        guid(member(item, "user_id")),
        text(member(item, "applicationName")),
        float(seconds) if isinstance(seconds, int | float) else None,
    )


def one(value: Any, of: Of[T], name: str) -> T:
    """One object of an answer. Raises: NotUnderstood if it is none, or has no id."""
    if not isinstance(value, Mapping):
        raise answers.refused(name, excerpt(value), "it is no object")
    try:
        return of(value)
    except KeyError:
        raise answers.refused(name, excerpt(value), "it has no id") from None


def several(value: Any, of: Of[T], name: str) -> list[T]:
    """The objects of a list, which may also be the values of an object keyed by their ids.

    Raises: NotUnderstood if it is neither, or one of them has no id.
    """
    items = answers.listed(value, "resultlist", "objects", "items")
    if items is None and isinstance(value, Mapping):
        items = keyed(value)
    if items is None:
        raise answers.refused(name, excerpt(value), "it is no list of objects")
    return [one(item, of, name) for item in items]


def keyed(value: Json) -> list[dict[str, Any]] | None:
    """The objects of a map from ids to objects; the key is the id unless the object has its own."""
    if not all(isinstance(item, Mapping) for item in value.values()):
        return None
    return [{"id": key, **item} for key, item in value.items()]


def whole(value: object) -> int | None:
    """A whole number, also as a double or as text; null if it is none."""
    written = text(value)
    if written is None or not written.isdecimal() or len(written) > _DIGITS:
        return None
    return int(written)


def _id(item: Json) -> str:
    found = guid(member(item, "id"))
    if found is None:
        raise KeyError("id")
    return found


def _objects(item: Json, name: str) -> Sequence[Json]:
    value = member(item, name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _project_discipline(item: Json) -> ProjectDiscipline:
    return ProjectDiscipline(
        _id(item),
        text(member(item, "name")),
        guid(member(item, "divisionId")),
        text(member(item, "divisionName")),
        guid(member(item, "divisionTopologyId")),
        _numbers(member(item, "revisions")),
        _numbers(member(item, "releasedRevisions")),
    )


def _numbers(value: Any) -> tuple[int, ...]:
    items = value if isinstance(value, list) else []
    return tuple(number for number in map(whole, items) if number is not None)
