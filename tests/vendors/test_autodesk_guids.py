"""GlobalIds that Revit's ids stand for: the worked examples of the contract, and what has none."""

from __future__ import annotations

import ifcopenshell.guid
import pyarrow as pa
import pytest

from takeoff.vendors.autodesk import guids


@pytest.mark.parametrize(
    ("unique_id", "global_id"),
    [
        ("5bb069ca-e4fe-4e63-be31-f8ac44e80d30-0004710e", "1Ri6dAvFvEOxun_An4x7m_"),
        ("b5c4b31f-321a-418d-a61a-0c8e326aa154-0003f740", "2rnBCVCXf1ZQOQ38uoQLOK"),
        ("B5C4B31F-321A-418D-A61A-0C8E326AA154-0003F740", "2rnBCVCXf1ZQOQ38uoQLOK"),
    ],
)
def test_unique_id_gives_the_global_id_of_the_export(unique_id: str, global_id: str) -> None:
    assert guids.derived(pa.array([unique_id])).to_pylist() == [global_id]


@pytest.mark.parametrize(
    "external_id",
    [
        "doc_5bb069ca-e4fe-4e63-be31-f8ac44e80d30",
        "5bb069ca-e4fe-4e63-be31-f8ac44e80d30",
        "5bb069ca-e4fe-4e63-be31-f8ac44e80d30-0004710e Prototype",
        "5bb069ca-e4fe-4e63-be31-f8ac44e80d30-0004710e00",
        "1/2/0/0",
        "",
        None,
    ],
)
def test_other_ids_have_none(external_id: str | None) -> None:
    assert guids.derived(pa.array([external_id], pa.string())).to_pylist() == [None]


def test_derived_guids_are_as_the_ifc_library_packs_them() -> None:
    long = [f"{number:08x}-1234-4abc-8def-{number * 7919:012x}" for number in range(50)]
    found = guids.derived(pa.array([f"{guid}-{number:08x}" for number, guid in enumerate(long)]))
    expected = [
        ifcopenshell.guid.compress(f"{guid[:28]}{int(guid[28:], 16) ^ number:08x}".replace("-", ""))
        for number, guid in enumerate(long)
    ]
    assert found.to_pylist() == expected


@pytest.mark.parametrize(
    ("written", "global_id"),
    [
        ("2rnBCVCXf1ZQOQ38uoQLOK", "2rnBCVCXf1ZQOQ38uoQLOK"),
        (" {b5c4b31f-321a-418d-a61a-0c8e32695614} ", "2rnBCVCXf1ZQOQ38uoQLOK"),
        ("b5c4b31f-321a-418d-a61a-0c8e32695614", "2rnBCVCXf1ZQOQ38uoQLOK"),
        ("4rnBCVCXf1ZQOQ38uoQLOK", None),
        ("2rnBCVCXf1ZQOQ38uoQLO", None),
        ("junk", None),
        (None, None),
    ],
)
def test_given_guids_are_taken_in_both_forms(written: str | None, global_id: str | None) -> None:
    assert guids.given(pa.array([written], pa.string())).to_pylist() == [global_id]
