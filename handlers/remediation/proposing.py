"""The edit of a workflow file, prepared on the newest state of the branch it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from app.domain.pulls import Branch
from app.domain.remediation import Signature
from app.errors import InvalidInput
from app.ports.handler import Reading
from handlers.remediation import fixes
from handlers.remediation.fixes.edit import Fixed
from handlers.remediation.models import Proposal, ProposedEdit, RemediationState, RunFacts

REMEMBERED = timedelta(days=90)
PLAIN = ("100644", "100755")
"""Git's modes of files that may be edited."""


async def propose(reading: Reading[RemediationState], run: RunFacts, signature: Signature) -> Proposal | None:
    """The edit of the run's workflow file, or why there is none; None where file or branch are gone."""
    branch = await _base(reading, run)
    file = await reading.github.file(run.path, branch.sha) if branch else None
    if branch is None or file is None:
        return None
    try:
        fixed = await reading.compute.run(fixes.apply, signature.fix, file.content)
    except InvalidInput as error:
        fixed = Fixed(None, why=f"the workflow file could not be read ({error.code})")
    fixed, mode = await _plain(reading, run, branch, fixed)
    edits = tuple(ProposedEdit(each.line, each.before, each.after) for each in fixed.edits)
    digest = _digest(signature, branch, run.path, fixed)
    name = f"hephaestus/{signature.id.replace('.', '-')}-{digest}"
    proposal = Proposal(
        path=run.path,
        base_branch=branch.name,
        base_sha=branch.sha,
        branch=name,
        fix_key=f"{signature.id}/{signature.version}/{digest}",
        content=fixed.content,
        mode=mode,
        edits=edits,
        why=fixed.why,
    )
    if fixed.content is None:
        return proposal
    pulls = await reading.github.pulls_with_head(reading.repository.owner, name)
    applied = await reading.records.effects_applied(f"pull|{reading.repository.id}|{name}", REMEMBERED)
    return replace(proposal, open_pull=pulls[0].number if pulls else None, proposed_before=applied > 0)


async def _plain(
    reading: Reading[RemediationState], run: RunFacts, branch: Branch, fixed: Fixed
) -> tuple[Fixed, str]:
    """The edit and the mode of the file that it is for; none of a link, which GitHub reads as what it leads to."""
    if fixed.content is None:
        return fixed, PLAIN[0]
    modes = await reading.github.modes(branch.sha)
    if modes is None:
        return Fixed(
            None, why="GitHub does not list all files of the branch: the workflow file may be a link"
        ), PLAIN[0]
    mode = modes.get(run.path, "")
    if mode not in PLAIN:
        return Fixed(None, why="the workflow file is a link, and not a plain file"), PLAIN[0]
    return fixed, mode


async def _base(reading: Reading[RemediationState], run: RunFacts) -> Branch | None:
    """The branch that failed: the default branch, or the head of a pull request of this repository."""
    default = await reading.github.default_branch()
    if run.head_branch is None or run.head_branch == default.name:
        return default
    return await reading.github.branch(run.head_branch)


def _digest(signature: Signature, branch: Branch, path: str, fixed: Fixed) -> str:
    """One branch for one change: other edits of the file in the meantime lead to the same pull request."""
    change = sorted(f"{each.before} {each.after}" for each in fixed.edits)
    parts = (signature.id, str(signature.version), branch.name, path, *change)
    return sha256("\0".join(parts).encode()).hexdigest()[:12]
