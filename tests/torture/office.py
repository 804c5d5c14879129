"""Hostile names in LibreOffice: what it makes of our workbooks and CSV files when it opens them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from .hostile_names import NAMES
from .names import QUESTIONS, REPORTS, lake_of_names, shown
from .tally import Part, Sizes, Tally, each

_PATIENCE_S = 400
# Comma, double quote, UTF-8, from line 1; of the rest only the last is said: formulas are run.
_READ_CSV = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
# What its own format writes of a cell or document that would do something.
_FORMULA = "table:formula="
# Totals and subtotals are formulas of our own, over whole columns of the lines.
_OURS = r"of:=(?:SUMPRODUCT\(\(EXACT\(\[\$|SUBTOTAL\((?:9|109);\[|SUM\(\[\$by_)"
_RUN = re.compile(
    rf"{_FORMULA}\"(?!{_OURS})|<text:a |"
    r"xlink:href=\"(?!#)|<script:event-listener|<ooo:module|<table:dde-link"
)
_ROW = re.compile(r"<table:table-row")
_EVERY = list(product([*QUESTIONS, *REPORTS], ("xlsx", "csv")))


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    """All files are written first, and opened by few processes: each takes its time to start."""
    office = shutil.which("soffice")
    if office is None:
        return each(seeds[:1], lambda seed: "not tried: no soffice (package libreoffice-calc)")
    lake = lake_of_names(folder / "lakes")
    (folder / "in").mkdir()
    wanted = [_EVERY[seed % len(_EVERY)] for seed in seeds]
    for question, form in dict.fromkeys(wanted):
        shown(lake, question, folder / "in" / f"{question}.{form}")
    shown(lake, "elements", folder / "in" / "elements.raw.csv")
    for form in ("xlsx", "csv"):
        _open(office, sorted((folder / "in").glob(f"*.{form}")), folder / form)
    assert _FORMULA in _seen(folder, "elements.raw", "csv"), "a formula would not be found"

    def once(seed: int) -> str:
        question, form = _EVERY[seed % len(_EVERY)]
        content = _seen(folder, question, form)
        found = _RUN.findall(content)
        assert not found, f"{question} as {form}: {len(found)} cells that do something"
        rows = len(_ROW.findall(content))
        assert rows > len(NAMES) // 2, f"{question} as {form}: {rows} rows"
        return form

    return each(seeds, once)


def _open(office: str, files: Sequence[Path], out: Path) -> None:
    """Write each as it was understood, in LibreOffice's own words (flat ODF)."""
    out.mkdir()
    if not files:
        return
    how = [f"--infilter={_READ_CSV}"] if files[0].suffix == ".csv" else []
    home = f"-env:UserInstallation=file://{out}/profile"
    command = [office, home, "--headless", *how, "--convert-to", "fods", "--outdir", str(out)]
    subprocess.run(
        [*command, *map(str, files)], check=True, timeout=_PATIENCE_S, capture_output=True
    )


def _seen(folder: Path, name: str, form: str) -> str:
    return (folder / form / f"{name}.fods").read_text("utf-8")


PARTS = (
    Part(
        "names in LibreOffice",
        f"{len(NAMES)} names in workbooks and CSV files: 0 cells with a formula, link or script",
        Sizes(few=0, short=len(_EVERY), full=len(_EVERY)),
        _run,
    ),
)
