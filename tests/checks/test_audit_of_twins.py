"""The audit of the faulty twins and of the sample without faults: every fault, nothing else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import known_faults
import pytest
import score

from takeoff.config import Settings
from takeoff.jobs.audit import Audit, AuditQuestion, audit

KNOWN, _ = known_faults.of_the_twins(score.TWINS)
RIGHT = known_faults.right_values(score.TWINS)


@pytest.fixture(scope="module")
def audited(twins_lake: Path) -> Audit:
    return audit(Settings(lake=twins_lake), AuditQuestion())


def test_every_fault_is_named_by_its_check(twins_lake: Path) -> None:
    assert KNOWN <= score.findings(twins_lake)


def test_nothing_honest_is_named(audited: Audit) -> None:
    """Also a check that is not the one of the truth only names what is wrong."""
    wrong = {fault[1:] for fault in KNOWN}
    for row in audited.findings.table.to_pylist():
        named = (row["model_id"], row["element_id"], row["quantity"] or "")
        assert named in wrong, row


def test_suspected_is_what_the_script_knows_to_be_right(audited: Audit) -> None:
    rows = {
        (row["check_name"], row["model_id"], row["element_id"], row["quantity"] or ""): row
        for row in audited.findings.table.to_pylist()
    }
    for fault, right in RIGHT.items():
        suspected = rows[fault]["suspected_exact"]
        if right == "":
            assert suspected is None
        elif fault[0] != "whole_and_parts":
            assert abs(suspected - Decimal(right)) <= Decimal("1e-9")
            believed = rows[fault]["value_exact"] or 0
            assert rows[fault]["effect_exact"] == suspected - believed


def test_verdicts_say_what_the_total_would_be(audited: Audit) -> None:
    verdicts = {
        (row["model_id"], row["quantity"]): row for row in audited.verdicts.table.to_pylist()
    }
    pieces = verdicts["wall_on_every_storey", "NetVolume"]
    assert (pieces["believed"], pieces["doubtful"], pieces["missing"]) == (3, 3, 0)
    assert pieces["value"] == Decimal("41.94")
    assert abs(pieces["suspected_value"] - Decimal("14.94")) < Decimal("1e-9")
    assert verdicts["twice_in_a_set", "NetVolume"]["suspected_value"] == 6
    zeros = verdicts["zero_not_computed", "NetWeight"]
    assert (zeros["doubtful"], zeros["effect_unknown"]) == (1, 1)


def test_verdicts_are_told_in_one_line_each(audited: Audit) -> None:
    line = next(s for s in audited.sentences if s.startswith("ifc:area_collapsed NetArea"))
    assert line == (
        "ifc:area_collapsed NetArea of 2 elements: 50 % believed, 50 % doubtful, 0 % missing; "
        "72.9 m2 as it stands, 144 m2 corrected"
    )


def test_the_sample_has_no_error(sample_lake: Path) -> None:
    audited = audit(Settings(lake=sample_lake), AuditQuestion(severity="warning"))
    found = audited.findings.table.to_pylist()
    assert audited.errors == 0
    assert sorted((row["check_name"], row["name"]) for row in found) == [
        ("missing_quantity", "Inner wall PN11"),
        ("missing_quantity", "Inner wall PN11"),
        ("missing_quantity", "Stair B"),
        ("repeated_in_models", "Origin marker"),
        ("repeated_in_models", "Origin marker"),
        ("same_quantity_twice", "Main duct 0.0"),
    ]
