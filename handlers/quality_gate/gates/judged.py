"""What a gate answers: its state, the numbers behind it, and what would turn it green. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.findings import Replacement


class State(StrEnum):
    """The states of a gate, in the order in which they decide the whole: the first one found wins."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    WAITING = "waiting"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 (a state, not a password)
    NOT_APPLICABLE = "not_applicable"


ORDER = {state: place for place, state in enumerate(State)}
GOOD = frozenset({State.PASS, State.WAIVED, State.NOT_APPLICABLE})
"""The states that may give `success`."""


class Weight(StrEnum):
    """How much a mark matters; the order is that of the annotations."""

    FAILS = "fails"
    WARNS = "warns"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to show beside a line: what fails a gate, or is worth knowing. Texts are strangers' words.

    `rule` names it for people and for waivers, `source` who says so. `line` None concerns the whole file.
    """

    gate: str
    path: str
    line: int | None
    weight: Weight
    title: str
    message: str
    source: str = ""
    rule: str = ""
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None
    in_change: bool = False
    fix: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """One gate: `value` and `threshold` as shown to people; `required` False for an informational one.

    `counts_from` is the day, in UTC, on which an informational one begins to count, None where the policy names none.

    `remedy` is the smallest thing that turns it green. `rule` is the dotted path of the rule that decides, below `quality_gate`.
    `only_trust`: everything is good but the trust of the evidence, which a person can accept. `number` is the pull request that
    it is about, where the commit is proposed by several. `run_ids` are the runs that the numbers come from. `branch` is the
    protected branch whose own policy asks it beside the repository's.
    """

    gate: str
    state: State
    value: str
    threshold: str
    reason: str
    required: bool = True
    counts_from: date | None = None
    remedy: str = ""
    rule: str = ""
    only_trust: bool = False
    number: int | None = None
    run_ids: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    branch: str = ""


def awaited(gates: Iterable[GateVerdict]) -> list[str]:
    """The gates that only inform and are still waited for: the check does not wait for them."""
    return [gate.gate for gate in gates if not gate.required and gate.state is State.WAITING]


def worst(verdicts: Iterable[GateVerdict]) -> GateVerdict:
    """The one that decides; of several as bad the first."""
    return min(verdicts, key=lambda verdict: ORDER[verdict.state])


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
