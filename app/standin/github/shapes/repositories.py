"""Repositories as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.standin.github.answers import stamp
from app.standin.github.records import Json
from app.standin.github.shapes import accounts

if TYPE_CHECKING:
    from app.standin.github.state import Repository

SUBRESOURCES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
SWITCHES = {
    "has_issues": True,
    "has_projects": True,
    "has_downloads": True,
    "has_wiki": True,
    "has_pages": False,
    "has_discussions": False,
    "archived": False,
    "disabled": False,
    "allow_forking": True,
    "is_template": False,
    "web_commit_signoff_required": False,
}
COUNTS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")


def url_of(repository: Repository) -> str:
    """The API address of a repository."""
    return f"{repository.github.api_url}/repos/{repository.full_name}"


def page_of(repository: Repository) -> str:
    """The address of its page for people."""
    return f"{repository.github.html_url}/{repository.full_name}"


def minimal(repository: Repository) -> Json:
    """GitHub's `minimal-repository`, as parts of other answers show it."""
    return {
        "id": repository.id,
        "node_id": accounts.node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": accounts.account(repository.github, repository.owner),
        "html_url": page_of(repository),
        "description": repository.description,
        "fork": repository.parent is not None,
        "url": url_of(repository),
        **{name: url_of(repository) + rest for name, rest in SUBRESOURCES.items()},
    }


def simple(repository: Repository) -> Json:
    """GitHub's `repository`, as lists and webhook payloads show it."""
    git = f"{repository.github.git_url}/{repository.full_name}.git"
    pushed = stamp(repository.pushed_at or repository.created_at)
    open_issues = sum(1 for issue in repository.issues.values() if issue.state == "open")
    return {
        **minimal(repository),
        "git_url": git.replace("http://", "git://", 1),
        "ssh_url": f"git@standin.invalid:{repository.full_name}.git",
        "clone_url": git,
        "svn_url": page_of(repository),
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "created_at": stamp(repository.created_at),
        "updated_at": pushed,
        "pushed_at": pushed,
        **dict.fromkeys(COUNTS, 0),
        **SWITCHES,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
    }


def full(repository: Repository) -> Json:
    """GitHub's `full-repository`, as `GET /repos/{owner}/{repo}` answers."""
    more: Json = {"network_count": 0, "subscribers_count": 0}
    if repository.owner.type == "Organization":
        more["organization"] = accounts.account(repository.github, repository.owner)
    if repository.parent is not None:
        root = repository.parent
        while root.parent is not None:
            root = root.parent
        more |= {"parent": simple(repository.parent), "source": simple(root)}
    return simple(repository) | more
