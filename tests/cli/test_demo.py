"""The demo prints what the sample's own truth says, at the committed size and at another."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_DECIMALS = {"m": 2, "m2": 2, "m3": 3, "kg": 1, "1": 0}
_Line = tuple[str, ...]


def _demo(out: Path, *options: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "takeoff", "demo", "--out", str(out), *map(str, options)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "200"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _printed(text: str, title: str, columns: int) -> set[_Line]:
    """The lines of the table under `title`: cells stand two blanks apart.

    Surfaces and sections of round piles have no closed formula for their faceted body: the truth
    says how many there are, not how much, and so do we here.
    """
    table = text.split(f"{title}\n", 1)[1].split(" rows\n", 1)[0]
    cells = [re.split(r" {2,}", line.strip()) for line in table.splitlines()]
    lines = {tuple(row[:columns]) for row in cells if len(row) >= columns and row[-1] != "basis"}
    return {(*line[:3], "", *line[4:]) if _is_round(line[0], line[1]) else line for line in lines}


def _is_round(ifc_class: str, quantity: str) -> bool:
    return ifc_class == "Pile" and (quantity.endswith(("SurfaceArea", "SectionArea")))


def _truth(sample: Path) -> list[dict[str, str]]:
    with (sample / "truth" / "by_class.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _expected(row: dict[str, str]) -> _Line:
    if not row["quantity"]:
        count = row["elements"]
        return row["ifc_class"], "Count", "1", count, count, count, "0", "0"
    coverage = (row["elements"], row["counted"], row["missing"], row["doubtful"])
    if _is_round(row["ifc_class"], row["quantity"]):
        return row["ifc_class"], row["quantity"], row["unit"], "", *coverage
    # Count is the number of elements; what the model itself calls Count goes by another name.
    quantity = "StatedCount" if row["quantity"] == "Count" else row["quantity"]
    return row["ifc_class"], quantity, row["unit"], _shown(row), *coverage


def _shown(row: dict[str, str]) -> str:
    if not row["value"]:
        return "–"
    step = Decimal(1).scaleb(-_DECIMALS[row["unit"]])
    rounded = Decimal(row["value"]).quantize(step, ROUND_HALF_UP)
    return f"{rounded:,}".replace(",", "\u202f")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo")
    return out, _demo(out)


def test_class_totals_are_the_samples_truth(shown: tuple[Path, str]) -> None:
    expected = {_expected(row) for row in _truth(_SAMPLE)}
    assert len(expected) > 100
    assert _printed(shown[1], "Takeoff by class", 8) == expected


@pytest.mark.slow
def test_class_totals_are_true_at_another_size(tmp_path: Path) -> None:
    sample = tmp_path / "larger"
    author = [sys.executable, str(_SAMPLE / "author.py"), "--size", "3", "--out", str(sample)]
    subprocess.run(author, check=True, timeout=120)
    text = _demo(tmp_path / "out", "--sample", sample)
    expected = {_expected(row) for row in _truth(sample)}
    assert _printed(text, "Takeoff by class", 8) == expected
    assert expected != {_expected(row) for row in _truth(_SAMPLE)}


def test_files_hold_the_same_rows(shown: tuple[Path, str]) -> None:
    out, text = shown
    parquet = pl.read_parquet(out / "takeoff.parquet")
    with (out / "takeoff.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    sheet = openpyxl.load_workbook(out / "takeoff.xlsx").worksheets[1]
    assert len(rows) - 1 == sheet.max_row - 1 == parquet.height > 300
    assert all(str(out / f"takeoff{suffix}") in text for suffix in (".csv", ".xlsx", ".parquet"))


def test_both_sources_stand_beside_one_another_and_are_never_added_up(
    shown: tuple[Path, str],
) -> None:
    text = shown[1]
    lines = re.findall(r"^(ifc|qonic) .* (Lindenhof_\w+) +Length +m +([\d.\u202f]+)", text, re.M)
    assert [(vendor, name) for vendor, name, _ in lines] == [
        (vendor, f"Lindenhof_{name}")
        for vendor in ("ifc", "qonic")
        for name in ("architecture", "services", "structure")
    ]
    assert lines[1][2] == lines[4][2]
    same = re.findall(r"^note: ifc:(\w+) and qonic:\d+ draw the same building", text, re.M)
    assert same == [name for _, name, _ in lines[:3]]


def test_the_sources_agree_wherever_both_have_a_figure(shown: tuple[Path, str]) -> None:
    table = shown[1].split("Agreement of the two sources\n", 1)[1].split(" rows\n", 1)[0]
    rows = re.findall(r"^(\w+) +(\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", table, re.M)
    counts = [sum(int(row[place]) for row in rows) for place in (2, 3, 4, 5)]
    agree, differ, *_ = counts
    assert differ == 0
    assert agree > 2000
    note = "{} figures agree and {} differ; {} come from the files only and {} from"
    assert note.format(*counts) in shown[1]


def test_the_services_totals_are_our_sums(shown: tuple[Path, str]) -> None:
    table = shown[1].split("Control totals\n", 1)[1].split(" rows\n", 1)[0]
    rows = re.findall(r"^(Lindenhof_\w+) +(\w+) +\w+ +(\S+) +(\S+) +([\d.]+) ", table, re.M)
    assert len(rows) > 10
    assert all(stated == ours and Decimal(differ) == 0 for *_, stated, ours, differ in rows)
    [counts] = re.findall(r"^note: (\d+) of (\d+) totals agree", shown[1], re.M)
    assert counts[0] == counts[1]


def test_one_figure_is_explained_from_each_source(shown: tuple[Path, str]) -> None:
    heads = re.findall(r"^Length of (.*) in (\w+):\S+$", shown[1], re.M)
    assert [vendor for _, vendor in heads] == ["ifc", "qonic"]
    assert heads[0][0] == heads[1][0]
    assert re.search(r"\.Length = \S+ no unit \(unit assumed\)", shown[1])
    assert re.search(r'^ +\{"Guid":"', shown[1], re.M)


def test_says_what_was_not_counted_and_explains_a_figure(shown: tuple[Path, str]) -> None:
    text = shown[1]
    assert re.search(r"^note: Not counted are \d+ elements: .*opening", text, re.MULTILINE)
    assert re.search(r"written as \S+\.Length = \S+ .* \(unit declared\)", text)
    assert re.search(r"^ +#\d+=IFCQUANTITYLENGTH\('Length'", text, re.MULTILINE)
