"""The routes of extractions and of their tables as CDM: a manifest, and partitions in CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import answer, body, link, missing, required
from takeoff.sandbox.itwin.definitions import Mapping
from takeoff.sandbox.itwin.extractions import FAILED, PARTIAL, SUCCEEDED, Extraction, Log
from takeoff.sandbox.itwin.mapping_routes import ROOT
from takeoff.sandbox.itwin.paging import listed
from takeoff.sandbox.itwin.service import Service
from takeoff.sandbox.itwin.tables import GroupTable
from takeoff.sandbox.itwin.texts import CsvStyle, csv

_RUN = f"{ROOT}/extractions/<extraction_id>"
_CDM = f"{ROOT}/<mapping_id>/extractions/<extraction_id>/cdm"
_ENDED = (SUCCEEDED, PARTIAL, FAILED)
_CDM_TYPES = {"String": "string", "Double": "double", "Integer": "int64", "Boolean": "boolean"}
_CSV_TYPES = {"csv": "text/csv", "octets": "application/octet-stream", "text": "text/plain"}


@dataclass(frozen=True)
class File:
    """A partition as the storage gives it."""

    content: bytes
    content_type: str


def routes(service: Service) -> Blueprint:
    found = Blueprint("extractions", __name__)
    for add in (_runs, _extracted, _cdm):
        add(found, service)
    return found


def _runs(routes: Blueprint, service: Service) -> None:
    extractions = service.extractions

    @routes.post(f"{ROOT}/extractions")
    def run() -> Response:
        extraction = extractions.run(body(), service.switches)
        return answer({"extraction": _shown(extraction, extractions.state(extraction))}, 202)

    @routes.get(f"{ROOT}/extractions")
    def history() -> Response:
        imodel = service.world.imodel(str(required(request.args, "iModelId")))
        return listed(
            "extractions",
            extractions.of(imodel, service.switches),
            lambda one: _shown(one, extractions.state(one)),
            service.switches,
            by_token=True,
        )

    @routes.get(_RUN)
    def status(extraction_id: str) -> Response:
        extraction = extractions.find(extraction_id, service.switches)
        state = extractions.look_up(extraction)
        told = answer({"extraction": _shown(extraction, state)})
        wait_s = service.switches.number("operation_retry_after_s")
        if wait_s is not None and state not in _ENDED:
            told.headers["Retry-After"] = str(wait_s)
        return told

    @routes.get(f"{_RUN}/logs")
    def logs(extraction_id: str) -> Response:
        extraction = extractions.find(extraction_id, service.switches)
        found = extractions.logs(extraction, service.switches)
        show = lambda log: shown_log(log, service)  # noqa: E731
        return listed("logs", found, show, service.switches, by_token=True)

    def _shown(extraction: Extraction, state: str) -> dict[str, Any]:
        here = f"{ROOT}/extractions/{extraction.id}"
        return {
            "id": extraction.id,
            "state": state,
            "startedOn": service.mapping_time(extraction.started),
            "_links": {"status": link(here), "logs": link(f"{here}/logs")},
        }


def _extracted(routes: Blueprint, service: Service) -> None:
    @routes.get(f"{ROOT}/<mapping_id>/extractions")
    def extracted(mapping_id: str) -> Response:
        mapping = service.mappings.mapping(mapping_id)
        return listed(
            "extractions",
            service.extractions.listed(mapping, service.switches),
            lambda one: _shown(mapping, one),
            service.switches,
            by_token=True,
        )

    def _shown(mapping: Mapping, one: Extraction) -> dict[str, Any]:
        part = one.part(mapping.id)
        stood = mapping if part is None else part.mapping
        return {
            "extractionId": one.id,
            "extractionTimestamp": service.mapping_time(one.started),
            "changesetIndex": one.changeset.index,
            "mappingTimestamp": service.mapping_time(stood.modified_on),
            "_links": {"cdm": link(f"{ROOT}/{mapping.id}/extractions/{one.id}/cdm")},
        }


def _cdm(routes: Blueprint, service: Service) -> None:
    @routes.get(_CDM)
    def cdm(mapping_id: str, extraction_id: str) -> Response:
        entities = [_entity(table) for table in _tables(mapping_id, extraction_id)]
        name = "Insights_and_Reporting_Extractor"
        return answer({"name": name, "version": "1.0", "entities": entities})

    @routes.get(f"{_CDM}/partitions")
    def partition(mapping_id: str, extraction_id: str) -> Response:
        location = str(required(request.args, "location"))
        group_name, _, file_name = location.partition("/")
        for table in _tables(mapping_id, extraction_id):
            for number, (start, stop) in enumerate(_cuts(table)):
                if (group_name, file_name) == (table.group.name, _file_name(number)):
                    return _given(table.table.slice(start, stop - start), location)
        raise missing("PartitionNotFound", "Partition", "location")

    def _given(rows: pa.Table, location: str) -> Response:
        """At once, or by a redirect."""
        switches = service.switches
        content_type = _CSV_TYPES[switches["itwin_csv_type"]]
        file = File(csv(rows, CsvStyle.of(switches)), content_type)
        how = "none" if "at" in request.args else switches["itwin_partition_redirect"]
        code = int(switches["redirect_code"])
        if how == "storage":
            return Response(b"", code, {"Location": service.desk.storage.link(file, request.url)})
        if how == "relative":
            target = f"{request.path}?location={quote(location, safe='')}&at=hand"
            answered = Response(b"", code, {"Location": target})
            answered.autocorrect_location_header = False
            return answered
        return Response(file.content, 200, content_type=content_type)

    def _tables(mapping_id: str, extraction_id: str) -> list[GroupTable]:
        switches = service.switches
        mapping = service.mappings.mapping(mapping_id)
        extraction = service.extractions.find(extraction_id, switches)
        return service.extractions.tables(extraction, mapping, switches)

    def _entity(table: GroupTable) -> dict[str, Any]:
        names = zip(table.table.column_names, table.types, strict=True)
        return {
            "$type": "LocalEntity",
            "name": table.group.name,
            "attributes": [
                {"name": n, "dataType": _CDM_TYPES[data_type]} for n, data_type in names
            ],
            "partitions": [
                {
                    "name": f"part{number:05d}",
                    "location": f"{table.group.name}/{_file_name(number)}",
                }
                for number in range(len(_cuts(table)))
            ],
        }

    def _cuts(table: GroupTable) -> list[tuple[int, int]]:
        """Where the partitions begin and end; there is one at least, even without a row."""
        rows = table.table.num_rows
        count = max(1, min(service.switches.number("itwin_partitions") or 1, rows))
        edges = [rows * number // count for number in range(count + 1)]
        return list(zip(edges[:-1], edges[1:], strict=True))


def shown_log(log: Log, service: Service) -> dict[str, Any]:
    return {
        "state": log.state,
        "dateTime": service.mapping_time(log.moment),
        "contextType": log.context_type,
        "contextId": log.context_id,
        "level": log.level,
        "category": log.category,
        "message": log.message,
    }


def _file_name(number: int) -> str:
    return f"part{number:05d}.csv"
