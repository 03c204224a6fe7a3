"""The double of GitHub's write side: one repository in memory, with GitHub's rules and a power cut at the request you choose.

Rules: the annotations of a PATCH are appended, at most 50 a request; texts of at most 65,535 bytes; a verdict exactly when
completed; an existing branch, a second pull request and a stale head are conflicts; a run that runs cannot be run again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from app.domain.effects import FileChange
from app.domain.ids import CommitSha, RepositoryId
from app.domain.pulls import PullRequest
from app.errors import Conflict, PermanentError
from app.ports.github_writer import CheckRunDraft, EditableRelease, Issue, IssueComment
from app.testing.writer_actions import RecordedActions
from app.testing.writer_rules import (
    RecordedCheckRun,
    RecordedCommit,
    check_draft,
    check_text,
    not_found,
    remarked,
    unprocessable,
)


@dataclass(slots=True)
class RecordingWriter(RecordedActions):
    """Implements `GitHubWriter`; `requests` names each call, `writes` those that would change something."""

    app_id: int = 1
    commits: dict[CommitSha, RecordedCommit] = field(default_factory=dict)
    check_runs: list[RecordedCheckRun] = field(default_factory=list)
    pulls: list[PullRequest] = field(default_factory=list)
    heads: dict[int, CommitSha] = field(default_factory=dict)
    """Where the heads of pull requests are that somebody else opened, by their numbers."""
    threads: dict[int, list[IssueComment]] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    releases: dict[int, EditableRelease] = field(default_factory=dict)
    latest: int | None = None
    """The release that is shown as the latest."""
    issues: list[Issue] = field(default_factory=list)

    async def create_check_run(self, draft: CheckRunDraft) -> int:
        """A new run, also where one of the same name exists."""

        def act() -> int:
            check_draft(draft)
            run = RecordedCheckRun(self._next_id(), draft, list(draft.annotations), [draft.status])
            self.check_runs.append(run)
            return run.id

        return self._request("create_check_run", act, writes=True)

    async def update_check_run(self, check_run_id: int, draft: CheckRunDraft) -> None:
        """Replaces the words and appends the annotations."""

        def act() -> None:
            check_draft(draft)
            run = next((run for run in self.check_runs if run.id == check_run_id), None)
            if run is None:
                raise not_found("check run")
            run.last = draft
            run.annotations.extend(draft.annotations)
            run.statuses.append(draft.status)

        self._request("update_check_run", act, writes=True)

    async def find_check_run(
        self, head_sha: CommitSha, name: str, external_id: str
    ) -> tuple[int, int] | None:
        """The newest run with this external id."""

        def act() -> tuple[int, int] | None:
            wanted = (head_sha, name, external_id)
            found = [
                run
                for run in self.check_runs
                if (run.last.head_sha, run.last.name, run.last.external_id) == wanted
            ]
            return (found[-1].id, len(found[-1].annotations)) if found else None

        return self._request("find_check_run", act)

    async def branch_head(self, branch: str) -> CommitSha | None:
        """Where the branch points."""
        return self._request("branch_head", lambda: self.branches.get(branch))

    async def create_branch(self, branch: str, sha: CommitSha) -> None:
        """A new branch."""

        def act() -> None:
            if branch in self.branches:
                raise Conflict("github.already_exists", "Reference already exists")
            self.branches[branch] = sha

        self._request("create_branch", act, writes=True)

    async def move_branch(self, branch: str, sha: CommitSha, *, force: bool) -> None:
        """Points the branch at a commit; a branch that says nothing new closes its pull requests, as at GitHub."""

        def act() -> None:
            if branch not in self.branches:
                raise not_found("branch")
            if not force and self.branches[branch] not in self._ancestry(sha):
                raise Conflict("github.not_fast_forward", "Update is not a fast forward")
            self._set_head(branch, sha)

        self._request("move_branch", act, writes=True)

    async def commit_verified(
        self, branch: str, expected_head: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """A commit on the branch, if its head is the expected one."""

        def act() -> CommitSha:
            if self.branches.get(branch) != expected_head:
                raise Conflict("github.stale_head", f"Expected branch to point to {expected_head}")
            sha = self._commit(RecordedCommit(expected_head, headline, body, changes, verified=True))
            self._set_head(branch, sha)
            return sha

        return self._request("commit_verified", act, writes=True)

    async def commit_tree(
        self, parent: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """A commit on no branch."""
        commit = RecordedCommit(parent, headline, body, changes, verified=False)
        return self._request("commit_tree", lambda: self._commit(commit), writes=True)

    async def open_pulls(self, branch: str) -> tuple[PullRequest, ...]:
        """Open pull requests from the branch."""

        def act() -> tuple[PullRequest, ...]:
            return tuple(pull for pull in self.pulls if pull.head_ref == branch and pull.state == "open")

        return self._request("open_pulls", act)

    async def pull_head(self, number: int) -> CommitSha | None:
        """The head of a pull request."""

        def act() -> CommitSha | None:
            opened = (pull.head_sha for pull in self.pulls if pull.number == number)
            return next(opened, self.heads.get(number))

        return self._request("pull_head", act)

    async def create_pull(self, *, title: str, body: str, head: str, base: str, draft: bool) -> PullRequest:
        """A new pull request for a branch that has something to say."""

        def act() -> PullRequest:
            if head not in self.branches or base not in self.branches:
                raise unprocessable("head or base does not exist")
            if self.branches[head] in self._ancestry(self.branches[base]):
                raise unprocessable(f"No commits between {base} and {head}")
            if any((old.head_ref, old.base_ref, old.state) == (head, base, "open") for old in self.pulls):
                raise Conflict("github.already_exists", f"A pull request already exists for {head}")
            pull = self._new_pull(title, body, head, base, draft=draft)
            self.pulls.append(pull)
            return pull

        return self._request("create_pull", act, writes=True)

    async def update_pull(self, number: int, *, title: str, body: str) -> None:
        """Changes title and body."""
        self._request("update_pull", lambda: self._change_pull(number, title=title, body=body), writes=True)

    async def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Adds the labels that are not there."""

        def act() -> None:
            have = next((pull.labels for pull in self.pulls if pull.number == number), ())
            self._change_pull(number, labels=(*have, *(label for label in labels if label not in have)))

        self._request("add_labels", act, writes=True)

    async def comments(self, number: int) -> tuple[IssueComment, ...]:
        """The thread."""
        return self._request("comments", lambda: tuple(self.threads.get(number, ())))

    async def create_comment(self, number: int, body: str) -> IssueComment:
        """A comment by our App."""

        def act() -> IssueComment:
            check_text(body)
            said = IssueComment(
                self._next_id(), self.app_id, body, f"https://github.test/comment/{self._ids}"
            )
            self.threads.setdefault(number, []).append(said)
            return said

        return self._request("create_comment", act, writes=True)

    async def update_comment(self, comment_id: int, body: str) -> None:
        """Changes a comment; one of somebody else is refused."""

        def act() -> None:
            check_text(body)
            for thread in self.threads.values():
                for place, said in enumerate(thread):
                    if said.id == comment_id and said.author_app_id == self.app_id:
                        thread[place] = replace(said, body=body)
                        return
            raise not_found("comment")

        self._request("update_comment", act, writes=True)

    async def run_attempt(self, run_id: int) -> int | None:
        """The newest attempt."""
        return self._request("run_attempt", lambda: self.attempts.get(run_id))

    async def rerun_failed_jobs(self, run_id: int) -> None:
        """A new attempt, which then runs."""

        def act() -> None:
            if run_id not in self.attempts:
                raise not_found("run")
            if run_id in self.running:
                raise PermanentError("github.rerun_refused", "This workflow is already running")
            self.attempts[run_id] += 1
            self.running.add(run_id)

        self._request("rerun_failed_jobs", act, writes=True)

    async def release(self, release_id: int) -> EditableRelease | None:
        """The release as it is."""
        return self._request("release", lambda: self.releases.get(release_id))

    async def edit_release(
        self, release_id: int, *, draft: bool, prerelease: bool, latest: bool
    ) -> EditableRelease:
        """The release with other marks, a second later; a draft or prerelease is never the latest."""

        def act() -> EditableRelease:
            known = self.releases.get(release_id)
            if known is None:
                raise not_found("release")
            if latest and (draft or prerelease):
                raise unprocessable("Latest release cannot be draft or prerelease.")
            if latest or self.latest == release_id:
                self.latest = release_id if latest else None
            self.releases[release_id] = remarked(known, draft=draft, prerelease=prerelease)
            return self.releases[release_id]

        return self._request("edit_release", act, writes=True)

    async def write_notes(self, release_id: int, notes: str) -> None:
        """Other notes; the marks and the time stay."""

        def act() -> None:
            known = self.releases.get(release_id)
            if known is None:
                raise not_found("release")
            self.releases[release_id] = replace(known, notes=notes)

        self._request("write_notes", act, writes=True)

    async def latest_release(self) -> int | None:
        """The latest release."""
        return self._request("latest_release", lambda: self.latest)

    async def issue(self, number: int) -> Issue | None:
        """The issue of this number."""
        return self._request(
            "issue", lambda: next((each for each in self.issues if each.number == number), None)
        )

    async def newest_issues(self, limit: int) -> tuple[Issue, ...]:
        """The issues, newest first."""
        return self._request("newest_issues", lambda: tuple(reversed(self.issues))[:limit])

    async def create_issue(self, *, title: str, body: str) -> Issue:
        """An issue by our App."""

        def act() -> Issue:
            check_text(body)
            self.issues.append(Issue(self._next_id(), self.app_id, is_open=True, title=title, body=body))
            return self.issues[-1]

        return self._request("create_issue", act, writes=True)

    async def update_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """Changes an issue."""

        def act() -> None:
            check_text(body)
            places = [place for place, each in enumerate(self.issues) if each.number == number]
            if not places:
                raise not_found("issue")
            known = self.issues[places[0]]
            self.issues[places[0]] = replace(known, title=title, body=body, is_open=is_open)

        self._request("update_issue", act, writes=True)

    def _commit(self, commit: RecordedCommit) -> CommitSha:
        """Two equal commits differ, as at GitHub, where each has its time."""
        sha = CommitSha(hashlib.sha1(f"{self._next_id()}".encode(), usedforsecurity=False).hexdigest())
        self.commits[sha] = commit
        return sha

    def _ancestry(self, sha: CommitSha) -> set[CommitSha]:
        seen = {sha}
        while sha in self.commits:
            sha = self.commits[sha].parent
            seen.add(sha)
        return seen

    def _set_head(self, branch: str, sha: CommitSha) -> None:
        self.branches[branch] = sha
        for place, pull in enumerate(self.pulls):
            if pull.head_ref == branch and pull.state == "open":
                says_nothing = sha in self._ancestry(self.branches[pull.base_ref])
                self.pulls[place] = replace(pull, head_sha=sha, state="closed" if says_nothing else "open")

    def _new_pull(self, title: str, body: str, head: str, base: str, *, draft: bool) -> PullRequest:
        number = self._next_id()
        return PullRequest(
            number=number,
            state="open",
            draft=draft,
            merged=False,
            title=title,
            body=body,
            head_sha=self.branches[head],
            head_ref=head,
            head_repository_id=RepositoryId(1),
            base_ref=base,
            base_sha=self.branches[base],
            author=None,
            labels=(),
            url=f"https://github.test/pull/{number}",
        )

    def _change_pull(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        labels: tuple[str, ...] | None = None,
    ) -> None:
        for place, pull in enumerate(self.pulls):
            if pull.number == number:
                self.pulls[place] = replace(
                    pull,
                    title=pull.title if title is None else title,
                    body=pull.body if body is None else body,
                    labels=pull.labels if labels is None else labels,
                )
                return
        raise not_found("pull request")
