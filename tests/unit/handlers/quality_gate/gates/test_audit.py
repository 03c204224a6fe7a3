"""Audits: complete, without a vulnerability that counts, and of all that the base's looked at."""

from __future__ import annotations

import pytest

from app.domain.audits import Audit, Component, Dependency, Severity, Vulnerability
from app.domain.hashes import joined
from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.packages import dependency
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from tests.unit.handlers.quality_gate.commit import CI, NOW
from tests.unit.handlers.quality_gate.gates.changed import BASE, answers, asking, change, file, of_run

FLAW = Vulnerability("flask", "1.0", "PYSEC-1", severity=Severity.HIGH, fixed_in=("1.1",))
NIGHTLY = ".github/workflows/nightly.yml"


def audited(
    *names: str,
    flaws: tuple[Vulnerability, ...] = (),
    skipped: tuple[str, ...] = (),
    components: tuple[str, ...] = (),
    lists_all: bool = True,
    declared: int | None = None,
    vacuous: tuple[Problem, ...] = (),
) -> RunReading:
    dependencies = (
        *(Dependency(name, "1.0") for name in names),
        *(Dependency(name, "1.0", "no index") for name in skipped),
    )
    return of_run(
        Reports(
            files=(ReportFile("audit", "a.json", "pip-audit-json", "audit"),),
            audit=Audit(dependencies, flaws, lists_all, declared),
            components=tuple(Component(name, "1.0", f"pkg:pypi/{name}@1.0") for name in components) or None,
            vacuous=vacuous,
        )
    )


def base_audited(*names: str, distance: int = 0, path: str = CI) -> Baseline:
    hashes = joined(dependency(name) for name in names)
    measured = Measured((("audit", path),), audited=hashes, audited_number=len(names))
    return Baseline(BASE, distance, measured, NOW)


def judged(run: RunReading, changes: tuple[Change, ...] = (), **gate: object) -> tuple[GateVerdict, ...]:
    return answers(asking({"audit": gate}), run, changes=changes)


def state(run: RunReading, *changes: Change, **gate: object) -> State:
    return judged(run, changes, **gate)[-1].state


def test_all_dependencies_without_a_vulnerability_pass() -> None:
    (found,) = judged(audited("flask", "jinja2"))
    assert (found.state, found.value) == (State.PASS, "2 of 2 audited, 0 vulnerabilities")


def test_a_vulnerability_fails_with_the_version_that_mends_it() -> None:
    (found,) = judged(audited("flask", flaws=(FLAW,)))
    assert (found.state, found.reason, found.remedy) == (
        State.FAIL,
        "flask 1.0: PYSEC-1",
        "update to flask 1.1",
    )


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ({"severity": "critical"}, State.PASS),
        ({"severity": "high"}, State.FAIL),
        ({"only_fixable": True}, State.FAIL),
    ],
)
def test_the_severity_and_the_mend_decide_what_counts(gate: dict[str, object], expected: State) -> None:
    assert state(audited("flask", flaws=(FLAW,)), **gate) is expected


def test_an_unknown_severity_counts_whatever_the_floor() -> None:
    flaw = Vulnerability("flask", "1.0", "PYSEC-1")
    assert state(audited("flask", flaws=(flaw,)), severity="critical") is State.FAIL


def test_what_is_not_counted_is_shown_with_who_says_so() -> None:
    ignored = Vulnerability("flask", "1.0", "PYSEC-2", ignored=True)
    (found,) = judged(audited("flask", flaws=(FLAW, ignored)), severity="critical")
    assert found.notes == (
        "ignored as the tool itself was told: PYSEC-2",
        "not counted, as the policy says: PYSEC-1",
    )


def test_a_skipped_dependency_is_named_and_is_no_pass() -> None:
    (found,) = judged(audited("flask", skipped=("mine",)))
    assert (found.state, found.reason) == (State.INCONCLUSIVE, "1 dependency was not audited: mine: no index")


def test_a_skipped_dependency_may_pass_by_the_policy_but_never_all_of_them() -> None:
    (found,) = judged(audited("flask", skipped=("mine",)), require_complete=False)
    assert (found.state, found.notes) == (State.PASS, ("not audited: mine: no index",))
    assert state(audited(skipped=("mine",)), require_complete=False) is State.INCONCLUSIVE


def test_a_list_of_only_what_is_vulnerable_does_not_show_that_all_was_looked_at() -> None:
    low = Vulnerability("flask", "1.0", "X-1", severity=Severity.LOW)
    run = audited("flask", flaws=(low,), lists_all=False)
    (found,) = judged(run, severity="critical")
    assert (found.state, found.value) == (
        State.INCONCLUSIVE,
        "0 vulnerabilities, number of dependencies not known",
    )
    assert state(run, severity="critical", require_complete=False) is State.PASS


def test_a_number_of_dependencies_is_enough_where_the_format_has_no_list() -> None:
    (found,) = judged(audited(lists_all=False, declared=120))
    assert (found.state, found.value) == (State.PASS, "120 of 120 audited, 0 vulnerabilities")


def test_what_proves_nothing_is_no_pass() -> None:
    assert state(audited("flask", vacuous=(Problem("audit", "it knew no advisory"),))) is State.INCONCLUSIVE


def test_dependencies_that_go_without_a_change_that_shows_it_are_missed() -> None:
    proposed = change(file("src/a.py", (1, 1)), baseline=base_audited("flask", "jinja2"))
    found = judged(audited("flask"), (proposed,))[-1]
    assert (found.state, found.value) == (State.INCONCLUSIVE, "1 of 2 not audited any more")
    assert "the change touches no file that declares dependencies" in found.reason


@pytest.mark.parametrize(
    ("proposed", "run"),
    [
        (
            change(file("requirements/dev.lock", (1, 1)), baseline=base_audited("flask", "x")),
            audited("flask"),
        ),
        (change(baseline=base_audited("flask", "x", distance=2)), audited("flask")),
        (
            change(baseline=base_audited(*(f"n{number}" for number in range(20)))),
            audited(*(f"n{number}" for number in range(19))),
        ),
    ],
    ids=["a lock file changes", "the base is older", "one of twenty"],
)
def test_dependencies_may_go_where_that_is_explained_and_it_is_said(
    proposed: Change, run: RunReading
) -> None:
    (found,) = judged(run, (proposed,))
    assert found.state is State.PASS
    assert "not audited any more" in found.notes[0]


def test_a_dependency_that_a_bill_of_materials_still_names_is_missed_by_its_name() -> None:
    proposed = change(file("uv.lock", (1, 1)), baseline=base_audited("Flask_Login", "jinja2"))
    found = judged(audited("jinja2", components=("flask-login",)), (proposed,))[-1]
    assert found.state is State.INCONCLUSIVE
    assert "still names flask-login" in found.reason


def test_an_audit_that_only_runs_elsewhere_is_not_missed() -> None:
    proposed = change(baseline=base_audited("flask", "jinja2", path=NIGHTLY))
    assert [each.state for each in judged(audited("flask"), (proposed,))] == [State.PASS]


def test_components_that_no_audit_names_are_noted_or_asked_for() -> None:
    run = audited("flask", components=("flask", "left-pad"))
    (noted,) = judged(run)
    assert noted.notes == ("1 component of a bill of materials that no audit names: left-pad",)
    assert state(run, require_components=True) is State.INCONCLUSIVE
