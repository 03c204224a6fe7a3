"""What a protected branch adds to a policy, and what is told where it could not be added."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.adding import Added, added

PRODUCERS = {name: {"workflow": f".github/workflows/{name}.yml"} for name in ("ci", "sec")}


def policy(**keys: Any) -> QualityGate:  # noqa: ANN401 (a section's keys)
    return QualityGate.model_validate(keys)


def linted(*producers: str) -> QualityGate:
    return policy(producers=PRODUCERS, gates={"lint": {"from": list(producers)} if producers else {}})


def test_the_evidence_of_the_producers_of_both_is_needed() -> None:
    found = added(linted("ci"), linted("ci", "sec"), "stable")
    assert found.section.gates.lint is not None
    assert (found.section.gates.lint.producers, found.notes) == (("ci", "sec"), ())


@pytest.mark.parametrize(
    ("ours", "theirs", "note"),
    [
        (["ci"], [], "gates.lint.from stays as it is here (ci), not every report"),
        ([], ["sec"], "gates.lint.from stays as it is here (every report), not sec"),
    ],
)
def test_every_report_and_those_of_producers_are_apart(ours: list[str], theirs: list[str], note: str) -> None:
    section = linted(*ours)
    assert added(section, linted(*theirs), "stable") == Added(section, (note,))


@pytest.mark.parametrize("gates", [{"lint": {"from": "ci"}}, {"tests": {}, "lint": {"from": "ci"}}])
def test_a_producer_whose_name_means_another_here_is_added_under_a_name_of_its_own(
    gates: dict[str, Any],
) -> None:
    theirs = policy(producers={"ci": {"workflow": ".github/workflows/strict.yml"}}, gates=gates)
    ours = policy(producers=PRODUCERS, gates={"tests": {"from": "ci"}})
    section = added(ours, theirs, "release/1.X").section
    assert section.gates.lint is not None
    assert section.gates.lint.producers == ("ci-of-release-1-x",)
    assert section.producers["ci-of-release-1-x"] == theirs.producers["ci"]
    assert section.producers["ci"] == ours.producers["ci"]
    assert QualityGate.model_validate(section.model_dump(mode="json", by_alias=True)) == section


def test_a_producer_of_the_same_workflow_mends_nothing_that_another_lacks() -> None:
    extra = {"extra": {"workflow": ".github/workflows/ci.yml", "artifact": "more"}}
    theirs = policy(producers=PRODUCERS | extra, gates={"lint": {"from": ["ci", "extra"]}})
    section = linted("ci")
    note = "gates.lint.from does not count extra: it is of a workflow that ci is of"
    assert added(section, theirs, "stable") == Added(section, (note,))


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"ci-of-stable": {"workflow": ".github/workflows/mine.yml"}}
    theirs = policy(
        producers={"ci": {"workflow": ".github/workflows/strict.yml"}}, gates={"lint": {"from": "ci"}}
    )
    section = added(policy(producers=PRODUCERS | taken, gates={"tests": {}}), theirs, "stable").section
    assert section.gates.lint is not None
    assert section.gates.lint.producers == ("ci-of-stable-1",)


@pytest.mark.parametrize(
    ("gate", "ours", "theirs", "key"),
    [
        ("coverage", {"metric": "line"}, {"metric": "branch"}, "metric"),
        ("build", {"artifact": "dist*"}, {"artifact": "image*", "expect": ["*.tar"]}, "artifact"),
        ("coverage", {"drop": "<= 1pt"}, {"drop": "<= 1pt", "partial": "miss"}, "partial"),
    ],
)
def test_what_has_no_order_stays_and_is_noted(
    gate: str, ours: dict[str, Any], theirs: dict[str, Any], key: str
) -> None:
    section = policy(gates={gate: ours})
    found = added(section, policy(gates={gate: theirs}), "stable")
    assert getattr(getattr(found.section.gates, gate), key) == getattr(getattr(section.gates, gate), key)
    (note,) = found.notes
    assert note.startswith(f"gates.{gate}.{key} stays ")


def test_the_closer_limits_of_waivers_count() -> None:
    ours = policy(gates={"tests": {}}, waived_in_file_only=["tests"], longest_waiver_days=30)
    theirs = policy(gates={"tests": {}}, waived_in_file_only=["lint"], longest_waiver_days=3)
    section = added(ours, theirs, "stable").section
    assert (section.waived_in_file_only, section.longest_waiver_days) == (("tests", "lint"), 3)


def test_what_does_not_count_is_noted_where_it_asks_for_more() -> None:
    ours = policy(gates={"tests": {}})
    groups = {"core/**": {"coverage": {"total": ">= 95%"}}, "docs/**": {"all": "not_applicable"}}
    theirs = policy(gates={"tests": {}}, paths=groups, waive_roles=["admin"])
    assert added(ours, theirs, "stable") == Added(
        ours, ("paths do not count: core/**", "waive_roles does not count: here admin, maintain may waive")
    )
