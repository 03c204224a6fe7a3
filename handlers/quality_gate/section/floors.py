"""The organisation's floor under a repository's section. Pure.

A section that is held is never weaker than it was, and never weaker than the floor; holding it again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.ports.policies import FINAL, WEAKER, Breach
from handlers.quality_gate.section import GATE_NAMES, QualityGate
from handlers.quality_gate.section.gates import Gate
from handlers.quality_gate.section.grouping import hold_groups
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.strictness import join, joined, trusting

SAME_WORKFLOW = (
    "{names}: no producer of their workflow can be beside those of the floor in {{place}}, since what several producers have of "
    "one run is judged together and could bring what theirs lack; leave it out, or let another workflow report it"
)


@dataclass(frozen=True, slots=True)
class Floor:
    """What the organisation asks for: `section` is its own, `gates` the least of each gate.

    A key that a gate of the floor does not write asks for its default: a gate of the floor asks for what it would ask for alone.
    """

    section: QualityGate
    final: tuple[str, ...] = ()
    gates: dict[str, Gate] = field(default_factory=dict)
    trust: str | None = None
    waive_roles: tuple[str, ...] | None = None
    longest_waiver_days: int | None = None

    @property
    def guarded(self) -> tuple[str, ...]:
        """The gates that it holds."""
        return tuple(name for name in GATE_NAMES if name in self.final or name in self.gates)

    @property
    def producers(self) -> dict[str, Producer]:
        """The producers that its gates name: whoever could say what they are could say what the evidence is."""
        gates = [gate for name in self.final if (gate := getattr(self.section.gates, name)) is not None]
        names = {name for gate in (*gates, *self.gates.values()) for name in gate.producers}
        return {name: self.section.producers[name] for name in sorted(names)}

    def place(self, gate: str) -> tuple[str, ...]:
        """Where the organisation's section says that it holds a gate."""
        return ("final",) if gate in self.final else ("minimum", gate)

    def breach(self, path: tuple[str | int, ...], gate: str, where: tuple[str, ...] = ()) -> Breach:
        """A place that is less than what is held of a gate; `where` is the floor's key, if it is not the whole gate."""
        if gate in self.final:
            return Breach(path, ("final",), FINAL)
        return Breach(path, where or self.place(gate))


class _Holding:
    """A section on its way up, and where it was too weak."""

    def __init__(self, section: QualityGate, floor: Floor) -> None:
        self.section = section
        self.floor = floor
        self.breaches: list[Breach] = []

    def run(self) -> QualityGate:
        self._hold_gates()
        self._hold_trust()
        self._hold_waiving()
        self._hold_producers()
        self._hold_trials()
        self._hold_paths()
        return self.section

    def _set(self, **values: object) -> None:
        self.section = self.section.model_copy(update=values)

    def _breach(self, path: tuple[str | int, ...], floor: tuple[str, ...]) -> None:
        self._add(Breach(path, floor, FINAL if floor == ("final",) else WEAKER))

    def _add(self, breach: Breach) -> None:
        if all(each.path != breach.path for each in self.breaches):
            self.breaches.append(breach)

    def _hold_gates(self) -> None:
        gates = self.section.gates
        for name in self.floor.guarded:
            mine = getattr(gates, name)
            place = ("final",) if name in self.floor.final else ("minimum", name)
            if mine is None:
                self._breach(("gates", name), place)
            held = self._final(name, mine) if name in self.floor.final else self._least(name, mine)
            gates = gates.model_copy(update={name: held})
        if gates != self.section.gates:
            self._set(gates=gates)

    def _final(self, name: str, mine: Gate | None) -> Gate:
        gate: Gate = getattr(self.floor.section.gates, name)
        if gate.trust is None:  # a repository's own default is no part of it
            gate = gate.model_copy(update={"trust": self.floor.section.defaults.trust})
        if mine is not None:
            differing = [key for key in type(gate).model_fields if getattr(mine, key) != getattr(gate, key)]
            for key in differing:
                if key != "trust" or mine.trust is not None:
                    self._breach(("gates", name, _written(gate, key)), ("final",))
        return gate

    def _least(self, name: str, mine: Gate | None) -> Gate:
        written = self.floor.gates[name]
        least = trusting(written, self.floor.trust or self.floor.section.defaults.trust)
        default = self.section.defaults.trust
        if mine is None:
            return written if join("trust", default, least.trust) == default else least
        found = joined(trusting(mine, default), least, type(least).model_fields)
        for key in found.weaker:
            floor = (_written(least, key),) if key in written.model_fields_set else ()
            is_default = key == "trust" and mine.trust is None
            path = ("defaults", "trust") if is_default else ("gates", name, _written(mine, key))
            self._breach(path, ("minimum", name, *floor))
        trust = mine.trust if "trust" not in found.weaker else least.trust
        return self._apart(name, found.gate.model_copy(update={"trust": trust}), written)

    def _apart(self, name: str, gate: Gate, least: Gate) -> Gate:
        """The gate without producers that would share runs with the floor's: they would mend what those lack."""
        workflows = {self.floor.section.producers[each].workflow for each in least.producers}
        ours = {**self.section.producers, **self.floor.producers}
        beside = [
            each
            for each in gate.producers
            if each not in least.producers and ours[each].workflow in workflows
        ]
        if not beside:
            return gate
        message = SAME_WORKFLOW.format(names=" and ".join(beside))
        self._add(Breach(("gates", name, "from"), ("minimum", name, "from"), message))
        return gate.model_copy(update={"from_": tuple(each for each in gate.producers if each not in beside)})

    def _hold_trust(self) -> None:
        floor = self.floor.trust
        if floor is None:
            return
        defaults, gates = self.section.defaults, self.section.gates
        if join("trust", defaults.trust, floor) != defaults.trust:
            self._breach(("defaults", "trust"), ("minimum", "trust"))
            self._set(defaults=defaults.model_copy(update={"trust": floor}))
        for name, gate in gates.each():
            if name in self.floor.final:
                continue
            if gate.trust is not None and join("trust", gate.trust, floor) != gate.trust:
                self._breach(("gates", name, "trust"), ("minimum", "trust"))
                gates = gates.model_copy(update={name: gate.model_copy(update={"trust": floor})})
        self._set(gates=gates)

    def _hold_waiving(self) -> None:
        for key in ("waive_roles", "longest_waiver_days"):
            mine, floor = getattr(self.section, key), getattr(self.floor, key)
            raised = join(key, mine, floor)
            if raised != mine:
                self._breach((key,), ("minimum", key))
                self._set(**{key: raised})
        barred = {*self.section.waived_in_file_only, *self.floor.guarded}
        if barred != set(self.section.waived_in_file_only):
            self._set(waived_in_file_only=tuple(name for name in GATE_NAMES if name in barred))
        kept = []
        for index, waiver in enumerate(self.section.waivers):
            if waiver.gate in self.floor.guarded and waiver not in self.floor.section.waivers:
                self._breach(("waivers", index, "gate"), self.floor.place(waiver.gate))
            else:
                kept.append(waiver)
        organisation = [each for each in self.floor.section.waivers if each not in kept]
        if len(kept) != len(self.section.waivers) or organisation:
            self._set(waivers=(*kept, *organisation))

    def _hold_producers(self) -> None:
        ours = dict(self.section.producers)
        for name, producer in self.floor.producers.items():
            if ours.get(name, producer) != producer:
                self._breach(("producers", name), ("producers", name))
            ours[name] = producer
        if ours != self.section.producers:
            self._set(producers=ours)

    def _hold_trials(self) -> None:
        """A gate of the floor only informs where the organisation says so."""
        kept = []
        for index, trial in enumerate(self.section.informational):
            name = trial if isinstance(trial, str) else trial.gate
            if name in self.floor.guarded and trial not in self.floor.section.informational:
                self._breach(("informational", index), self.floor.place(name))
            else:
                kept.append(trial)
        if len(kept) != len(self.section.informational):
            self._set(informational=tuple(kept))

    def _hold_paths(self) -> None:
        self.section, found = hold_groups(self.section, self.floor)
        for each in found:
            self._add(each)


def hold(section: QualityGate, floor: Floor) -> tuple[QualityGate, tuple[Breach, ...]]:
    """The section raised to the floor, and where it was less; only what somebody wrote there is a mistake."""
    holding = _Holding(section, floor)
    return holding.run(), tuple(holding.breaches)


def _written(gate: Gate, key: str) -> str:
    """A key as it is written in a file."""
    return type(gate).model_fields[key].alias or key
