"""Repositories, branches, commits, files, comparisons, tags, pull requests and comments as GitHub writes them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from app.adapters.github.models import Lenient
from app.domain.events import Actor
from app.domain.ids import CommitSha, RepositoryId
from app.domain.pulls import Branch, ChangedFile, Commit, Comparison, FileContent, PullRequest
from app.errors import FileTooLarge, InvalidInput
from app.ports.github_writer import Issue, IssueComment

FILES_SHOWN = 300
_MODES = {"file": "100644", "symlink": "120000"}


class OwnerBody(Lenient):
    """The owner of a repository; `type` is `User` or `Organization`."""

    type: str = ""


class RepositoryBody(Lenient):
    """`full-repository`, as far as used."""

    id: int
    default_branch: str
    owner: OwnerBody = OwnerBody()

    @property
    def owner_type(self) -> str:
        """`User` or `Organization`."""
        return self.owner.type


class ShaBody(Lenient):
    """Anything with a sha."""

    sha: str


class UserBody(Lenient):
    """`simple-user`; a removed account is null or, in commits, an empty object."""

    id: int | None = None
    login: str | None = None
    type: str = "User"

    def actor(self) -> Actor | None:
        """Who it is, None where GitHub knows no account."""
        if self.id is None or self.login is None:
            return None
        return Actor(self.id, self.login, self.type == "Bot")


class RequiredCheckBody(Lenient):
    """A check that a branch protection requires; `app_id` is null or -1 where any source will do."""

    context: str
    app_id: int | None = None

    @property
    def is_from_anybody(self) -> bool:
        """Whether whoever makes a check of the name satisfies it."""
        return self.app_id is None or self.app_id < 0


class RequiredChecksBody(Lenient):
    """`protected-branch-required-status-check`; servers that are too old for `checks` tell only names."""

    checks: tuple[RequiredCheckBody, ...] | None = None


class ProtectionBody(Lenient):
    """`branch-protection`, as a branch has it for whoever may read it."""

    required_status_checks: RequiredChecksBody | None = None


class BranchBody(Lenient):
    """`branch-with-protection`."""

    name: str
    commit: ShaBody
    protected: bool = False
    protection: ProtectionBody | None = None

    def branch(self) -> Branch:
        """The branch."""
        required = self.protection.required_status_checks if self.protection else None
        checks = (required.checks if required else None) or ()
        from_anybody = tuple(each.context for each in checks if each.is_from_anybody)
        return Branch(self.name, CommitSha(self.commit.sha), self.protected, from_anybody)


class GitCommitBody(Lenient):
    """The git side of a commit."""

    message: str


class CommitBody(Lenient):
    """`commit`."""

    sha: str
    commit: GitCommitBody
    author: UserBody | None = None
    parents: tuple[ShaBody, ...] = ()

    def domain(self) -> Commit:
        """The commit."""
        author = None if self.author is None else self.author.actor()
        parents = tuple(CommitSha(one.sha) for one in self.parents)
        return Commit(CommitSha(self.sha), self.commit.message, author, parents)


class ContentBody(Lenient):
    """`content-file` and its siblings."""

    type: str
    path: str
    sha: str
    encoding: str = ""
    content: str = ""

    def file(self) -> FileContent | None:
        """The file, None for a submodule. Raises FileTooLarge where GitHub left its bytes out (over 1 MiB)."""
        if self.type not in _MODES:
            return None
        if self.type == "file" and self.encoding != "base64":
            told = f"{self.path} is larger than the 1 MiB that GitHub gives"
            raise FileTooLarge("github.file_too_large", told, self.sha)
        try:
            data = base64.b64decode(self.content)
        except (ValueError, binascii.Error) as exc:
            raise InvalidInput("github.unexpected_answer", f"{self.path} did not come as Base64") from exc
        return FileContent(self.path, self.sha, data, _MODES[self.type])


class ChangedFileBody(Lenient):
    """`diff-entry`."""

    filename: str
    previous_filename: str | None = None
    status: str
    additions: int
    deletions: int
    patch: str | None = None


class ComparisonBody(Lenient):
    """`commit-comparison`."""

    merge_base_commit: ShaBody
    ahead_by: int
    behind_by: int
    files: tuple[ChangedFileBody, ...] | None = None

    def comparison(self) -> Comparison:
        """The comparison; complete unless GitHub cut the list at its 300 files."""
        files = self.files or ()
        return Comparison(
            CommitSha(self.merge_base_commit.sha),
            self.ahead_by,
            self.behind_by,
            tuple(
                ChangedFile(
                    one.filename, one.previous_filename, one.status, one.additions, one.deletions, one.patch
                )
                for one in files
            ),
            complete=self.files is not None and len(files) < FILES_SHOWN,
        )


class GitObjectBody(Lenient):
    """What a ref or an annotated tag points to."""

    type: str
    sha: str


class RefBody(Lenient):
    """`git-ref` and `git-tag`."""

    object: GitObjectBody


class TreeOfCommitBody(Lenient):
    """`git-commit`, as far as its tree."""

    tree: ShaBody


class TreeEntryBody(Lenient):
    """An entry of `git-tree`; a file or link is a `blob`, a submodule a `commit`; without a `mode` nobody knows which file."""

    path: str
    type: str
    mode: str = ""


class TreeBody(Lenient):
    """`git-tree`; without `truncated` nobody says that it is whole."""

    tree: tuple[TreeEntryBody, ...]
    truncated: bool

    def files(self) -> dict[str, str] | None:
        """The modes of files and links by their paths, sorted; None where the list is not whole."""
        if self.truncated:
            return None
        return dict(sorted((one.path, one.mode) for one in self.tree if one.type == "blob"))


class RepoRefBody(Lenient):
    """A repository that a head may come from."""

    id: int


class PullSideBody(Lenient):
    """Head or base of a pull request."""

    ref: str
    sha: str
    repo: RepoRefBody | None = None


class LabelBody(Lenient):
    """`label`."""

    name: str


class PullBody(Lenient):
    """`pull-request` and `pull-request-simple`."""

    number: int
    state: str
    draft: bool | None = None
    merged: bool | None = None
    merged_at: str | None = None
    title: str
    body: str | None = None
    head: PullSideBody
    base: PullSideBody
    user: UserBody | None = None
    labels: tuple[LabelBody, ...] = ()
    html_url: str

    def pull(self) -> PullRequest:
        """The pull request; lists do not say `merged`, but when."""
        return PullRequest(
            number=self.number,
            state=self.state,
            draft=bool(self.draft),
            merged=bool(self.merged) or self.merged_at is not None,
            title=self.title,
            body=self.body or "",
            head_sha=CommitSha(self.head.sha),
            head_ref=self.head.ref,
            head_repository_id=None if self.head.repo is None else RepositoryId(self.head.repo.id),
            base_ref=self.base.ref,
            base_sha=CommitSha(self.base.sha),
            author=None if self.user is None else self.user.actor(),
            labels=tuple(label.name for label in self.labels),
            url=self.html_url,
        )


class AppRefBody(Lenient):
    """The App behind something."""

    id: int


class CommentBody(Lenient):
    """`issue-comment`."""

    id: int
    body: str | None = None
    html_url: str
    performed_via_github_app: AppRefBody | None = None

    def comment(self) -> IssueComment:
        """The comment."""
        app = self.performed_via_github_app
        return IssueComment(self.id, None if app is None else app.id, self.body or "", self.html_url)


class IssueBody(Lenient):
    """`issue`, which a pull request is too."""

    number: int
    state: str
    title: str
    body: str | None = None
    pull_request: dict[str, Any] | None = None
    performed_via_github_app: AppRefBody | None = None

    def issue(self) -> Issue | None:
        """The issue; None for a pull request."""
        if self.pull_request is not None:
            return None
        app = self.performed_via_github_app
        return Issue(
            self.number, None if app is None else app.id, self.state == "open", self.title, self.body or ""
        )


class PermissionBody(Lenient):
    """`repository-collaborator-permission`."""

    permission: str
    role_name: str | None = None
    user: UserBody | None = None

    def level(self, account_id: int) -> str:
        """The role where it is one of GitHub's five, else (custom roles) the older coarse word; none of another account."""
        if self.user is None or self.user.id != account_id:
            return "none"
        known = {"admin", "maintain", "write", "triage", "read", "none"}
        return self.role_name if self.role_name in known else self.permission
