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


def beside(found: Added) -> dict[str, Any]:
    """What must hold as the other has it, too."""
    assert found.beside is not None
    return dict(found.beside.gates.each())


@pytest.mark.parametrize(("ours", "theirs"), [(["ci"], []), ([], ["sec"])])
def test_every_report_and_those_of_producers_must_both_hold(ours: list[str], theirs: list[str]) -> None:
    section, more = linted(*ours), linted(*theirs)
    found = added(section, more, "stable")
    assert (found.section, found.alone, found.notes) == (section, (), ())
    assert [gate.producers for gate in beside(found).values()] == [tuple(theirs)]


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
    found = added(linted("ci"), theirs, "stable")
    assert found.section.gates == linted("ci").gates
    assert beside(found)["lint"].producers == ("ci", "extra")


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
def test_what_has_no_order_must_hold_both_ways(
    gate: str, ours: dict[str, Any], theirs: dict[str, Any], key: str
) -> None:
    section, more = policy(gates={gate: ours}), policy(gates={gate: theirs})
    found = added(section, more, "stable")
    assert getattr(getattr(found.section.gates, gate), key) == getattr(getattr(section.gates, gate), key)
    assert getattr(beside(found)[gate], key) == getattr(getattr(more.gates, gate), key)


def test_the_closer_limits_of_waivers_count() -> None:
    ours = policy(gates={"tests": {}}, waived_in_file_only=["tests"], longest_waiver_days=30)
    theirs = policy(gates={"tests": {}}, waived_in_file_only=["lint"], longest_waiver_days=3)
    section = added(ours, theirs, "stable").section
    assert (section.waived_in_file_only, section.longest_waiver_days) == (("tests", "lint"), 3)


def test_roles_that_do_not_count_are_noted() -> None:
    ours = policy(gates={"tests": {}})
    theirs = policy(gates={"tests": {}}, waive_roles=["admin"])
    assert added(ours, theirs, "stable") == Added(
        ours, notes=("waive_roles does not count: here admin, maintain may waive",)
    )


DOCS = {"docs/**": {"all": "not_applicable"}}
SHIFTED = {"docs/**": {"tests": "not_applicable"}}
CORE = {"core/**": {"coverage": {"total": ">= 95%"}}}


@pytest.mark.parametrize(
    ("ours", "theirs", "judged_apart"),
    [
        ({}, {"paths": CORE}, ["coverage"]),
        ({"paths": DOCS}, {}, ["tests", "coverage"]),
        ({"paths": DOCS}, {"paths": DOCS}, []),
        ({"paths": SHIFTED}, {}, ["tests"]),
        ({}, {"paths": SHIFTED}, ["tests"]),
        ({"informational": ["tests"]}, {}, ["tests"]),
        ({"informational": ["tests"]}, {"informational": ["tests"]}, []),
        ({}, {"informational": ["tests"]}, []),
        (
            {"informational": [{"gate": "tests", "until": "2027-01-01"}]},
            {"informational": [{"gate": "tests", "until": "2026-12-01"}]},
            ["tests"],
        ),
    ],
)
def test_a_gate_of_both_is_judged_apart_where_either_file_spares_other_changes(
    ours: dict[str, Any], theirs: dict[str, Any], judged_apart: list[str]
) -> None:
    gates: dict[str, Any] = {"tests": {}, "coverage": {}}
    found = added(policy(gates=gates, **ours), policy(gates=gates, **theirs), "stable")
    assert [name for name, _ in (found.beside.gates.each() if found.beside else ())] == judged_apart
    assert found.alone == ()


def test_a_gate_that_only_the_branch_has_is_asked_as_its_file_has_it() -> None:
    waiver = {"gate": "lint", "until": "2027-01-01", "by": "octo", "why": "known"}
    ours = policy(gates={"tests": {}}, paths=DOCS)
    theirs = policy(gates={"tests": {}, "lint": {}}, waivers=[waiver], informational=["lint"], paths=DOCS)
    found = added(ours, theirs, "stable")
    assert found.alone == ("lint",)
    assert list(beside(found)) == ["lint"]
    assert found.beside is not None
    assert (found.beside.waivers, found.beside.informational) == (theirs.waivers, theirs.informational)


def test_what_the_default_branch_waives_of_a_gate_of_both_is_waived_both_ways() -> None:
    waiver = {"gate": "coverage", "until": "2027-01-01", "by": "octo", "why": "known"}
    ours = policy(gates={"coverage": {"metric": "line"}}, waivers=[waiver])
    found = added(ours, policy(gates={"coverage": {"metric": "branch"}}), "stable")
    assert found.beside is not None
    assert found.beside.waivers == ours.waivers
