"""What iTwin's contract prints is what the client reads and the sandbox writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from itwin_asking import MAPPINGS, Asker, serving
from printed import differing
from qonic_building import building

from takeoff.core.errors import VendorRefused
from takeoff.http import problems
from takeoff.vendors.itwin import answers, cdm, edmx, endpoints, grouping, models, reports, rows
from takeoff.vendors.itwin.definitions import ECProperty, Mapping, Property
from takeoff.vendors.itwin.records import Changeset, Creation, IModel, ITwin, NamedVersion
from takeoff.vendors.itwin.runs import Extraction, Report

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "itwin.md"
REPORTING = "/insights/reporting"
FULL = {"Prefer": "return=representation"}
# What an answer has only where there is something to say.
MAY_LACK = {"prev", "next", "annotations", "details", "@odata.nextLink", "NetVolume"}
# The printed JSON in its order.
PRINTED = (
    "itwins",
    "imodels",
    "creation",
    "named versions",
    "changesets",
    "mapping",
    "property",
    "run",
    "extraction",
    "cdm",
    "report",
    "service",
    "rows",
    "error",
)


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    """The examples by name; members that are left out with dots are empty."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = CONTRACT.read_text("utf-8")
    blocks = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    assert len(blocks) == len(PRINTED)
    return {
        name: json.loads(block.replace("{...}", "{}"))
        for name, block in zip(PRINTED, blocks, strict=True)
    }


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder = tmp_path_factory.mktemp("printed")
    building().commit(folder / "served")
    with pytest.MonkeyPatch.context() as patch, serving(folder / "served") as running:
        found = Asker(running, folder, patch)
        with found.session:
            yield found


def only(printed: dict[str, Any], name: str, key: str) -> Any:
    [item] = answers.objects(printed[name], key, name)
    return item


def test_itwins_and_imodels_are_read(printed: dict[str, Any]) -> None:
    itwin = ITwin.of(only(printed, "itwins", "iTwins"), "itwins")
    assert (itwin.id, itwin.name, itwin.number, itwin.sub_class, itwin.type) == (
        "2f0c...",
        "Bridge 7",
        "P-1",
        "Project",
        "Bridge",
    )
    imodel = IModel.of(only(printed, "imodels", "iModels"), "imodels")
    assert (imodel.id, imodel.name, imodel.state) == ("5e10...", "Pier", None)
    assert (answers.href(printed["imodels"], "next") or "").endswith("&$skip=100")
    assert answers.href(printed["imodels"], "prev") is None


def test_the_making_of_a_model_is_read(printed: dict[str, Any]) -> None:
    made = Creation.of(answers.inner(printed["creation"], "createOperation", "x"), "x")
    assert (made.state, made.forked_from) == ("queued", None)
    assert made.cloned_from is not None
    assert (made.cloned_from.imodel_id, made.cloned_from.changeset_id) == ("5e10...", "13a6...")


def test_versions_are_read(printed: dict[str, Any]) -> None:
    label = NamedVersion.of(only(printed, "named versions", "namedVersions"), "x")
    assert (label.name, label.changeset_id, label.changeset_index) == ("Tender", "13a6...", 4)
    assert label.created_at is not None
    step = Changeset.of(only(printed, "changesets", "changesets"), "x")
    assert (step.id, step.index, step.parent_id, step.is_there) == ("13a6...", 4, "98fe...", True)
    assert (step.containing_changes, step.file_size) == (1, 112)
    assert (step.download_url or "").startswith("https://storage/")


def test_definitions_are_read_and_written(printed: dict[str, Any]) -> None:
    mapping = Mapping.of(answers.inner(printed["mapping"], "mapping", "x"), "x")
    assert (mapping.name, mapping.extraction_enabled, mapping.imodel_id) == (
        "Takeoff",
        False,
        "5e10...",
    )
    column = Property.of(printed["property"], "x")
    assert column.ec_properties == (ECProperty("*", "*", "Volume"),)
    told = {key: value for key, value in printed["property"].items() if value is not None}
    assert column.body == told


def test_a_run_is_asked_for_as_printed(printed: dict[str, Any]) -> None:
    asked = endpoints.run_extraction("5e10...", ["e3eb..."], "13a6...", ["0x20000000123"])
    assert asked.json_body == printed["run"]
    found = Extraction.of(answers.inner(printed["extraction"], "extraction", "x"), "x")
    assert (found.id, found.state) == ("40f7...", "queued")
    assert (found.logs_url or "").endswith("/logs")


def test_tables_are_read(printed: dict[str, Any], tmp_path: Path) -> None:
    [walls] = cdm.entities(printed["cdm"], "x")
    assert (walls.name, walls.locations) == ("Walls", ("Walls/part00000.csv",))
    assert walls.columns == (("ECInstanceId", "string"), ("NetVolume", "double"))
    [entity] = reports.entities(printed["service"], "x")
    assert (entity.name, entity.url) == ("Takeoff_Walls_ab12", "1/7d0c.../Takeoff_Walls_ab12")
    assert entity.manifest_id == "7d0c..."
    page = tmp_path / "page.json"
    page.write_text(json.dumps(printed["rows"]))
    texts = ("ECInstanceId", "ECClassId", "UserLabel", "BBoxLow", "BBoxHigh")
    columns = [*((name, "Edm.String") for name in texts), ("NetVolume", "Edm.Double")]
    found = rows.page(page, "x", columns)
    assert found["NetVolume"].to_pylist() == [1.25]
    assert found["ECInstanceId"].to_pylist() == ["0x20000000123"]
    report = Report.of(answers.inner(printed["report"], "report", "x"), "x")
    assert (report.name, report.deleted) == ("QTO", False)
    assert (report.odata_url or "").endswith("?api-version=v1")


def test_metadata_is_read() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    [block] = re.findall(r"```xml\n(.+?)```", CONTRACT.read_text("utf-8"), re.DOTALL)
    name = "Takeoff_Walls_ab12"
    text = (
        f'<Edmx><Schema Namespace="Insights_and_Reporting_Extractor"><EntityType Name="{name}">'
        '<Property Name="NetVolume" Type="Edm.Double"/></EntityType></Schema>'
        f'<Schema Namespace="Default"><EntityContainer>{block}</EntityContainer></Schema></Edmx>'
    )
    [found] = edmx.entity_sets(text.encode(), "x")
    assert (found.name, found.display_name) == (name, "Walls")
    assert found.columns == (("NetVolume", "Edm.Double"),)


def test_an_error_is_read(printed: dict[str, Any]) -> None:
    said = problems.words(json.dumps(printed["error"]).encode(), ())
    assert "InvalidiModelsRequest" in said


def _run(asker: Asker) -> Any:
    body = {"iModelId": asker.imodel, "mappings": [{"id": asker.mapping}]}
    return asker.raw("POST", f"{MAPPINGS}/extractions", body).json()


def _cdm(asker: Asker) -> Any:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)[:1]
    return asker.json(f"{MAPPINGS}/{asker.mapping}/extractions/{done.id}/cdm")


def _copied(asker: Asker) -> Any:
    made = models.clone(asker.session, asker.imodel, asker.itwin)
    return asker.json(f"/imodels/{made.imodel_id}/operations/create")


def _property(asker: Asker) -> Any:
    """That of a group that has a volume, by itself."""
    group = next(one for one in grouping.groups(asker.session, asker.mapping) if one.name == "Wall")
    path = f"{MAPPINGS}/{asker.mapping}/groups/{group.id}/properties"
    found = asker.json(path, params={"$top": 1000})["properties"]
    return next(one for one in found if one["propertyName"] == "NetVolume")


def _report(asker: Asker) -> str:
    return next(one.id for one in reports.reports(asker.session, asker.itwin))


def _rows(asker: Asker) -> Any:
    report = _report(asker)
    feed = f"{REPORTING}/odata/{report}"
    entity = next(one for one in reports.service(asker.session, report) if "_Wall_" in one.name)
    return asker.json(f"{feed}/{entity.url}")


WRITTEN: dict[str, Callable[[Asker], Any]] = {
    "itwins": lambda asker: asker.json("/itwins"),
    "imodels": lambda asker: asker.json("/imodels", params={"iTwinId": asker.itwin}),
    "creation": _copied,
    "named versions": lambda asker: asker.json(
        f"/imodels/{asker.imodel}/namedversions", headers=FULL
    ),
    "changesets": lambda asker: asker.json(f"/imodels/{asker.imodel}/changesets", headers=FULL),
    "mapping": lambda asker: asker.json(f"{MAPPINGS}/{asker.mapping}"),
    "property": _property,
    "extraction": _run,
    "cdm": _cdm,
    "report": lambda asker: asker.json(
        f"{REPORTING}/reports/{_report(asker)}",
        headers={"Accept": "application/vnd.bentley.itwin-platform.v1+json"},
    ),
    "service": lambda asker: asker.json(f"{REPORTING}/odata/{_report(asker)}"),
    "rows": _rows,
    "error": lambda asker: asker.raw("GET", "/imodels", params={"iTwinId": ""}).json(),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_sandbox_writes_what_is_printed(
    name: str, printed: dict[str, Any], asker: Asker
) -> None:
    """Every member, and of the same kind; what is null or absent there may be."""
    asker.turn(itwin_odata_query="yes")
    assert list(differing(printed[name], WRITTEN[name](asker), name, MAY_LACK)) == []


def test_a_column_may_be_null_in_every_row(asker: Asker) -> None:
    assert {row["BBoxLow"] for row in _rows(asker)["value"]} == {None}


def test_the_sandbox_takes_the_run_that_is_printed(asker: Asker) -> None:
    """With ids that there are."""
    changeset = models.changesets(asker.session, asker.imodel)[-1].id
    body = {
        "iModelId": asker.imodel,
        "changesetId": changeset,
        "mappings": [{"id": asker.mapping}],
        "ecInstanceIds": ["0x20000000123"],
    }
    assert asker.raw("POST", f"{MAPPINGS}/extractions", body).status_code == 202
    with pytest.raises(VendorRefused, match="MappingNotFound"):
        grouping.run_extraction(asker.session, asker.imodel, ["e3eb"])
