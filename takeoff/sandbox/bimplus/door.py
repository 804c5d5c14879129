"""Bimplus among the vendors of the sandbox."""

from __future__ import annotations

from takeoff.sandbox.bimplus.accounts import USER
from takeoff.sandbox.bimplus.app import api_app
from takeoff.sandbox.bimplus.catalogue import SLUG, Catalogue
from takeoff.sandbox.bimplus.service import Service
from takeoff.sandbox.desk import Desk, Door, Served, once


def door(desk: Desk) -> Door:
    """Bimplus under /v2, over the models of `desk`."""
    catalogue = Catalogue(desk.layout, desk.snapshots)
    service = Service(desk, catalogue)

    def models() -> list[Served]:
        return [
            Served(one.project.id, one.id, one.name, one.snapshot)
            for one in catalogue.divisions()
            if one.snapshot is not None
        ]

    def warm() -> None:
        for one in catalogue.divisions():
            catalogue.objects(one, service.switches)

    def close() -> None:
        for content in catalogue.opened():
            content.close()

    accounts = service.accounts
    return Door(
        app=once(lambda: api_app(service)),
        prefixes=("v2",),
        base_path="/v2",
        token=accounts.issue(),
        models=models,
        told={
            "slug": SLUG,
            "user_id": USER,
            "password": accounts.password,
            "application_id": accounts.application_id,
        },
        warm=warm,
        close=close,
        is_prefixed=True,
    )
