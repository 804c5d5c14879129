"""A portfolio by DuckDB in a folder, by Spark on an object store: the figures of the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from notebook_runs import SAMPLE, check_told, kept, plots, run, same, shown, told, truth
from s3_server import BUCKET, missing, serving

import takeoff

FRAMES = ("models", "lines")
_BASES = ("authored", "computed", "derived")


def test_portfolio_in_a_folder(own_lake: str) -> None:
    _check(run("portfolio", keep=FRAMES, lake_folder=own_lake))


@pytest.mark.slow
def test_portfolio_on_an_object_store_by_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyspark", reason="Spark (pip install pyspark, and Java) is not here")
    if (why := missing()) is not None:
        pytest.skip(why)
    monkeypatch.setenv("TAKEOFF_CACHE", str(tmp_path))
    place = {"lake_folder": f"s3://{BUCKET}/portfolio", "sample": str(SAMPLE)}
    with serving():
        _check(run("portfolio", keep=FRAMES, engine="spark", master="local[2]", **place))
        assert len(takeoff.open(place["lake_folder"]).snapshots().df()) == 3


def _check(done: Any) -> None:
    check_told(done)
    assert (len(shown(done)), plots(done)) == (3, 1)
    found = kept(done)
    counting = {
        (row["model"], row["guid"]) for row in truth("elements.csv") if row["counted"] == "yes"
    }
    counted = Counter(model for model, _ in counting)
    assert {one["model_id"]: one["counted"] for one in found["models"]} == counted
    assert f"count {counted.total()} elements" in told(done)
    volumes = _volumes(counting)
    lines = [one for one in found["lines"] if one["quantity"] == "NetVolume"]
    assert {one["model_id"]: float(one["value"]) for one in lines} == {
        model: same(float(volume)) for model, volume in volumes.items()
    }
    for model in ("structure", "architecture"):
        assert f"{volumes[f'Lindenhof_{model}'].normalize()} m3" in told(done).replace(",", "")


def _volumes(counting: set[tuple[str, str]]) -> dict[str, Decimal]:
    """The sums of the net volumes of these elements, each on the best basis that there is."""
    best: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for row in truth("quantities.csv"):
        key = (row["model"], row["guid"])
        if row["quantity"] == "NetVolume" and row["value"] and key in counting:
            given = (_BASES.index(row["basis"]), Decimal(row["value"]))
            best[key] = min(best.get(key, given), given)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (model, _), (_, volume) in best.items():
        sums[model] += volume
    return dict(sums)
