"""Qonic among the vendors of the sandbox."""

from __future__ import annotations

from takeoff.sandbox.desk import Desk, Door, Served, once
from takeoff.sandbox.qonic.app import api_app
from takeoff.sandbox.qonic.auth import Auth
from takeoff.sandbox.qonic.catalogue import Catalogue
from takeoff.sandbox.qonic.imports import Imports
from takeoff.sandbox.qonic.operations import Operations
from takeoff.sandbox.qonic.pages import Pages, looks
from takeoff.sandbox.qonic.service import Service


def door(desk: Desk) -> Door:
    """Qonic under /v1, over the models of `desk`; what is changed lives in memory."""
    catalogue = Catalogue(desk.layout, desk.snapshots)
    auth, operations = Auth(), Operations()
    imports = Imports(catalogue, desk.storage, operations, desk.read_ifc)
    service = Service(
        catalogue=catalogue,
        control=desk.control,
        auth=auth,
        storage=desk.storage,
        pages=Pages(desk.control),
        operations=operations,
        imports=imports,
    )

    def models() -> list[Served]:
        imports.list_ended()
        return [
            Served(project.number, model.number, model.name, model.snapshot)
            for project, model in catalogue.models()
        ]

    def warm() -> None:
        for _, model in catalogue.models():
            model.columns(looks(desk.control.switches))
            _ = model.dynamic, model.counted

    def close() -> None:
        imports.close()
        for _, model in catalogue.models():
            model.close()

    redirect_uri = desk.control.switches["redirect_uris"].split(",")[0]
    return Door(
        app=once(lambda: api_app(service, desk.register)),
        prefixes=("v1",),
        base_path="/v1",
        token=auth.issue(),
        models=models,
        told={"client_id": auth.client_id, "redirect_uri": redirect_uri},
        warm=warm,
        close=close,
    )
