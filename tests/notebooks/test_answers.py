"""What a notebook shows of an answer, and the verbs it has beside the commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_lakes import Model

import takeoff
from takeoff.config import Access, Settings
from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.lake.layout import open_layout
from takeoff.notebook import Lake, bars
from takeoff.notebook.display import ROWS
from takeoff.sandbox import Sandbox

HOSTILE = "<script>alert(1)</script>$x$"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Walls on 40 storeys, the last of which has a name that nobody is to obey and no volume."""
    folder = tmp_path_factory.mktemp("answers") / "lake"
    model = Model("house")
    for number in range(40):
        name = HOSTILE if number == 39 else f"L{number:02}"
        model.add(f"{number:022}", ifc_class="Wall", storey_id=name, storey_name=name)
        if number < 39:
            model.figure("NetVolume", f"{number}.0625", source_set="Qto_WallBaseQuantities")
    model.commit(folder)
    return takeoff.open(folder)


def test_the_first_rows_are_shown_with_units_and_what_is_to_be_known(lake: Lake) -> None:
    answer = lake.takeoff(by=["storey"], quantities=["NetVolume"])
    html = answer._repr_html_()
    assert repr(answer) == f"<Takeoff: {answer.table.num_rows} rows x 10 columns>"
    assert html.count("<tr>") == 1 + ROWS
    assert f"{ROWS} of {answer.table.num_rows} rows" in html
    assert "model: ifc:house" in html
    assert "basis: " in html


def test_text_of_models_is_no_markup_and_unknown_is_no_zero(lake: Lake) -> None:
    rows = "select storey_name, ifc_guid, building_name from elements where storey_name > 'a' or "
    html = lake.sql(f"{rows} storey_name like '<%' limit 2")._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;$x$" in html
    assert '<span title="unknown">' in html


def test_a_plot_has_a_bar_for_each_of_the_largest_lines(lake: Lake) -> None:
    answer = lake.takeoff(by=["storey"], quantities=["NetVolume"])
    figure = answer.plot()
    panels = {axis.get_title("left"): axis for axis in figure.axes}
    (volumes,) = (axis for title, axis in panels.items() if title.startswith("NetVolume"))
    assert volumes.get_title("left") == "NetVolume (12 largest, 1 without a figure)"
    assert volumes.get_xlabel() == "m3"
    assert [bar.get_width() for bar in volumes.patches] == [n + 0.0625 for n in range(38, 26, -1)]
    names = [label.get_text() for label in volumes.get_yticklabels()]
    assert names[0] == "L38"
    figure.canvas.draw()


def test_what_has_no_sums_is_not_drawn(lake: Lake) -> None:
    with pytest.raises(InputRefused, match="no sums of several lines to draw"):
        lake.snapshots().plot()


def test_a_library_that_is_missing_is_named(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(InputRefused, match="pip install polars"):
        lake.snapshots().pl()


def test_rows_for_polars_are_exact(lake: Lake) -> None:
    polars = pytest.importorskip("polars", reason="polars (pip install polars) is not here")
    frame = lake.sql("select sum(value_exact) as total from quantities").pl()
    assert isinstance(frame, polars.DataFrame)
    assert str(frame["total"][0]).rstrip("0") == "743.4375"


def test_models_of_a_service_are_listed_and_fetched(lake: Lake, tmp_path: Path) -> None:
    with Sandbox(open_layout(Path(lake._settings.lake_path()))).start() as running:
        service = running.at("qonic")
        access = Access(service.base_url, service.token)
        mine = Lake(tmp_path / "mine", Settings(vendors={"qonic": access}))
        assert mine.models("qonic").arrow().column("model_name").to_pylist() == ["house.ifc"]
        fetched = mine.fetch_models("qonic", "house.ifc")
        assert fetched.arrow().num_rows == 1
        volume = "select sum(value_exact) as total from quantities where quantity = 'NetVolume'"
        assert mine.sql(volume).arrow() == lake.sql(volume).arrow()
        lost = Lake(tmp_path / "lost", Settings(vendors={"qonic": Access(service.base_url, "x")}))
        with pytest.raises(VendorRefused):
            lost.fetch_models("qonic")


def test_a_script_shows_no_bar() -> None:
    with bars.bar() as progress:
        assert isinstance(progress, Quiet)


def test_a_notebook_shows_one_bar_and_then_none(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    handle = SimpleNamespace(update=drawn.append)
    shell = SimpleNamespace(kernel=object())
    display = SimpleNamespace(HTML=str, display=lambda html, display_id: handle)
    modules: Mapping[str, Any] = {
        "IPython": SimpleNamespace(get_ipython=lambda: shell),
        "IPython.display": display,
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(bars, "_PAUSE_S", 0)
    with bars.bar() as progress:
        progress.step("reading <b>", 10)
        progress.advance(4)
        progress.step("waiting")
    assert drawn[0].startswith("<progress value=0 max=10></progress> reading &lt;b&gt;: 0 of 10")
    assert "4 of 10" in drawn[1]
    assert drawn[2].startswith("<progress ></progress> waiting: 0,")
    assert drawn[3:] == [""]
