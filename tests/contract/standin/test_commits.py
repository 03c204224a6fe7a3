from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"
CHANGES = {
    "anvil/strike.py": "def strike(times):\n    return times * 2\n",
    "docs/guide.md": "Strike while hot.\n",
    "README.md": None,
}


async def test_a_comparison_shows_the_files_with_gits_own_patches(world: World) -> None:
    base = world.anvil.git.resolve("main")
    world.anvil.commit("fix/lint", CHANGES, "Drop the unused import")
    world.anvil.commit("main", {"other.txt": "x"}, "Go on")
    reply = await world.call("GET", f"{BASE}/compare/main...fix/lint", token=await world.token())
    assert (reply.body["status"], reply.body["ahead_by"], reply.body["behind_by"]) == ("diverged", 1, 1)
    assert reply.body["merge_base_commit"]["sha"] == base
    files = {f["filename"]: f for f in reply.body["files"]}
    assert {name: f["status"] for name, f in files.items()} == {
        "README.md": "removed", "anvil/strike.py": "modified", "docs/guide.md": "added"
    }  # fmt: skip
    assert files["anvil/strike.py"]["patch"].splitlines()[:3] == ["@@ -1,5 +1,2 @@", "-import os", "-"]
    assert (files["docs/guide.md"]["additions"], files["docs/guide.md"]["deletions"]) == (1, 0)


async def test_a_rename_is_one_file_with_its_former_name(world: World) -> None:
    world.anvil.commit(
        "mv",
        {"anvil/hit.py": world.anvil.git.read("main", "anvil/strike.py") or b"", "anvil/strike.py": None},
        "Move",
    )
    reply = await world.call("GET", f"{BASE}/compare/main...mv", token=await world.token())
    (only,) = reply.body["files"]
    assert (only["status"], only["previous_filename"], only["filename"]) == (
        "renamed", "anvil/strike.py", "anvil/hit.py"
    )  # fmt: skip


async def test_a_commit_has_its_statistics_and_knows_its_author(world: World) -> None:
    smith = world.github.add_account("smith")
    sha = world.anvil.commit("main", CHANGES, "Tidy up\n\nFor good.", smith)
    reply = await world.call("GET", f"{BASE}/commits/main", token=await world.token())
    assert reply.body["sha"] == sha
    assert reply.body["author"]["login"] == "smith"
    assert reply.body["commit"]["message"] == "Tidy up\n\nFor good."
    assert reply.body["commit"]["verification"]["reason"] == "unsigned"
    assert reply.body["stats"] == {"total": 5, "additions": 1, "deletions": 4}


async def test_the_first_commit_is_shown_against_nothing(world: World) -> None:
    reply = await world.call("GET", f"{BASE}/commits/main", token=await world.token())
    assert {f["status"] for f in reply.body["files"]} == {"added"}


async def test_an_unknown_commit_is_422(world: World) -> None:
    reply = await world.call("GET", f"{BASE}/commits/{'e' * 40}", token=await world.token())
    assert (reply.status, reply.body["message"]) == (422, f"No commit found for SHA: {'e' * 40}")


async def test_history_comes_in_pages_and_by_path(world: World) -> None:
    shas = [world.anvil.commit("main", {f"f{n}": str(n)}, f"Number {n}") for n in range(5)]
    token = await world.token()
    first = await world.call("GET", f"{BASE}/commits?per_page=2", token=token)
    assert [c["sha"] for c in first.body] == shas[:2:-1]
    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="last"' in first.headers["Link"]
    touching = await world.call("GET", f"{BASE}/commits?path=f2", token=token)
    assert [c["sha"] for c in touching.body] == [shas[2]]


async def test_the_pull_requests_of_a_commit_leave_out_heads_of_forks(world: World) -> None:
    own = world.anvil.commit("topic", {"a": "1"}, "Own")
    world.anvil.open_pull("Own", "topic")
    fork = world.anvil.fork("stranger")
    foreign = fork.commit("theirs", {"b": "1"}, "Theirs")
    world.anvil.open_pull("Theirs", "stranger:theirs")
    token = await world.token()
    mine = await world.call("GET", f"{BASE}/commits/{own}/pulls", token=token)
    assert [p["title"] for p in mine.body] == ["Own"]
    theirs = await world.call("GET", f"{BASE}/commits/{foreign}/pulls", token=token)
    assert (theirs.status, theirs.body) == (200, [])


async def test_branches_repositories_and_permissions_are_shown(world: World) -> None:
    token = await world.token()
    world.anvil.collaborators[world.github.add_account("helper").id] = "maintain"
    branch = await world.call("GET", f"{BASE}/branches/main", token=token)
    assert branch.body["commit"]["sha"] == world.anvil.git.resolve("main")
    missing = await world.call("GET", f"{BASE}/branches/none", token=token)
    assert (missing.status, missing.body["message"]) == (404, "Branch not found")
    held = await world.call("GET", f"{BASE}/collaborators/helper/permission", token=token)
    assert (held.body["permission"], held.body["role_name"]) == ("write", "maintain")
    whole = await world.call("GET", BASE, token=token)
    assert whole.body["default_branch"] == "main"


async def test_statuses_are_combined_by_context(world: World) -> None:
    token, sha = await world.token(), world.anvil.git.resolve("main")
    for state, context in (("failure", "ci"), ("success", "ci"), ("pending", "slow")):
        body = {"state": state, "context": context}
        assert (await world.call("POST", f"{BASE}/statuses/{sha}", token=token, json=body)).status == 201
    both = await world.call("GET", f"{BASE}/commits/main/status", token=token)
    assert (both.body["state"], both.body["total_count"]) == ("pending", 2)
    assert len((await world.call("GET", f"{BASE}/commits/main/statuses", token=token)).body) == 3


async def test_required_checks_say_which_app_must_make_them(world: World) -> None:
    world.anvil.required_checks["main"] = [("gate", world.app.id), ("ci", None)]
    world.installation.permissions["administration"] = "read"
    token = await world.token()
    rules = await world.call("GET", f"{BASE}/rules/branches/main", token=token)
    assert rules.body[0]["parameters"]["required_status_checks"] == [
        {"context": "gate", "integration_id": world.app.id}, {"context": "ci"}
    ]  # fmt: skip
    path = f"{BASE}/branches/main/protection/required_status_checks"
    protection = await world.call("GET", path, token=token)
    assert protection.body["checks"][1] == {"context": "ci", "app_id": None}
    assert (await world.call("GET", f"{BASE}/branches/main", token=token)).body["protected"] is True
    assert (await world.call("GET", f"{BASE}/rules/branches/other", token=token)).body == []


async def test_a_comparison_reaches_into_forks(world: World) -> None:
    fork = world.anvil.fork("stranger")
    fork.commit("theirs", {"b": "1"}, "Theirs")
    token = await world.token()
    reply = await world.call("GET", f"{BASE}/compare/main...stranger:theirs", token=token)
    assert [f["filename"] for f in reply.body["files"]] == ["b"]
    whole = await world.call("GET", "/repos/stranger/anvil", token=token)
    assert whole.body["parent"]["full_name"] == "forge/anvil"
    for unknown in ("main...nobody:x", "main...nothing", "main..main"):
        assert (await world.call("GET", f"{BASE}/compare/{unknown}", token=token)).status == 404


async def test_diffs_and_shas_come_as_text_when_asked_for(world: World) -> None:
    base = world.anvil.git.resolve("main")
    sha = world.anvil.commit("main", {"a": "1\n"}, "One")
    token, kind = await world.token(), "application/vnd.github."
    for path, accept in ((f"commits/{sha}", "diff"), (f"compare/{base}...{sha}", "diff")):
        reply = await world.call("GET", f"{BASE}/{path}", token=token, accept=kind + accept)
        assert b"+++ b/a" in reply.body
    shown = await world.call("GET", f"{BASE}/commits/main", token=token, accept=f"{kind}sha")
    assert shown.body == sha.encode()


async def test_branches_are_listed_and_dispatches_are_told(world: World) -> None:
    world.anvil.commit("topic", {"a": "1"}, "Topic")
    token = await world.token()
    assert [b["name"] for b in (await world.call("GET", f"{BASE}/branches", token=token)).body] == [
        "main",
        "topic",
    ]
    body = {"event_type": "sample", "client_payload": {"n": 1}}
    assert (await world.call("POST", f"{BASE}/dispatches", token=token, json=body)).status == 204
    assert world.github.events[-1].payload["client_payload"] == {"n": 1}


async def test_a_status_must_be_one_of_four_and_short(world: World) -> None:
    token, sha = await world.token(), world.anvil.git.resolve("main")
    long = {"state": "success", "description": "x" * 141}
    assert (await world.call("POST", f"{BASE}/statuses/{sha}", token=token, json=long)).status == 422
    path = f"{BASE}/statuses/{'0' * 40}"
    assert (await world.call("POST", path, token=token, json={"state": "success"})).status == 422
