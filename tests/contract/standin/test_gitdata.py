from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


def git(path: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", f"--git-dir={path}", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


async def test_a_commit_made_of_parts_is_what_git_itself_reads(world: World) -> None:
    token = await world.token()
    head = world.anvil.git.resolve("main")
    blob = await world.call(
        "POST",
        f"{BASE}/git/blobs",
        token=token,
        json={"content": base64.b64encode(b"#!/bin/sh\n").decode(), "encoding": "base64"},
    )
    entries: list[dict[str, Any]] = [
        {"path": "bin/run", "mode": "100755", "type": "blob", "sha": blob.body["sha"]},
        {"path": "docs/a/deep.md", "mode": "100644", "type": "blob", "content": "deep\n"},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = await world.call(
        "POST", f"{BASE}/git/trees", token=token, json={"base_tree": head, "tree": entries}
    )
    assert tree.status == 201
    commit = await world.call(
        "POST",
        f"{BASE}/git/commits",
        token=token,
        json={"message": "Rearrange", "tree": tree.body["sha"], "parents": [head]},
    )
    assert commit.body["verification"]["verified"] is True
    ref = await world.call(
        "POST", f"{BASE}/git/refs", token=token, json={"ref": "refs/heads/fix/one", "sha": commit.body["sha"]}
    )
    assert ref.status == 201
    path = world.anvil.git.path
    assert git(path, "ls-tree", "-r", "fix/one").splitlines() == [
        line
        for line in git(path, "ls-tree", "-r", "fix/one").splitlines()
        if line.endswith(
            (".github/workflows/ci.yml", "__init__.py", "strike.py", "bin/run", "docs/a/deep.md")
        )
    ]
    assert git(path, "ls-tree", "fix/one", "bin/run").startswith("100755 blob")
    assert git(path, "fsck", "--strict") == ""
    assert world.events("create") == [None]
    read = await world.call("GET", f"{BASE}/git/commits/{commit.body['sha']}", token=token)
    assert read.body["parents"][0]["sha"] == head
    listed = await world.call("GET", f"{BASE}/git/trees/fix%2Fone?recursive=1", token=token)
    assert "docs/a/deep.md" in {entry["path"] for entry in listed.body["tree"]}


async def test_a_blob_comes_back_as_it_was_sent(world: World) -> None:
    token, data = await world.token(), bytes(range(256))
    sent = {"content": base64.b64encode(data).decode(), "encoding": "base64"}
    sha = (await world.call("POST", f"{BASE}/git/blobs", token=token, json=sent)).body["sha"]
    shown = await world.call("GET", f"{BASE}/git/blobs/{sha}", token=token)
    assert base64.b64decode(shown.body["content"]) == data


async def test_a_tree_of_unknown_objects_is_refused(world: World) -> None:
    token = await world.token()
    entry = {"path": "a", "mode": "100644", "type": "blob", "sha": "0" * 39 + "1"}
    assert (await world.call("POST", f"{BASE}/git/trees", token=token, json={"tree": [entry]})).status == 422


async def test_an_empty_repository_answers_409(world: World) -> None:
    world.github.add_repository("forge/empty")
    token = await world.token()
    for path in ("git/ref/heads/main", "git/trees/main", "commits"):
        reply = await world.call("GET", f"/repos/forge/empty/{path}", token=token)
        assert (reply.status, reply.body["message"]) == (409, "Git Repository is empty.")


async def test_annotated_tags_are_made_and_read(world: World) -> None:
    token, head = await world.token(), world.anvil.git.resolve("main")
    made = await world.call(
        "POST",
        f"{BASE}/git/tags",
        token=token,
        json={"tag": "v1", "message": "First", "object": head, "type": "commit"},
    )
    assert made.status == 201
    sha = made.body["sha"]
    ref = {"ref": "refs/tags/v1", "sha": sha}
    assert (await world.call("POST", f"{BASE}/git/refs", token=token, json=ref)).status == 201
    shown = await world.call("GET", f"{BASE}/git/tags/{sha}", token=token)
    assert (shown.body["tag"], shown.body["object"]["sha"]) == ("v1", head)
    tags = await world.call("GET", f"{BASE}/tags", token=token)
    assert [(t["name"], t["commit"]["sha"]) for t in tags.body] == [("v1", head)]


async def test_refs_are_read_listed_moved_and_deleted(world: World) -> None:
    token, first = await world.token(), world.anvil.git.resolve("main")
    second = world.anvil.commit("main", {"a": "1"}, "Second")
    made = {"ref": "refs/heads/topic/a", "sha": first}
    assert (await world.call("POST", f"{BASE}/git/refs", token=token, json=made)).status == 201
    again = await world.call("POST", f"{BASE}/git/refs", token=token, json=made)
    assert (again.status, again.body["message"]) == (422, "Reference already exists")
    listed = await world.call("GET", f"{BASE}/git/matching-refs/heads/topic", token=token)
    assert [one["ref"] for one in listed.body] == ["refs/heads/topic/a"]
    path = f"{BASE}/git/refs/heads/topic/a"
    assert (await world.call("PATCH", path, token=token, json={"sha": second})).status == 200
    back = await world.call("PATCH", path, token=token, json={"sha": first})
    assert (back.status, back.body["message"]) == (422, "Update is not a fast forward")
    forced = await world.call("PATCH", path, token=token, json={"sha": first, "force": True})
    assert forced.body["object"]["sha"] == first
    assert (await world.call("GET", f"{BASE}/git/ref/heads/topic/a", token=token)).status == 200
    assert (await world.call("DELETE", path, token=token)).status == 204
    gone = await world.call("DELETE", path, token=token)
    assert (gone.status, gone.body["message"]) == (422, "Reference does not exist")
    assert (await world.call("GET", f"{BASE}/git/matching-refs/heads/topic", token=token)).body == []


async def test_a_ref_must_have_a_full_name_and_a_target_that_exists(world: World) -> None:
    token, head = await world.token(), world.anvil.git.resolve("main")
    for name, sha, message in (
        ("main2", head, "Reference name must start with 'refs/' and contain at least two slashes."),
        ("refs/heads/x", "f" * 40, "Object does not exist"),
        ("refs/heads/a..b", head, "refs/heads/a..b is not a valid ref name."),
    ):
        reply = await world.call("POST", f"{BASE}/git/refs", token=token, json={"ref": name, "sha": sha})
        assert (reply.status, reply.body["message"]) == (422, message)


async def test_a_commit_that_touches_a_workflow_cannot_become_a_branch_without_the_permission(
    world: World,
) -> None:
    token, head = await world.token(), world.anvil.git.resolve("main")
    entry = {"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": "on: []\n"}
    tree = await world.call(
        "POST", f"{BASE}/git/trees", token=token, json={"base_tree": head, "tree": [entry]}
    )
    body = {"message": "Sneak", "tree": tree.body["sha"], "parents": [head]}
    sha = (await world.call("POST", f"{BASE}/git/commits", token=token, json=body)).body["sha"]
    made = {"ref": "refs/heads/sneaky", "sha": sha}
    reply = await world.call("POST", f"{BASE}/git/refs", token=token, json=made)
    assert reply.status == 403
    assert world.anvil.git.ref("refs/heads/sneaky") is None


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "/a", "mode": "100644", "type": "blob", "content": "x"},
        {"path": "a/../b", "mode": "100644", "type": "blob", "content": "x"},
        {"path": ".git/config", "mode": "100644", "type": "blob", "content": "x"},
        {"path": "a", "mode": "100644", "type": "blob"},
        {"path": "nothing-here", "mode": "100644", "type": "blob", "sha": None},
    ],
)
async def test_entries_that_make_no_tree_are_refused(world: World, entry: dict[str, Any]) -> None:
    body = {"base_tree": world.anvil.git.resolve("main"), "tree": [entry]}
    reply = await world.call("POST", f"{BASE}/git/trees", token=await world.token(), json=body)
    assert reply.status == 422


async def test_commits_of_unknown_trees_and_parents_are_refused(world: World) -> None:
    token, git_ = await world.token(), world.anvil.git
    tree = git_.tree_of(git_.resolve("main") or "")
    for body in (
        {"message": "m", "tree": "0" * 40, "parents": []}, {"message": "m", "tree": tree, "parents": ["0" * 40]}
    ):  # fmt: skip
        assert (await world.call("POST", f"{BASE}/git/commits", token=token, json=body)).status == 422
    for path in (
        "git/commits/" + "0" * 40,
        "git/blobs/" + "0" * 40,
        "git/tags/" + "0" * 40,
        "git/trees/none",
    ):
        assert (await world.call("GET", f"{BASE}/{path}", token=token)).status == 404


async def test_the_default_branch_cannot_be_deleted(world: World) -> None:
    path = f"{BASE}/git/refs/heads/main"
    assert (await world.call("DELETE", path, token=await world.token())).status == 422
    assert world.anvil.git.resolve("main") is not None
