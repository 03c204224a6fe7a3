"""What the stand-in tells about its own changes, held to GitHub's webhook schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from app.standin.github import checks, installs, merge_queue
from app.standin.github.shapes import accounts, repositories

if TYPE_CHECKING:
    from pathlib import Path

    from app.standin.github.records import Event
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


def complaints(bundle: dict[str, Any], world: World, event: Event) -> list[str]:
    """What the schema says of an event's payload with the three parts that the sender adds."""
    described = bundle["x-events"].get(event.name)
    if described is None:
        return []
    body = {
        "organization": accounts.organization(world.github, world.anvil.owner),
        "installation": {"id": world.installation.id, "node_id": "x"},
        "sender": accounts.account(world.github, event.sender),
        **event.payload,
    }
    if event.repository_id is not None:
        body["repository"] = repositories.simple(world.anvil)
    if event.action is not None:
        body["action"] = event.action
    schema = {"$ref": described.get(event.action or "*", described.get("*")), "$defs": bundle["$defs"]}
    faults = Draft202012Validator(schema).iter_errors(body)
    return [f"{event.name}.{event.action} {fault.json_path}: {fault.message[:160]}" for fault in faults]


@pytest.mark.corpus
async def test_every_event_of_a_busy_day_is_githubs_shape(world: World, corpus: Path) -> None:
    bundle = json.loads((corpus / "webhooks/schemas/webhooks.bundle.json").read_bytes())
    token, anvil = await world.token(), world.anvil
    anvil.commit("topic", {"a.txt": "1"}, "Topic", world.github.add_account("smith"))
    anvil.open_pull("Topic", "topic", body="Please.")
    anvil.commit("topic", {"a.txt": "2"}, "Again")
    await world.call("PATCH", f"{BASE}/pulls/1", token=token, json={"title": "New"})
    await world.call("POST", f"{BASE}/issues/1/comments", token=token, json={"body": "hello"})
    run = {"name": "gate", "head_sha": anvil.git.resolve("topic")}
    button = {"label": "Fix", "description": "Fix it", "identifier": "fix"}
    made = await world.call("POST", f"{BASE}/check-runs", token=token, json={**run, "actions": [button]})
    path = f"{BASE}/check-runs/{made.body['id']}"
    await world.call("PATCH", path, token=token, json={"conclusion": "failure"})
    await world.call("POST", f"{path}/rerequest", token=token)
    checks.request_action(anvil, anvil.check_runs[made.body["id"]], "fix", anvil.owner)
    await world.call("POST", f"{BASE}/check-suites/{made.body['check_suite']['id']}/rerequest", token=token)
    await world.call("POST", f"{BASE}/statuses/{run['head_sha']}", token=token, json={"state": "success"})
    await world.call("PUT", f"{BASE}/pulls/1/merge", token=token, json={})
    await world.call("DELETE", f"{BASE}/git/refs/heads/topic", token=token)
    anvil.commit("queued", {"q.txt": "1"}, "Queued")
    queued = anvil.open_pull("Queued", "queued")
    trial = merge_queue.enqueue(anvil, queued, anvil.owner)
    merge_queue.finish(anvil, queued, trial, anvil.owner, merged=True)
    told = {(event.name, event.action) for event in world.github.events}
    assert {
        ("push", None), ("pull_request", "opened"), ("pull_request", "synchronize"), ("pull_request", "edited"),
        ("pull_request", "closed"), ("issue_comment", "created"), ("check_run", "created"), ("check_run", "completed"),
        ("check_run", "rerequested"), ("check_run", "requested_action"), ("check_suite", "requested"),
        ("check_suite", "completed"), ("check_suite", "rerequested"), ("status", None), ("delete", None),
        ("merge_group", "checks_requested"), ("merge_group", "destroyed"),
    } <= told  # fmt: skip
    found = [line for event in world.github.events for line in complaints(bundle, world, event)]
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.corpus
async def test_the_life_of_an_installation_is_githubs_shape(world: World, corpus: Path) -> None:
    bundle = json.loads((corpus / "webhooks/schemas/webhooks.bundle.json").read_bytes())
    github, one, smith = world.github, world.installation, world.github.add_account("smith")
    token, tongs = await world.token(), world.github.add_repository("forge/tongs", {"a": "b"}, private=True)
    installs.created(github, one, smith)
    installs.grant(github, one, {"workflows": "write"}, smith)
    installs.select(github, one, [tongs], smith)
    assert (await world.call("GET", "/repos/forge/tongs", token=token)).status == 200
    installs.select(github, one, [tongs, world.anvil], smith)
    installs.suspend(github, one, smith)
    assert (await world.call("GET", "/repos/forge/tongs", token=token)).status == 403
    installs.unsuspend(github, one, smith)
    installs.delete(github, one, smith)
    assert (await world.call("GET", "/repos/forge/tongs", token=token)).status == 401
    assert world.events("installation") == [
        "created", "new_permissions_accepted", "suspend", "unsuspend", "deleted"
    ]  # fmt: skip
    assert world.events("installation_repositories") == ["removed", "added"]
    found = [line for event in github.events for line in complaints(bundle, world, event)]
    assert not found, "\n".join(dict.fromkeys(found))
