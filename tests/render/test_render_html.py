"""The page: complete, exact and harmless, read back without a browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from example_results import (
    EXACT,
    HOSTILE,
    WALLS_SQL,
    of_sql,
    of_table,
    of_texts,
    provenance,
    snapshot,
)
from pages import hash_of, page_of, unpacked
from torture.hostile_names import NAMES

from takeoff.core.charts import BARS, CHARTS, charts
from takeoff.core.errors import InputRefused
from takeoff.core.plain import harmless, texts
from takeoff.core.refs import ModelRef
from takeoff.core.results import Result
from takeoff.render import for_target, html, parquet
from takeoff.render.html.contents import behind
from takeoff.render.html.library import library


def _sums(**columns: list[object]) -> Result:
    """Lines with sums, as reports have them."""
    return of_table(
        pa.table(
            {
                name: pa.array(values, EXACT if name == "value" else None)
                for name, values in columns.items()
            }
        )
    )


def _with_evidence(lines: list[str], rows: list[tuple[int, str, str]]) -> Result:
    """A result of these classes, behind which stand rows of line, its name and element."""
    result = of_table(pa.table({"ifc_class": lines, "elements": [1] * len(lines)}))
    numbers, names, elements = zip(*rows, strict=True)
    evidence = of_table(
        pa.table(
            {
                "line_no": pa.array(numbers, pa.int64()),
                "line": names,
                "element_id": elements,
                "side": pa.nulls(len(rows), pa.string()),
                "snapshot_id": ["s"] * len(rows),
                "record": [f"record of {element}" for element in elements],
            }
        )
    )
    return replace(result, evidence=evidence)


def test_all_rows_are_those_of_the_parquet_twin(tmp_path: Path) -> None:
    result = of_sql(
        f"{WALLS_SQL} union all select 'Wall ' || i, 'L', i / 7.0::decimal(10, 3), i, i % 2 = 0 "
        "from range(700) t(i)"
    )
    parquet.write(result, tmp_path / "twin.parquet")
    twin = pq.read_table(tmp_path / "twin.parquet")
    expected = [list(row) for row in zip(*map(texts, twin.columns), strict=True)]
    page = page_of(result)
    assert page.rows() == expected
    assert page.data["tables"][0]["rows"] == len(expected) == 704
    assert [c["name"] for c in page.data["tables"][0]["columns"]] == twin.column_names


def test_figures_keep_all_digits_and_unknown_is_not_zero() -> None:
    page = page_of(
        of_table(
            pa.table(
                {
                    "value": pa.array(
                        [Decimal("12345678901234567890.123456789012"), None, Decimal(0)], EXACT
                    ),
                    "name": ["a", None, ""],
                }
            )
        )
    )
    assert page.rows() == [["12345678901234567890.123456789012", "a"], [None, None], ["0", ""]]
    assert page.text.count("unknown") == 2
    assert page.data["tables"][0]["columns"][0] == {
        "name": "value",
        "figure": True,
        "look": "figure",
    }


def test_nothing_but_the_page_itself_may_run_or_load() -> None:
    page = page_of(of_sql(WALLS_SQL))
    rules = dict(rule.split(" ", 1) for rule in re.split(r"\s*;\s*", page.policy))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    known = {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert rules.keys() == known
    assert rules["img-src"] == "data:"
    scripts = [text for tag, about, text in page.raw if about.get("type") == "module"]
    styles = [text for tag, _, text in page.raw if tag == "style"]
    assert rules["script-src"].split() == [f"'{hash_of(text)}'" for text in scripts]
    assert rules["style-src"].split() == [f"'{hash_of(text)}'" for text in styles]
    assert len(scripts) == len(styles) == 2
    for _, about in page.tags:
        assert not {"src", "srcset", "style", "action", "data", "background"} & about.keys()
        assert str(about.get("href", "#")).startswith("#")


def test_the_library_cannot_end_or_comment_out_its_script() -> None:
    assert not re.search(r"<(!--|/?script)", library().script, re.IGNORECASE)
    assert library().script.count("globalThis.DataTable=") == 1
    assert "SpryMedia" in library().script
    assert "</style" not in library().style.lower()


def test_tables_have_headers_and_names() -> None:
    page = page_of(of_sql(WALLS_SQL, {"net_volume_m3": "m3"}))
    assert {about.get("scope") for about in page.named("th")} == {"col"}
    assert len(page.named("main")) == len(page.named("h1")) == 1
    assert page.named("html")[0]["lang"] == "en"
    regions = [about for _, about in page.tags if about.get("role") == "region"]
    assert all(
        about["tabindex"] == "0" and {"aria-label", "aria-labelledby"} & about.keys()
        for about in regions
    )


def test_page_says_where_its_figures_come_from() -> None:
    page = page_of(
        of_table(
            pa.table({"n": [1]}),
            about=provenance(params={"by": "class"}, snapshots=[snapshot(proof="none")]),
        )
    )
    for said in (
        "Walls by class",
        "How much wall is there?",
        "3 elements have no volume",
        "authored before computed",
        "ifc:Duplex Apartment",
        "snapshot-of-Duplex",
        "rev B",
        "end of file read",
        "takeoff 0.1.0",
        "2025-03-04T05:06:07",
        "what it means",
    ):
        assert said in page.text, said


def _everywhere(name: str) -> Result:
    """`name` wherever a page shows text that is not ours."""
    plain = of_table(pa.table({name or "x": [name], "elements": [2]}))
    version = snapshot()
    ref = ModelRef("ifc", name, name, name, name)
    about = provenance(
        title=name,
        notes=[name],
        params={name or "x": name},
        snapshots=[replace(version, ref=ref, source_version=replace(version.source_version))],
    )
    about = replace(about, question=f"{name}?", basis=name)
    result = replace(plain, provenance=about, beside=(replace(plain, provenance=about),))
    evidence = _with_evidence(["Wall"], [(1, f"ifc_class {name}", name)]).evidence
    return replace(result, evidence=evidence)


@pytest.fixture(scope="module")
def usual_tags() -> dict[str, int]:
    return _counted(_everywhere("plain"))


def _counted(result: Result) -> dict[str, int]:
    tags = [tag for tag, _ in page_of(result).tags]
    return {tag: tags.count(tag) for tag in tags}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in dict.fromkeys([*NAMES, *HOSTILE, "</script><script>alert(1)</script>", "-->"])
        if re.search(r"[<>&'\"{}\u2028\u202e\x00]|--", name)
    ],
)
def test_names_are_text_and_never_marks(name: str, usual_tags: dict[str, int]) -> None:
    result = _everywhere(name)
    page = page_of(result)
    tags = [tag for tag, _ in page.tags]
    assert {tag: tags.count(tag) for tag in tags} == usual_tags
    assert not any(key.startswith("on") for _, about in page.tags for key in about)
    shown = harmless(name, keep="\t\n")
    assert page.rows() == [[shown, "2"]]
    assert page.data["behind"]["left_out"] == {}
    assert shown in [row[2] for row in unpacked(page.data["behind"])]
    raw = next(text for _, about, text in page.raw if about.get("id") == "data")
    assert not re.search("[<>&\u2028\u2029\u202e\x00]", raw)


def test_all_hostile_names_are_rows_like_any_other() -> None:
    names = [*NAMES, *HOSTILE]
    assert [row[1] for row in page_of(of_texts(names)).rows()] == [
        harmless(name, keep="\t\n") for name in names
    ]


def test_lines_lead_to_their_elements() -> None:
    page = page_of(
        _with_evidence(
            ["Wall", "Slab"],
            [(1, "ifc_class Wall", "w1"), (1, "ifc_class Wall", "w2"), (2, "ifc_class Slab", "s")],
        )
    )
    held = page.data["behind"]
    assert held["is_by_row"]
    assert page.data["tables"][0]["has_lines"]
    assert [row[2] for row in unpacked(held)] == ["w1", "w2", "s"]
    assert [row[5] for row in unpacked(held)][0] == "record of w1"
    assert "takeoff explain --report by_class --param by=class" in held["command"]
    assert "--snapshot snapshot-of-Duplex" in held["command"]


@pytest.mark.parametrize(
    "rows",
    [
        [(1, "item A", "w"), (2, "item A", "w")],  # named by what this layout does not have
        [(1, "ifc_class Wall", "w"), (3, "ifc_class Slab", "s")],  # more lines than rows
    ],
)
def test_lines_of_another_layout_are_listed_by_themselves(rows: list[tuple[int, str, str]]) -> None:
    page = page_of(_with_evidence(["Wall", "Slab"], rows))
    assert not page.data["tables"][0]["has_lines"]
    assert "behind" in {about.get("id") for about in page.named("ul")}
    assert len(unpacked(page.data["behind"])) == 2


def test_evidence_over_the_bound_is_shared_out_and_told() -> None:
    """A line of many elements takes no room from the others; no element is held in part."""
    rows = [(1, "ifc_class Wall", f"w{i // 2}") for i in range(100)]
    rows += [(2, "ifc_class Slab", f"s{i}") for i in range(4)]
    held = behind(_with_evidence(["Wall", "Slab"], rows), most=15)
    assert held is not None
    lines = held.evidence.table.column(0).to_pylist()
    assert (lines.count(1), lines.count(2)) == (10, 4)
    assert held.left_out == {1: 45}
    assert held.is_by_row
    everything = behind(_with_evidence(["Wall", "Slab"], rows), most=104)
    assert everything is not None
    assert everything.left_out == {}
    assert everything.evidence.table.num_rows == 104


def test_tables_beside_are_bounded_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "ROWS_BESIDE", 3)
    other = replace(
        of_texts(["a", "b", "c", "d"]), provenance=provenance("audit", title="Audit: findings")
    )
    page = page_of(replace(of_sql(WALLS_SQL), beside=(other,)))
    assert "Audit: findings" in page.text
    assert "3 of 4 rows are on this page" in page.text
    assert "takeoff audit --snapshot snapshot-of-Duplex -o report.csv" in page.text
    assert [row[1] for row in page.rows(1)] == ["a", "b", "c"]


def test_more_rows_than_a_browser_opens_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(html, "ROWS_OF_A_PAGE", 3)
    with pytest.raises(InputRefused, match="holds 3 rows, this result has 4; use xlsx or parquet"):
        html.write(of_sql(WALLS_SQL), tmp_path / "walls.html")
    assert list(tmp_path.iterdir()) == []


def test_without_scripts_the_first_lines_are_there() -> None:
    page = page_of(of_texts([f"row {i}" for i in range(300)]))
    assert "the first 200 of 300 rows are shown" in page.text
    assert "row 199" in page.text
    assert "row 200" not in page.text


@pytest.fixture
def not_loaded() -> Iterator[None]:
    """The form as if it had not been asked for yet."""
    loaded = {name: m for name, m in sys.modules.items() if name.startswith("takeoff.render.html")}
    for name in loaded:
        del sys.modules[name]
    yield
    sys.modules.update(loaded)


@pytest.mark.usefixtures("not_loaded")
def test_missing_extra_is_named_before_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "itables" else find_spec(name)
    )
    with pytest.raises(InputRefused, match=r"extra html.*pip install 'takeoff\[html\]'"):
        for_target(tmp_path / "walls.html", None, terminal=False)


@pytest.mark.usefixtures("not_loaded")
@pytest.mark.parametrize("script", [None, "no module", "export{a as b};"])
def test_library_that_is_another_is_refused(
    script: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "html").mkdir()
    if script is not None:
        (tmp_path / "html" / "dt_bundle.js").write_text(script)
        (tmp_path / "html" / "dt_bundle.css").write_text("")
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found)
    with pytest.raises(InputRefused, match=r"installed itables .*pip install 'takeoff\[html\]'"):
        for_target(tmp_path / "walls.html", None, terminal=False)


def test_bars_are_the_largest_lines_of_one_quantity_in_one_unit() -> None:
    result = _sums(
        storey_name=["G", "G", "1", "1", None],
        ifc_class=["Wall", "Slab", "Wall", "Slab", "Wall"],
        quantity=["NetVolume"] * 5,
        unit=["m3"] * 4 + [None],
        value=[Decimal("2.5"), Decimal("-10"), Decimal("10.000000000001"), Decimal(1), None],
        elements=[1] * 5,
    )
    (chart,) = charts(result)
    assert (chart.title, chart.unit, chart.lines, chart.unknown) == ("NetVolume", "m3", 4, 1)
    assert [(bar.name, bar.figure) for bar in chart.bars] == [
        ("1 / Wall", "10.000000000001"),
        ("G / Slab", "-10"),
        ("G / Wall", "2.5"),
        ("1 / Slab", "1"),
    ]
    assert [(bar.start, bar.width) for bar in chart.bars][1:3] == [
        ("0.00%", "50.00%"),
        ("50.00%", "12.50%"),
    ]
    assert [bar.is_negative for bar in chart.bars] == [False, True, False, False]


def test_figures_of_two_units_have_two_charts_and_there_are_not_too_many() -> None:
    result = _sums(
        ifc_class=["Wall", "Slab"] * 20,
        quantity=[f"Q{i // 4}" for i in range(40)],
        unit=[("m2" if i % 4 < 2 else "m3") for i in range(40)],
        value=[Decimal(i + 1) for i in range(40)],
        counted=[1] * 40,
    )
    drawn = charts(result)
    assert len(drawn) == CHARTS
    assert [(chart.title, chart.unit) for chart in drawn[:3]] == [
        ("Q0", "m2"),
        ("Q0", "m3"),
        ("Q1", "m2"),
    ]


def test_long_charts_say_what_they_leave_out() -> None:
    result = _sums(
        ifc_class=[f"C{i}" for i in range(30)],
        value=[Decimal(i) for i in range(30)],
        elements=[1] * 30,
    )
    page = page_of(result)
    assert f"the {BARS} largest of 30 lines" in page.text
    assert len(page.named("rect")) == BARS


@pytest.mark.parametrize(
    "result",
    [
        of_sql(WALLS_SQL),
        _sums(name=["a", "b"], value=[Decimal(1), Decimal(2)]),
        _sums(name=["a"], value=[Decimal(1)], elements=[1]),
        _sums(name=["a", "b"], value=[Decimal(0), None], elements=[1, 1]),
        of_sql("select 1 as a, 2 as elements, 3.5 as value where false"),
    ],
)
def test_what_are_no_sums_of_several_lines_has_no_chart(result: Result) -> None:
    assert charts(result) == []
    assert "figure" not in [tag for tag, _ in page_of(result).tags]
