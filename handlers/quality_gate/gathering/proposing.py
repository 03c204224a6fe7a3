"""A change of the policy's own file: what its version would say here, and would have said of what was merged. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from app.domain.events import ButtonClicked, CheckRerequested
from app.errors import InvalidInput, TransientError
from app.ports.handler import Reading
from app.ports.policies import UNJUDGED, PolicyFile
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
TRIAL_S = 180
"""How long trying it may take: less than an evaluation may, so that nobody's proposal ends a verdict."""
TOO_SLOW = f"trying it took longer than {TRIAL_S} s"
ORGANISATION = ".github"
Gather = Callable[[QualityGate, tuple[KnownReports, ...]], Awaitable[GateEvidence]]


async def proposed_policy(
    reading: Reading[GateState], evidence: GateEvidence, gather: Gather
) -> ProposedPolicy | None:
    """What the commit makes of the policy's file, where it changes that; `gather` reads what another policy asks for."""
    in_force = evidence.policy.section
    if in_force is None or not _touched(evidence, CONFIG_PATH):
        return None
    file = await reading.policies.file(CONFIG_PATH, evidence.head_sha)
    if file is None:
        return ProposedPolicy(CONFIG_PATH, "")
    before = _known(reading, file.blob_sha)
    if before is not None and before.section is None and before.trouble:
        return before
    try:
        async with asyncio.timeout(TRIAL_S):
            return await _tried(reading, evidence, file, in_force, gather)
    except TimeoutError:
        return ProposedPolicy(CONFIG_PATH, file.blob_sha, trouble=TOO_SLOW)


async def _tried(
    reading: Reading[GateState],
    evidence: GateEvidence,
    file: PolicyFile,
    in_force: QualityGate,
    gather: Gather,
) -> ProposedPolicy:
    """What a file of the policy would say."""
    found = await _proposed(reading, file)
    if found.section is None:
        return found
    more = set(producers_of(found.section)) - set(producers_of(in_force))
    if len(more) > MAX_MORE:
        return replace(found, section=None, untried=len(more))
    under = await gather(found.section, kept(evidence.producers))
    tried = replace(
        found,
        producers=under.producers,
        checks=under.checks,
        suites=under.suites,
        declared=under.declared,
        changes=under.changes,
    )
    before = _known(reading, file.blob_sha)
    if before is not None and before.section == found.section:
        # What it says of others does not change with this commit.
        return replace(tried, past=before.past, unreadable=before.unreadable, trouble=before.trouble)
    stored = await reading.records.evidence_of_closed_pulls(CAPABILITY, LAST)
    try:
        simulation = await reading.compute.run(simulated, found.section, stored)
    except InvalidInput as error:
        return replace(tried, trouble=error.message)
    return replace(tried, past=simulation.past, unreadable=simulation.unreadable)


async def _proposed(reading: Reading[GateState], file: PolicyFile) -> ProposedPolicy:
    """What a file of the policy is; one that ends its readers is the proposer's trouble, and holds up no verdict."""
    try:
        found = await reading.policies.propose(CAPABILITY, QualityGate, file.content)
    except TransientError as error:
        return ProposedPolicy(CONFIG_PATH, file.blob_sha, trouble=_why(error))
    return ProposedPolicy(CONFIG_PATH, file.blob_sha, section=found.section, errors=found.errors)


def _known(reading: Reading[GateState], blob_sha: str) -> ProposedPolicy | None:
    """What was found of the same file before; with trouble only as long as nobody asks for another try."""
    before = reading.state.proposed if reading.state else None
    if before is None or before.blob_sha != blob_sha:
        return None
    is_asked = any(isinstance(event, CheckRerequested | ButtonClicked) for event in reading.events)
    return None if before.trouble and is_asked else before


def _why(error: TransientError) -> str:
    """Why a file was not judged; raises what others will mend."""
    if error.code != UNJUDGED:
        raise error
    return error.message


async def first_policy(reading: Reading[GateState], evidence: GateEvidence) -> ProposedPolicy | None:
    """The same where no policy is in force: only whether it is valid, for nothing is judged before it is merged."""
    if not _touched(evidence, CONFIG_PATH):
        return None
    file = await reading.policies.file(CONFIG_PATH, evidence.head_sha)
    if file is None:
        return ProposedPolicy(CONFIG_PATH, "")
    return await _proposed(reading, file)


async def proposed_for_others(
    reading: Reading[GateState], evidence: GateEvidence
) -> ProposedForOthers | None:
    """What the commit makes of the file that other repositories extend or are held to, where it changes that."""
    if not _touched(evidence, SHARED_PATH):
        return None
    file = await reading.policies.file(SHARED_PATH, evidence.head_sha)
    try:
        judged = await reading.policies.propose_shared(file.content if file else b"")
    except TransientError as error:
        blob_sha = file.blob_sha if file else ""
        is_organisation = reading.repository.name.casefold() == ORGANISATION
        return ProposedForOthers(SHARED_PATH, blob_sha, is_organisation, trouble=_why(error))
    errors = judged.errors if file else ()
    return ProposedForOthers(SHARED_PATH, file.blob_sha if file else "", judged.is_organisation, errors)


def _touched(evidence: GateEvidence, path: str) -> bool:
    """Whether a pull request of the commit changes a file."""
    return any(
        change.number is not None and any(path in {file.path, file.previous_path} for file in change.files)
        for change in evidence.changes
    )
