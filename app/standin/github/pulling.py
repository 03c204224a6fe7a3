"""What pull requests do: open, follow their head branch, close, merge. The routes and seeding both come through here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.standin.github import answers, copies, diffs
from app.standin.github.git import Person
from app.standin.github.records import Account, App, Issue, Json, PullRequest
from app.standin.github.shapes import pulls

if TYPE_CHECKING:
    from app.standin.github.state import Repository

DRAFTS_REFUSED = "Draft pull requests are not supported in this repository."


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody asks to be merged; `head` is `branch` or `owner:branch`."""

    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False
    maintainer_can_modify: bool = False


def open_pull(
    repository: Repository, asked: Proposal, author: Account, app: App | None = None
) -> PullRequest:
    """A new open pull request. Raises: answers.Refusal 422 in GitHub's words."""
    source, branch = _head(repository, asked.head)
    head_sha = source.git.ref(f"refs/heads/{branch}") if source is not None else None
    base_sha = repository.git.ref(f"refs/heads/{asked.base}")
    if source is None or head_sha is None:
        raise answers.field_error("PullRequest", "head", "invalid")
    if base_sha is None:
        raise answers.field_error("PullRequest", "base", "invalid")
    _refuse_if_pointless(repository, source, asked, branch, (base_sha, head_sha))
    github, now = repository.github, repository.github.now()
    issue = Issue(
        github.next_id(), next(repository.numbers), asked.title, asked.body, author, now, now, app=app
    )
    pull = PullRequest(
        github.next_id(),
        issue,
        source.id,
        branch,
        head_sha,
        asked.base,
        base_sha,
        asked.draft,
        asked.maintainer_can_modify,
    )
    repository.issues[issue.number], repository.pulls[issue.number] = issue, pull
    _publish_head(repository, pull)
    tell(repository, pull, "opened", author)
    return pull


def _head(repository: Repository, head: str) -> tuple[Repository | None, str]:
    owner, mark, branch = head.partition(":")
    if not mark or owner.lower() == repository.owner.login.lower():
        return repository, branch or owner
    for other in repository.github.repositories.values():
        if other.owner.login.lower() == owner.lower() and _network(other) is _network(repository):
            return other, branch
    return None, branch


def _network(repository: Repository) -> Repository:
    return repository if repository.parent is None else _network(repository.parent)


def _refuse_if_pointless(
    repository: Repository, source: Repository, asked: Proposal, branch: str, shas: tuple[str, str]
) -> None:
    if asked.draft and not repository.github.settings.drafts_allowed:
        raise answers.unprocessable(DRAFTS_REFUSED)
    label = f"{source.owner.login}:{branch}"
    for other in repository.pulls.values():
        same = (other.head_repository_id, other.head_ref, other.base_ref) == (source.id, branch, asked.base)
        if same and other.issue.state == "open":
            raise answers.custom_error("PullRequest", f"A pull request already exists for {label}.")
    base_sha, head_sha = shas
    copies.copy_commit(repository.git, source.git, head_sha)
    if repository.git.is_ancestor(head_sha, base_sha):
        raise answers.custom_error("PullRequest", f"No commits between {asked.base} and {branch}")


def _publish_head(repository: Repository, pull: PullRequest) -> None:
    name = f"refs/pull/{pull.number}/head"
    repository.git.set_ref(name, pull.head_sha, repository.git.ref(name))
    pull.mergeable, pull.merge_commit_sha = None, None


def fork_point(repository: Repository, pull: PullRequest) -> str | None:
    """Where the head left the base."""
    return repository.git.merge_base(pull.base_sha, pull.head_sha)


def counts(repository: Repository, pull: PullRequest, files: list[diffs.FileChange]) -> Json:
    """Sizes of a pull request with those changed files: commits, additions, deletions, changed_files."""
    base = fork_point(repository, pull)
    return {
        "commits": sum(1 for _ in repository.git.log(pull.head_sha, exclude=base)),
        "additions": sum(f.additions for f in files),
        "deletions": sum(f.deletions for f in files),
        "changed_files": len(files),
    }


def tell(repository: Repository, pull: PullRequest, action: str, sender: Account, **more: object) -> None:
    """Emits `pull_request`."""
    files = diffs.changes(repository.git, fork_point(repository, pull), pull.head_sha)
    shown = pulls.in_event(repository, pull, counts(repository, pull, files))
    payload = {"number": pull.number, "pull_request": shown, **more}
    repository.github.emit("pull_request", action, payload, repository, sender=sender)


def head_moved(repository: Repository, pull: PullRequest, sha: str | None, sender: Account) -> None:
    """The head branch has new commits, or is gone (None) or has none left that the base lacks, which closes the pull request."""
    if sha is None:
        close(repository, pull, sender)
        return
    before, pull.head_sha = pull.head_sha, sha
    base = repository.git.ref(f"refs/heads/{pull.base_ref}")
    pull.base_sha = base or pull.base_sha
    copies.copy_commit(repository.git, repository.github.repositories[pull.head_repository_id].git, sha)
    _publish_head(repository, pull)
    pull.issue.updated_at = repository.github.now()
    tell(repository, pull, "synchronize", sender, before=before, after=sha)
    if base is not None and repository.git.is_ancestor(sha, base):
        close(repository, pull, sender)


def base_moved(repository: Repository, pull: PullRequest, sha: str, sender: Account) -> None:
    """The base branch has new commits; a head that is now part of it has been merged."""
    pull.mergeable = None
    if repository.git.is_ancestor(pull.head_sha, sha):
        _mark_merged(repository, pull, sha, sender)


def close(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Closes without merging."""
    now = repository.github.now()
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by, issue.updated_at = "closed", now, sender, now
    tell(repository, pull, "closed", sender)


def reopen(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Opens a closed pull request again."""
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.updated_at = repository.github.now()
    tell(repository, pull, "reopened", sender)


def try_merge(repository: Repository, pull: PullRequest) -> None:
    """Finds out whether the two sides merge, and keeps the trial as `refs/pull/N/merge`, as GitHub does in its own time."""
    base = repository.git.ref(f"refs/heads/{pull.base_ref}")
    if pull.issue.state != "open" or pull.mergeable is not None or base is None:
        return
    tree = diffs.merged_tree(repository.git, base, pull.head_sha)
    pull.mergeable = tree is not None
    if tree is not None:
        message = f"Merge {pull.head_sha} into {base}\n"
        pull.merge_commit_sha = _merge_commit(repository, pull, tree, base, message, repository.owner)
        name = f"refs/pull/{pull.number}/merge"
        repository.git.set_ref(name, pull.merge_commit_sha, repository.git.ref(name))


def _merge_commit(
    repository: Repository, pull: PullRequest, tree: str, base: str, message: str, author: Account
) -> str:
    who = Person(author.name or author.login, author.email, repository.github.now())
    return repository.git.add_commit(tree, [base, pull.head_sha], message, who)


def merge(repository: Repository, pull: PullRequest, sender: Account) -> str:
    """Merges with a merge commit; its sha. The caller tells that the base branch moved.

    Raises: answers.Refusal 405 when it cannot be merged.
    """
    try_merge(repository, pull)
    base = repository.git.ref(f"refs/heads/{pull.base_ref}")
    if base is None or not pull.mergeable or pull.issue.state != "open":
        raise answers.Refusal(405, "Pull Request is not mergeable")
    tree = diffs.merged_tree(repository.git, base, pull.head_sha)
    label = f"{pulls.head_repository(repository, pull).owner.login}/{pull.head_ref}"
    message = f"Merge pull request #{pull.number} from {label}\n\n{pull.issue.title}\n"
    return _merge_commit(repository, pull, tree or "", base, message, sender)


def _mark_merged(repository: Repository, pull: PullRequest, sha: str, sender: Account) -> None:
    now = repository.github.now()
    pull.merged_at, pull.merged_by, pull.merge_commit_sha = now, sender, sha
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by, issue.updated_at = "closed", now, sender, now
    tell(repository, pull, "closed", sender)
