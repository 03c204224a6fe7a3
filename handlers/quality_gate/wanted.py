"""Which evidence a policy asks for, and whether evidence that was gathered under another one holds it. Pure."""

from __future__ import annotations

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.history.baselines import is_relative
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.producers import Producer

Wanted = tuple[tuple[str | None, Producer | None], ...]


def producers_of(section: QualityGate, *beside: QualityGate) -> Wanted:
    """The producers that gates name, also those of sections `beside`; None stands for every workflow of the commit."""
    known = {name: producer for each in (*beside, section) for name, producer in each.producers.items()}
    names: set[str | None] = set()
    for name, gate in (pair for each in (section, *beside) for pair in each.gates.each()):
        # Checks of others are no reports: for them alone nothing is downloaded.
        names |= set(gate.producers or (() if name == "checks" else (None,)))
    ordered = sorted(names, key=lambda name: name or "")
    return tuple((name, None if name is None else known[name]) for name in ordered)


def holds(evidence: GateEvidence, section: QualityGate) -> bool:
    """Whether evidence gathered under its own policy has all that another policy would have gathered."""
    own = evidence.policy.section
    if own is None or not set(producers_of(section)) <= set(producers_of(own)):
        return False
    mine, theirs = own.gates, section.gates
    builds = theirs.build is None or (mine.build is not None and mine.build.artifact == theirs.build.artifact)
    drifts = theirs.drift is None or (mine.drift is not None and mine.drift.files == theirs.drift.files)
    checks = theirs.checks is None or (
        mine.checks is not None and set(theirs.checks.require) <= set(mine.checks.require)
    )
    return builds and drifts and checks and (is_relative(own) or not is_relative(section))
