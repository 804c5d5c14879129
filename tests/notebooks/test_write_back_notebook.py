"""What is written back to a service: each figure, from the sample's truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

from notebook_runs import check_told, double, kept, plots, run, shown, told, truth

FRAMES = ("before", "planned", "states", "after", "own")
_MODEL = "Lindenhof_structure"
_OF_FRAMES = "B1010"
_BASES = ("computed", "authored")  # the last one known is picked


def test_write_back(tmp_path: Path) -> None:
    done = run("write_back", keep=FRAMES, lake_folder=str(tmp_path / "lake"))
    check_told(done)
    assert (len(shown(done)), plots(done)) == (6, 1)
    found, volumes, items = kept(done), _volumes(), _items()
    products = _products()

    planned = {line["name"]: line["new_value"] for line in found["planned"]}
    names = [element["name"] for element in products.values()]
    assert sorted(planned) == sorted(names)
    assert len(set(names)) == len(names)
    for guid, element in products.items():
        written = planned[element["name"]]
        assert (None if written is None else Decimal(written)) == volumes.get(guid)

    with_volume, with_item = len(volumes.keys() & products), len(items.keys() & products)
    left = len(products) - with_volume, len(products) - with_item
    assert [(x["volumes"], x["items"]) for x in found["states"]] == [(with_volume, with_item), left]
    [before], [after] = found["before"], found["after"]
    assert after["properties"] - before["properties"] == with_volume + with_item
    assert (before["quantities"], after["outcome"]) == (after["quantities"], "revision")

    elements, known, sums = (
        Counter(items.values()),
        Counter[str](),
        defaultdict[str, Decimal](Decimal),
    )
    for guid, item in items.items():
        if guid in volumes:
            known[item] += 1
            sums[item] += volumes[guid]
    assert [line["item"] for line in found["own"]] == sorted(elements)
    for line in found["own"]:
        item = line["item"]
        assert (line["elements"], line["with_volume"]) == (elements[item], known[item])
        assert line["net_volume_m3"] == double(str(sums[item]))
    said = told(done)
    assert (
        f"{with_volume} of {len(products)} products have a volume and {with_item} an item" in said
    )
    assert f"{with_volume + with_item} properties more than before, and no figure" in said
    whole = sum(sums.values(), Decimal())
    assert (
        f"hold {sums['B1010']:.3f} of the {whole:.3f} m³; one of their {elements['B1010']}" in said
    )


def _products() -> dict[str, dict[str, str]]:
    """What the vendor knows of the model: neither places nor types."""
    left_out = ("location", "type", "opening")
    return {
        x["guid"]: x
        for x in truth("elements.csv")
        if x["model"] == _MODEL and x["role"] not in left_out
    }


def _volumes() -> dict[str, Decimal]:
    rows = [x for x in truth("quantities.csv") if x["quantity"] == "NetVolume"]
    rows = [x for x in rows if x["model"] == _MODEL and x["basis"] in _BASES]
    rows.sort(key=lambda x: _BASES.index(x["basis"]))
    return {x["guid"]: Decimal(x["value"]) for x in rows if x["guid"] in _products()}


def _items() -> dict[str, str]:
    """The code is the item; a rule has one for what is of the frame and has no code."""
    codes = {x["guid"]: x["code"] for x in truth("codes.csv") if x["system"] == "UNIFORMAT II"}
    items = {}
    for guid, element in _products().items():
        by_rule = _OF_FRAMES if element["ifc_class"] in ("Beam", "Member") else None
        item = codes.get(guid, by_rule)
        if item is not None:
            items[guid] = item
    return items
