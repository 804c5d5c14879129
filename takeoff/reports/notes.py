"""Sentences that a reader of the figures must see: what they rest on and what they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from takeoff.core.plain import number
from takeoff.engines.engine import Engine
from takeoff.engines.statements import BASES

_OVERLAPS = """
select
    models.vendor || ':' || models.model_id as model,
    other_models.vendor || ':' || other_models.model_id as other_model,
    model_overlaps.shared_guids,
    model_overlaps.smaller_guids,
    model_overlaps.is_same_building,
    model_overlaps.is_one_project
from model_overlaps
join selected_models as models
    on models.model_no = model_overlaps.model_no
join selected_models as other_models
    on other_models.model_no = model_overlaps.other_model_no
order by model_overlaps.model_no, model_overlaps.other_model_no
"""
_COPIES = """
select
    models.vendor || ':' || models.model_id as model,
    copies.vendor || ':' || copies.model_id as copy,
    model_copies.copied,
    model_copies.shared_guids
from model_copies
join selected_models as models
    on models.model_no = model_copies.model_no
join selected_models as copies
    on copies.model_no = model_copies.copy_no
where not model_copies.is_kept_apart
order by model_copies.model_no, model_copies.copy_no
"""
_NOT_COUNTED = """
select
    not_counted_reason,
    count(*) as elements
from counted_elements
where not counted
group by not_counted_reason
order by elements desc, not_counted_reason
"""
_TOTALLED = "select distinct quantity from control_totals order by quantity"
_DIFFERING = """
select
    selected_models.vendor || ':' || selected_models.model_id as model,
    control_sums.filter,
    control_sums.quantity,
    control_sums.unit,
    control_sums.stated_value,
    control_sums.our_value,
    control_sums.elements,
    control_sums.counted
from control_sums
join selected_models
    on selected_models.snapshot_id = control_sums.snapshot_id
where not control_sums.agrees
order by
    selected_models.model_no,
    control_sums.filter nulls first,
    control_sums.ordinal
"""
_NAMED_TOTALS = 3
_HAS_TWINS = "select element_no from element_twins limit 1"
_TWINS = """
select count(distinct first_snapshot_id || ' ' || cast(first_element_no as varchar)) as elements
from twin_figures
"""


@dataclass(frozen=True)
class Overlap:
    """Two models, as `vendor:model_id`, that hold the same IFC GUIDs."""

    model: str
    other_model: str
    shared_guids: int
    smaller_guids: int
    is_same_building: bool
    is_one_project: bool


def find_overlaps(engine: Engine) -> tuple[Overlap, ...]:
    """All pairs of the models asked about that share GUIDs."""
    if len(engine.snapshots) < 2:
        return ()
    rows = engine.query(_OVERLAPS).read_all().to_pylist()
    return tuple(Overlap(**row) for row in rows)


def basis_in_words(basis: Sequence[str] = ()) -> str:
    """The basis of a report's figures; `basis` as asked, empty for the usual order."""
    order = " before ".join(name.replace("_", "-") for name in basis or BASES)
    return f"model quantities, no measurement rule; {order}"


def unproved(engine: Engine) -> tuple[str, ...]:
    """One sentence for every snapshot that was committed without proof."""
    return tuple(
        f"{s.ref.vendor}:{s.ref.model_id} (snapshot {s.snapshot_id}) is not proved complete."
        for s in engine.snapshots
        if s.proof.kind == "none"
    )


def partition(
    whole: str, counts: str | None, classes: Sequence[str], storeys: Sequence[str]
) -> tuple[str, ...]:
    """What the lines add up to: the `whole`, as the report's header calls it, or a part of it.

    `counts` is the column that says which of it counts; null if all does.
    """
    which = "" if counts is None else f"; {counts} says which of them count"
    shown = [
        f"{word} {', '.join(names)}"
        for word, names in (("class", classes), ("storey", storeys))
        if names
    ]
    if not shown:
        return (f"The lines add up to the {whole}{which}.",)
    only = " and ".join(shown)
    return (f"Only {only} is shown, and of that the lines add up to the {whole}{which}.",)


def twins(engine: Engine, basis: Sequence[str], quantities: Sequence[str]) -> tuple[str, ...]:
    """How many elements a later model would give figures, or other figures; nothing if none."""
    if len(engine.snapshots) < 2 or not engine.query(_HAS_TWINS).read_all().num_rows:
        return ()
    rows = engine.query(_TWINS, basis=basis, quantities=quantities).read_all().to_pylist()
    elements = rows[0]["elements"]
    if not elements:
        return ()
    return (
        f"Of {elements} elements that count, the copy in another model has a figure that they "
        "lack, or another one, and is not counted; they are in the view twin_figures.",
    )


def differing_totals(engine: Engine, quantities: Sequence[str] = ()) -> tuple[str, ...]:
    """One sentence for every model whose vendor states other totals than ours, with both figures.

    Totals of these `quantities`, or of all. Ours are over the same elements, and of the vendor's
    own figures.
    """
    totalled = engine.query(_TOTALLED).read_all().column("quantity").to_pylist()
    wanted = [name for name in totalled if not quantities or name in quantities]
    if not wanted:
        return ()
    by_model: dict[str, list[dict[str, Any]]] = {}
    for row in engine.query(_DIFFERING, quantities=wanted).read_all().to_pylist():
        if row["quantity"] in wanted:
            by_model.setdefault(row["model"], []).append(row)
    return tuple(_of_totals(model, rows) for model, rows in by_model.items())


def _of_totals(model: str, rows: Sequence[dict[str, Any]]) -> str:
    named = "; ".join(_total(row) for row in rows[:_NAMED_TOTALS])
    more = len(rows) - _NAMED_TOTALS
    others = f"; and {more} more" if more > 0 else ""
    return (
        f"The vendor's own totals of {model} differ from ours over the same elements: {named}"
        f"{others} (report control_totals). It may have summed another version of the model; "
        "nothing is corrected."
    )


def _total(row: dict[str, Any]) -> str:
    """NetVolume of Class Eq Wall 12.5 m3 stated, 11.5 m3 ours."""
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    of = "" if row["filter"] is None else f" of {row['filter']}"
    covered = ""
    if row["counted"] < row["elements"]:
        covered = f" ({row['counted']} of {row['elements']} elements came with one)"
    stated, ours = number(row["stated_value"]), number(row["our_value"])
    return f"{row['quantity']}{of} {stated}{unit} stated, {ours}{unit} ours{covered}"


def not_counted(engine: Engine) -> tuple[str, ...]:
    """How many elements are not counted, by reason; nothing if all are."""
    rows = engine.query(_NOT_COUNTED).read_all().to_pylist()
    if not rows:
        return ()
    reasons = ", ".join(f"{row['elements']} {row['not_counted_reason']}" for row in rows)
    total = sum(row["elements"] for row in rows)
    return (f"Not counted are {total} elements: {reasons}.",)


def same_buildings(overlaps: Sequence[Overlap]) -> tuple[str, ...]:
    """Why there is no grand total; nothing if no two models draw the same building."""
    return tuple(
        f"{pair.model} and {pair.other_model} draw the same building ({pair.shared_guids} of "
        f"{pair.smaller_guids} GUIDs of the smaller are in both): they are never added up, so "
        "there is no grand total; ask for one of them to have one."
        for pair in overlaps
        if pair.is_same_building
    )


def shared_guids(overlaps: Sequence[Overlap]) -> tuple[str, ...]:
    """Elements that stand in models of two projects, and so count in both.

    The pair that shares most is named; of the others it is said how many there are.
    """
    pairs = [pair for pair in overlaps if not pair.is_same_building and not pair.is_one_project]
    if not pairs:
        return ()
    most = max(pairs, key=lambda pair: pair.shared_guids)
    others = f"; {len(pairs) - 1} more pairs of models share some, too" if pairs[1:] else ""
    return (
        f"{most.shared_guids} GUIDs are both in {most.model} and in {most.other_model}{others}; "
        "the models are of different projects, so their elements count in each.",
    )


def copies(engine: Engine) -> tuple[str, ...]:
    """A warning for every model that is added to the one which it was made from."""
    if not any(key.endswith("_from") for s in engine.snapshots for key in s.lineage):
        return ()
    return tuple(
        f"Warning: {row['copy']} was {row['copied']} from {row['model']} and shares "
        f"{row['shared_guids']} GUIDs with it: all that no GUID tells to be the same is added up "
        "twice; ask for one of them, or name both in [[buildings]] of takeoff.toml."
        for row in engine.query(_COPIES).read_all().to_pylist()
    )
