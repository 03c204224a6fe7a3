"""What protected branches add to the default branch's policy: never less (design.md 4). Reads only."""

from __future__ import annotations

from dataclasses import replace

from app.domain.pulls import Branch
from app.ports.handler import Reading
from app.ports.policies import PolicySource
from handlers.quality_gate.evidence import Beside, BranchFile, GateEvidence
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.policy import CHECK_NAME
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.adding import added
from handlers.quality_gate.state import GateState
from handlers.quality_gate.text import CONFIG_PATH

CAPABILITY = "quality_gate"
HEADS = "refs/heads/"
FROM_ANYBODY = (
    f"the protection of {{name}} takes {CHECK_NAME} from any source, so whoever may push can make one that is green: choose the "
    "App as its source"
)


async def with_branches(
    reading: Reading[GateState], evidence: GateEvidence, changes: tuple[Change, ...]
) -> GateEvidence:
    """The evidence with the policy as the protected branches that the commit is proposed for add to it."""
    policy, notes = evidence.policy, evidence.notes
    beside, files = policy.beside, policy.branches
    own = section = policy.section
    if own is None or section is None or policy.source is None:
        return evidence
    names = dict.fromkeys(each.base_ref.removeprefix(HEADS) for each in changes)
    for name in names:
        branch = await reading.github.branch(name) if name else None
        if branch is None:
            continue
        notes = (*notes, *_from_anybody(branch))
        if name == policy.source.ref or not branch.protected:
            continue
        file = await reading.policies.file(CONFIG_PATH, branch.sha)
        if file is None or file.blob_sha == policy.source.blob_sha:
            continue
        proposed = await reading.policies.propose(CAPABILITY, QualityGate, file.content)
        if proposed.errors:
            notes = (
                *notes,
                f"{CONFIG_PATH} of {name} is invalid at line {proposed.errors[0].line}, and adds nothing",
            )
        elif proposed.section is not None:
            more = added(section, proposed.section, name, own)
            source = PolicySource(CONFIG_PATH, name, branch.sha, file.blob_sha)
            files = (*files, BranchFile(source, proposed.lines, more.stricter_than(section)))
            if more.section != section or more.beside is not None:
                section = more.section
                notes = (*notes, f"{CONFIG_PATH} of {name}, blob {file.blob_sha[:12]}, adds to the policy")
            if more.beside is not None:
                beside = (*beside, Beside(name, more.beside, more.alone))
            notes = (*notes, *(f"{CONFIG_PATH} of {name}: {each}" for each in more.notes))
    policy = replace(policy, section=section, beside=beside, branches=files)
    return replace(evidence, policy=policy, notes=notes)


def _from_anybody(branch: Branch) -> tuple[str, ...]:
    """What is to be said where our check is required of whoever makes it."""
    return (FROM_ANYBODY.format(name=branch.name),) if CHECK_NAME in branch.from_anybody else ()
