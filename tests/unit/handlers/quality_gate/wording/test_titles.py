"""A check run's title: what decides, in one line."""

from __future__ import annotations

import pytest

from app.domain.decision import Verdict
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.wording.titles import title


def gate(name: str, state: State, *, required: bool = True, only_trust: bool = False) -> GateVerdict:
    return GateVerdict(name, state, f"{name} value", "bar", f"{name} reason", required, only_trust=only_trust)


PASS, WAIVED, SPARED = (
    gate("tests", State.PASS),
    gate("lint", State.WAIVED),
    gate("audit", State.NOT_APPLICABLE),
)
FAIL, WAITING = gate("coverage", State.FAIL), gate("types", State.WAITING)


@pytest.mark.parametrize(
    ("verdict", "gates", "expected"),
    [
        (Verdict.PASS, (PASS, SPARED), "tests: tests value"),
        (Verdict.WAIVED, (PASS, WAIVED), "tests: tests value; lint: waived"),
        (Verdict.NOT_APPLICABLE, (SPARED,), "No gate applies here"),
        (Verdict.FAIL, (PASS, FAIL), "coverage: coverage value: coverage reason"),
        (
            Verdict.FAIL,
            (gate("tests", State.MISSING), FAIL),
            "coverage: coverage value: coverage reason (and 1 more)",
        ),
        (Verdict.MISSING, (gate("tests", State.MISSING),), "tests: tests reason"),
        (Verdict.MISSING, (SPARED,), "No report of a known format"),
        (Verdict.WAITING, (PASS, WAITING), "Waiting for types"),
        (
            Verdict.WAITING,
            (WAITING, gate("lint", State.WAITING), gate("tests", State.WAITING)),
            "Waiting for types, lint and tests",
        ),
        (Verdict.WAITING, (SPARED,), "Waiting for reports"),
        (Verdict.ACTION_REQUIRED, (PASS,), "The configuration is invalid"),
        (
            Verdict.PASS,
            (PASS, gate("lint", State.FAIL, required=False)),
            "informational: lint: lint value: lint reason",
        ),
        (
            Verdict.INCONCLUSIVE,
            (PASS, gate("coverage", State.INCONCLUSIVE, only_trust=True)),
            "Evidence to accept: coverage",
        ),
        (
            Verdict.INCONCLUSIVE,
            (gate("tests", State.INCONCLUSIVE), gate("coverage", State.INCONCLUSIVE, only_trust=True)),
            "tests: tests reason (and 1 more)",
        ),
    ],
)
def test_the_title_says_what_decides(verdict: Verdict, gates: tuple[GateVerdict, ...], expected: str) -> None:
    assert title(gates, verdict) == expected


def test_a_title_is_one_short_line() -> None:
    said = title((GateVerdict("tests", State.FAIL, "v\n" * 200, "bar", "r" * 300),), Verdict.FAIL)
    assert len(said) <= 200
    assert said.isprintable()
