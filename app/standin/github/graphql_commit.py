"""The mutations that write git: a commit on a branch with an expected head, and a new ref."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from app.standin.github import moves, trees
from app.standin.github.answers import Refusal
from app.standin.github.call import Call
from app.standin.github.git import RefRefused
from app.standin.github.graphql_execution import Arguments, Failure, Node, Resolver
from app.standin.github.graphql_fields import check, git_object, ref_node, repository_named
from app.standin.github.shapes import accounts
from app.standin.github.state import Repository

STALE = 'Expected branch to point to "{}" but it did not. Pull and try again.'


def _input(arguments: Arguments) -> dict[str, Any]:
    given = arguments.get("input")
    if not isinstance(given, dict):
        raise Failure("UNPROCESSABLE", "An input object is needed.")
    return given


def _target(call: Call, branch: dict[str, Any]) -> tuple[Repository, str]:
    if (node := branch.get("id")) is not None:
        for repository in call.github.repositories.values():
            for name in repository.git.refs("refs/heads/"):
                if accounts.node_id("REF", f"{repository.id}:{name}") == node:
                    return repository, name
        raise Failure("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'.")
    name = str(branch.get("branchName", "")).removeprefix("refs/heads/")
    return repository_named(call, str(branch.get("repositoryNameWithOwner"))), f"refs/heads/{name}"


def create_commit_on_branch(call: Call, _: Any, arguments: Arguments) -> Node:  # noqa: ANN401 -- root
    """One commit on the branch if its head is the expected one; signed by GitHub when a bot makes it.

    Raises: Failure NOT_FOUND, FORBIDDEN, STALE_DATA, UNPROCESSABLE.
    """
    given = _input(arguments)
    repository, ref = _target(call, given["branch"])
    here = check(call, repository, "contents", "write")
    head, expected = repository.git.ref(ref), str(given["expectedHeadOid"])
    if head is None:
        raise Failure("NOT_FOUND", f"The branch {ref.removeprefix('refs/heads/')} does not exist.")
    if head != expected:
        raise Failure("STALE_DATA", STALE.format(expected))
    changes = _changes(repository, head, given.get("fileChanges") or {})
    try:
        tree = repository.git.edit_tree(repository.git.tree_of(head), changes)
    except trees.PathConflict as exc:
        raise Failure("UNPROCESSABLE", f"A path is not valid: {exc}") from exc
    message = given["message"]
    text = "\n\n".join(part for part in (message["headline"], message.get("body")) if part)
    sha = repository.git.add_commit(tree, [head], text, moves.author_of(here))
    moves.sign(repository, here.actor, sha)
    _move(here, ref, head, sha)
    result = {"clientMutationId": given.get("clientMutationId"), "commit": sha, "ref": ref, "in": repository}
    return Node("CreateCommitOnBranchPayload", result)


def _move(call: Call, ref: str, before: str | None, after: str) -> None:
    try:
        moves.move(call, ref, before, after)
    except RefRefused as exc:
        raise Failure("STALE_DATA", STALE.format(before)) from exc
    except Refusal as refusal:
        raise Failure("FORBIDDEN", str(refusal)) from refusal


def _changes(repository: Repository, head: str, given: dict[str, Any]) -> dict[str, trees.Change]:
    changes: dict[str, trees.Change] = {}
    for one in given.get("deletions") or []:
        if repository.git.entry(head, one["path"]) is None:
            message = f"A path was requested for deletion which does not exist as of commit oid `{head}`: {one['path']}"
            raise Failure("UNPROCESSABLE", message)
        changes[one["path"]] = None
    for one in given.get("additions") or []:
        try:
            data = base64.b64decode(one["contents"], validate=True)
        except (binascii.Error, ValueError) as exc:
            raise Failure("UNPROCESSABLE", "The contents of an addition are not valid Base64.") from exc
        old = repository.git.entry(head, one["path"])
        # The mutation cannot set a mode: what exists keeps its own, new files are plain.
        mode = old.mode if old is not None and old.type == "blob" else trees.FILE
        changes[one["path"]] = (mode, repository.git.add_blob(data))
    return changes


def create_ref(call: Call, _: Any, arguments: Arguments) -> Node:  # noqa: ANN401 -- root
    """A new ref at a commit. Raises: Failure."""
    given = _input(arguments)
    number = accounts.numeric_id(str(given["repositoryId"]), "R")
    repository = call.github.repositories.get(number or 0)
    if repository is None:
        raise Failure(
            "NOT_FOUND", f"Could not resolve to a node with the global id of '{given['repositoryId']}'."
        )
    here = check(call, repository, "contents", "write")
    ref, sha = str(given["name"]), str(given["oid"])
    if repository.git.ref(ref) is not None:
        raise Failure("UNPROCESSABLE", f'A ref named "{ref}" already exists in the repository.')
    if repository.git.kind(sha) is None:
        raise Failure("UNPROCESSABLE", "The object does not exist.")
    try:
        moves.move(here, ref, None, sha)
    except RefRefused as exc:
        raise Failure("UNPROCESSABLE", f'"{ref}" is not a valid ref name.') from exc
    except Refusal as refusal:
        raise Failure("FORBIDDEN", str(refusal)) from refusal
    result = {"clientMutationId": given.get("clientMutationId"), "ref": ref, "in": repository}
    return Node("CreateRefPayload", result)


MUTATIONS: dict[str, Resolver] = {"createCommitOnBranch": create_commit_on_branch, "createRef": create_ref}
PAYLOADS: dict[str, dict[str, Resolver]] = {
    "CreateCommitOnBranchPayload": {
        "clientMutationId": lambda _, p, __: p["clientMutationId"],
        "commit": lambda _, p, __: git_object(p["in"], p["commit"]),
        "ref": lambda _, p, __: ref_node(p["in"], p["ref"]),
    },
    "CreateRefPayload": {
        "clientMutationId": lambda _, p, __: p["clientMutationId"],
        "ref": lambda _, p, __: ref_node(p["in"], p["ref"]),
    },
}
