"""Autodesk among the vendors of the sandbox."""

from __future__ import annotations

from takeoff.sandbox.autodesk.app import api_app
from takeoff.sandbox.autodesk.auth import Auth
from takeoff.sandbox.autodesk.catalogue import Catalogue, region
from takeoff.sandbox.autodesk.index import IndexService
from takeoff.sandbox.autodesk.jobs import Jobs
from takeoff.sandbox.autodesk.switches import looks
from takeoff.sandbox.desk import Desk, Door, Served, once


def door(desk: Desk) -> Door:
    """Model Properties, Data Management and authentication over the models of `desk`."""
    catalogue = Catalogue(desk.layout, desk.snapshots)
    auth, jobs = Auth(), Jobs()
    service = IndexService(catalogue, desk.control, desk.storage, jobs)

    def models() -> list[Served]:
        switches = desk.control.switches
        where, source = region(switches["autodesk_region"]), switches["autodesk_source"]
        return [
            Served(project.id, item.urn(where), item.file_name(source), item.tip.snapshot)
            for project, item in catalogue.items()
        ]

    def warm() -> None:
        for _, item in catalogue.items():
            item.tip.rows(looks(desk.control.switches, item.place))

    def close() -> None:
        jobs.close()
        for _, item in catalogue.items():
            for version in item.versions:
                version.close()

    return Door(
        app=once(lambda: api_app(catalogue, service, auth, desk.control, desk.register)),
        prefixes=("construction", "authentication", "project", "data"),
        base_path="",
        token=auth.issue(),
        models=models,
        told={
            "client_id": auth.client_id,
            "redirect_uri": desk.control.switches["redirect_uris"].split(",")[0],
            "service_client_id": auth.service_client_id,
            "service_client_secret": auth.service_client_secret,
            "service_account_id": auth.service_account_id,
            "service_key_id": auth.service_key_id,
        },
        warm=warm,
        close=close,
    )
