"""The branch of a pull request: one commit with exactly the effect's changes on top of `base_sha`.

A crash can leave four situations, told apart by the branch's head and the cursor, which is stored *before* the request it names:

| head | cursor | meaning |
|---|---|---|
| none | any | nothing happened: create the branch |
| `base_sha` | any | no commit yet: commit |
| the commit in cursor, or the last result's for the same content | any | done |
| the last result's commit, other content | any | replace it, while the pull request is open |
| another | `committing` | our commit whose answer was lost, or not ours: back to `base_sha`, commit again |
| another | else | somebody pushed: refuse |

The last but one row discards a commit only while no pull request exists for the branch, whose name is unique per content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.dispatch.effects.outcome import Cursor, Progress, Refused, digest, number_of, text_of
from app.domain.effects import FileChange, OpenPullRequest
from app.domain.ids import CommitSha
from app.ports.github_writer import GitHubWriter

PLAIN_MODE = "100644"
"""The one mode that createCommitOnBranch gives a new file."""
COMMITTING = "committing"
"""The cursor's stage from before a commit on the branch until its answer."""


def changes_digest(effect: OpenPullRequest) -> str:
    """Identifies the commit that the effect wants: its parent, message and files."""
    return digest(
        effect.base_sha,
        effect.commit_headline,
        effect.commit_body,
        [[change.path, change.mode, _content_digest(change)] for change in effect.changes],
    )


def _content_digest(change: FileChange) -> str | None:
    return None if change.content is None else hashlib.sha256(change.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Pushed:
    """The branch's head, and whether this effect created the branch (rather than found it)."""

    sha: CommitSha
    new_branch: bool


async def push(effect: OpenPullRequest, writer: GitHubWriter, progress: Progress) -> Pushed | Refused:
    """The branch with our commit as its head; refused if the base moved or the branch is somebody else's."""
    head = await writer.branch_head(effect.branch)
    new_branch = head is None or bool(number_of(progress.cursor, "new_branch"))
    last = text_of(progress.previous, "commit_sha")
    same_commit = text_of(progress.previous, "content") == changes_digest(effect)
    if head is not None and (
        head == text_of(progress.cursor, "commit_sha") or (head == last and same_commit)
    ):
        return Pushed(head, new_branch)
    if await writer.branch_head(effect.base_branch) != effect.base_sha:
        return Refused("stale", f"{effect.base_branch} is no longer at {effect.base_sha}")
    commit = _Commit(effect, writer, progress, new_branch=new_branch)
    if head is None:
        await commit.create_branch()
    elif head == effect.base_sha:
        pass  # an earlier attempt created it and got no further
    elif head == last:
        if not await writer.open_pulls(effect.branch):
            return closed(progress)
        return await commit.through_tree(force=True)
    elif text_of(progress.cursor, "stage") == COMMITTING and not await writer.open_pulls(effect.branch):
        await commit.discard()
    else:
        return Refused("foreign_branch", f"{effect.branch} carries commits that are not ours")
    return await (commit.on_branch() if _verifiable(effect) else commit.through_tree(force=False))


def closed(progress: Progress) -> Refused:
    """The refusal to work against a person who closed our pull request and left its branch."""
    number = number_of(progress.previous, "pull_number")
    return Refused("pull_closed", f"pull request #{number} was closed; it is not opened again")


def _verifiable(effect: OpenPullRequest) -> bool:
    """Whether createCommitOnBranch can make the commit: it sets no modes."""
    return all(change.content is None or change.mode == PLAIN_MODE for change in effect.changes)


class _Commit:
    """The writes, each behind the fence, and the cursor that each leaves."""

    def __init__(
        self, effect: OpenPullRequest, writer: GitHubWriter, progress: Progress, *, new_branch: bool
    ) -> None:
        self._effect = effect
        self._writer = writer
        self._progress = progress
        self._new_branch = new_branch

    async def create_branch(self) -> None:
        await self._save({})
        await self._progress.fence()
        await self._writer.create_branch(self._effect.branch, self._effect.base_sha)

    async def discard(self) -> None:
        """Takes back a commit whose answer was lost, so that the branch gets exactly one."""
        await self._progress.fence()
        await self._writer.move_branch(self._effect.branch, self._effect.base_sha, force=True)

    async def on_branch(self) -> Pushed:
        """A commit signed by GitHub, made on the branch at once."""
        effect = self._effect
        await self._save({"stage": COMMITTING})
        await self._progress.fence()
        sha = await self._writer.commit_verified(
            effect.branch, effect.base_sha, effect.commit_headline, effect.commit_body, effect.changes
        )
        await self._save({"commit_sha": sha})
        return Pushed(sha, self._new_branch)

    async def through_tree(self, *, force: bool) -> Pushed:
        """A commit that is known before the branch shows it.

        It also replaces an earlier commit in one move: a branch moved back to its base would close its pull request.
        """
        effect = self._effect
        await self._progress.fence()
        sha = await self._writer.commit_tree(
            effect.base_sha, effect.commit_headline, effect.commit_body, effect.changes
        )
        await self._save({"commit_sha": sha})
        await self._progress.fence()
        await self._writer.move_branch(effect.branch, sha, force=force)
        return Pushed(sha, self._new_branch)

    async def _save(self, cursor: Cursor) -> None:
        await self._progress.save({"new_branch": int(self._new_branch), **cursor})
