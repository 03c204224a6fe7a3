"""The readable part of the GraphQL schema: repositories, refs, commits, files, pull requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.standin.github import auth, checks, pulling
from app.standin.github.answers import Refusal, stamp, stamp_or_none
from app.standin.github.call import Call
from app.standin.github.graphql_execution import Arguments, Failure, Fields, Node
from app.standin.github.records import Account, CheckRun, PullRequest
from app.standin.github.shapes import accounts, commits, issues, pulls, repositories
from app.standin.github.state import Repository

PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Git:
    """A git object or ref of a repository."""

    repository: Repository
    sha: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of nodes."""

    nodes: list[Node]
    total: int
    start: int


def check(call: Call, repository: Repository, permission: str, level: str = "read") -> Call:
    """The call, now about that repository, if the caller may. Raises: Failure NOT_FOUND or FORBIDDEN."""
    try:
        auth.check_access(call, repository, permission, level)
    except Refusal as refusal:
        if refusal.status == 404:  # noqa: PLR2004 -- the HTTP status
            raise unknown_repository(repository.full_name) from refusal
        raise Failure("FORBIDDEN", str(refusal)) from refusal
    return replace(call, on=repository)


def unknown_repository(name: str) -> Failure:
    """GitHub's words for a repository out of sight."""
    return Failure("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")


def repository_named(call: Call, name: str) -> Repository:
    """A repository the caller may see. Raises: Failure NOT_FOUND."""
    found = call.github.repository(name)
    if found is None:
        raise unknown_repository(name)
    check(call, found, "metadata")
    return found


def git_object(repository: Repository, sha: str | None) -> Node | None:
    """A commit, tree, blob or tag as a node."""
    kind = None if sha is None else repository.git.kind(sha)
    return None if kind is None or sha is None else Node(kind.capitalize(), Git(repository, sha))


def ref_node(repository: Repository, name: str) -> Node | None:
    """A ref by full name."""
    sha = repository.git.ref(name)
    return None if sha is None else Node("Ref", Git(repository, sha, name))


def actor(account: Account) -> Node:
    """An account as a node of its own type."""
    return Node(account.type, account)


def connection(nodes: list[Node], arguments: Arguments) -> Node:
    """The page that first/after or last ask for; cursors are places in the list."""
    first, last = arguments.get("first"), arguments.get("last")
    size = first or last
    if not isinstance(size, int) or not 0 < size <= PAGE_LIMIT:
        raise Failure(
            "MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value between 1 and 100."
        )
    start = int(arguments.get("after") or 0) if first else max(len(nodes) - size, 0)
    return Node("Connection", Connection(nodes[start : start + size], len(nodes), start))


def _find_node(call: Call, _: Any, arguments: Arguments) -> Node:  # noqa: ANN401 -- root
    node = str(arguments["id"])
    repository = call.github.repositories.get(accounts.numeric_id(node, "R") or 0)
    if repository is not None:
        check(call, repository, "metadata")
        return Node("Repository", repository)
    number = accounts.numeric_id(node, "PR")
    for owner in call.github.repositories.values():
        for pull in owner.pulls.values():
            if pull.id == number:
                check(call, owner, "pull_requests")
                return Node("PullRequest", (owner, pull))
    raise Failure("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'.")


def _object(_: Call, repository: Repository, arguments: Arguments) -> Node | None:
    expression = str(arguments.get("expression") or arguments.get("oid") or "")
    revision, mark, path = expression.partition(":")
    git = repository.git
    sha = git.resolve(revision) or (revision if git.kind(revision) else None)
    if not mark or sha is None:
        return git_object(repository, sha)
    entry = git.entry(sha, path)
    return None if entry is None else git_object(repository, entry.sha)


def _ref(_: Call, repository: Repository, arguments: Arguments) -> Node | None:
    name = str(arguments["qualifiedName"])
    for full in (name, f"refs/heads/{name}", f"refs/tags/{name}"):
        if full.startswith("refs/") and (node := ref_node(repository, full)) is not None:
            return node
    return None


def _pull(call: Call, repository: Repository, arguments: Arguments) -> Node:
    check(call, repository, "pull_requests")
    number = arguments["number"]
    if number not in repository.pulls:
        raise Failure("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return Node("PullRequest", (repository, repository.pulls[number]))


def _pulls(call: Call, repository: Repository, arguments: Arguments) -> Node:
    check(call, repository, "pull_requests")
    states, head, base = (arguments.get(name) for name in ("states", "headRefName", "baseRefName"))
    allowed = [states] if isinstance(states, str) else states
    order = arguments.get("orderBy") or {}
    found = [
        Node("PullRequest", (repository, p))
        for p in sorted(
            repository.pulls.values(), key=lambda p: p.number, reverse=order.get("direction") == "DESC"
        )
        if (not allowed or _state(p) in allowed) and head in {None, p.head_ref} and base in {None, p.base_ref}
    ]
    return connection(found, arguments)


def _state(pull: PullRequest) -> str:
    return "MERGED" if pull.merged_at is not None else pull.issue.state.upper()


def _mergeable(_: Call, pair: tuple[Repository, PullRequest], __: Arguments) -> str:
    pulling.try_merge(*pair)
    return {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}[pair[1].mergeable]


def _rollup(call: Call, git: Git, _: Arguments) -> Node | None:
    check(call, git.repository, "checks")
    runs = checks.latest([r for r in git.repository.check_runs.values() if r.head_sha == git.sha])
    return Node("StatusCheckRollup", runs) if runs else None


def _rollup_state(_: Call, runs: list[CheckRun], __: Arguments) -> str:
    if any(r.conclusion in checks.BAD for r in runs):
        return "FAILURE"
    return "SUCCESS" if all(r.status == "completed" for r in runs) else "PENDING"


def _signature(_: Call, git: Git, __: Arguments) -> Node | None:
    return Node("GitSignature", git) if git.sha in git.repository.signed else None


def _git_actor(which: str) -> Callable[[Call, Git, Arguments], Node]:
    return lambda _, git, __: Node("GitActor", commits.git_commit(git.repository, git.sha)[which])


def _item(name: str) -> Callable[[Call, dict[str, str], Arguments], str]:
    return lambda _, person, __: person[name]


REPOSITORY: dict[str, Callable[[Call, Repository, Arguments], Any]] = {
    "id": lambda _, r, __: accounts.node_id("R", r.id),
    "databaseId": lambda _, r, __: r.id,
    "name": lambda _, r, __: r.name,
    "nameWithOwner": lambda _, r, __: r.full_name,
    "owner": lambda _, r, __: actor(r.owner),
    "url": lambda _, r, __: repositories.page_of(r),
    "isPrivate": lambda _, r, __: r.private,
    "isFork": lambda _, r, __: r.parent is not None,
    "defaultBranchRef": lambda _, r, __: ref_node(r, f"refs/heads/{r.default_branch}"),
    "object": _object,
    "ref": _ref,
    "pullRequest": _pull,
    "pullRequests": _pulls,
}
GIT: dict[str, Callable[[Call, Git, Arguments], Any]] = {
    "id": lambda _, g, __: accounts.node_id("C", f"{g.repository.id}:{g.sha}"),
    "oid": lambda _, g, __: g.sha,
    "abbreviatedOid": lambda _, g, __: g.sha[:7],
    "repository": lambda _, g, __: Node("Repository", g.repository),
}
COMMIT: dict[str, Callable[[Call, Git, Arguments], Any]] = {
    **GIT,
    "url": lambda _, g, __: f"{repositories.page_of(g.repository)}/commit/{g.sha}",
    "message": lambda _, g, __: commits.message_of(g.repository.git.commit(g.sha)),
    "messageHeadline": lambda _, g, __: commits.message_of(g.repository.git.commit(g.sha)).split("\n")[0],
    "committedDate": lambda _, g, __: stamp(commits.committer_of(g.repository.git.commit(g.sha)).at),
    "tree": lambda _, g, __: git_object(g.repository, g.repository.git.tree_of(g.sha)),
    "author": _git_actor("author"),
    "committer": _git_actor("committer"),
    "signature": _signature,
    "statusCheckRollup": _rollup,
}
PULL: dict[str, Callable[[Call, Any, Arguments], Any]] = {
    "id": lambda _, p, __: accounts.node_id("PR", p[1].id),
    "databaseId": lambda _, p, __: p[1].id,
    "number": lambda _, p, __: p[1].number,
    "title": lambda _, p, __: p[1].issue.title,
    "body": lambda _, p, __: p[1].issue.body or "",
    "state": lambda _, p, __: _state(p[1]),
    "url": lambda _, p, __: issues.page_of_issue(p[0], p[1].issue),
    "author": lambda _, p, __: actor(p[1].issue.user),
    "isDraft": lambda _, p, __: p[1].draft,
    "isCrossRepository": lambda _, p, __: p[1].head_repository_id != p[0].id,
    "merged": lambda _, p, __: p[1].merged_at is not None,
    "mergedAt": lambda _, p, __: stamp_or_none(p[1].merged_at),
    "mergeable": _mergeable,
    "headRefName": lambda _, p, __: p[1].head_ref,
    "headRefOid": lambda _, p, __: p[1].head_sha,
    "headRef": lambda _, p, __: ref_node(pulls.head_repository(*p), f"refs/heads/{p[1].head_ref}"),
    "headRepository": lambda _, p, __: Node("Repository", pulls.head_repository(*p)),
    "baseRefName": lambda _, p, __: p[1].base_ref,
    "baseRefOid": lambda _, p, __: p[1].base_sha,
    "createdAt": lambda _, p, __: stamp(p[1].issue.created_at),
    "updatedAt": lambda _, p, __: stamp(p[1].issue.updated_at),
}
ACCOUNT: dict[str, Callable[[Call, Account, Arguments], Any]] = {
    "id": lambda _, a, __: accounts.node_id("O" if a.type == "Organization" else "U", a.id),
    "databaseId": lambda _, a, __: a.id,
    "login": lambda _, a, __: a.login.removesuffix("[bot]"),
}
FIELDS: Fields = {
    "Query": {
        "repository": lambda c, _, a: Node("Repository", repository_named(c, f"{a['owner']}/{a['name']}")),
        "node": _find_node,
        "viewer": lambda c, _, __: actor(c.actor),
    },
    "Repository": REPOSITORY,
    "Ref": {
        "id": lambda _, g, __: accounts.node_id("REF", f"{g.repository.id}:{g.name}"),
        "name": lambda _, g, __: g.name.split("/", 2)[2],
        "prefix": lambda _, g, __: "/".join(g.name.split("/", 2)[:2]) + "/",
        "target": lambda _, g, __: git_object(g.repository, g.sha),
    },
    "Commit": COMMIT,
    "Tree": GIT,
    "Tag": GIT,
    "Blob": {
        **GIT,
        "text": lambda _, g, __: (g.repository.git.blob(g.sha) or b"").decode("utf-8", "replace"),
        "byteSize": lambda _, g, __: len(g.repository.git.blob(g.sha) or b""),
        "isBinary": lambda _, g, __: b"\0" in (g.repository.git.blob(g.sha) or b""),
    },
    "GitActor": {name: _item(name) for name in ("name", "email", "date")},
    "GitSignature": {
        "isValid": lambda _, __, ___: True,
        "wasSignedByGitHub": lambda _, __, ___: True,
        "state": lambda _, __, ___: "VALID",
    },
    "StatusCheckRollup": {"state": _rollup_state},
    "PullRequest": PULL,
    "User": ACCOUNT,
    "Bot": ACCOUNT,
    "Organization": ACCOUNT,
    "Connection": {
        "nodes": lambda _, c, __: c.nodes,
        "edges": lambda _, c, __: [Node("Edge", (c.start + i + 1, n)) for i, n in enumerate(c.nodes)],
        "totalCount": lambda _, c, __: c.total,
        "pageInfo": lambda _, c, __: Node("PageInfo", c),
    },
    "Edge": {"node": lambda _, e, __: e[1], "cursor": lambda _, e, __: str(e[0])},
    "PageInfo": {
        "hasNextPage": lambda _, c, __: c.start + len(c.nodes) < c.total,
        "hasPreviousPage": lambda _, c, __: c.start > 0,
        "startCursor": lambda _, c, __: str(c.start + 1) if c.nodes else None,
        "endCursor": lambda _, c, __: str(c.start + len(c.nodes)) if c.nodes else None,
    },
}
