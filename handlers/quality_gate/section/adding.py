"""What a protected branch adds to the default branch's section: never less, and told where it could not be added. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from handlers.quality_gate.section import GroupCoverage, QualityGate
from handlers.quality_gate.section.gates import Gate
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.strictness import compares, join, joined, trusting, united

LONGEST_NAME = 36
"""Letters of a producer's name before a number."""
UNNAMED = re.compile(r"[^a-z0-9_-]")
APART = ("metric", "artifact", "partial")
"""Keys of which the default branch's stands where the other has something else."""


@dataclass(frozen=True, slots=True)
class Added:
    """A section with what another one adds to it; `notes` say what of the other does not count as it is written there."""

    section: QualityGate
    notes: tuple[str, ...] = ()


def added(section: QualityGate, more: QualityGate, branch: str) -> Added:
    """The stricter of each gate, the gates that only the other has, and the closer limits of waivers.

    Nothing of the other one makes it weaker: its paths, waivers and informational gates do not count. A producer that is another
    one here is added under a name that tells the `branch`.
    """
    names, producers = _named(section.producers, more.producers, branch)
    gates, notes = section.gates, list[str]()
    for name, theirs in more.gates.each():
        gate = _renamed(trusting(theirs, more.defaults.trust), names)
        mine = getattr(gates, name)
        if mine is not None:
            notes += _apart(name, mine, gate)
            from_, unlike = _from(name, mine, gate, producers)
            notes += unlike
            gate = _joined(mine, gate, section.defaults.trust)
            if from_ != mine.producers:
                gate = gate.model_copy(update={"from_": from_})
        gates = gates.model_copy(update={name: gate})
    barred = united(section.waived_in_file_only, more.waived_in_file_only)
    longest = join("longest_waiver_days", section.longest_waiver_days, more.longest_waiver_days)
    changed = {
        "gates": gates,
        "producers": producers if gates != section.gates else section.producers,
        "waived_in_file_only": barred,
        "longest_waiver_days": longest,
    }
    return Added(section.model_copy(update=changed), (*notes, *_left_out(section, more)))


def _joined(mine: Gate, theirs: Gate, default: str) -> Gate:
    """The stricter of two gates; the first one as it is where it is strict enough."""
    apart = {"from_", "metric", "artifact"}
    if compares(mine) or compares(theirs):
        apart.add("partial")
    found = joined(
        trusting(mine, default), theirs, [key for key in type(theirs).model_fields if key not in apart]
    )
    return found.gate if found.weaker else mine


def _from(
    name: str, mine: Gate, theirs: Gate, producers: Mapping[str, Producer]
) -> tuple[tuple[str, ...], list[str]]:
    """The producers whose evidence is needed, and what is said of the others.

    What two producers have of one run is judged together, so one more of the same workflow would mend what the first lacks.
    """
    ours, more = mine.producers, [each for each in theirs.producers if each not in mine.producers]
    if bool(ours) != bool(theirs.producers):
        here, there = (", ".join(each) or "every report" for each in (ours, theirs.producers))
        return ours, [f"gates.{name}.from stays as it is here ({here}), not {there}"]
    workflows = {producers[each].workflow for each in ours}
    apart = [each for each in more if producers[each].workflow in workflows]
    notes = [
        f"gates.{name}.from does not count {each}: it is of a workflow that {', '.join(ours)} is of"
        for each in apart
    ]
    return (*ours, *(each for each in more if each not in apart)), notes


def _named(
    ours: Mapping[str, Producer], theirs: Mapping[str, Producer], branch: str
) -> tuple[dict[str, str], dict[str, Producer]]:
    """What the other's producers are called here, and the producers of both."""
    names = {name: name for name, each in theirs.items() if ours.get(name, each) == each}
    every = {**{name: theirs[name] for name in names}, **ours}
    for name in [each for each in theirs if each not in names]:
        stem = UNNAMED.sub("-", f"{name}-of-{branch.lower()}")[:LONGEST_NAME]
        tries = (f"{stem}-{number}" if number else stem for number in count())
        names[name] = next(each for each in tries if every.get(each, theirs[name]) == theirs[name])
        every[names[name]] = theirs[name]
    return names, every


def _renamed(gate: Gate, names: Mapping[str, str]) -> Gate:
    """The gate with its producers as they are called here."""
    called = tuple(names[each] for each in gate.producers)
    if called == gate.producers:
        return gate
    return gate.model_copy(update={"from_": called})


def _apart(name: str, mine: Gate, theirs: Gate) -> list[str]:
    """What of a gate of both is not as the other has it, where neither is stricter."""
    found = list[str]()
    for key in APART:
        here, there = getattr(mine, key, None), getattr(theirs, key, None)
        if here != there and (key != "partial" or compares(mine) or compares(theirs)):
            found.append(
                f"gates.{name}.{key} stays {here}, not {there}: all else that it asks for is asked of that"
            )
    return found


def _left_out(section: QualityGate, more: QualityGate) -> list[str]:
    """What of the other does not count at all, though it asks for more."""
    found = []
    asking = [
        glob
        for glob, rule in more.paths.items()
        if isinstance(rule.coverage, GroupCoverage) and section.paths.get(glob) != rule
    ]
    if asking:
        found.append(f"paths do not count: {', '.join(asking)}")
    if not set(section.waive_roles) <= set(more.waive_roles):
        found.append(f"waive_roles does not count: here {', '.join(section.waive_roles)} may waive")
    return found
