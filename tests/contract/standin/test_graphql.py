from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from app.standin.github import trees

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

COMMIT = """
mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    commit { oid message signature { isValid wasSignedByGitHub } author { name } }
    ref { name }
  }
}"""


async def run(world: World, document: str, token: str = "", **variables: object) -> dict[str, Any]:
    body = {"query": document, "variables": variables}
    reply = await world.call("POST", "/graphql", token=token or await world.token(), json=body)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


def commit_input(head: str | None, files: dict[str, bytes], **more: object) -> dict[str, Any]:
    additions = [{"path": p, "contents": base64.b64encode(d).decode()} for p, d in files.items()]
    return {
        "branch": {"repositoryNameWithOwner": "forge/anvil", "branchName": "main"},
        "message": {"headline": "Mend", "body": "For good."},
        "expectedHeadOid": head,
        "fileChanges": {"additions": additions, **more},
    }


async def test_a_commit_on_a_branch_is_signed_and_moves_it(world: World) -> None:
    head = world.anvil.git.resolve("main")
    given = commit_input(head, {"a/b.txt": b"new\n"}, deletions=[{"path": "README.md"}])
    found = await run(world, COMMIT, input=given)
    made = found["data"]["createCommitOnBranch"]
    assert made["commit"]["message"] == "Mend\n\nFor good."
    assert made["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True}
    assert made["commit"]["oid"] == world.anvil.git.resolve("main")
    assert world.anvil.git.read("main", "a/b.txt") == b"new\n"
    assert world.anvil.git.read("main", "README.md") is None
    assert world.events("push") == [None]


async def test_a_stale_head_is_an_error_of_its_own_kind_and_changes_nothing(world: World) -> None:
    stale = world.anvil.git.resolve("main")
    head = world.anvil.commit("main", {"x": "1"}, "Meanwhile")
    found = await run(world, COMMIT, input=commit_input(stale, {"a": b"1"}))
    assert found["data"] == {"createCommitOnBranch": None}
    (error,) = found["errors"]
    assert (error["type"], error["path"]) == ("STALE_DATA", ["createCommitOnBranch"])
    assert stale is not None
    assert stale in error["message"]
    assert world.anvil.git.resolve("main") == head


async def test_an_existing_file_keeps_its_mode(world: World) -> None:
    git = world.anvil.git
    tree = git.edit_tree(
        git.tree_of(git.resolve("main") or ""), {"run": (trees.EXECUTABLE, git.add_blob(b"1"))}
    )
    body = {"message": "Make executable", "tree": tree, "parents": [git.resolve("main")]}
    token = await world.token()
    made = await world.call("POST", "/repos/forge/anvil/git/commits", token=token, json=body)
    moved = {"sha": made.body["sha"]}
    await world.call("PATCH", "/repos/forge/anvil/git/refs/heads/main", token=token, json=moved)
    await run(world, COMMIT, token, input=commit_input(made.body["sha"], {"run": b"2", "plain": b"3"}))
    head = git.resolve("main") or ""
    modes = {path: entry.mode for path in ("run", "plain") if (entry := git.entry(head, path))}
    assert modes == {"run": trees.EXECUTABLE, "plain": trees.FILE}


async def test_writing_without_permission_is_forbidden(world: World) -> None:
    head = world.anvil.git.resolve("main")
    narrow = await world.token(permissions={"contents": "read"})
    refused = await run(world, COMMIT, narrow, input=commit_input(head, {"a": b"1"}))
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    workflow = await run(world, COMMIT, input=commit_input(head, {".github/workflows/x.yml": b"on: []"}))
    assert workflow["errors"][0]["type"] == "FORBIDDEN"
    assert world.anvil.git.resolve("main") == head


async def test_a_repository_out_of_sight_cannot_be_resolved(world: World) -> None:
    world.github.add_repository("elsewhere/tongs", {"a": "b"}, private=True)
    for name in ("tongs", "nothing"):
        found = await run(
            world, 'query($name: String!) { repository(owner: "elsewhere", name: $name) { id } }', name=name
        )
        assert found["errors"][0]["type"] == "NOT_FOUND"
        assert found["data"] == {"repository": None}


async def test_a_branch_can_be_made_and_read_back(world: World) -> None:
    token = await world.token()
    shown = await run(
        world,
        """{ repository(owner: "forge", name: "anvil") {
          id defaultBranchRef { name target { oid ... on Commit { messageHeadline } } } } }""",
        token,
    )
    repository = shown["data"]["repository"]
    target = repository["defaultBranchRef"]["target"]
    assert target == {"oid": world.anvil.git.resolve("main"), "messageHeadline": "Initial commit"}
    made = await run(
        world,
        "mutation($input: CreateRefInput!) { createRef(input: $input) { ref { name target { oid } } } }",
        token,
        input={"repositoryId": repository["id"], "name": "refs/heads/fix/a", "oid": target["oid"]},
    )
    assert made["data"]["createRef"]["ref"] == {"name": "fix/a", "target": {"oid": target["oid"]}}


async def test_pull_requests_are_found_by_their_head(world: World) -> None:
    for name in ("one", "two"):
        world.anvil.commit(name, {name: "1"}, name)
        world.anvil.open_pull(name.title(), name)
    found = await run(
        world,
        """query($head: String) { repository(owner: "forge", name: "anvil") {
          pullRequests(first: 5, headRefName: $head, states: [OPEN]) {
            totalCount pageInfo { hasNextPage endCursor }
            nodes { ...facts } } } }
        fragment facts on PullRequest { number title mergeable headRefOid author { login } }""",
        head="two",
    )
    page = found["data"]["repository"]["pullRequests"]
    assert page["totalCount"] == 1
    assert page["nodes"] == [
        {
            "number": 2,
            "title": "Two",
            "mergeable": "MERGEABLE",
            "headRefOid": world.anvil.git.resolve("two"),
            "author": {"login": "forge"},
        }
    ]


async def test_files_are_read_at_an_expression_and_conditions_are_kept(world: World) -> None:
    found = await run(
        world,
        """query($shown: Boolean!) { repository(owner: "forge", name: "anvil") {
          readme: object(expression: "main:README.md") { ... on Blob { text byteSize } }
          none: object(expression: "main:NOTHING") { oid }
          name @include(if: $shown) nameWithOwner @skip(if: $shown) } }""",
        shown=True,
    )
    assert found["data"]["repository"] == {
        "readme": {"text": "# Anvil\n", "byteSize": 8}, "none": None, "name": "anvil"
    }  # fmt: skip


async def test_a_field_or_argument_that_is_not_there_is_said_without_data(world: World) -> None:
    for document, message in (
        (
            '{ repository(owner: "forge", name: "anvil") { sha } }',
            "Field 'sha' doesn't exist on type 'Repository'",
        ),
        ('{ repository(owner: "forge") { id } }', "Field 'repository' is missing required arguments: name"),
    ):
        found = await run(world, document)
        assert "data" not in found
        assert found["errors"][0]["message"] == message
    world.forgive_requests()


async def test_nobody_asks_without_a_token(world: World) -> None:
    assert (await world.call("POST", "/graphql", json={"query": "{ viewer { login } }"})).status == 401


async def test_a_pull_request_is_read_by_number_and_by_id(world: World) -> None:
    world.anvil.commit("topic", {"a": "1"}, "Topic")
    pull = world.anvil.open_pull("Topic", "topic", body="Please.")
    token = await world.token()
    first = await run(
        world,
        """query($n: Int!) { repository(owner: "forge", name: "anvil") { pullRequest(number: $n) {
          id state body isDraft isCrossRepository baseRefName headRepository { nameWithOwner }
          headRef { target { ... on Commit { statusCheckRollup { state } } } } } } }""",
        token,
        n=pull.number,
    )
    shown = first["data"]["repository"]["pullRequest"]
    assert (shown["state"], shown["body"], shown["isCrossRepository"]) == ("OPEN", "Please.", False)
    assert shown["headRef"]["target"]["statusCheckRollup"] is None
    again = await run(
        world, "query($id: ID!) { node(id: $id) { ... on PullRequest { number } } }", token, id=shown["id"]
    )
    assert again["data"]["node"] == {"number": pull.number}
    missing = await run(
        world, '{ repository(owner: "forge", name: "anvil") { pullRequest(number: 99) { id } } }', token
    )
    assert missing["errors"][0]["type"] == "NOT_FOUND"


async def test_a_broken_document_is_an_error_with_its_place(world: World) -> None:
    found = await run(world, "{ repository(")
    assert found["errors"][0]["locations"]
    world.forgive_requests()


async def test_a_branch_or_file_that_is_not_there_cannot_be_committed_to(world: World) -> None:
    head = world.anvil.git.resolve("main")
    given = commit_input(head, {"a": b"1"})
    given["branch"]["branchName"] = "nowhere"
    assert (await run(world, COMMIT, input=given))["errors"][0]["type"] == "NOT_FOUND"
    absent = commit_input(head, {}, deletions=[{"path": "absent"}])
    assert (await run(world, COMMIT, input=absent))["errors"][0]["type"] == "UNPROCESSABLE"
