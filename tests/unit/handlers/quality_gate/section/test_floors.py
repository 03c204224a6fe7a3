"""A floor: what is held to it is never weaker than it was, never weaker than the floor, and holding it again changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.adding import Added, added
from handlers.quality_gate.section.gates import (
    AuditGate,
    BuildGate,
    ChecksGate,
    CoverageGate,
    DriftGate,
    FindingsGate,
    Gate,
    TestsGate,
)
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.quality_gate.section.strictness import ORDERS, compares, joined

CI = ".github/workflows/ci.yml"
PRODUCERS = {"one": {"workflow": CI}, "two": {"workflow": ".github/workflows/two.yml"}}


def keys(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of a gate's keys."""
    every = {
        "from": st.sampled_from(["one", "two", ["one", "two"]]),
        "trust": st.sampled_from(["T0", "T1", "T2"]),
        "missing": st.sampled_from(["fail", "not_applicable"]),
        "when": st.sampled_from(["always", "reported"]),
    }
    return st.fixed_dictionaries({}, optional=every | more)


SHARES = st.sampled_from([">= 0%", ">= 80%", ">= 80.5%", ">= 100%"])
COUNTS = st.integers(0, 9)
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True)
FINDINGS = keys(
    findings=COUNTS,
    new_findings=COUNTS,
    levels=st.lists(st.sampled_from(["error", "warning", "note"]), min_size=1, unique=True),
    tools=NAMES,
)
GATES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "tests": keys(
        min_tests=COUNTS,
        max_test_drop=st.sampled_from(["1%", "2.5%"]),
        fail_on=st.sampled_from([["failure"], ["error"], ["failure", "error"]]),
    ),
    "coverage": keys(
        total=SHARES,
        diff=SHARES,
        drop=st.sampled_from(["<= 0.1pt", "<= 2pt"]),
        metric=st.sampled_from(["line", "branch"]),
        partial=st.sampled_from(["hit", "half", "miss"]),
        diff_min_lines=COUNTS,
        absent=st.sampled_from(["uncovered", "inconclusive"]),
    ),
    "lint": FINDINGS,
    "types": FINDINGS,
    "audit": keys(
        severity=st.sampled_from(["critical", "high", "low", "none"]),
        require_complete=st.booleans(),
        only_fixable=st.booleans(),
    ),
    "build": keys(artifact=st.sampled_from(["dist*", "out"]), expect=NAMES),
    "drift": keys(
        files=st.lists(st.sampled_from(["a.txt", "b.txt"]), min_size=1, unique=True),
        match=st.sampled_from(["major", "minor", "exact"]),
    ),
}
SECTIONS = st.fixed_dictionaries(
    {
        "producers": st.just(PRODUCERS),
        "gates": st.fixed_dictionaries({"tests": GATES["tests"]}, optional=dict(list(GATES.items())[1:])),
    },
    optional={
        "defaults": st.fixed_dictionaries({"trust": st.sampled_from(["T0", "T1", "T2"])}),
        "waive_roles": st.sampled_from([["admin"], ["admin", "maintain"], ["write"]]),
        "longest_waiver_days": st.integers(1, 9),
        "informational": st.lists(st.sampled_from(["tests", "coverage", "lint"]), max_size=2, unique=True),
        "paths": st.dictionaries(
            st.sampled_from(["a/**", "b/**"]),
            st.sampled_from(
                [
                    {"all": "not_applicable"},
                    {"tests": "not_applicable"},
                    {"coverage": "not_applicable"},
                    {"coverage": {"total": ">= 10%", "carry": 5}},
                    {"coverage": {"diff": ">= 99%"}},
                ]
            ),
        ),
        "waivers": st.just([{"gate": "tests", "until": "2027-01-01", "by": "octo", "why": "known"}]),
    },
)
MINIMUM = st.fixed_dictionaries(
    {},
    optional=GATES
    | {
        "trust": st.sampled_from(["T0", "T1", "T2"]),
        "waive_roles": st.sampled_from([["admin"], ["admin", "maintain"]]),
        "longest_waiver_days": st.integers(1, 9),
    },
)


@st.composite
def floors(draw: st.DrawFn) -> OrganisationGate:
    section: dict[str, Any] = draw(SECTIONS)
    final = draw(st.lists(st.sampled_from(sorted(map(str, section["gates"]))), unique=True))
    return OrganisationGate.model_validate({**section, "final": final, "minimum": draw(MINIMUM)})


sections = SECTIONS.map(QualityGate.model_validate)


def resolved(section: QualityGate, gate: Gate) -> Gate:
    """The gate with the trust that it asks for."""
    return gate if gate.trust else gate.model_copy(update={"trust": section.defaults.trust})


def is_weaker(mine: Gate, floor: Gate, names: list[str] | None = None) -> bool:
    """Whether a gate is weaker than a floor in any of the keys that have an order."""
    flat = {"metric", "artifact"} | ({"partial"} if compares(floor) or compares(mine) else set())
    return bool(
        joined(mine, floor, names or [each for each in type(floor).model_fields if each not in flat]).weaker
    )


@given(sections, floors())
def test_what_is_held_satisfies_the_floor_and_stays_as_it_is(
    section: QualityGate, floor: OrganisationGate
) -> None:
    held, _ = floor.hold(section)
    assert floor.hold(held) == (held, ())


@given(sections, floors())
def test_what_is_held_is_never_weaker_than_it_was(section: QualityGate, floor: OrganisationGate) -> None:
    held, _ = floor.hold(section)
    for name, gate in section.gates.each():
        after = getattr(held.gates, name)
        if name in floor.final:
            assert after == resolved(floor, getattr(floor.gates, name))
        else:
            assert not is_weaker(resolved(held, after), resolved(section, gate))
    assert set(held.waive_roles) <= set(section.waive_roles) or floor.minimum.waive_roles == held.waive_roles
    assert set(held.informational) <= set(section.informational)


@given(sections, floors())
def test_what_is_held_can_be_read_back_as_a_file(section: QualityGate, floor: OrganisationGate) -> None:
    held, _ = floor.hold(section)
    assert QualityGate.model_validate(held.model_dump(mode="json", by_alias=True)) == held


@given(sections, sections)
def test_a_branch_adds_and_never_takes_away(section: QualityGate, more: QualityGate) -> None:
    together = added(section, more, "stable").section
    assert added(together, more, "stable").section == together
    for name, gate in section.gates.each():
        assert not is_weaker(resolved(together, getattr(together.gates, name)), resolved(section, gate))
    assert {name for name, _ in more.gates.each()} <= {name for name, _ in together.gates.each()}


@given(sections)
def test_a_section_adds_nothing_to_itself(section: QualityGate) -> None:
    assert added(section, section, "stable") == Added(section)


def test_every_key_of_every_gate_has_an_order() -> None:
    gates = (TestsGate, CoverageGate, FindingsGate, AuditGate, BuildGate, DriftGate, ChecksGate)
    assert {name for gate in gates for name in gate.model_fields} <= set(ORDERS)


@pytest.mark.parametrize(
    ("section", "floor", "places"),
    [
        (
            {"gates": {"coverage": {"total": ">= 70%"}}},
            {"coverage": {"total": ">= 80%"}},
            ["gates.coverage.total"],
        ),
        ({"gates": {"coverage": {"total": ">= 80%"}}}, {"coverage": {"total": ">= 80%"}}, []),
        ({"gates": {"tests": {}, "audit": {}}}, {"audit": {"severity": "high"}}, []),
        ({"gates": {"lint": {"new_findings": 0}}}, {"lint": {"findings": 0}}, ["gates.lint.findings"]),
        ({"gates": {"lint": {"findings": 0}}}, {"lint": {"new_findings": 0}}, []),
        ({"gates": {"tests": {"when": "reported"}}}, {"tests": {"min_tests": 1}}, ["gates.tests.when"]),
        ({"gates": {"tests": {"missing": "not_applicable"}}}, {"tests": {}}, ["gates.tests.missing"]),
        ({"gates": {"tests": {"trust": "T0"}}}, {"trust": "T1"}, ["gates.tests.trust"]),
        (
            {"gates": {"tests": {}}, "defaults": {"trust": "T0"}},
            {"tests": {"trust": "T1"}},
            ["defaults.trust"],
        ),
        ({"gates": {"tests": {}}, "informational": ["tests"]}, {"tests": {}}, ["informational.0"]),
        (
            {"gates": {"tests": {}}, "paths": {"docs/**": {"all": "not_applicable"}}},
            {"tests": {}},
            ["paths.docs/**.all"],
        ),
        ({"gates": {"tests": {}}, "paths": {"docs/**": {"lint": "not_applicable"}}}, {"tests": {}}, []),
        (
            {"gates": {"coverage": {}}, "paths": {"old/**": {"coverage": {"total": ">= 10%"}}}},
            {"coverage": {"total": ">= 80%"}},
            ["paths.old/**.coverage.total"],
        ),
        ({"gates": {"tests": {}}}, {"audit": {}}, ["gates.audit"]),
        ({"gates": {"tests": {}}, "waive_roles": ["write"]}, {"waive_roles": ["admin"]}, ["waive_roles"]),
        (
            {
                "gates": {"tests": {}},
                "waivers": [{"gate": "tests", "until": "2027-01-01", "by": "octo", "why": "known"}],
            },
            {"tests": {"min_tests": 1}},
            ["waivers.0.gate"],
        ),
        (
            {"gates": {"tests": {}}, "longest_waiver_days": 90},
            {"longest_waiver_days": 30},
            ["longest_waiver_days"],
        ),
    ],
)
def test_a_weaker_rule_is_found_where_it_is(
    section: dict[str, Any], floor: dict[str, Any], places: list[str]
) -> None:
    _, breaches = OrganisationGate.model_validate({"minimum": floor}).hold(
        QualityGate.model_validate(section)
    )
    assert [".".join(map(str, each.path)) for each in breaches] == places


@pytest.mark.parametrize(
    ("gate", "floor", "weaker", "tighter"),
    [
        ("lint", {"findings": 0}, {"levels": ["note"]}, {"levels": ["error", "warning", "note"]}),
        ("lint", {"findings": 0}, {"tools": ["yamllint"]}, {"tools": ["*", "yamllint"]}),
        ("lint", {"tools": ["ruff"]}, {"tools": []}, {"tools": ["ruff", "*"]}),
        ("tests", {"min_tests": 1}, {"fail_on": ["error"]}, {"max_test_drop": "1%"}),
        ("tests", {"fail_on": ["error"]}, {"min_tests": 0}, {"fail_on": ["error", "failure"]}),
        ("audit", {"severity": "high"}, {"only_fixable": True, "severity": "high"}, {"severity": "low"}),
        ("audit", {"severity": "high"}, {"require_complete": False, "severity": "high"}, {}),
        ("coverage", {"diff": ">= 9%"}, {"diff": ">= 9%", "diff_min_lines": 9}, {"diff": ">= 10%"}),
        ("coverage", {"diff": ">= 9%"}, {"diff": ">= 9%", "total": ">= 80%"}, {"diff": ">= 9%"}),
        ("coverage", {"total": ">= 80%"}, {"partial": "hit", "total": ">= 79%"}, {"diff_min_lines": 9}),
        (
            "build",
            {"expect": ["*.whl"]},
            {"expect": ["*.whl"], "artifact": "junit*"},
            {"expect": ["*.whl", "b"]},
        ),
        ("drift", {}, {"match": "major"}, {"match": "exact"}),
        ("tests", {}, {"trust": "T0"}, {"trust": "T2"}),
    ],
)
def test_a_key_that_the_floor_does_not_write_asks_for_its_default(
    gate: str, floor: dict[str, Any], weaker: dict[str, Any], tighter: dict[str, Any]
) -> None:
    organisation = OrganisationGate.model_validate({"minimum": {gate: floor}})
    _, (breach,) = organisation.hold(QualityGate.model_validate({"gates": {gate: weaker}}))
    assert (breach.path[:2], breach.path[2] in weaker) == (("gates", gate), True)
    section = QualityGate.model_validate({"gates": {gate: floor | tighter}})
    held, breaches = organisation.hold(section)
    assert (breaches, held.gates) == ((), section.gates)


def test_many_small_groups_are_no_way_around_a_floor_for_added_lines() -> None:
    floor = OrganisationGate.model_validate(
        {"minimum": {"coverage": {"diff": ">= 80%", "diff_min_lines": 20}}}
    )
    groups = {f"{name}/**": {"coverage": {"diff": ">= 80%"}} for name in "abc"}
    gates = {"coverage": {"diff": ">= 80%", "diff_min_lines": 20}}
    held, breaches = floor.hold(QualityGate.model_validate({"gates": gates, "paths": groups}))
    assert [each.path for each in breaches] == [("gates", "coverage", "diff_min_lines")]
    assert held.gates.coverage is not None
    assert held.gates.coverage.diff_min_lines == 0
    assert floor.hold(QualityGate.model_validate({"gates": gates}))[1] == ()


def test_a_gate_that_the_organisation_made_final_cannot_be_waived_by_a_command() -> None:
    section = QualityGate.model_validate({"gates": {"audit": {}}})
    floor = OrganisationGate.model_validate({"gates": {"audit": {}}, "final": ["audit"]})
    held, _ = floor.hold(section)
    assert held.waived_in_file_only == ("audit",)


def test_a_gate_that_the_organisation_made_final_cannot_be_waived_by_a_repository() -> None:
    waiver = {"gate": "audit", "until": "2027-01-01", "by": "octo", "why": "later"}
    floor = OrganisationGate.model_validate({"gates": {"audit": {}}, "final": ["audit"]})
    held, breaches = floor.hold(QualityGate.model_validate({"gates": {"audit": {}}, "waivers": [waiver]}))
    assert held.waivers == ()
    assert [each.path for each in breaches] == [("waivers", 0, "gate")]


def test_a_producer_that_the_floor_names_is_the_organisations() -> None:
    floor = OrganisationGate.model_validate(
        {"producers": {"ci": {"workflow": CI}}, "gates": {"tests": {"from": "ci"}}, "final": ["tests"]}
    )
    other = {
        "producers": {"ci": {"workflow": ".github/workflows/mine.yml"}},
        "gates": {"tests": {"from": "ci"}},
    }
    held, breaches = floor.hold(QualityGate.model_validate(other))
    assert held.producers["ci"].workflow == CI
    assert [each.path for each in breaches] == [("producers", "ci")]
