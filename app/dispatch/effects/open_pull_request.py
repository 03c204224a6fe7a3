"""The effect `OpenPullRequest`: one branch with one commit on the base it was decided for, and one pull request for it.

1. The same content was applied before: no request at all.
2. Branch and commit (`pull_branch`): made once, found again after a crash, never over somebody else's commits.
3. Pull request: found by its branch or opened; title, body and labels are brought up to date.
"""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, digest, number_of, text_of
from app.dispatch.effects.pull_branch import changes_digest, closed, push
from app.dispatch.effects.text_limits import clip, cut
from app.domain.effects import OpenPullRequest
from app.domain.pulls import PullRequest
from app.errors import Conflict
from app.ports.github_writer import GitHubWriter

TITLE_CHARACTERS = 256


async def open_pull_request(effect: OpenPullRequest, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Opens the pull request, or brings the one that is open for this branch up to date."""
    title, body = clip(effect.title, TITLE_CHARACTERS), cut(effect.body)
    said = digest(effect.key, changes_digest(effect), effect.base_branch, title, body, sorted(effect.labels))
    if progress.previous is not None and text_of(progress.previous, "digest") == said:
        return Applied(dict(progress.previous))
    pushed = await push(effect, writer, progress)
    if isinstance(pushed, Refused):
        return pushed
    pull = await _pull(effect, writer, progress, title, body, reopen=pushed.new_branch)
    if isinstance(pull, Refused):
        return pull
    missing = tuple(label for label in effect.labels if label not in pull.labels)
    if missing:
        await progress.fence()
        await writer.add_labels(pull.number, missing)
    return Applied(
        {
            "pull_number": pull.number,
            "commit_sha": pushed.sha,
            "content": changes_digest(effect),
            "digest": said,
        }
    )


async def _pull(
    effect: OpenPullRequest, writer: GitHubWriter, progress: Progress, title: str, body: str, *, reopen: bool
) -> PullRequest | Refused:
    pull = await _open_pull(effect, writer)
    if pull is None:
        if number_of(progress.previous, "pull_number") and not reopen:
            return closed(progress)
        await progress.fence()
        try:
            return await writer.create_pull(
                title=title, body=body, head=effect.branch, base=effect.base_branch, draft=effect.draft
            )
        except Conflict:
            pull = await _open_pull(effect, writer)  # opened meanwhile, or by a request whose answer was lost
            if pull is None:
                raise
    if (pull.title, pull.body) != (title, body):
        await progress.fence()
        await writer.update_pull(pull.number, title=title, body=body)
    return pull


async def _open_pull(effect: OpenPullRequest, writer: GitHubWriter) -> PullRequest | None:
    """The branch's open pull request: the one into our base first, else one that a person pointed elsewhere."""
    pulls = await writer.open_pulls(effect.branch)
    return min(pulls, key=lambda pull: (pull.base_ref != effect.base_branch, pull.number), default=None)
