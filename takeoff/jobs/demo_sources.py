"""What the demo shows of one building from two sources: where they agree, and the vendor's sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.config import Settings
from takeoff.core.results import Result, listing
from takeoff.jobs.report import Question, report
from takeoff.jobs.session import session

# Elements of one GUID in models of one name are the same element.
_AGREEMENT = """
with figures as (
    select
        selected_models.vendor,
        selected_models.model_name,
        elements.ifc_guid,
        element_quantities.quantity,
        element_quantities.unit,
        cast(element_quantities.value_exact as double) as value
    from element_quantities
    join elements
        on elements.snapshot_id = element_quantities.snapshot_id
        and elements.element_no = element_quantities.element_no
    join selected_models
        on selected_models.snapshot_id = elements.snapshot_id
    where element_quantities.value_exact is not null
        and elements.role not in ('location', 'type')
),
from_files as (
    select model_name, ifc_guid, quantity, unit, value
    from figures
    where vendor = 'ifc'
),
from_service as (
    select model_name, ifc_guid, quantity, unit, value
    from figures
    where vendor <> 'ifc'
),
pairs as (
    select
        coalesce(from_files.quantity, from_service.quantity) as quantity,
        coalesce(from_files.unit, from_service.unit) as unit,
        from_files.value as file_value,
        from_service.value as service_value
    from from_files
    full join from_service
        on from_service.model_name = from_files.model_name
        and from_service.ifc_guid = from_files.ifc_guid
        and from_service.quantity = from_files.quantity
)
select
    quantity,
    unit,
    count(
        case
            when abs(file_value - service_value)
                <= 0.000001 * greatest(abs(file_value), abs(service_value))
                then 1
        end
    ) as agree,
    count(
        case
            when abs(file_value - service_value)
                > 0.000001 * greatest(abs(file_value), abs(service_value))
                then 1
        end
    ) as differ,
    count(case when service_value is null then 1 end) as only_in_files,
    count(case when file_value is null then 1 end) as only_in_service
from pairs
group by quantity, unit
order by quantity, unit
"""
_MEANINGS = {
    "quantity": "IFC4X3 quantity name",
    "unit": "SI unit",
    "agree": "elements whose figure is the same from both, to a millionth",
    "differ": "elements whose figure is not",
    "only_in_files": "elements that have it from the files only",
    "only_in_service": "elements that have it from the service only",
}
_TOTALS_SHOWN = (
    "model_name",
    "quantity",
    "unit",
    "stated_value",
    "our_value",
    "difference",
    "elements",
    "counted",
)


def agreement(settings: Settings, models: Sequence[str]) -> Result:
    """For each quantity, how many elements have the same figure from the files and the service."""
    with session(settings, models=models) as engine:
        table = engine.query(_AGREEMENT).read_all()
    counts = {name: pc.sum(table.column(name)).as_py() or 0 for name in list(_MEANINGS)[2:]}
    note = (
        f"{counts['agree']} figures agree and {counts['differ']} differ; "
        f"{counts['only_in_files']} come from the files only and {counts['only_in_service']} from "
        "the service only: it sends no parts, whose sums a whole could take, and one value under "
        "one name, where a file may have two that disagree."
    )
    return listing("Agreement of the two sources", table, _MEANINGS, (note,))


def totals(settings: Settings, models: Sequence[str]) -> Result:
    """The sums that the service states of whole models, beside ours."""
    result = report(settings, Question("control_totals", models=models))
    is_of_all = pc.is_null(result.table.column("filter"))
    agreeing = pc.sum(pc.cast(result.table.column("agrees"), pa.int64())).as_py() or 0
    note = (
        f"{agreeing} of {result.table.num_rows} totals agree with our sums, those of single "
        "classes included; the report control_totals shows each."
    )
    return replace(
        result,
        columns=tuple(column for column in result.columns if column.name in _TOTALS_SHOWN),
        table=result.table.filter(is_of_all).select(_TOTALS_SHOWN),
        provenance=replace(result.provenance, notes=(*result.provenance.notes, note)),
    )
