"""A change of the policy's own file: what its version would say here, and would have said of what was merged. Reads only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.ports.handler import Reading
from handlers.quality_gate.backtest.simulation import simulated
from handlers.quality_gate.evidence import GateEvidence, ProposedForOthers, ProposedPolicy
from handlers.quality_gate.memory import kept
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.state import GateState, KnownReports
from handlers.quality_gate.text import CONFIG_PATH
from handlers.quality_gate.wanted import producers_of

CAPABILITY = "quality_gate"
SHARED_PATH = "hephaestus.yml"
LAST = 20
MAX_MORE = 10
"""Anybody may propose a policy: for it no more than so many further producers are read."""
Gather = Callable[[QualityGate, tuple[KnownReports, ...]], Awaitable[GateEvidence]]


async def proposed_policy(
    reading: Reading[GateState], evidence: GateEvidence, gather: Gather
) -> ProposedPolicy | None:
    """What the commit makes of the policy's file, where it changes that; `gather` reads what another policy asks for."""
    in_force = evidence.policy.section
    if in_force is None or not _touched(evidence, CONFIG_PATH):
        return None
    file = await reading.github.file(CONFIG_PATH, evidence.head_sha)
    if file is None:
        return ProposedPolicy(CONFIG_PATH, "")
    proposed = await reading.policies.propose(CAPABILITY, QualityGate, file.content)
    if proposed.section is None:
        return ProposedPolicy(CONFIG_PATH, file.blob_sha, errors=proposed.errors)
    more = set(producers_of(proposed.section)) - set(producers_of(in_force))
    if len(more) > MAX_MORE:
        return ProposedPolicy(CONFIG_PATH, file.blob_sha, untried=len(more))
    under = await gather(proposed.section, kept(evidence.producers))
    before = reading.state.proposed if reading.state else None
    if before is not None and (before.blob_sha, before.section) == (file.blob_sha, proposed.section):
        past, unreadable = (
            before.past,
            before.unreadable,
        )  # what it says of others does not change with this commit
    else:
        stored = await reading.records.evidence_of_closed_pulls(CAPABILITY, LAST)
        simulation = await reading.compute.run(simulated, proposed.section, stored)
        past, unreadable = simulation.past, simulation.unreadable
    return ProposedPolicy(
        CONFIG_PATH,
        file.blob_sha,
        section=proposed.section,
        producers=under.producers,
        checks=under.checks,
        suites=under.suites,
        declared=under.declared,
        changes=under.changes,
        past=past,
        unreadable=unreadable,
    )


async def first_policy(reading: Reading[GateState], evidence: GateEvidence) -> ProposedPolicy | None:
    """The same where no policy is in force: only whether it is valid, for nothing is judged before it is merged."""
    if not _touched(evidence, CONFIG_PATH):
        return None
    file = await reading.github.file(CONFIG_PATH, evidence.head_sha)
    if file is None:
        return ProposedPolicy(CONFIG_PATH, "")
    proposed = await reading.policies.propose(CAPABILITY, QualityGate, file.content)
    return ProposedPolicy(CONFIG_PATH, file.blob_sha, section=proposed.section, errors=proposed.errors)


async def proposed_for_others(
    reading: Reading[GateState], evidence: GateEvidence
) -> ProposedForOthers | None:
    """What the commit makes of the file that other repositories extend or are held to, where it changes that."""
    if not _touched(evidence, SHARED_PATH):
        return None
    file = await reading.github.file(SHARED_PATH, evidence.head_sha)
    judged = await reading.policies.propose_shared(file.content if file else b"")
    errors = judged.errors if file else ()
    return ProposedForOthers(SHARED_PATH, file.blob_sha if file else "", judged.is_organisation, errors)


def _touched(evidence: GateEvidence, path: str) -> bool:
    """Whether a pull request of the commit changes a file."""
    return any(
        change.number is not None and any(path in {file.path, file.previous_path} for file in change.files)
        for change in evidence.changes
    )
