"""The effect `CommitFixes`: one commit on a branch of the repository, while it is where the fixes were made for.

The commit is made before the branch shows it, so that after a crash the branch's head tells whether it arrived. A branch only
moves forward: whoever pushed meanwhile wins, at GitHub too.
"""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, text_of
from app.domain.effects import CommitFixes, may_be_fixed
from app.domain.ids import CommitSha
from app.errors import Conflict
from app.ports.github_writer import GitHubWriter


async def commit_fixes(effect: CommitFixes, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Makes the commit and moves the branch to it, or finds that it has."""
    if progress.previous is not None:
        return Applied(dict(progress.previous))
    mends = [change.content is not None and may_be_fixed(change.path) for change in effect.changes]
    if not mends or not all(mends):
        return Refused("out_of_bounds", "fixes change files that are there, and nothing below .github/")
    made = text_of(progress.cursor, "commit_sha")
    head = await writer.branch_head(effect.branch)
    if made and head == made:
        return Applied({"commit_sha": made})
    if head != effect.head_sha:
        return _stale(effect)
    if not made:
        await progress.fence()
        made = await writer.commit_tree(effect.head_sha, effect.headline, effect.body, effect.changes)
        await progress.save({"commit_sha": made})
    await progress.fence()
    try:
        await writer.move_branch(effect.branch, CommitSha(made), force=False)
    except Conflict:
        return _stale(effect)
    return Applied({"commit_sha": made})


def _stale(effect: CommitFixes) -> Refused:
    return Refused("stale", f"{effect.branch} has moved on from {effect.head_sha[:7]}")
