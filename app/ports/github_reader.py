"""The read side of GitHub, bound to one repository through one installation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from app.domain.ci import Artifact, CheckRun, Job, RunAnnotation, WorkflowRun
from app.domain.events import Actor
from app.domain.ids import CommitSha
from app.domain.pulls import Branch, Commit, Comparison, FileContent, PullRequest
from app.domain.release import AttestationList, Release, TagTarget
from app.domain.repo import Repository


class GitHubReader(Protocol):
    """Reads one repository; every method may raise `TransientError`, `AccessDenied` or `NotFound`.

    Methods that answer `X | None` answer None where GitHub answers 404; the others raise `NotFound`. Lists are complete unless
    a method names a limit.
    """

    @property
    def repository(self) -> Repository:
        """The repository this reader is bound to."""
        ...

    async def default_branch(self) -> Branch:
        """The default branch and its head now."""
        ...

    async def branch(self, name: str) -> Branch | None:
        """A branch and its head now."""
        ...

    async def protected_branches(self, limit: int) -> tuple[Branch, ...]:
        """Up to `limit` branches that are protected, by name."""
        ...

    async def file(self, path: str, ref: str) -> FileContent | None:
        """A file at a ref (branch name or sha); of a link inside the repository the file it leads to.

        Raises: FileTooLarge over 1 MiB.
        """
        ...

    async def tree(self, sha: CommitSha) -> tuple[str, ...] | None:
        """The paths of all files at a commit, sorted; None where GitHub does not list them all (truncated).

        Links are files, submodules are not.
        """
        ...

    async def modes(self, sha: CommitSha) -> Mapping[str, str] | None:
        """Git's mode of every file at a commit by its path (`100644`, `100755`, `120000` for a link); None as `tree`.

        Only this tells a link from a file: `file` follows links inside the repository, and knows no `100755`.
        """
        ...

    async def commit(self, ref: str) -> Commit | None:
        """One commit."""
        ...

    async def commits(self, ref: str, limit: int) -> tuple[Commit, ...]:
        """The newest `limit` commits reachable from `ref`, newest first."""
        ...

    async def compare(self, base: str, head: str) -> Comparison:
        """What `head` adds since its merge base with `base`."""
        ...

    async def tag(self, tag: str) -> TagTarget | None:
        """The commit a tag points to, annotated tags resolved."""
        ...

    async def pull(self, number: int) -> PullRequest | None:
        """One pull request."""
        ...

    async def pulls_with_head(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        """Open pull requests from `owner:branch`."""
        ...

    async def pulls_of_commit(self, sha: CommitSha) -> tuple[PullRequest, ...]:
        """Pull requests GitHub associates with a commit; empty for heads in forks (design.md 4)."""
        ...

    async def check_runs(self, sha: CommitSha) -> tuple[CheckRun, ...]:
        """The newest check run of each App, name and check suite on a commit: a suite is an App's, or a workflow run's."""
        ...

    async def workflow_run(self, run_id: int) -> WorkflowRun | None:
        """A run as it is now (its newest attempt)."""
        ...

    async def workflow_runs(self, head_sha: CommitSha) -> tuple[WorkflowRun, ...]:
        """All runs on a commit."""
        ...

    async def jobs(self, run_id: int, attempt: int) -> tuple[Job, ...]:
        """The jobs of one attempt."""
        ...

    async def run_annotations(self, check_run_id: int) -> tuple[RunAnnotation, ...]:
        """The annotations of a job's check run."""
        ...

    async def artifacts(self, run_id: int) -> tuple[Artifact, ...]:
        """The artifacts of a run, all attempts."""
        ...

    async def release(self, release_id: int) -> Release | None:
        """A release with all its assets."""
        ...

    async def latest_release(self) -> int | None:
        """The id of the release that GitHub shows as the latest; it is neither a draft nor a prerelease."""
        ...

    def releases(self) -> AsyncIterator[Release]:
        """All releases, newest first."""
        ...

    async def attestations_of(
        self, subjects: tuple[str, ...], *, predicate_type: str = "", limit: int = 30
    ) -> dict[str, AttestationList]:
        """Up to `limit` attestations of each subject (`sha256:…`, `sha1:…`), a hundred subjects in one request where GitHub can.

        `predicate_type` is a type or one of GitHub's short names (`release`); empty means any. None are there for subjects that
        GitHub does not know.
        """
        ...

    async def own_actor_id(self) -> int | None:
        """The id of the account in whose name our App acts; None where GitHub does not say it."""
        ...

    async def permission(self, person: Actor) -> str:
        """A person's permission on the repository: `admin`, `maintain`, `write`, `triage`, `read` or `none`.

        GitHub is asked by name; where the name is another account's by now, it is `none`.
        """
        ...
