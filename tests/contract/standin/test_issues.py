from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


async def test_an_issue_is_opened_changed_and_closed(world: World) -> None:
    token = await world.token()
    body = {"title": "Cracked", "body": "It broke.", "labels": ["bug"]}
    made = await world.call("POST", f"{BASE}/issues", token=token, json=body)
    assert (made.status, made.body["number"], made.body["labels"][0]["name"]) == (201, 1, "bug")
    closed = await world.call("PATCH", f"{BASE}/issues/1", token=token, json={"state": "closed"})
    assert (closed.body["state"], closed.body["state_reason"]) == ("closed", "completed")
    assert world.events("issues") == ["opened", "closed"]
    assert (await world.call("GET", f"{BASE}/issues", token=token)).body == []
    assert len((await world.call("GET", f"{BASE}/issues?state=all&labels=bug", token=token)).body) == 1


async def test_comments_are_made_changed_listed_and_deleted(world: World) -> None:
    token = await world.token()
    await world.call("POST", f"{BASE}/issues", token=token, json={"title": "Cracked"})
    made = await world.call("POST", f"{BASE}/issues/1/comments", token=token, json={"body": "first"})
    assert made.body["user"]["login"] == "hephaestus[bot]"
    path = f"{BASE}/issues/comments/{made.body['id']}"
    assert (await world.call("PATCH", path, token=token, json={"body": "second"})).body["body"] == "second"
    listed = await world.call("GET", f"{BASE}/issues/1/comments", token=token)
    assert [c["body"] for c in listed.body] == ["second"]
    assert (await world.call("DELETE", path, token=token)).status == 204
    assert (await world.call("GET", path, token=token)).status == 404
    assert world.events("issue_comment") == ["created", "edited", "deleted"]


async def test_a_pull_request_may_be_commented_with_its_own_permission(world: World) -> None:
    world.anvil.commit("topic", {"a": "1"}, "Topic")
    world.anvil.open_pull("Topic", "topic")
    narrow = await world.token(permissions={"pull_requests": "write"})
    on_pull = await world.call("POST", f"{BASE}/issues/1/comments", token=narrow, json={"body": "hello"})
    assert on_pull.status == 201
    assert (await world.call("POST", f"{BASE}/issues", token=narrow, json={"title": "no"})).status == 403


async def test_labels_are_added_replaced_and_removed(world: World) -> None:
    token = await world.token()
    await world.call("POST", f"{BASE}/issues", token=token, json={"title": "Cracked"})
    path = f"{BASE}/issues/1/labels"
    await world.call("POST", path, token=token, json={"labels": ["one", "two"]})
    replaced = await world.call("PUT", path, token=token, json={"labels": ["two", "three"]})
    assert [one["name"] for one in replaced.body] == ["two", "three"]
    removed = await world.call("DELETE", f"{path}/two", token=token)
    assert [one["name"] for one in removed.body] == ["three"]
    again = await world.call("DELETE", f"{path}/two", token=token)
    assert (again.status, again.body["message"]) == (404, "Label does not exist")
    twice = await world.call("POST", f"{BASE}/labels", token=token, json={"name": "One", "color": "ff0000"})
    assert twice.body["errors"] == [{"resource": "Label", "field": "name", "code": "already_exists"}]


async def test_strangers_may_comment_but_not_touch_others_words(world: World) -> None:
    smith, stranger = world.github.add_account("smith"), world.github.add_account("stranger")
    mine, theirs = world.github.add_user_token(smith), world.github.add_user_token(stranger)
    await world.call("POST", f"{BASE}/issues", token=mine, json={"title": "Cracked"})
    first = await world.call("POST", f"{BASE}/issues/1/comments", token=mine, json={"body": "mine"})
    assert (
        await world.call("POST", f"{BASE}/issues/1/comments", token=theirs, json={"body": "x"})
    ).status == 201
    refused = await world.call(
        "PATCH", f"{BASE}/issues/comments/{first.body['id']}", token=theirs, json={"body": "forged"}
    )
    assert refused.status == 403


async def test_an_issue_needs_a_title_and_a_body_that_fits(world: World) -> None:
    token = await world.token()
    blank = await world.call("POST", f"{BASE}/issues", token=token, json={"title": " "})
    assert blank.body["errors"] == [{"resource": "Issue", "field": "title", "code": "missing_field"}]
    long = await world.call("POST", f"{BASE}/issues", token=token, json={"title": "t", "body": "x" * 65_537})
    assert long.body["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"


async def test_an_issue_is_edited_labelled_and_reopened(world: World) -> None:
    token = await world.token()
    await world.call("POST", f"{BASE}/issues", token=token, json={"title": "Cracked", "assignees": ["forge"]})
    changes = {"title": "Split", "body": "In two.", "labels": ["bug"], "assignees": []}
    changed = await world.call("PATCH", f"{BASE}/issues/1", token=token, json=changes)
    assert (changed.body["title"], changed.body["labels"][0]["name"]) == ("Split", "bug")
    for state, reason in (("closed", "not_planned"), ("open", None)):
        body = {"state": state, **({"state_reason": reason} if reason else {})}
        await world.call("PATCH", f"{BASE}/issues/1", token=token, json=body)
    shown = await world.call("GET", f"{BASE}/issues/1", token=token)
    assert (shown.body["state"], shown.body["state_reason"], shown.body["assignees"]) == (
        "open",
        "reopened",
        [],
    )
    assert world.events("issues") == ["opened", "edited", "closed", "reopened"]
    assert (await world.call("GET", f"{BASE}/issues/9", token=token)).status == 404


async def test_a_pull_request_is_closed_through_its_issue(world: World) -> None:
    world.anvil.commit("topic", {"a": "1"}, "Topic")
    world.anvil.open_pull("Topic", "topic")
    token = await world.token()
    shown = await world.call("GET", f"{BASE}/issues/1", token=token)
    assert shown.body["pull_request"]["merged_at"] is None
    await world.call("PATCH", f"{BASE}/issues/1", token=token, json={"state": "closed"})
    assert world.events("pull_request") == ["opened", "closed"]


async def test_labels_of_the_repository_are_made_and_shown(world: World) -> None:
    token = await world.token()
    made = await world.call("POST", f"{BASE}/labels", token=token, json={"name": "Bug", "color": "FF0000"})
    assert (made.status, made.body["color"]) == (201, "ff0000")
    assert [one["name"] for one in (await world.call("GET", f"{BASE}/labels", token=token)).body] == ["Bug"]
    assert (await world.call("GET", f"{BASE}/labels/bug", token=token)).body["name"] == "Bug"
    assert (await world.call("GET", f"{BASE}/labels/none", token=token)).status == 404
    wrong = await world.call("POST", f"{BASE}/labels", token=token, json={"name": "X", "color": "red"})
    assert wrong.body["errors"][0]["field"] == "color"
