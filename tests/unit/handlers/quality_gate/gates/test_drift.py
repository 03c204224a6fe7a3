"""Declared versions against those that made the reports, and against lock files."""

from __future__ import annotations

import pytest

from app.domain.reports import Tool
from handlers.quality_gate.declarations import Declarations, Declared, Unlocked
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.runs import ProducerReading
from handlers.quality_gate.gates import every_answer
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import NOW, REPOSITORY, SHA, SUBJECT
from tests.unit.handlers.quality_gate.gates.changed import asking, of_run

RUFF = Declared("ruff", ">=0.14", "pyproject.toml", 4)


def pin(tool: str, version: str, path: str = "uv.lock", line: int = 9) -> Declared:
    return Declared(tool, f"=={version}", path, line, is_pin=True)


def judged(
    *tools: Tool,
    entries: tuple[Declared, ...] = (),
    problems: tuple[str, ...] = (),
    broken: tuple[Problem, ...] = (),
    unlocked: tuple[Unlocked, ...] = (),
    **gate: object,
) -> tuple[GateVerdict, ...]:
    files = tuple(
        ReportFile("a", f"{number}.json", "sarif", "findings", (tool,)) for number, tool in enumerate(tools)
    )
    section = QualityGate.model_validate(asking({"drift": gate}))
    evidence = GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=section),
        producers=(ProducerReading(None, (of_run(Reports(files=files, problems=broken)),)),),
        declared=Declarations(entries, problems, unlocked),
    )
    ((_, found),) = every_answer(evidence, section)
    return found


def states(*tools: Tool, **more: object) -> list[State]:
    return [each.state for each in judged(*tools, **more)]  # type: ignore[arg-type]  # as `judged` takes them


@pytest.mark.parametrize(
    ("version", "match", "expected"),
    [
        ("0.14.1", "exact", State.PASS),
        ("0.14.9", "minor", State.PASS),
        ("0.14.9", "exact", State.FAIL),
        ("0.15.0", "minor", State.FAIL),
        ("0.15.0", "major", State.PASS),
    ],
)
def test_as_much_of_a_pin_must_agree_as_the_policy_says(version: str, match: str, expected: State) -> None:
    assert states(Tool("ruff", version), entries=(pin("ruff", "0.14.1"),), match=match) == [expected]


def test_a_version_within_a_range_agrees() -> None:
    assert states(Tool("ruff", "0.99"), entries=(RUFF,)) == [State.PASS]


def test_a_difference_names_both_places() -> None:
    (found,) = judged(Tool("Ruff", "0.13.0"), entries=(RUFF,))
    assert found.reason == "a report was made by Ruff 0.13.0, pyproject.toml:4 declares >=0.14"


def test_alternatives_of_one_file_are_enough_one_of_them_and_every_file_counts() -> None:
    both = (pin("ruff", "0.13.0"), pin("ruff", "0.14.1"))
    assert states(Tool("ruff", "0.14.1"), entries=both) == [State.PASS]
    other = pin("ruff", "0.12.0", ".pre-commit-config.yaml")
    assert states(Tool("ruff", "0.14.1"), entries=(*both, other)) == [State.FAIL]


def test_coverage_py_is_the_package_coverage() -> None:
    assert states(Tool("coverage.py", "7.6.1"), entries=(pin("coverage", "7.7.0"),)) == [State.FAIL]


def test_what_cannot_be_compared_is_named() -> None:
    (found,) = judged(Tool("ruff", "0.14.1"), Tool("mypy"), Tool("pyright", "1.1"), entries=(RUFF,))
    assert (found.state, found.value) == (State.PASS, "1 version")
    assert found.notes == (
        "not comparable, as the reports name no version: mypy",
        "not comparable, as no file declares them: pyright 1.1",
    )


def test_nothing_to_compare_is_no_pass() -> None:
    assert states(Tool("mypy"), entries=(RUFF,)) == [State.MISSING]
    assert states(Tool("mypy"), entries=(RUFF,), when="reported") == [State.NOT_APPLICABLE]
    assert states(Tool("ruff", "1")) == [State.MISSING]


def test_a_file_or_a_report_that_cannot_be_read_is_no_pass() -> None:
    assert states(Tool("ruff", "0.14.1"), entries=(RUFF,), problems=("uv.lock cannot be read: x",)) == [
        State.PASS,
        State.INCONCLUSIVE,
    ]
    broken = (Problem("tests", "broken"),)
    assert states(Tool("ruff", "0.14.1"), entries=(RUFF,), broken=broken) == [State.PASS, State.INCONCLUSIVE]


def test_a_lock_that_does_not_hold_what_is_required_fails_with_both_places() -> None:
    found = judged(Tool("ruff", "0.13.0"), entries=(RUFF, pin("ruff", "0.13.0")))[-1]
    assert (found.state, found.remedy) == (State.FAIL, "lock uv.lock again")
    assert found.reason == "pyproject.toml:4 requires ruff >=0.14, uv.lock:9 has 0.13.0"


@pytest.mark.parametrize(
    ("lock", "fails"),
    [("uv.lock", True), ("requirements/dev.lock", True), ("other/deep/uv.lock", False)],
)
def test_a_lock_belongs_to_its_folder_and_the_one_above(lock: str, *, fails: bool) -> None:
    entries = (RUFF, pin("ruff", "0.13.0", lock))
    assert (State.FAIL in states(entries=entries, when="reported")) is fails


def test_a_requirement_that_the_lock_does_not_have_fails_by_name() -> None:
    lacking = (Unlocked("pyproject.toml", "uv.lock", ("urllib3 >=3", "flask")),)
    *_, found = judged(Tool("ruff", "0.14.1"), entries=(RUFF,), unlocked=lacking)
    assert (found.state, found.remedy) == (State.FAIL, "lock uv.lock again")
    assert found.reason == "pyproject.toml requires urllib3 >=3, flask, which uv.lock does not have"


def test_requirements_under_markers_are_alternatives() -> None:
    old = Declared("numpy", "<2", "pyproject.toml", 4, is_conditional=True)
    new = Declared("numpy", ">=2", "pyproject.toml", 5, is_conditional=True)
    assert states(entries=(old, new, pin("numpy", "2.1")), when="reported") == [State.NOT_APPLICABLE]
    assert State.FAIL in states(entries=(old, pin("numpy", "2.1")), when="reported")
