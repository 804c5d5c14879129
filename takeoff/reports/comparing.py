"""Sentences about what was compared, and about which source of a building counts first."""

from __future__ import annotations

from takeoff.core.refs import Snapshot
from takeoff.engines.engine import Engine

_MATCHES = """
select
    pair_no,
    count(case when side = 'old' then 1 end) as old_elements,
    count(case when side = 'new' then 1 end) as new_elements,
    count(case when side = 'old' then matched_by end) as matched
from compared_sides
group by pair_no
order by pair_no
"""
_KEYS = """
select
    pair_no,
    matched_by,
    count(*) as elements
from element_matches
group by pair_no, matched_by, key_no
order by pair_no, key_no
"""
_PLACES = """
select
    element_matches.pair_no,
    count(case when old_boxes.element_no is null or new_boxes.element_no is null then 1 end)
        as unplaced
from element_matches
left join element_boxes as old_boxes
    on old_boxes.snapshot_id = element_matches.old_snapshot_id
    and old_boxes.element_no = element_matches.old_no
left join element_boxes as new_boxes
    on new_boxes.snapshot_id = element_matches.new_snapshot_id
    and new_boxes.element_no = element_matches.new_no
group by element_matches.pair_no
order by element_matches.pair_no
"""
_STATED = """
select
    count(stated_change) as stated,
    count(
        case
            when stated_change = our_change then 1
            when stated_change = 'changed' and our_change = 'moved' then 1
        end
    ) as alike,
    count(case when stated_change is null and our_change <> 'same' then 1 end) as unstated
from stated_changes_matched
"""
_HAS_STATED = "select element_no from changes_stated limit 1"
_BUILDINGS = """
select
    building_models.building,
    selected_models.vendor || ':' || selected_models.model_id as model,
    building_models.is_preferred,
    count(case when counted_elements.counted then 1 end) as counted,
    count(case when counted_elements.not_counted_reason = 'other_source' then 1 end) as repeated
from building_models
join selected_models
    on selected_models.snapshot_id = building_models.snapshot_id
left join counted_elements
    on counted_elements.snapshot_id = building_models.snapshot_id
group by
    building_models.building,
    selected_models.vendor,
    selected_models.model_id,
    selected_models.model_no,
    building_models.is_preferred
order by building_models.building, selected_models.model_no
"""
_STRANGERS = """
select
    building_models.building,
    models.vendor || ':' || models.model_id as model,
    other_models.vendor || ':' || other_models.model_id as other_model
from building_models
join building_models as other_building_models
    on other_building_models.building = building_models.building
join selected_models as models
    on models.snapshot_id = building_models.snapshot_id
    and models.is_newest
join selected_models as other_models
    on other_models.snapshot_id = other_building_models.snapshot_id
    and other_models.is_newest
    and other_models.model_no > models.model_no
left join model_overlaps
    on model_overlaps.model_no = models.model_no
    and model_overlaps.other_model_no = other_models.model_no
where model_overlaps.model_no is null
order by building_models.building, models.model_no, other_models.model_no
"""
_HAS_BUILDINGS = "select building from building_models limit 1"


def sides(engine: Engine) -> tuple[str, ...]:
    """What the two sides are; that there are none, if nothing is compared."""
    if not engine.pairs:
        return ("No snapshots were compared, so there is no line; name them with --snapshot.",)
    first = engine.pairs[0][0]
    others = "; ".join(_name(other) for _, other in engine.pairs)
    return (f"The first (old, a) is {_name(first)}; the other (new, b) is {others}.",)


def matches(engine: Engine) -> tuple[str, ...]:
    """How many elements were matched, and by which keys; one sentence a pair."""
    if not engine.pairs:
        return ()
    keys: dict[int, list[str]] = {}
    for row in engine.query(_KEYS).read_all().to_pylist():
        keys.setdefault(row["pair_no"], []).append(f"{row['elements']} by {row['matched_by']}")
    return tuple(
        f"Of {row['old_elements']} and {row['new_elements']} elements, parts, openings and spaces "
        f"{row['matched']} are in both: {'; '.join(keys.get(row['pair_no'], ['none']))}."
        for row in engine.query(_MATCHES).read_all().to_pylist()
    )


def places(engine: Engine) -> tuple[str, ...]:
    """Of how many matched elements a shift cannot be seen; one sentence a pair that has such."""
    if not engine.pairs:
        return ()
    return tuple(
        f"Elements in both whose place is not known on both sides: {row['unplaced']}; a shift of "
        "these within their storey is not seen."
        for row in engine.query(_PLACES).read_all().to_pylist()
        if row["unplaced"]
    )


def stated(engine: Engine) -> tuple[str, ...]:
    """What a vendor's own comparison of the two versions says; nothing if it made none."""
    if not engine.pairs or not engine.query(_HAS_STATED).read_all().num_rows:
        return ()
    (row,) = engine.query(_STATED).read_all().to_pylist()
    if not row["stated"]:
        return ("The vendor compared other versions than these two, so that is not used.",)
    return (
        f"The vendor itself states {row['stated']} changes between these versions: {row['alike']} "
        f"as we found them; {row['unstated']} that we found it does not state "
        "(report stated_changes).",
    )


def buildings(engine: Engine) -> tuple[str, ...]:
    """Which source of a building counts first, and what the others add; one sentence a building.

    And a warning for any two that share no GUID: nothing tells that they draw the same.
    """
    if engine.pairs or not engine.query(_HAS_BUILDINGS).read_all().num_rows:
        return ()
    by_building: dict[str, list[str]] = {}
    for row in engine.query(_BUILDINGS).read_all().to_pylist():
        first = "counts first" if row["is_preferred"] else "counts after"
        by_building.setdefault(row["building"], []).append(
            f"{row['model']} {first} ({row['counted']} elements, {row['repeated']} are in a model "
            "before)"
        )
    once = (
        f"Of the building {building} an element counts once: {'; '.join(models)}."
        for building, models in by_building.items()
    )
    strangers = (
        f"Warning: {row['model']} and {row['other_model']} of the building {row['building']} share "
        "no GUID, so nothing in them is known to be the same and both are added up in full; "
        "compare them with takeoff reconcile, or ask for one of them."
        for row in engine.query(_STRANGERS).read_all().to_pylist()
    )
    return (*once, *strangers)


def _name(snapshot: Snapshot) -> str:
    ref = snapshot.ref
    return f"{ref.vendor}:{ref.model_id}@{snapshot.sequence} (snapshot {snapshot.snapshot_id})"
