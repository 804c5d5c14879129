"""Figures in the file's own units: what is declared, what is derived, what cannot be known."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ifc_rows import ASSIGNED, BASE, PROJECT, STOREY, UNITS, WALL, read_text

from takeoff.core.units import exact

FIGURES = """#200=IFCQUANTITYLENGTH('L',$,$,2.5,$);
#201=IFCQUANTITYAREA('A',$,$,2.5,$);
#202=IFCQUANTITYVOLUME('V',$,$,2.5,$);
#203=IFCQUANTITYWEIGHT('M',$,$,2.5,$);
#204=IFCQUANTITYTIME('T',$,$,2.5,$);
#205=IFCQUANTITYCOUNT('C',$,$,3.,$);
#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200,#201,#202,#203,#204,#205));
#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);
"""
FEET = """#20=IFCDIMENSIONALEXPONENTS(1,0,0,0,0,0,0);
#21=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#22=IFCMEASUREWITHUNIT(IFCLENGTHMEASURE(0.0254),#21);
#23=IFCCONVERSIONBASEDUNIT(#20,.LENGTHUNIT.,'INCH',#22);
#24=IFCMEASUREWITHUNIT(IFCRATIOMEASURE(12.),#23);
#25=IFCCONVERSIONBASEDUNIT(#20,.LENGTHUNIT.,'FOOT',#24);
"""


def _read(units: str, assigned: str, folder: Path, figures: str = FIGURES) -> dict[str, Any]:
    records = PROJECT + f"#2=IFCUNITASSIGNMENT({assigned});\n" + units + STOREY + WALL + figures
    rows = read_text(records, folder)
    found = {row["source_name"]: row for row in rows["quantities"]}
    found["warnings"] = [row for row in rows["warnings"] if row["code"].startswith("unit")]
    return found


@pytest.mark.parametrize(
    ("unit_type", "unit", "text", "name", "factor"),
    [
        ("LENGTHUNIT", "$,.METRE.", "METRE", "L", "1"),
        ("LENGTHUNIT", ".MILLI.,.METRE.", "MILLI METRE", "L", "0.001"),
        ("LENGTHUNIT", ".CENTI.,.METRE.", "CENTI METRE", "L", "0.01"),
        ("LENGTHUNIT", ".KILO.,.METRE.", "KILO METRE", "L", "1000"),
        ("AREAUNIT", "$,.SQUARE_METRE.", "SQUARE_METRE", "A", "1"),
        ("AREAUNIT", ".MILLI.,.SQUARE_METRE.", "MILLI SQUARE_METRE", "A", "0.000001"),
        ("AREAUNIT", ".CENTI.,.SQUARE_METRE.", "CENTI SQUARE_METRE", "A", "0.0001"),
        ("VOLUMEUNIT", ".MILLI.,.CUBIC_METRE.", "MILLI CUBIC_METRE", "V", "0.000000001"),
        ("VOLUMEUNIT", ".DECI.,.CUBIC_METRE.", "DECI CUBIC_METRE", "V", "0.001"),
        ("MASSUNIT", "$,.GRAM.", "GRAM", "M", "0.001"),
        ("MASSUNIT", ".KILO.,.GRAM.", "KILO GRAM", "M", "1"),
        ("MASSUNIT", ".MEGA.,.GRAM.", "MEGA GRAM", "M", "1000"),
        ("TIMEUNIT", "$,.SECOND.", "SECOND", "T", "1"),
    ],
)
def test_si_units_with_prefixes(
    tmp_path: Path, unit_type: str, unit: str, text: str, name: str, factor: str
) -> None:
    figure = _read(f"#20=IFCSIUNIT(*,.{unit_type}.,{unit});\n", "(#20)", tmp_path)[name]
    assert figure["source_unit"] == text
    assert figure["unit_status"] == "declared"
    assert figure["value_exact"] == Decimal("2.5") * Decimal(factor)
    assert figure["value"] == float(Decimal("2.5") * Decimal(factor))
    assert figure["source_value"] == "2.5"


def test_nested_conversion_multiplies_the_files_own_factors(tmp_path: Path) -> None:
    figure = _read(FEET, "(#25)", tmp_path)["L"]
    assert figure["source_unit"] == "FOOT"
    assert figure["value_exact"] == Decimal("0.762")
    assert (figure["unit"], figure["unit_status"]) == ("m", "declared")


def test_missing_area_and_volume_units_are_derived_from_the_length_unit(tmp_path: Path) -> None:
    figures = _read(FEET, "(#25)", tmp_path)
    assert figures["A"]["value_exact"] == Decimal("2.5") * Decimal("0.3048") ** 2
    assert figures["V"]["value_exact"] == round(Decimal("2.5") * Decimal("0.3048") ** 3, 12)
    assert {figures[name]["unit_status"] for name in "AV"} == {"derived"}
    missing = [row["text"] for row in figures["warnings"]]
    assert len(missing) == 2
    assert "no mass unit" in missing[0]
    assert "no time unit" in missing[1]


def test_no_unit_means_no_value_and_one_warning_a_kind(tmp_path: Path) -> None:
    figures = _read("", "()", tmp_path)
    for name in "LAVMT":
        assert figures[name]["value"] is None
        assert figures[name]["value_exact"] is None
        assert figures[name]["unit"] is None
        assert figures[name]["unit_status"] == "unknown"
        assert figures[name]["source_value"] == "2.5"
    assert [row["code"] for row in figures["warnings"]] == ["unit_missing"] * 5
    assert figures["C"]["value"] == 3


def test_counts_need_no_unit(tmp_path: Path) -> None:
    figure = _read("", "()", tmp_path)["C"]
    assert (figure["unit"], figure["source_unit"], figure["value"]) == ("1", None, 3.0)


def test_a_bare_number_is_no_count(tmp_path: Path) -> None:
    figures = (
        "#200=IFCQUANTITYNUMBER('N',$,$,0.75,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    (row,) = read_text(BASE + figures, tmp_path, schema="IFC4X3")["quantities"]
    assert (row["kind"], row["unit"], row["value"]) == ("other", "1", 0.75)


def test_a_count_in_pieces_of_its_own_is_a_count(tmp_path: Path) -> None:
    figures = (
        "#20=IFCDIMENSIONALEXPONENTS(0,0,0,0,0,0,0);\n"
        "#21=IFCCONTEXTDEPENDENTUNIT(#20,.USERDEFINED.,'pcs');\n"
        "#200=IFCQUANTITYCOUNT('N',$,#21,4,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    (row,) = read_text(BASE + figures, tmp_path)["quantities"]
    assert (row["kind"], row["unit"], row["value"]) == ("count", "1", 4.0)
    assert (row["source_unit"], row["unit_status"]) == ("pcs", "own")


def test_unit_without_a_factor_is_unknown(tmp_path: Path) -> None:
    units = "#20=IFCDIMENSIONALEXPONENTS(1,0,0,0,0,0,0);\n"
    units += "#21=IFCCONTEXTDEPENDENTUNIT(#20,.LENGTHUNIT.,'SMOOT');\n"
    figures = _read(units, "(#21)", tmp_path)
    assert figures["L"]["value"] is None
    assert (figures["L"]["source_unit"], figures["L"]["unit_status"]) == ("SMOOT", "unknown")
    assert "unit_unknown" in [row["code"] for row in figures["warnings"]]


def test_an_area_unit_that_is_a_length_gives_no_value(tmp_path: Path) -> None:
    figures = _read("#20=IFCSIUNIT(*,.AREAUNIT.,$,.METRE.);\n", "(#20)", tmp_path)
    assert figures["A"]["value"] is None
    assert figures["A"]["unit_status"] == "unknown"


def test_units_that_refer_to_themselves_are_unknown(tmp_path: Path) -> None:
    units = (
        "#20=IFCDIMENSIONALEXPONENTS(1,0,0,0,0,0,0);\n"
        "#22=IFCMEASUREWITHUNIT(IFCLENGTHMEASURE(0.0254),#23);\n"
        "#23=IFCCONVERSIONBASEDUNIT(#20,.LENGTHUNIT.,'INCH',#22);\n"
    )
    assert _read(units, "(#23)", tmp_path)["L"]["value"] is None


def test_a_figures_own_unit_counts_before_the_projects(tmp_path: Path) -> None:
    figures = (
        "#30=IFCSIUNIT(*,.LENGTHUNIT.,.CENTI.,.METRE.);\n"
        "#200=IFCQUANTITYLENGTH('L',$,#30,250.,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200));\n"
        "#220=IFCPROPERTYSINGLEVALUE('P',$,IFCLENGTHMEASURE(250.),#30);\n"
        "#221=IFCPROPERTYSET('0UvctVUKr0kugbFTf53O9L',$,'S',$,(#220));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
        "#222=IFCRELDEFINESBYPROPERTIES('0TvctVUKr0kugbFTf53O9L',$,$,$,(#100),#221);\n"
    )
    found = read_text(BASE + figures, tmp_path)["quantities"]
    assert [row["origin"] for row in found] == ["qto", "pset"]
    for row in found:
        assert (row["source_unit"], row["unit_status"]) == ("CENTI METRE", "own")
        assert row["value_exact"] == Decimal("2.5")


def test_a_derived_unit_makes_another_kind(tmp_path: Path) -> None:
    """A mass per length is no mass: it must never be added to kilograms."""
    figures = (
        "#30=IFCSIUNIT(*,.MASSUNIT.,.KILO.,.GRAM.);\n"
        "#31=IFCDERIVEDUNITELEMENT(#30,1);\n#32=IFCDERIVEDUNITELEMENT(#10,-1);\n"
        "#33=IFCDERIVEDUNIT((#31,#32),.MASSPERLENGTHUNIT.,$,$);\n"
        "#200=IFCQUANTITYWEIGHT('M',$,#33,0.060,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    (row,) = read_text(BASE + figures, tmp_path)["quantities"]
    assert (row["kind"], row["unit"]) == ("other", "m-1 kg")
    assert row["source_unit"] == "KILO GRAM MILLI METRE^-1"
    assert row["value_exact"] == Decimal("60")
    assert row["source_value"] == "0.060"


def test_the_second_unit_of_a_kind_is_named(tmp_path: Path) -> None:
    records = BASE.replace(ASSIGNED, "#2=IFCUNITASSIGNMENT((#10,#11,#12,#13));\n")
    records += "#13=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);\n"
    (warning,) = read_text(records, tmp_path)["warnings"]
    assert (warning["code"], warning["source_row"]) == ("unit_repeated", 13)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("NaN", "value_unreadable"),
        ("1.#IND", "value_unreadable"),
        ("'12'", "value_unreadable"),
        ("'twelve'", "value_unreadable"),
        ("$", "value_unreadable"),
        ("1E999", "value_out_of_range"),
        ("1.E20", "value_out_of_range"),
    ],
)
def test_what_is_no_number_keeps_its_row(tmp_path: Path, number: str, problem: str) -> None:
    figures = (
        f"#200=IFCQUANTITYAREA('A',$,$,{number},$);\n"
        "#201=IFCQUANTITYAREA('B',$,$,1.5,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200,#201));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    rows = read_text(BASE + figures, tmp_path)
    first, second = rows["quantities"]
    assert second["value"] == 1.5
    assert (first["value"], first["value_exact"]) == (None, None)
    (warning,) = rows["warnings"]
    assert warning["code"] == problem
    assert (warning["element_id"], warning["source_row"]) == ("2XQ$n5SLP5MBLyL442paFx", 200)


@given(
    st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
    st.sampled_from(["0.001", "0.3048", "0.028316846592", "1000"]),
)
def test_value_exact_is_the_product_to_twelve_places(number: Decimal, factor: str) -> None:
    product = number * Decimal(factor)
    made = exact(str(number), Decimal(factor))
    assert made is not None
    assert abs(made - product) <= Decimal("5e-13")


def test_declared_units_are_read_from_the_project_alone(tmp_path: Path) -> None:
    """A unit that lies about in the file is none that the project declares."""
    figures = _read(UNITS, "(#11)", tmp_path)
    assert figures["L"]["value"] is None
    assert figures["A"]["value"] == 2.5
