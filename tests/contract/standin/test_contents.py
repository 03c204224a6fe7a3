from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from app.standin.github import trees

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


async def test_a_file_comes_as_json_and_raw(world: World) -> None:
    token = await world.token()
    path = f"{BASE}/contents/anvil/strike.py"
    shown = await world.call("GET", path, token=token)
    raw = await world.call("GET", path, token=token, accept="application/vnd.github.raw+json")
    assert base64.b64decode(shown.body["content"]) == raw.body
    assert raw.body.startswith(b"import os")


async def test_a_directory_is_listed(world: World) -> None:
    reply = await world.call("GET", f"{BASE}/contents/", token=await world.token())
    assert [(e["type"], e["name"]) for e in reply.body] == [
        ("dir", ".github"), ("file", "README.md"), ("dir", "anvil")
    ]  # fmt: skip


async def test_what_is_not_there_is_404(world: World) -> None:
    token = await world.token()
    missing = await world.call("GET", f"{BASE}/contents/.github/hephaestus.yml", token=token)
    assert (missing.status, missing.body["message"]) == (404, "Not Found")
    ref = await world.call("GET", f"{BASE}/contents/README.md?ref=nowhere", token=token)
    assert (ref.status, ref.body["message"]) == (404, "No commit found for the ref nowhere")


async def test_a_file_at_a_ref_is_the_one_of_that_ref(world: World) -> None:
    first = world.anvil.git.resolve("main")
    world.anvil.commit("feature/x", {"README.md": "changed\n"}, "Change it")
    token, raw = await world.token(), "application/vnd.github.raw+json"
    for ref, text in (("feature/x", b"changed\n"), (first, b"# Anvil\n"), ("main", b"# Anvil\n")):
        reply = await world.call("GET", f"{BASE}/contents/README.md?ref={ref}", token=token, accept=raw)
        assert reply.body == text


async def test_a_file_over_a_mebibyte_has_no_inline_content(world: World) -> None:
    world.anvil.commit("main", {"big.bin": bytes(1024 * 1024 + 1)}, "Grow")
    reply = await world.call("GET", f"{BASE}/contents/big.bin", token=await world.token())
    assert (reply.body["encoding"], reply.body["content"], reply.body["size"]) == ("none", "", 1048577)


async def test_a_file_is_created_replaced_and_the_stale_sha_refused(world: World) -> None:
    token, path = await world.token(), f"{BASE}/contents/docs/new.md"
    body = {"message": "Add", "content": base64.b64encode(b"one").decode()}
    made = await world.call("PUT", path, token=token, json=body)
    assert made.status == 201
    assert made.body["commit"]["author"]["name"] == "hephaestus[bot]"
    assert made.body["commit"]["verification"]["verified"] is True
    unnamed = await world.call("PUT", path, token=token, json=body)
    assert unnamed.status == 422
    sha = made.body["content"]["sha"]
    again = {**body, "content": base64.b64encode(b"two").decode(), "sha": sha}
    assert (await world.call("PUT", path, token=token, json=again)).status == 200
    stale = await world.call("PUT", path, token=token, json=again)
    assert (stale.status, stale.body["message"]) == (409, f"docs/new.md does not match {sha}")
    assert world.anvil.git.read("main", "docs/new.md") == b"two"
    assert world.events("push") == [None, None]


async def test_workflows_need_their_own_permission(world: World) -> None:
    token = await world.token()
    body = {"message": "Add", "content": base64.b64encode(b"on: push\n").decode()}
    reply = await world.call("PUT", f"{BASE}/contents/.github/workflows/new.yml", token=token, json=body)
    assert reply.status == 403
    assert "without `workflows` permission" in reply.body["message"]
    world.installation.permissions["workflows"] = "write"
    allowed = await world.call(
        "PUT", f"{BASE}/contents/.github/workflows/new.yml", token=await world.token(), json=body
    )
    assert allowed.status == 201


async def test_a_former_name_redirects_to_the_id_and_the_id_works(world: World) -> None:
    world.github.rename(world.anvil, "hammer")
    token = await world.token()
    moved = await world.call("GET", f"{BASE}/contents/README.md?ref=main", token=token)
    assert moved.status == 301
    assert moved.headers["Location"].endswith(f"/repositories/{world.anvil.id}/contents/README.md?ref=main")
    assert (await world.call("GET", moved.headers["Location"], token=token)).body["name"] == "README.md"


@pytest.mark.parametrize("path", ["../../etc/passwd", ".git/config", "a//..//b"])
async def test_paths_that_git_refuses_are_refused(world: World, path: str) -> None:
    body = {"message": "Add", "content": ""}
    quoted = path.replace("/", "%2F").replace("..", "%2E%2E")
    reply = await world.call("PUT", f"{BASE}/contents/{quoted}", token=await world.token(), json=body)
    assert reply.status in {404, 422}
    assert world.anvil.git.read("main", "README.md") == b"# Anvil\n"


async def test_a_file_is_deleted_with_the_sha_it_has(world: World) -> None:
    token, path = await world.token(), f"{BASE}/contents/README.md"
    sha = (await world.call("GET", path, token=token)).body["sha"]
    body = {"message": "Remove", "sha": sha, "branch": "main"}
    assert (await world.call("DELETE", path, token=token, json=body)).status == 200
    assert world.anvil.git.read("main", "README.md") is None
    assert (
        await world.call("DELETE", f"{BASE}/contents/none", token=token, json={"message": "x"})
    ).status == 404


async def test_a_named_author_and_date_are_kept_and_not_signed(world: World) -> None:
    author = {"name": "Ada", "email": "ada@example.com", "date": "2026-01-02T03:04:05Z"}
    body = {"message": "Add", "content": "", "author": author, "committer": author}
    made = await world.call("PUT", f"{BASE}/contents/ada", token=await world.token(), json=body)
    assert made.body["commit"]["author"] == author
    assert made.body["commit"]["verification"]["verified"] is False


async def test_content_that_is_no_base64_and_unknown_branches_are_refused(world: World) -> None:
    token = await world.token()
    wrong = await world.call(
        "PUT", f"{BASE}/contents/x", token=token, json={"message": "m", "content": "%%%"}
    )
    assert (wrong.status, wrong.body["message"]) == (422, "content is not valid Base64")
    body = {"message": "m", "content": "", "branch": "nowhere"}
    missing = await world.call("PUT", f"{BASE}/contents/x", token=token, json=body)
    assert (missing.status, missing.body["message"]) == (404, "Branch nowhere not found")
    folder = await world.call(
        "PUT", f"{BASE}/contents/anvil", token=token, json={"message": "m", "content": ""}
    )
    assert folder.status == 422


async def test_a_first_file_makes_the_default_branch_of_an_empty_repository(world: World) -> None:
    empty, token = world.github.add_repository("forge/empty"), await world.token()
    assert (await world.call("GET", "/repos/forge/empty/contents/", token=token)).body["message"] == (
        "This repository is empty."
    )
    body = {"message": "First", "content": base64.b64encode(b"1").decode()}
    assert (await world.call("PUT", "/repos/forge/empty/contents/a", token=token, json=body)).status == 201
    assert empty.git.read("main", "a") == b"1"


async def linked(world: World, path: str, target: str) -> str:
    """A commit with a link."""
    git = world.anvil.git
    link = (trees.SYMLINK, git.add_blob(target.encode()))
    tree = git.edit_tree(git.tree_of(git.resolve("main") or ""), {path: link})
    body = {"message": "Link", "tree": tree, "parents": [git.resolve("main")]}
    made = await world.call("POST", f"{BASE}/git/commits", token=await world.token(), json=body)
    return str(made.body["sha"])


@pytest.mark.parametrize("target", ["absent.md", "../README.md", "/README.md", "anvil", "link"])
async def test_a_link_that_leads_to_no_file_of_the_repository_shows_its_target(
    world: World, target: str
) -> None:
    sha = await linked(world, "link", target)
    shown = await world.call("GET", f"{BASE}/contents/link?ref={sha}", token=await world.token())
    assert (shown.body["type"], shown.body["target"]) == ("symlink", target)


async def test_a_link_inside_the_repository_is_answered_with_the_file_it_leads_to(world: World) -> None:
    sha, token = await linked(world, "anvil/link", "../README.md"), await world.token()
    shown = await world.call("GET", f"{BASE}/contents/anvil/link?ref={sha}", token=token)
    assert (shown.body["type"], base64.b64decode(shown.body["content"])) == ("file", b"# Anvil\n")
