"""Doctor: is everything as it must be - the installation, settings, lake, logins and services?"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from takeoff.config import (
    CONFIG_NAME,
    Access,
    Settings,
    config_file,
    read_settings,
    settings_without_file,
)
from takeoff.core.errors import TakeoffError, VendorRefused
from takeoff.core.results import Result, listing
from takeoff.http.messages import Limits
from takeoff.http.session import Session
from takeoff.jobs.diagnosis import Diagnosis, broken, counted, failed, warning
from takeoff.jobs.doctor_lake import examine_lake
from takeoff.jobs.installed import installed
from takeoff.jobs.logins import client_of, who_am_i
from takeoff.jobs.sources import read_source
from takeoff.jobs.token_store import open_store
from takeoff.vendors import load, names

_MEANINGS = {
    "status": "ok, warning (it works, but look at it) or failed (what needs it does not work)",
    "check": "what was looked at",
    "found": "what was found",
    "cure": "what to do about it; null if there is nothing to do",
}
# A vendor signs its answers and judges our logins by its clock; they allow for minutes at most.
_CLOCK_MAY_DIFFER_S = 120
_IMPATIENT = Limits(attempts=1, connect_s=10, read_s=10)


@dataclass(frozen=True)
class Checkup:
    """What was found as rows for people, in one sentence, and the exit code of the worst of it."""

    result: Result
    sentence: str
    exit_code: int


def doctor(given: Mapping[str, Any], environ: Mapping[str, str], *, offline: bool) -> Checkup:
    """Look at everything that a command may need, and say for each what to do about it.

    `given` are arguments as `read_settings` takes them. No file of the lake is written. Services
    are asked for nothing but whether they are there, without login; with `offline` not even that.
    No token is shown.
    """
    settings, of_settings = _examined_settings(given, environ)
    logins, of_store = _known_logins(settings)
    in_use = _named(settings) | {row["vendor"] for row in logins if row["login"] is not None}
    found = [
        *installed(),
        *of_settings,
        *examine_lake(settings.lake, offline=offline),
        *of_store,
        *(_login(row) for row in logins if row["vendor"] in in_use),
        *_services(settings, sorted(in_use), offline=offline),
    ]
    return Checkup(_rows(found), _sentence(found), max(one.exit_code for one in found))


def _rows(found: Sequence[Diagnosis]) -> Result:
    rows = [{name: getattr(one, name) for name in _MEANINGS} for one in found]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    return listing("Checkup", pa.Table.from_pylist(rows, schema), _MEANINGS)


def _sentence(found: Sequence[Diagnosis]) -> str:
    of = Counter(one.status for one in found)
    return f"{of['ok']} ok, {counted(of['warning'], 'warning')}, {of['failed']} failed"


def _examined_settings(
    given: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Settings, list[Diagnosis]]:
    """The settings, without the file if that cannot be used; and what there is to say of it."""
    cure = "correct the file, or name another with --config"
    try:
        settings, path = read_settings(given, environ), config_file(given, environ)
    except TakeoffError as error:
        return settings_without_file(given, environ), [broken("configuration", error, cure)]
    try:
        for vendor in settings.vendors:
            load(vendor)
        for step in settings.models:
            read_source(f"{path}: [[models]]", settings.project_folder or Path(), step)
    except TakeoffError as error:
        return settings, [broken("configuration", error, cure)]
    if path is None:
        found = f"no {CONFIG_NAME} here, and none is needed; to have one: takeoff init"
        return settings, [Diagnosis("configuration", found)]
    found = f"{path}: {counted(len(settings.models), 'source')} to fetch"
    return settings, [Diagnosis("configuration", found)]


def _known_logins(settings: Settings) -> tuple[list[Mapping[str, Any]], list[Diagnosis]]:
    """The logins as `takeoff whoami` lists them, none if they cannot be read; where they are."""
    try:
        rows: list[Mapping[str, Any]] = who_am_i(settings).table.to_pylist()
    except TakeoffError as error:
        return [], [broken("logins", error, "log in again")]
    private = "" if sys.platform == "win32" else ", for you alone"
    return rows, [Diagnosis("logins", f"kept in {open_store().where}{private}")]


def _login(row: Mapping[str, Any]) -> Diagnosis:
    check, vendor, ends_at = f"login {row['vendor']}", row["vendor"], row["ends_at"]
    if row["login"] is None:
        cure = f"run: takeoff login {vendor}, or set TAKEOFF_{vendor.upper()}_TOKEN"
        return failed(check, "there is none", cure, VendorRefused)
    cure = f"run: takeoff login {vendor}"
    how = "renewed by itself" if row["renews"] else "nobody says until when"
    if ends_at is not None and not row["renews"]:
        how = f"until {ends_at:%Y-%m-%d %H:%M} UTC"
        if ends_at <= datetime.now(UTC):
            found = f"from {row['login']}, {how}: it has ended"
            return failed(check, found, cure, VendorRefused)
    found = f"from {row['login']}, {how}"
    if lacking := _lacking(vendor, row["scopes"]):
        said = f"{found}; its token says that it gives no {' and no '.join(lacking)}"
        return warning(check, said, f"{cure}, or get a token with {' '.join(lacking)}")
    return Diagnosis(check, found)


def _lacking(vendor: str, scopes: str | None) -> list[str]:
    """Rights that reading needs and the token does not name; none if it names none at all.

    An authority may put an address before the name of a right.
    """
    if scopes is None:
        return []
    given = {scope.rpartition("/")[2] for scope in scopes.split()}
    return [scope for scope in getattr(client_of(vendor), "SCOPES", ()) if scope not in given]


def _services(settings: Settings, vendors: Sequence[str], *, offline: bool) -> Iterator[Diagnosis]:
    """Whether each vendor that is in use is there, and has our time."""
    if offline or not vendors:
        why = "not asked" if offline else "no vendor is configured, so none was asked"
        yield Diagnosis("services", why)
        return
    for vendor in vendors:
        yield from _service(vendor, settings.vendors.get(vendor, Access()))


def _service(vendor: str, access: Access) -> Iterator[Diagnosis]:
    check = f"service {vendor}"
    try:
        client = client_of(vendor)
        base_url = access.base_url or client.BASE_URL
        with Session(base_url, None, name=client.NAME, limits=_IMPATIENT) as session:
            knock, now = session.knock(), session.clock.now()
    except TakeoffError as error:
        yield broken(check, error, "check the network, a proxy, and the base URL")
        return
    if knock.status >= 500:
        yield warning(check, f"{base_url} answers {knock.status}", "try again later")
    else:
        yield Diagnosis(check, f"{base_url} answers")
    if knock.time is not None:
        yield _clock(f"clock of {vendor}", (now - knock.time).total_seconds())


def _clock(check: str, ahead_s: float) -> Diagnosis:
    if abs(ahead_s) <= _CLOCK_MAY_DIFFER_S:
        return Diagnosis(check, "as this machine's")
    way = "ahead of" if ahead_s > 0 else "behind"
    found = f"this machine is {abs(ahead_s) / 60:,.0f} minutes {way} it"
    return warning(check, found, "set this machine's clock: logins may be refused")


def _named(settings: Settings) -> set[str]:
    """Vendors with a service that the settings name."""
    of_models = {model.get("vendor") for model in settings.models}
    return {name for name in names() if name in {*settings.vendors, *of_models}} - {"ifc"}
