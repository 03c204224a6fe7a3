"""What a protected branch adds to the default branch's section: never less, and beside it what has no order. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from handlers.quality_gate.section import QualityGate, Trial
from handlers.quality_gate.section.gates import Gate, Gates
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.strictness import compares, join, joined, trusting, united

LONGEST_NAME = 36
"""Letters of a producer's name before a number."""
UNNAMED = re.compile(r"[^a-z0-9_-]")
APART = ("metric", "artifact", "partial")
"""Keys without an order; the last one has none only where a number is held against an earlier one."""


@dataclass(frozen=True, slots=True)
class Added:
    """A section with what another one adds to it.

    `beside` is the other one with those of its gates that must hold as it has them, too, because neither is stricter; those
    `alone` only it asks for. `notes` say what of it does not count.
    """

    section: QualityGate
    beside: QualityGate | None = None
    alone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def stricter_than(self, before: QualityGate) -> tuple[str, ...]:
        """The dotted paths of what the other one made stricter: a gate that it brought, else keys of gates; sorted."""
        found = []
        for name, gate in self.section.gates.each():
            mine: Gate | None = getattr(before.gates, name)
            if mine is None:
                found.append(f"gates.{name}")
            else:
                keys = (key for key in type(gate).model_fields if getattr(gate, key) != getattr(mine, key))
                found += [f"gates.{name}.{key.rstrip('_')}" for key in keys]
        return tuple(sorted(found))


def added(section: QualityGate, more: QualityGate, branch: str, own: QualityGate | None = None) -> Added:
    """The stricter of each gate, the gates that only the other has, and the closer limits of waivers.

    Nothing of the other one makes it weaker. A producer that is another one here is added under a name that tells the `branch`.
    `own` is the section before another branch was added.
    """
    own = own or section
    names, producers = _named(section.producers, more.producers, branch)
    theirs = {name: _renamed(trusting(gate, more.defaults.trust), names) for name, gate in more.gates.each()}
    alone = tuple(name for name in theirs if getattr(own.gates, name) is None)
    unlike = tuple(
        name
        for name, gate in theirs.items()
        if name not in alone and _is_unlike(own, more, name, gate, producers)
    )
    gates = section.gates
    for name, gate in theirs.items():
        mine = getattr(gates, name)
        held = gate if mine is None else _joined(mine, gate, section.defaults.trust, producers)
        gates = gates.model_copy(update={name: held})
    limits = {
        "waived_in_file_only": united(section.waived_in_file_only, more.waived_in_file_only),
        "longest_waiver_days": join(
            "longest_waiver_days", section.longest_waiver_days, more.longest_waiver_days
        ),
    }
    needed = producers if gates != section.gates or unlike else section.producers
    together = section.model_copy(update={"gates": gates, "producers": needed, **limits})
    beside = None
    if alone or unlike:
        asked = Gates().model_copy(update={name: theirs[name] for name in (*alone, *unlike)})
        waivers = [each for each in own.waivers if each.gate in unlike and each not in more.waivers]
        changed = {"gates": asked, "producers": producers, "waivers": (*more.waivers, *waivers), **limits}
        beside = more.model_copy(update=changed)
    return Added(together, beside, alone, tuple(_left_out(section, more)))


def _joined(mine: Gate, theirs: Gate, default: str, producers: Mapping[str, Producer]) -> Gate:
    """The stricter of two gates; the first one as it is where it is strict enough."""
    apart = {"from_", "metric", "artifact"}
    if compares(mine) or compares(theirs):
        apart.add("partial")
    found = joined(
        trusting(mine, default), theirs, [key for key in type(theirs).model_fields if key not in apart]
    )
    gate, from_ = found.gate if found.weaker else mine, _from(mine, theirs, producers)
    return gate if from_ == mine.producers else gate.model_copy(update={"from_": from_})


def _from(mine: Gate, theirs: Gate, producers: Mapping[str, Producer]) -> tuple[str, ...]:
    """The producers whose evidence is needed together.

    What two producers have of one run is judged together, so one more of the same workflow would mend what the first lacks.
    """
    ours, more = mine.producers, [each for each in theirs.producers if each not in mine.producers]
    workflows = {producers[each].workflow for each in ours}
    return (*ours, *(each for each in more if ours and producers[each].workflow not in workflows))


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


def _is_unlike(
    own: QualityGate, more: QualityGate, name: str, theirs: Gate, producers: Mapping[str, Producer]
) -> bool:
    """Whether what the other asks of a gate of both is more than the stricter of each key."""
    mine: Gate = getattr(own.gates, name)
    keys = APART if compares(mine) or compares(theirs) else APART[:-1]
    if any(getattr(mine, key, None) != getattr(theirs, key, None) for key in keys):
        return True
    counted = set(_from(mine, theirs, producers))
    if bool(mine.producers) != bool(theirs.producers) or not set(theirs.producers) <= counted:
        return True
    if _groups(own, name) != _groups(more, name):
        return True
    return bool(_trials(own, name)) and _trials(own, name) != _trials(more, name)


def _groups(section: QualityGate, name: str) -> list[tuple[str, bool, object]]:
    """What groups of paths say of a gate, in their order."""
    return [
        (glob, rule.spares(name), getattr(rule, name))
        for glob, rule in section.paths.items()
        if rule.speaks_of(name)
    ]


def _trials(section: QualityGate, name: str) -> set[str | Trial]:
    """What makes a gate informational."""
    return {each for each in section.informational if name == (each if isinstance(each, str) else each.gate)}


def _left_out(section: QualityGate, more: QualityGate) -> list[str]:
    """What of the other does not count at all, though it asks for more."""
    if set(section.waive_roles) <= set(more.waive_roles):
        return []
    return [f"waive_roles does not count: here {', '.join(section.waive_roles)} may waive"]
