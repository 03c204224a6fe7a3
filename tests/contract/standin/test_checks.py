from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.standin.github import checks

if TYPE_CHECKING:
    from tests.contract.standin.conftest import Reply, World

BASE = "/repos/forge/anvil"


def findings(count: int) -> list[dict[str, Any]]:
    return [
        {
            "path": "a.py",
            "start_line": n + 1,
            "end_line": n + 1,
            "annotation_level": "warning",
            "message": f"m{n}",
        }
        for n in range(count)
    ]


async def created(world: World, token: str, **fields: object) -> Reply:
    body = {"name": "gate", "head_sha": world.anvil.git.resolve("main"), **fields}
    return await world.call("POST", f"{BASE}/check-runs", token=token, json=body)


async def test_a_run_goes_from_queued_to_completed_and_is_told(world: World) -> None:
    token = await world.token()
    made = await created(world, token)
    assert (made.status, made.body["status"], made.body["app"]["slug"]) == (201, "queued", "hephaestus")
    path = f"{BASE}/check-runs/{made.body['id']}"
    await world.call("PATCH", path, token=token, json={"status": "in_progress"})
    done = await world.call("PATCH", path, token=token, json={"conclusion": "success"})
    assert (done.body["status"], done.body["conclusion"]) == ("completed", "success")
    assert done.body["completed_at"] is not None
    assert world.events("check_run") == ["created", "completed"]
    assert world.events("check_suite") == ["completed"]


async def test_annotations_are_appended_by_each_change(world: World) -> None:
    token = await world.token()
    output = {"title": "t", "summary": "s", "annotations": findings(50)}
    made = await created(world, token, status="completed", conclusion="failure", output=output)
    path = f"{BASE}/check-runs/{made.body['id']}"
    changed = await world.call(
        "PATCH", path, token=token, json={"output": {**output, "annotations": findings(3)}}
    )
    assert changed.body["output"]["annotations_count"] == 53
    second = await world.call("GET", f"{path}/annotations?per_page=50&page=2", token=token)
    assert [a["message"] for a in second.body] == ["m0", "m1", "m2"]
    assert 'rel="prev"' in second.headers["Link"]


async def test_fifty_one_annotations_are_refused(world: World) -> None:
    # The request breaks GitHub's description too, on purpose: the check sees that as the client's fault.
    output = {"title": "t", "summary": "s", "annotations": findings(51)}
    refused = await created(world, await world.token(), output=output)
    assert refused.status == 422
    assert world.anvil.check_runs == {}
    world.forgive_requests()


@pytest.mark.parametrize("field", ["summary", "text"])
async def test_a_text_may_have_65535_bytes_and_no_more(world: World, field: str) -> None:
    token = await world.token()
    fits = {"title": "t", "summary": "s", field: "é" * 32767}
    assert (await created(world, token, output=fits)).status == 201
    refused = await created(world, token, output={**fits, field: "é" * 32768})
    assert (refused.status, refused.body["errors"]) == (422, ["Only 65535 characters are allowed"])


async def test_completed_needs_a_conclusion_in_githubs_words(world: World) -> None:
    refused = await created(world, await world.token(), status="completed")
    assert refused.status == 422
    assert refused.body["message"].startswith(
        'Invalid request.\n\nNo subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.'
    )
    world.forgive_requests()


async def test_the_commit_must_exist(world: World) -> None:
    refused = await created(world, await world.token(), head_sha="d" * 40)
    assert (refused.status, refused.body["message"]) == (422, f"No commit found for SHA: {'d' * 40}")


async def test_people_cannot_write_check_runs(world: World) -> None:
    token = world.github.add_user_token(world.anvil.owner)
    refused = await created(world, token)
    assert (refused.status, refused.body["message"]) == (403, "You must authenticate via a GitHub App.")


async def test_another_apps_run_cannot_be_changed(world: World) -> None:
    other = world.github.add_app("other", owner="smith", permissions={"checks": "write"}, events=[])
    head = world.anvil.git.resolve("main")
    run = checks.add_run(world.anvil, other, {"name": "theirs", "head_sha": head})
    refused = await world.call(
        "PATCH", f"{BASE}/check-runs/{run.id}", token=await world.token(), json={"conclusion": "success"}
    )
    assert refused.status == 403
    assert run.conclusion is None


async def test_buttons_are_at_most_three_and_short(world: World) -> None:
    token = await world.token()
    button = {"label": "Fix it", "description": "Open a pull request", "identifier": "fix"}
    assert (await created(world, token, actions=[button] * 3)).status == 201
    assert (await created(world, token, actions=[button] * 4)).status == 422
    assert (await created(world, token, actions=[{**button, "label": "x" * 21}])).status == 422
    world.forgive_requests()


async def test_a_pressed_button_is_told_to_the_runs_app_alone(world: World) -> None:
    button = {"label": "Fix it", "description": "Open a pull request", "identifier": "fix"}
    made = await created(world, await world.token(), conclusion="action_required", actions=[button])
    run = world.anvil.check_runs[made.body["id"]]
    checks.request_action(world.anvil, run, "fix", world.anvil.owner)
    told = world.github.events[-1]
    assert (told.action, told.app_id) == ("requested_action", world.app.id)
    assert told.payload["requested_action"] == {"identifier": "fix"}
    with pytest.raises(KeyError):
        checks.request_action(world.anvil, run, "other", world.anvil.owner)


async def test_a_rerequest_reaches_only_the_owner_of_the_run(world: World) -> None:
    token = await world.token()
    made = await created(world, token, conclusion="failure")
    again = await world.call("POST", f"{BASE}/check-runs/{made.body['id']}/rerequest", token=token)
    assert (again.status, again.body) == (201, {})
    assert (world.github.events[-1].action, world.github.events[-1].app_id) == ("rerequested", world.app.id)
    suite = made.body["check_suite"]["id"]
    assert (await world.call("POST", f"{BASE}/check-suites/{suite}/rerequest", token=token)).status == 201
    assert world.events("check_suite")[-1] == "rerequested"


async def test_runs_of_a_commit_are_the_latest_of_each_name(world: World) -> None:
    token = await world.token()
    await created(world, token, conclusion="failure")
    last = await created(world, token, conclusion="success")
    await created(world, token, name="other")
    latest = await world.call("GET", f"{BASE}/commits/main/check-runs?check_name=gate", token=token)
    assert [r["id"] for r in latest.body["check_runs"]] == [last.body["id"]]
    everything = await world.call("GET", f"{BASE}/commits/main/check-runs?filter=all", token=token)
    assert everything.body["total_count"] == 3
    suites = await world.call("GET", f"{BASE}/commits/main/check-suites", token=token)
    assert suites.body["total_count"] == 1
    inside = await world.call(
        "GET", f"{BASE}/check-suites/{suites.body['check_suites'][0]['id']}/check-runs", token=token
    )
    assert inside.body["total_count"] == 2


async def test_a_push_asks_the_installed_app_for_a_suite(world: World) -> None:
    sha = world.anvil.commit("main", {"a": "1"}, "Push")
    asked = [e for e in world.github.events if e.name == "check_suite"]
    assert [(e.action, e.app_id, e.payload["check_suite"]["head_sha"]) for e in asked] == [
        ("requested", world.app.id, sha)
    ]


async def test_columns_need_one_line(world: World) -> None:
    one = {**findings(1)[0], "end_line": 9, "start_column": 1, "end_column": 2}
    output = {"title": "t", "summary": "s", "annotations": [one]}
    assert (await created(world, await world.token(), output=output)).status == 422


async def test_a_suite_is_made_once_for_a_commit(world: World) -> None:
    token, sha = await world.token(), world.anvil.git.resolve("main")
    statuses = [
        (await world.call("POST", f"{BASE}/check-suites", token=token, json={"head_sha": sha})).status
        for _ in range(2)
    ]
    assert statuses == [201, 200]
    (suite,) = world.anvil.check_suites.values()
    shown = await world.call("GET", f"{BASE}/check-suites/{suite.id}", token=token)
    assert shown.body["head_sha"] == sha
    assert (await world.call("GET", f"{BASE}/check-suites/1", token=token)).status == 404
