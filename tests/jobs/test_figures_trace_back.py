"""Figures are walked back by other code than ours: plain Parquet, zstd, and a regular expression.

The unit factors are stated here again on purpose; two readings must agree.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import zstandard

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc

_FACTORS = {
    "METRE": "1",
    "MILLI METRE": "0.001",
    "FOOT": "0.3048",
    "SQUARE_METRE": "1",
    "SQUARE FOOT": "0.09290304",
    "FOOT^2": "0.09290304",
    "CUBIC_METRE": "1",
    "CUBIC FOOT": "0.028316846592",
    "GRAM": "0.001",
    "KILO GRAM": "1",
    "POUND": "0.45359237",
    None: "1",
}
_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traced")
    public = _SAMPLE.parents[2] / "shared" / "data" / "ifc"
    models = [*sorted(_SAMPLE.glob("*.ifc")), *sorted(public.glob("*.ifc"))]
    options = IfcOptions(geometry=False)
    outcomes = list(fetch_ifc(Settings(lake=folder / "lake"), models, options, Quiet()))
    assert [outcome.error for outcome in outcomes] == [None] * len(models)
    return folder / "lake"


@pytest.mark.slow
def test_a_thousand_figures_stand_in_the_evidence_as_we_say(lake: Path) -> None:
    figures = pl.read_parquet(lake / "data/quantities/*.parquet").filter(
        (pl.col("basis") == "authored") & pl.col("value").is_not_null()
    )
    chosen = random.Random(20261122).sample(figures.to_dicts(), 1000)
    texts = _evidence_texts(lake)
    wrong = [figure for figure in chosen if not _stands(figure, texts)]
    assert wrong == []
    assert len({figure["source_unit"] for figure in chosen}) > 4


def _evidence_texts(lake: Path) -> dict[tuple[str, int], str]:
    """The documents, taken from the manifests, each with the sha256 it is cited by."""
    texts = {}
    for manifest in (lake / "snapshots").glob("*.json"):
        snapshot = json.loads(manifest.read_bytes())
        for item in snapshot["evidence"]:
            path = lake / "evidence" / item["sha256"][:2] / f"{item['sha256']}.zst"
            raw = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
            assert hashlib.sha256(raw).hexdigest() == item["sha256"]
            texts[snapshot["snapshot_id"], item["evidence_no"]] = raw.decode("latin-1")
    return texts


def _stands(figure: dict, texts: dict[tuple[str, int], str]) -> bool:
    text = texts[figure["snapshot_id"], figure["evidence_no"]]
    record = _record(text, figure["source_row"])
    written = Decimal(figure["source_value"])
    numbers = [Decimal(n) for n in re.findall(_NUMBER, re.sub(r"'[^']*'", "''", record))]
    named = figure["origin"] == "attribute" or _last_name(figure) in _decoded(record)
    again = written * Decimal(_FACTORS[figure["source_unit"]])
    return (
        named
        and written in numbers
        and abs(again - figure["value_exact"]) <= Decimal("1e-12")
        and abs(float(again) - figure["value"]) <= 1e-12 * max(1.0, abs(float(again)))
    )


def _record(text: str, step_id: int) -> str:
    found = re.search(rf"^\s*#{step_id}\s*=.*?\)\s*;\s*$", text, re.MULTILINE | re.DOTALL)
    assert found is not None, step_id
    return found.group()


def _last_name(figure: dict) -> str:
    return figure["source_name"].rsplit(".", 1)[-1]


def _decoded(record: str) -> str:
    """STEP's escapes for letters beyond ASCII, as far as these models use them."""
    record = re.sub(r"\\X\\([0-9A-F]{2})", lambda m: bytes.fromhex(m[1]).decode("latin-1"), record)
    wide = re.compile(r"\\X2\\([0-9A-F]+)\\X0\\")
    record = wide.sub(lambda m: bytes.fromhex(m[1]).decode("utf-16-be"), record)
    return re.sub(r"\\S\\(.)", lambda m: chr(ord(m[1]) + 128), record).replace("''", "'")
