"""Which of two gates is the stricter one, key by key: a lattice, whose join is never weaker than either. Pure.

Numbers that must be reached grow, numbers that are allowed shrink, lists of what counts are united, words have an order. Where
neither of two values is stricter (`metric: line` and `metric: branch`) they are apart, and the floor's stands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from handlers.quality_gate.section.gates import EVERY, CoverageGate, FindingsGate, Gate
from handlers.quality_gate.section.values import parse_points, parse_share, parse_threshold

Join = Callable[[Any, Any], Any]
"""The stricter of two values that are written; the first of two as strict, so that what is strict enough stays as it is."""
SEVERITIES = ("critical", "high", "medium", "low", "none")
ALLOWED = ("findings", "new_findings")


class Apart(Exception):
    """Neither value is stricter."""


def highest(parse: Callable[[Any], Fraction]) -> Join:
    """Of what must be reached."""
    return lambda mine, floor: mine if parse(mine) >= parse(floor) else floor


def lowest(parse: Callable[[Any], Fraction]) -> Join:
    """Of what is allowed."""
    return lambda mine, floor: mine if parse(mine) <= parse(floor) else floor


def ranked(*weakest_first: object) -> Join:
    """Of words in an order."""
    return lambda mine, floor: max(mine, floor, key=weakest_first.index)


def united(mine: tuple[Any, ...], floor: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of lists of what counts: all of both, in one order."""
    return mine if set(floor) <= set(mine) else tuple(dict.fromkeys((*mine, *floor)))


def tools(mine: tuple[str, ...], floor: tuple[str, ...]) -> tuple[str, ...]:
    """Of tools: those that one of both counts, and all that one of both names, which must report."""
    return (
        united(mine or (EVERY,), floor or (EVERY,))
        if set(mine or (EVERY,)) != set(floor or (EVERY,))
        else mine
    )


def named(mine: str | tuple[str, ...], floor: str | tuple[str, ...]) -> tuple[str, ...] | str:
    """Of producers: the evidence of all of them is needed. All reports of a commit and those of one producer are apart."""
    many = [(each,) if isinstance(each, str) else each for each in (mine, floor)]
    return mine if set(many[1]) <= set(many[0]) else united(many[0], many[1])


def shared(mine: tuple[Any, ...], floor: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of lists of what is allowed: what both have."""
    both = tuple(each for each in mine if each in floor)
    if not both:
        raise Apart
    return both


def same(mine: object, floor: object) -> object:
    """Of what has no order."""
    if mine != floor:
        raise Apart
    return mine


ORDERS: dict[str, Join] = {
    "from_": named,
    "trust": ranked("T0", "T1", "T2", "T3"),
    "missing": ranked("not_applicable", "fail"),
    "when": ranked("reported", "always"),
    "fail_on": united,
    "min_tests": highest(Fraction),
    "max_test_drop": lowest(parse_share),
    "metric": same,
    "partial": ranked("hit", "half", "miss"),
    "total": highest(parse_threshold),
    "diff": highest(parse_threshold),
    "drop": lowest(parse_points),
    "diff_min_lines": lowest(Fraction),
    "absent": ranked("uncovered", "inconclusive"),
    "findings": lowest(Fraction),
    "new_findings": lowest(Fraction),
    "levels": united,
    "tools": tools,
    "severity": ranked(*SEVERITIES),
    "require_complete": operator.or_,
    "require_components": operator.or_,
    "only_fixable": operator.and_,
    "artifact": same,
    "expect": united,
    "files": united,
    "match": ranked("major", "minor", "exact"),
    "require": united,
    "waive_roles": shared,
    "longest_waiver_days": lowest(Fraction),
}
"""Every key of every gate; a key means the same in each. None is the weakest value of all."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The stricter gate, and the keys in which the first one was weaker than the second or apart from it."""

    gate: Gate
    weaker: tuple[str, ...]


def join(key: str, mine: Any, floor: Any) -> Any:  # noqa: ANN401 (values of any key)
    """The stricter of two values of a key; the floor's where they are apart."""
    if floor is None or mine is None:
        return floor if mine is None else mine
    try:
        return ORDERS[key](mine, floor)
    except Apart:
        return floor


def joined(mine: Gate, floor: Gate, keys: Iterable[str]) -> Joined:
    """The stricter of two gates of one kind, as far as `keys` of the floor go."""
    have, need = seen(mine), seen(floor)
    if isinstance(floor, CoverageGate) and floor.diff is None:
        need["diff_min_lines"] = None  # it asks nothing of added lines, few or many
    raised = {key: join(key, have[key], need[key]) for key in keys}
    if "partial" in raised and compares(floor):
        raised["partial"] = need["partial"]
    weaker = tuple(key for key in raised if raised[key] != have[key])
    changed = {key: raised[key] for key in weaker}
    if isinstance(mine, FindingsGate) and not changed.keys().isdisjoint(ALLOWED):
        # Either number left out means something else beside the other: both are written.
        changed |= {key: raised.get(key, have[key]) for key in ALLOWED}
    return Joined(mine.model_copy(update=changed) if changed else mine, weaker)


def trusting(gate: Gate, default: str) -> Gate:
    """The gate with the trust that it asks for."""
    return gate if gate.trust else gate.model_copy(update={"trust": default})


def compares(gate: Gate) -> bool:
    """Whether it holds a number against an earlier one: then no way of counting partial lines is the stricter one.

    Where they count for nothing, one that is not covered any more is no loss.
    """
    return isinstance(gate, CoverageGate) and gate.drop is not None


def seen(gate: Gate) -> dict[str, Any]:
    """The gate's values as they are compared: what stands for several things at once is spelled out."""
    values = {name: getattr(gate, name) for name in type(gate).model_fields}
    if isinstance(gate, FindingsGate):
        findings, new = gate.allows
        numbers = [number for number in (findings, new) if number is not None]
        # A gate that allows five findings allows no more than five new ones.
        values |= {"findings": findings, "new_findings": min(numbers, default=None)}
    return values
