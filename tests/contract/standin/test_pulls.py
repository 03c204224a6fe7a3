from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contract.standin.conftest import Reply, World

BASE = "/repos/forge/anvil"
TOPIC = {"title": "Strike harder", "head": "topic", "base": "main", "body": "Twice as hard."}


async def opened(world: World, token: str, **more: object) -> Reply:
    if world.anvil.git.resolve("topic") is None:
        world.anvil.commit("topic", {"anvil/strike.py": "def strike():\n    return 4\n"}, "Harder")
    return await world.call("POST", f"{BASE}/pulls", token=token, json={**TOPIC, **more})


async def test_a_pull_request_is_opened_by_the_bot_and_told(world: World) -> None:
    reply = await opened(world, await world.token())
    assert reply.status == 201
    assert (reply.body["number"], reply.body["user"]["login"]) == (1, "hephaestus[bot]")
    assert (reply.body["commits"], reply.body["changed_files"], reply.body["deletions"]) == (1, 1, 5)
    assert world.events("pull_request") == ["opened"]
    assert world.anvil.git.ref("refs/pull/1/head") == reply.body["head"]["sha"]


@pytest.mark.parametrize("head", ["topic", "forge:topic"])
async def test_the_same_pull_request_twice_is_refused(world: World, head: str) -> None:
    token = await world.token()
    await opened(world, token)
    again = await opened(world, token, head=head)
    assert (again.status, again.body["message"]) == (422, "Validation Failed")
    assert again.body["errors"] == [
        {
            "resource": "PullRequest",
            "code": "custom",
            "message": "A pull request already exists for forge:topic.",
        }
    ]


async def test_nothing_to_merge_and_missing_branches_are_refused(world: World) -> None:
    token, head = await world.token(), world.anvil.git.resolve("main")
    world.anvil.git.set_ref("refs/heads/same", head or "", None)
    for more, error in (
        (
            {"head": "same"},
            {"resource": "PullRequest", "code": "custom", "message": "No commits between main and same"},
        ),
        ({"head": "absent"}, {"resource": "PullRequest", "field": "head", "code": "invalid"}),
        ({"base": "absent"}, {"resource": "PullRequest", "field": "base", "code": "invalid"}),
    ):
        reply = await opened(world, token, **more)
        assert (reply.status, reply.body["errors"]) == (422, [error])


async def test_drafts_are_refused_where_the_plan_has_none(world: World) -> None:
    token = await world.token()
    world.github.settings.drafts_allowed = False
    refused = await opened(world, token, draft=True)
    assert refused.body["message"] == "Draft pull requests are not supported in this repository."
    world.github.settings.drafts_allowed = True
    assert (await opened(world, token, draft=True)).body["draft"] is True


async def test_the_files_of_a_pull_request_are_those_of_the_branch(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    files = await world.call("GET", f"{BASE}/pulls/1/files", token=token)
    assert [(f["filename"], f["status"]) for f in files.body] == [("anvil/strike.py", "modified")]
    commits = await world.call("GET", f"{BASE}/pulls/1/commits", token=token)
    assert [c["commit"]["message"] for c in commits.body] == ["Harder"]
    diff = await world.call("GET", f"{BASE}/pulls/1", token=token, accept="application/vnd.github.diff")
    assert diff.body.startswith(b"diff --git a/anvil/strike.py")


async def test_a_push_to_the_branch_moves_the_pull_request(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    sha = world.anvil.commit("topic", {"more.txt": "1"}, "More")
    shown = await world.call("GET", f"{BASE}/pulls/1", token=token)
    assert (shown.body["head"]["sha"], shown.body["commits"], shown.body["mergeable"]) == (sha, 2, True)
    assert world.events("pull_request") == ["opened", "synchronize"]
    assert world.anvil.git.ref("refs/pull/1/merge") == shown.body["merge_commit_sha"]


async def test_conflicting_changes_are_not_mergeable(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    world.anvil.commit("main", {"anvil/strike.py": "def strike():\n    return 5\n"}, "Other")
    shown = await world.call("GET", f"{BASE}/pulls/1", token=token)
    assert (shown.body["mergeable"], shown.body["mergeable_state"]) == (False, "dirty")
    refused = await world.call("PUT", f"{BASE}/pulls/1/merge", token=token, json={})
    assert (refused.status, refused.body["message"]) == (405, "Pull Request is not mergeable")


async def test_merging_moves_the_base_and_closes_the_pull_request(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    merged = await world.call("PUT", f"{BASE}/pulls/1/merge", token=token, json={})
    assert merged.body["merged"] is True
    assert world.anvil.git.resolve("main") == merged.body["sha"]
    shown = await world.call("GET", f"{BASE}/pulls/1", token=token)
    assert (shown.body["state"], shown.body["merged"]) == ("closed", True)
    assert world.events("pull_request")[-1] == "closed"


async def test_pull_requests_are_listed_by_head_state_and_base(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    for query, count in (
        ("", 1), ("?head=forge:topic", 1), ("?head=forge:other", 0), ("?state=closed", 0), ("?base=main", 1),
        ("?base=other", 0), ("?head=no-owner-is-ignored", 1),
    ):  # fmt: skip
        assert len((await world.call("GET", f"{BASE}/pulls{query}", token=token)).body) == count, query


async def test_a_pull_request_is_changed_closed_and_reopened(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    changed = await world.call(
        "PATCH", f"{BASE}/pulls/1", token=token, json={"title": "New", "state": "closed"}
    )
    assert (changed.body["title"], changed.body["state"]) == ("New", "closed")
    again = await world.call("PATCH", f"{BASE}/pulls/1", token=token, json={"state": "open"})
    assert again.body["state"] == "open"
    assert world.events("pull_request") == ["opened", "edited", "closed", "reopened"]
    wrong = await world.call("PATCH", f"{BASE}/pulls/1", token=token, json={"base": "non-existing"})
    assert wrong.body["errors"][0]["message"] == "Proposed base branch 'non-existing' was not found"


async def test_deleting_the_branch_closes_the_pull_request(world: World) -> None:
    token = await world.token()
    await opened(world, token)
    assert (await world.call("DELETE", f"{BASE}/git/refs/heads/topic", token=token)).status == 204
    assert (await world.call("GET", f"{BASE}/pulls/1", token=token)).body["state"] == "closed"


async def test_a_pull_request_from_a_fork_has_its_head_here_but_not_in_checks(world: World) -> None:
    fork = world.anvil.fork("stranger")
    sha = fork.commit("theirs", {"b": "1"}, "Theirs")
    world.anvil.open_pull("Theirs", "stranger:theirs")
    token = await world.token()
    shown = await world.call("GET", f"{BASE}/pulls/1", token=token)
    assert shown.body["head"]["label"] == "stranger:theirs"
    assert world.anvil.git.ref("refs/pull/1/head") == sha
    run = {"name": "gate", "head_sha": sha}
    made = await world.call("POST", f"{BASE}/check-runs", token=token, json=run)
    assert (made.status, made.body["pull_requests"]) == (201, [])
