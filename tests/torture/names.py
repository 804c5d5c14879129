"""Names are data: hostile ones stay under the lake, stay themselves, and do nothing anywhere."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from io import StringIO
from itertools import product
from pathlib import Path
from unicodedata import normalize

import openpyxl
import pyarrow.parquet as pq
from small_lakes import Model, open_lake, rows
from vendors_under_test import VENDORS, Vendor, attempt, rows_of

from takeoff import cli
from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox import Sandbox

from .faults import hurried
from .hostile_names import NAMES
from .tally import Part, Sizes, Tally, each

# What a terminal obeys or what turns writing around; line ends of the form itself aside.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
# A cell that a spreadsheet would run, also behind blanks and quotes, or after its own separator.
RUN = re.compile("(?:^|[;\t\r\n])[\\s\"'\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
# Totals and subtotals of a workbook, over whole columns of its lines.
_OUR_FORMULA = re.compile(r"=(?:SUMPRODUCT\(\(EXACT\('by_|SUBTOTAL\(9,[A-Z]|SUM\('by_)")
_DISARMED = re.compile("(?:^|[;\t\r\n])'")
_OURS = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_IS_NO_FILE = re.compile("[\x00/]")

# Every place that holds a name, and the form of question that shows it.
QUESTIONS = {
    "models": "select model_id, project_id from snapshots",
    "elements": (
        "select element_id, name, type_name, mark, storey_id, storey_name, building_name, "
        "space_name, system, phase, discipline, source_class, predefined_type from elements"
    ),
    "properties": "select set_name, name, text, unit from properties",
    "materials": "select material, role from materials",
    "codes": "select system, edition, code, title from codes",
    "quantities": "select source_set, source_name, source_value, source_unit from quantities",
    "locations": "select location_id, name from locations",
}
REPORTS = {"by_storey": "storey_name", "by_material": "material", "by_code": "code"}
# Of the model that holds all names, and of what has none; in CSV that is an empty cell.
_USUAL = {"house", "default", "wall", None, ""}
FORMS = ("table", "csv", "raw.csv", "json", "parquet", "xlsx")


def named(names: Sequence[str], model_id: str = "house") -> Model:
    """An element for each name, called so in every place."""
    model = Model(model_id)
    for name in names:
        _element(model, name)
    for number, name in enumerate(names):
        row = {"evidence_no": 0, "source_row": number, "kind": "storey"}
        model.rows.setdefault("locations", []).append({**row, "location_id": name, "name": name})
    return model


def _element(model: Model, name: str) -> None:
    told = dict.fromkeys(
        ("type_name", "mark", "storey_id", "storey_name", "building_name", "space_name"), name
    )
    told |= dict.fromkeys(("system", "phase", "discipline", "source_class"), name)
    model.add(name, name=name, predefined_type=name, ifc_guid=None, **told)
    model.figure(
        "NetVolume", 1, source_set=name, source_name=name, source_value=name, source_unit=name
    )
    model.prop(name, name, name)
    model.rows["properties"][-1]["unit"] = name
    model.material(name)
    model.code(name, name, name)
    model.rows["codes"][-1]["edition"] = name


def lake_of_names(folder: Path) -> Path:
    """All names in one model, and a model of each name in a project of the same."""
    lake = folder / "lake"
    named(NAMES).commit(lake)
    for name in NAMES:
        Model(name, project_id=name).add("wall").commit(lake)
    must_stay_under(lake, folder)
    return lake


def must_stay_under(lake: Path, folder: Path) -> None:
    """Everything that there is in `folder` lies in the lake, under names of our own."""
    found = [path for path in folder.rglob("*") if path != lake]
    outside = [path for path in found if not path.is_relative_to(lake)]
    assert not outside, f"{outside} lie outside of the lake"
    others = [path for path in found if not _OURS.fullmatch(path.name)]
    assert not others, f"{others} are no names of ours"


def _in_forms(seeds: Sequence[int], folder: Path) -> Tally:
    lake = lake_of_names(folder)
    every = list(product([*QUESTIONS, *REPORTS], FORMS))
    (folder / "out").mkdir()

    def once(seed: int) -> str:
        question, form = every[seed % len(every)]
        target = folder / "out" / f"{question}.{form}"
        shown(lake, question, target)
        try:
            _CHECKS[form](target, question)
        except AssertionError as error:
            error.add_note(f"{question} as {form}")
            raise
        return form

    return each(seeds, once)


def shown(lake: Path, question: str, target: Path) -> None:
    """The answer, written by the command to a file of that form."""
    asked = ["sql", QUESTIONS[question]] if question in QUESTIONS else ["report", question]
    raw = ["--raw"] if ".raw." in target.name else []
    more = ["--model", "house"] if question in REPORTS else []
    with redirect_stderr(StringIO()) as said:
        ended = cli.main([*asked, *raw, *more, "--lake", str(lake), "-o", str(target)])
    assert ended == 0, said.getvalue()


def _must_be_all(values: Sequence[object], question: str) -> None:
    """Each name is there; no two have become one."""
    missing = set(NAMES) - set(values)
    assert not missing, f"{len(missing)} names are gone, such as {sorted(missing)[:3]}"
    if question in REPORTS:
        return
    strangers = set(values) - set(NAMES) - _USUAL
    assert not strangers, f"{sorted(map(str, strangers))[:3]} are no names that went in"


def _columns(question: str, header: Sequence[str]) -> Iterator[int]:
    """Where names stand; of a report only in the column that it groups by."""
    wanted = REPORTS.get(question)
    for place, name in enumerate(header):
        if name == wanted if wanted else name != "role":
            yield place


def _check_rows(header: Sequence[str], lines: Sequence[Sequence[object]], question: str) -> None:
    for place in _columns(question, header):
        _must_be_all([line[place] for line in lines], question)


def _check_table(target: Path, question: str) -> None:
    text = target.read_text("utf-8")
    found = OBEYED.search(text)
    assert found is None, f"{found[0]!r} reaches the terminal" if found else ""


def _check_csv(target: Path, question: str) -> None:
    with target.open(encoding="utf-8", newline="") as file:
        content = file.read()
    lines = list(csv.reader(content.splitlines(keepends=True), strict=True))
    assert len(lines) > len(NAMES), f"{len(lines)} lines"
    cells = [cell for line in lines for cell in line if not _is_number(cell)]
    run = [cell for cell in cells if RUN.search(cell) and not _DISARMED.search(cell)]
    assert not run, f"{run[:3]} would be run"
    obeyed = [cell for cell in cells if OBEYED.search(cell.replace("\r", ""))]
    assert not obeyed, f"{obeyed[:3]} would be obeyed"


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?", cell) is not None


def _check_raw(target: Path, question: str) -> None:
    with target.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, strict=True)
    _check_rows(header, lines, question)


def _check_json(target: Path, question: str) -> None:
    text = target.read_text("utf-8")
    assert OBEYED.search(text) is None, "something reaches the terminal"
    found = json.loads(text)
    _check_rows(list(found[0]), [list(one.values()) for one in found], question)


def _check_parquet(target: Path, question: str) -> None:
    table = pq.read_table(target)
    lines = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    _check_rows(table.column_names, lines, question)


def _check_xlsx(target: Path, question: str) -> None:
    book = openpyxl.load_workbook(target)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    run = [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    strange = [text for text in run if not _OUR_FORMULA.match(str(text))]
    assert not strange, f"{strange[:3]} are formulas or links that are not ours"
    sheet = book.worksheets[1]
    header = [str(cell.value) for cell in sheet[1]]
    assert sheet.max_row > len(NAMES), f"{sheet.max_row} rows"
    for place in _columns(question, header):
        texts = [line[place] for line in sheet.iter_rows(min_row=2, values_only=True)]
        assert len(set(texts)) >= len(NAMES) - 1, f"{len(set(texts))} different in {header[place]}"


_CHECKS: dict[str, Callable[[Path, str], None]] = {
    "table": _check_table,
    "csv": _check_csv,
    "raw.csv": _check_raw,
    "json": _check_json,
    "parquet": _check_parquet,
    "xlsx": _check_xlsx,
}


def _of_files(seeds: Sequence[int], folder: Path) -> Tally:
    """A file of that name, in which everything is called so: its own model, under the lake."""
    lake, models = folder / "lake", folder / "models"
    models.mkdir()

    def once(seed: int) -> str:
        name = NAMES[seed % len(NAMES)]
        path = models / _file_name(name)
        path.write_text(_ifc(name), "utf-8")
        before = len(read_snapshots(open_layout(lake, create=True)))
        options = IfcOptions(project=name, geometry=False)
        [outcome] = fetch_ifc(Settings(lake=lake), [path], options, Quiet())
        assert outcome.snapshot is not None, f"{name!r}: {outcome.error}"
        path.unlink()
        assert list(models.iterdir()) == [], f"{name!r} left something beside its file"
        must_stay_under(lake, folder / "lake")
        after = read_snapshots(open_layout(lake))
        assert len(after) == before + 1, f"{name!r} is not a snapshot of its own"
        assert outcome.snapshot.lineage == {}, f"{name!r} was taken for another model's revision"
        with open_lake(lake, selected=[outcome.snapshot]) as engine:
            came = [value for sql in _CALLED for [value] in rows(engine, sql)]
        came.append(outcome.snapshot.ref.project_id)
        assert came == [name] * (len(_CALLED) + 1), f"{name!r} came back as {came}"
        return "files"

    return each(seeds, once)


_CALLED = (
    "select name from elements where role = 'physical'",
    "select storey_name from elements where role = 'physical'",
    "select set_name from properties where value_kind = 'text' and text = 'told'",
    "select name from properties where value_kind = 'text' and text = 'told'",
    "select text from properties where set_name = 'Pset_Told'",
    "select material from materials",
    "select system from codes",
    "select code from codes",
    "select title from codes",
)


def _file_name(name: str) -> str:
    """The nearest that a file system takes."""
    bare = _IS_NO_FILE.sub("_", name)
    while len(f"{bare}.ifc".encode()) > 255:
        bare = bare[: len(bare) // 2]
    return f"{bare}.ifc"


def _ifc(name: str) -> str:
    text = _step(name)
    return f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION((''),'2;1');
FILE_NAME({text},'',(''),(''),'','','');
FILE_SCHEMA(('IFC4'));
ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,{text},$,$,$,$,$,$);
#5=IFCBUILDING('1YvctVUKr0kugbFTf53O9L',$,{text},$,$,$,$,$,.ELEMENT.,$,$,$);
#6=IFCBUILDINGSTOREY('2YvctVUKr0kugbFTf53O9L',$,{text},$,$,$,$,$,.ELEMENT.,3.);
#7=IFCRELAGGREGATES('3YvctVUKr0kugbFTf53O9L',$,$,$,#1,(#5));
#8=IFCRELAGGREGATES('0ZvctVUKr0kugbFTf53O9L',$,$,$,#5,(#6));
#9=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9L',$,$,$,(#100),#6);
#20=IFCPROPERTYSINGLEVALUE({text},$,IFCTEXT('told'),$);
#21=IFCPROPERTYSET('2ZvctVUKr0kugbFTf53O9L',$,{text},$,(#20));
#22=IFCRELDEFINESBYPROPERTIES('3ZvctVUKr0kugbFTf53O9L',$,$,$,(#100),#21);
#23=IFCPROPERTYSINGLEVALUE('Told',$,IFCTEXT({text}),$);
#24=IFCPROPERTYSET('2XvctVUKr0kugbFTf53O9L',$,'Pset_Told',$,(#23));
#25=IFCRELDEFINESBYPROPERTIES('3XvctVUKr0kugbFTf53O9L',$,$,$,(#100),#24);
#30=IFCMATERIAL({text},$,$);
#31=IFCRELASSOCIATESMATERIAL('0XvctVUKr0kugbFTf53O9L',$,$,$,(#100),#30);
#40=IFCCLASSIFICATION($,$,$,{text},$,$,$);
#41=IFCCLASSIFICATIONREFERENCE($,{text},{text},#40,$,$);
#42=IFCRELASSOCIATESCLASSIFICATION('1XvctVUKr0kugbFTf53O9L',$,$,$,(#100),#41);
#100=IFCWALL('2XQ$n5SLP5MBLyL442paFx',$,{text},$,$,$,$,$,$);
ENDSEC;
END-ISO-10303-21;
"""


def _step(name: str) -> str:
    """As a STEP file writes a text (ISO 10303-21, 6.4.3)."""
    written = []
    for letter in name:
        if " " <= letter <= "~":
            written.append({"'": "''", "\\": "\\\\"}.get(letter, letter))
        elif ord(letter) <= 0xFFFF:
            written.append(f"\\X2\\{ord(letter):04X}\\X0\\")
        else:
            written.append(f"\\X4\\{ord(letter):08X}\\X0\\")
    return f"'{''.join(written)}'"


def _of_services(seeds: Sequence[int], folder: Path) -> Tally:
    """Served by each vendor's stand-in, and fetched: as many rows, and each called the same."""
    every = list(product(NAMES, VENDORS))

    def once(seed: int) -> str:
        name, vendor = every[seed * 7 % len(every)]
        try:
            _served_and_fetched(name, vendor, folder / str(seed))
        except AssertionError as error:
            error.add_note(f"{name!r} of {vendor.name}")
            raise
        return f"of {vendor.name}"

    return each(seeds, once)


def _served_and_fetched(name: str, vendor: Vendor, folder: Path) -> None:
    """Beside it stand twins of the name that a careless reader would take for it."""
    names = list(dict.fromkeys((name, normalize("NFC", name), f"{name}2", name.swapcase())))
    lake, model = folder / "came" / "lake", named(names, name)
    for number, row in enumerate(model.rows["elements"]):
        row |= {"ifc_guid": f"1{number:021}", "element_id": f"1{number:021}"}
    for table in ("quantities", "properties", "materials", "codes"):
        for row in model.rows[table]:
            row["element_id"] = f"1{row['element_no']:021}"
    del model.rows["locations"]
    model.commit(folder / "served")
    with Sandbox(open_layout(folder / "served")).start() as running, hurried():
        outcome = attempt(lake, running, vendor)
    assert isinstance(outcome, Fetched), f"{outcome}"
    must_stay_under(lake, folder / "came")
    came = rows_of(lake, outcome)
    built = [row["name"] for row in came["elements"] if row["role"] == "physical"]
    assert sorted(map(str, built)) == sorted(names), f"came as {built}"


PARTS = (
    Part(
        "names in output",
        f"{len(NAMES)} names: none gone, merged, run or obeyed, in every form",
        Sizes(few=3, short=60, full=60),
        _in_forms,
    ),
    Part(
        "names of files",
        "everything in an IFC file called so comes back exactly; nothing outside of the lake",
        Sizes(few=2, short=len(NAMES), full=len(NAMES)),
        _of_files,
    ),
    Part(
        "names of services",
        "an element for each, with twins, from every vendor; nothing outside of the lake",
        Sizes(few=2, short=40, full=4 * len(NAMES)),
        _of_services,
    ),
)
