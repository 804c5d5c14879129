"""From long values to figures and properties: units, exact decimals, ordinals, warnings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takeoff.core.tables import ENCODED, TABLES
from takeoff.core.units import SI_UNITS, converted, shortest, unit_named
from takeoff.vendors import longs, noticed, values
from takeoff.vendors.values import Elements, LongValues, Meaning


def elements(count: int = 2, ifc_class: str = "Wall") -> Elements:
    return Elements(
        pa.array([f"wall-{number}" for number in range(count)]),
        pa.array(range(count), pa.int32()),
        pa.array([ifc_class] * count),
        pa.array([10 * number for number in range(count)], pa.int64()),
        7,
    )


def long(*given_rows: tuple[int, str, object, str | None], keyed: bool = False) -> LongValues:
    """From (element, name, value, unit); the value's type tells the column."""
    element, name, value, unit = zip(*given_rows, strict=True)
    return LongValues(
        np.array(element, dtype=np.int64),
        pa.array(["Dimensions"] * len(name)).dictionary_encode(),
        pa.array(name).dictionary_encode(),
        pa.array([one if isinstance(one, str) else None for one in value], pa.string()),
        pa.array([one if isinstance(one, float) else None for one in value], pa.float64()),
        pa.array([one if isinstance(one, bool) else None for one in value], pa.bool_()),
        pa.array(unit, pa.string()),
        pa.array([f"key of {one}" for one in name]) if keyed else None,
    )


def by_unit(
    set_name: str | None,
    name: str | None,
    unit: str | None,
    key: str | None,
    ifc_class: str | None,
) -> Meaning:
    """A figure if it is in a unit, with the unit's own factor."""
    if unit is None:
        return Meaning(False, True)
    known = unit_named(unit)
    if known is None:
        return Meaning(True, False)
    return Meaning(
        True,
        False,
        name,
        known.kind,
        unit_status="declared",
        unit=SI_UNITS[known.kind],
        factor=known.factor,
    )


def made(found: values.Values) -> dict[str, list[dict[str, Any]]]:
    for table, batch in found.batches:
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
    return {table: batch.to_pylist() for table, batch in found.batches}


def test_figures_and_properties_keep_what_the_source_wrote() -> None:
    given_rows = long(
        (0, "Length", 10.5, "ft"),
        (0, "Mark", "007", None),
        (0, "Room Bounding", True, None),
        (1, "Length", 2641.6, "mm"),
    )
    found = values.rows(elements(), given_rows, by_unit)
    figures, properties = made(found)["quantities"], made(found)["properties"]
    assert [
        (
            row["element_id"],
            row["source_value"],
            row["source_unit"],
            row["value_exact"],
            row["unit"],
            row["source_row"],
        )
        for row in figures
    ] == [
        ("wall-0", "10.5", "ft", Decimal("3.200400000000"), "m", 0),
        ("wall-1", "2641.6", "mm", Decimal("2.641600000000"), "m", 10),
    ]
    assert [
        (row["name"], row["value_kind"], row["text"], row["flag"], row["ordinal"])
        for row in properties
    ] == [("Mark", "text", "007", None, 0), ("Room Bounding", "flag", None, True, 1)]
    assert (list(found.figures), list(found.properties)) == ([1, 1], [2, 0])


def test_ordinals_go_on_from_those_that_were_given() -> None:
    given_rows = long((0, "A", 1.0, "m"), (0, "B", 2.0, "m"), (1, "A", 3.0, "m"))
    first = np.array([5, 0])
    figures = made(values.rows(elements(), given_rows, by_unit, first_figures=first))["quantities"]
    assert [row["ordinal"] for row in figures] == [5, 6, 0]


def test_unit_that_is_not_known_has_no_value_and_is_said_once() -> None:
    given_rows = long((0, "Strength", 4.0, "kip/inch^2"), (1, "Strength", 5.0, "kip/inch^2"))
    found = values.rows(elements(), given_rows, by_unit)
    figures = made(found)["quantities"]
    assert [(row["source_value"], row["value"], row["unit"]) for row in figures] == [
        ("4", None, None),
        ("5", None, None),
    ]
    assert [(one.code, one.once) for one in found.noticed] == [
        ("unit_unknown", "Dimensions.Strength")
    ]


def test_figure_that_is_no_number_becomes_a_property() -> None:
    given_rows = long((0, "Length", "ten", "m"), (1, "Length", "10.25", "m"))
    found = values.rows(elements(), given_rows, by_unit)
    assert [row["text"] for row in made(found)["properties"]] == ["ten"]
    assert [row["value_exact"] for row in made(found)["quantities"]] == [Decimal("10.25")]
    assert [(one.code, one.element_id) for one in found.noticed] == [("value_unreadable", "wall-0")]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e21])
def test_figure_out_of_range_has_no_value(number: float) -> None:
    found = values.rows(elements(1), long((0, "Length", number, "m")), by_unit)
    assert made(found)["quantities"][0]["value_exact"] is None
    assert [one.code for one in found.noticed] == ["value_out_of_range"]


def test_meaning_is_asked_once_for_each_different_field() -> None:
    asked: list[tuple[str | None, ...]] = []

    def meaning(*combination: str | None) -> Meaning:
        asked.append(combination)
        return Meaning(False, True)

    given_rows = long(*((0, "Mark", str(number), None) for number in range(50)), keyed=True)
    values.rows(elements(), given_rows, meaning)
    assert asked == [("Dimensions", "Mark", None, "key of Mark", "Wall")]


def test_no_values_make_no_rows() -> None:
    nothing = LongValues(
        np.array([], dtype=np.int64),
        *(pa.array([], pa.string()) for _ in range(3)),
        pa.array([], pa.float64()),
        pa.array([], pa.bool_()),
        pa.array([], pa.string()),
    )
    found = values.rows(elements(), nothing, by_unit)
    assert (found.batches, list(found.figures)) == ([], [0, 0])


FACTORS = ["1", "0.3048", "0.028316846592", "1e-9", "1000", "0.3048006096012192024384"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20),
    st.sampled_from(FACTORS),
)
def test_columns_are_converted_as_single_numbers_are(numbers: list[float], factor: str) -> None:
    value, value_exact = longs.in_si(
        pa.array(numbers, pa.float64()),
        pa.nulls(len(numbers), pa.string()),
        [Decimal(factor)],
        np.zeros(len(numbers), dtype=np.int64),
    )
    expected = [converted(number, Decimal(factor)) for number in numbers]
    assert list(zip(value.to_pylist(), value_exact.to_pylist(), strict=True)) == expected


def test_text_is_converted_with_the_digits_that_it_has() -> None:
    value, value_exact = longs.in_si(
        pa.nulls(2, pa.float64()),
        pa.array(["0.1234567890123456789", None]),
        [Decimal("0.001"), None],
        np.array([0, 1]),
    )
    assert value_exact.to_pylist() == [Decimal("0.000123456789"), None]
    assert value.to_pylist() == [0.0001234567890123456789, None]


@pytest.mark.parametrize(
    ("name", "kind", "factor"),
    [
        ("ft^2", "area", "0.09290304"),
        ("ft^3", "volume", "0.028316846592"),
        ("inches", "length", "0.0254"),
        ("m³", "volume", "1"),
        ("Square Meters", "area", "1"),
        ("cubic yards", "volume", "0.764554857984"),
        ("tonnes", "mass", "1000"),
    ],
)
def test_units_have_their_published_factor(name: str, kind: str, factor: str) -> None:
    found = unit_named(name)
    assert found is not None
    assert (found.kind, found.factor) == (kind, Decimal(factor))


@pytest.mark.parametrize("name", ["kip/inch^2", "radian", "m4", "", "cubic", None])
def test_what_is_no_unit_of_ours_has_none(name: str | None) -> None:
    assert unit_named(name) is None


@pytest.mark.parametrize("unit", ["mm", "cm", "dm", "m", "in", "ft", "yd"])
def test_areas_and_volumes_are_powers_of_their_length(unit: str) -> None:
    length, area, volume = (unit_named(unit + power) for power in ("", "^2", "^3"))
    assert length is not None
    assert area is not None
    assert volume is not None
    assert (area.factor, volume.factor) == (length.factor**2, length.factor**3)


def test_warnings_are_numbered_and_said_once() -> None:
    said = noticed.Warnings()
    said.extend(
        [noticed.Noticed("a", "one", 0, once="x"), noticed.Noticed("a", "two", 0, once="x")]
    )
    said.extend([noticed.Noticed("b", "three", 1, 4, "wall", 2)])
    assert [(row["ordinal"], row["text"]) for row in said.batch().to_pylist()] == [
        (0, "one"),
        (1, "three"),
    ]


def test_named_texts_are_encoded_each_once() -> None:
    column = longs.named(["m", None, "m", "m2"], np.array([3, 1, 0, 2, 2]))
    assert column.type == ENCODED
    assert column.to_pylist() == ["m2", None, "m", "m", "m"]
    assert sorted(column.dictionary.to_pylist()) == ["m", "m2"]


@pytest.mark.parametrize("encode", [False, True])
def test_encoded_columns_tell_their_texts_and_which_a_row_has(encode: bool) -> None:
    given_texts = ["b", None, "a", "b", None]
    column = pa.array(given_texts)
    texts, which = longs.encoded(column.dictionary_encode() if encode else column)
    assert [texts[at] for at in which] == given_texts
    assert len(texts) == len(set(texts)) == 3
    assert longs.encoded(pa.array(["a"]))[0] == ["a"]


@pytest.mark.parametrize("sizes", [(3, 1, 4), (1, 2), (5,), (4, 4, 4)])
def test_combinations_are_told_apart_whatever_their_columns_hold(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    told = [
        ([None if at == 1 else f"{column} {at}" for at in range(size)], rng.integers(0, size, 200))
        for column, size in enumerate(sizes)
    ]
    combinations, which = longs.combinations(told)
    rows = zip(*([texts[at] for at in indices] for texts, indices in told), strict=True)
    assert [combinations[at] for at in which] == list(rows)
    assert len(combinations) == len(set(combinations))


def test_no_rows_have_no_combinations() -> None:
    nothing: longs.Encoded = ([], np.array([], dtype=np.int64))
    assert longs.combinations([nothing, nothing])[0] == []


@pytest.mark.parametrize(
    "factor",
    ["1", "0.001", "1E+3", "1E-19", "1E-20", "12345678901234567890", "0.12345678901234567891"],
)
def test_values_near_the_bounds_of_the_quick_way_are_those_of_the_core(factor: str) -> None:
    """From 0.001 a double's shortest text has 19 decimals at most, and is rounded in 128 bits."""
    edges = [0.001, np.nextafter(0.001, 0), 0.0010000000000000002, 9.999999999999999e-4, 1e17]
    edges += [np.nextafter(1e17, 0), 0.0, -0.0, 1.0000000000005, 2.0000000000015, 1e-13, 5e-13]
    edges += [1e-21, np.nextafter(1e-21, 0), np.nextafter(1e-21, 1), 1.2345678901234567e-21]
    numbers = [sign * float(edge) for edge in edges for sign in (1, -1)]
    column, nothing = pa.array([*numbers, None]), pa.nulls(len(numbers) + 1, pa.string())
    which = np.zeros(len(column), dtype=np.int64)
    value, value_exact = longs.in_si(column, nothing, [Decimal(factor)], which)
    expected = [*(converted(number, Decimal(factor)) for number in numbers), (None, None)]
    assert list(zip(value.to_pylist(), value_exact.to_pylist(), strict=True)) == expected


@pytest.mark.parametrize("encode", [False, True])
def test_plain_columns_have_no_dictionary(encode: bool) -> None:
    column = pa.array(["a", None, "a"])
    assert longs.plain(column.dictionary_encode() if encode else column).equals(column)


@pytest.mark.parametrize(
    ("number", "text"),
    [(5200.0, "5200"), (-3.0, "-3"), (0.5, "0.5"), (1e-7, "1e-07"), (1e22, "1e+22"), (0.0, "0")],
)
def test_a_number_is_shown_by_its_shortest_text(number: float, text: str) -> None:
    assert shortest(number) == text


@pytest.mark.parametrize(
    ("rows", "places"),
    [([], []), ([7], [0]), ([0, 0, 1, 3, 3, 3, 4], [0, 1, 0, 0, 1, 2, 0]), ([2, 2, 2], [0, 1, 2])],
)
def test_values_are_numbered_within_their_element(rows: list[int], places: list[int]) -> None:
    assert longs.ranks(np.array(rows, np.int64)).tolist() == places
