"""Webhooks as an App receives them, and the App's view of its deliveries."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from app.standin.github import checks
from app.standin.github.actions import PlannedJob, complete_run
from app.standin.github.deliveries import Outgoing
from app.standin.github.hooks import Hooks, Mischief, deliver_raw, idle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.standin.conftest import World

SECRET = "a secret of the webhook"


@dataclass
class Receiver:
    """An App's endpoint that keeps what it gets and answers as it is told."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    wait_s: float = 0
    reaction: Callable[[], object] | None = None
    """What the App does once, as soon as it hears of something."""

    async def receive(self, request: web.Request) -> web.Response:
        self.got.append(({k.lower(): v for k, v in request.headers.items()}, await request.read()))
        await asyncio.sleep(self.wait_s)
        if self.reaction is not None:
            react, self.reaction = self.reaction, None
            react()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 202, text="noted")

    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def guids(self) -> list[str]:
        return [headers["x-github-delivery"] for headers, _ in self.got]


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    world.app.webhook_url, world.app.webhook_secret = found.url, SECRET
    world.app.events[:] = ["push"]
    world.installation.permissions["checks"] = "read"
    yield found
    await runner.cleanup()


async def push(world: World, text: str = "x") -> str:
    sha = world.anvil.commit("main", {"a.txt": text}, "Change a.txt")
    await idle(world.github)
    return sha


async def test_a_webhook_has_githubs_headers_and_both_signatures(world: World, receiver: Receiver) -> None:
    await push(world)
    [(headers, body)] = receiver.got
    assert headers["x-github-event"] == "push"
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert headers["content-type"] == "application/json"
    assert headers["x-github-hook-installation-target-type"] == "integration"
    assert headers["x-github-hook-installation-target-id"] == str(world.app.id)
    assert headers["x-github-hook-id"].isdecimal()
    assert "accept-encoding" not in headers
    for name, algorithm in (("x-hub-signature", "sha1"), ("x-hub-signature-256", "sha256")):
        digest = hmac.new(SECRET.encode(), body, getattr(hashlib, algorithm)).hexdigest()
        assert headers[name] == f"{algorithm}={digest}"


async def test_a_payload_says_where_for_whom_and_by_whom(world: World, receiver: Receiver) -> None:
    sha = await push(world)
    [payload] = receiver.payloads()
    assert payload["after"] == sha
    assert payload["repository"]["full_name"] == "forge/anvil"
    assert payload["organization"]["login"] == "forge"
    assert payload["installation"]["id"] == world.installation.id
    assert payload["sender"]["login"] == "forge"


async def test_an_app_hears_only_what_it_subscribed_to_and_where_it_is_installed(
    world: World, receiver: Receiver
) -> None:
    world.github.add_repository("elsewhere/anvil", {"a": "b"}).commit("main", {"a": "c"}, "Elsewhere")
    world.github.emit("watch", "started", {}, world.anvil)
    await idle(world.github)
    assert receiver.got == []
    world.app.events.append("watch")
    world.github.emit("watch", "started", {}, world.anvil)
    await idle(world.github)
    assert [p["action"] for p in receiver.payloads()] == ["started"]


async def test_a_suspended_installation_hears_nothing(world: World, receiver: Receiver) -> None:
    world.installation.suspended_at = world.github.now()
    await push(world)
    assert receiver.got == []


async def test_what_is_meant_for_one_app_needs_no_subscription(world: World, receiver: Receiver) -> None:
    sha = world.anvil.git.resolve("main")
    assert sha is not None
    run = checks.add_run(world.anvil, world.app, {"name": "gate", "head_sha": sha})
    checks.tell(world.anvil, run, "rerequested", world.anvil.owner, app_id=world.app.id)
    await idle(world.github)
    assert [(h["x-github-event"], json.loads(b)["action"]) for h, b in receiver.got] == [
        ("check_run", "rerequested")
    ]


@pytest.mark.parametrize("status", [302, 404, 503])
async def test_a_failed_delivery_is_recorded_and_not_repeated(
    world: World, receiver: Receiver, status: int
) -> None:
    receiver.statuses = [status]
    await push(world)
    [delivery] = world.github.part(Hooks).deliveries
    assert (delivery.status_code, delivery.status, delivery.is_success) == (
        status,
        f"Invalid HTTP Response: {status}",
        False,
    )
    assert (delivery.response_body, len(receiver.got)) == ("noted", 1)


async def test_an_app_that_takes_too_long_has_failed(world: World, receiver: Receiver) -> None:
    world.github.part(Hooks).timeout_s, receiver.wait_s = 0.1, 5
    await push(world)
    [delivery] = world.github.part(Hooks).deliveries
    assert (delivery.status, delivery.is_success) == ("timed out", False)
    assert 0.1 <= delivery.duration_s < 2


async def test_an_app_that_is_down_has_failed(world: World, receiver: Receiver) -> None:
    world.app.webhook_url = "http://127.0.0.1:9/hook"
    await push(world)
    [delivery] = world.github.part(Hooks).deliveries
    assert (delivery.status, delivery.is_success) == ("failed to connect to host", False)
    assert receiver.got == []


async def test_the_app_reads_its_deliveries_newest_first_page_by_page(
    world: World, receiver: Receiver
) -> None:
    receiver.statuses = [202, 500]
    world.github.part(Hooks).parallel = 1
    for text in "123":
        await push(world, text)
    first = await world.call("GET", "/app/hook/deliveries?per_page=2", token=world.jwt())
    assert [(d["status_code"], d["event"], d["redelivery"]) for d in first.body] == [
        (202, "push", False), (500, "push", False)
    ]  # fmt: skip
    assert first.body[0]["guid"] == receiver.guids()[-1]
    link = first.headers["Link"]
    assert link.endswith('rel="next"')
    second = await world.call("GET", link[1 : link.index(">")], token=world.jwt())
    assert [d["guid"] for d in second.body] == receiver.guids()[:1]
    assert "Link" not in second.headers
    failed = await world.call("GET", "/app/hook/deliveries?status=failure", token=world.jwt())
    assert [d["status_code"] for d in failed.body] == [500]


@pytest.mark.parametrize(("query", "status"), [("cursor=7", 400), ("cursor=v1_x", 400), ("status=odd", 422)])
async def test_a_cursor_or_status_that_is_none_is_refused(world: World, query: str, status: int) -> None:
    assert (await world.call("GET", f"/app/hook/deliveries?{query}", token=world.jwt())).status == status


async def test_one_delivery_shows_what_was_sent_and_what_came_back(world: World, receiver: Receiver) -> None:
    sha = await push(world)
    listed = await world.call("GET", "/app/hook/deliveries", token=world.jwt())
    one = await world.call("GET", f"/app/hook/deliveries/{listed.body[0]['id']}", token=world.jwt())
    assert one.body["request"]["payload"]["after"] == sha
    assert one.body["request"]["headers"]["X-GitHub-Delivery"] == receiver.guids()[0]
    assert (one.body["response"]["payload"], one.body["url"]) == ("noted", receiver.url)


async def test_a_redelivery_keeps_the_guid_and_the_bytes_and_gets_a_number(
    world: World, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    await push(world)
    [failed] = world.github.part(Hooks).deliveries
    reply = await world.call("POST", f"/app/hook/deliveries/{failed.id}/attempts", token=world.jwt())
    assert (reply.status, reply.body) == (202, {})
    await idle(world.github)
    assert receiver.got[0] == receiver.got[1]
    again = world.github.part(Hooks).deliveries[1]
    assert (again.sent.redelivery, again.status_code, again.id > failed.id) == (True, 202, True)


async def test_a_redelivery_is_signed_with_the_secret_of_now(world: World, receiver: Receiver) -> None:
    await push(world)
    changed = {"secret": "another secret", "insecure_ssl": "1"}
    reply = await world.call("PATCH", "/app/hook/config", token=world.jwt(), json=changed)
    assert (reply.body["secret"], reply.body["insecure_ssl"]) == ("********", "1")
    [first] = world.github.part(Hooks).deliveries
    await world.call("POST", f"/app/hook/deliveries/{first.id}/attempts", token=world.jwt())
    await idle(world.github)
    (old, _), (new, _) = receiver.got
    assert old["x-github-delivery"] == new["x-github-delivery"]
    assert old["x-hub-signature-256"] != new["x-hub-signature-256"]


async def test_after_three_days_a_delivery_is_gone(world: World, receiver: Receiver) -> None:
    await push(world)
    [one] = world.github.part(Hooks).deliveries
    world.github.clock = lambda: one.delivered_at + timedelta(days=3)
    assert world.github.part(Hooks).of(world.app, world.github.now()) == []
    assert len(receiver.got) == 1


async def test_the_deliveries_of_another_app_are_not_to_be_seen(world: World, receiver: Receiver) -> None:
    await push(world)
    other = world.github.add_app("other", owner="smith", permissions={}, events=[])
    assert world.github.part(Hooks).of(other, world.github.now()) == []
    assert len(receiver.got) == 1


async def test_the_hook_config_needs_the_apps_jwt(world: World, receiver: Receiver) -> None:
    reply = await world.call("GET", "/app/hook/config", token=world.jwt())
    assert reply.body == {
        "url": receiver.url,
        "content_type": "json",
        "insecure_ssl": "0",
        "secret": "********",
    }
    assert (await world.call("GET", "/app/hook/config", token=await world.token())).status == 401


@pytest.mark.parametrize(
    ("mischief", "posts", "guids"),
    [(Mischief.DROP, 0, 0), (Mischief.DUPLICATE, 2, 1), (Mischief.TWICE, 2, 2), (Mischief.LATE, 1, 1)],
)
async def test_a_disturbance_takes_the_nth_delivery_of_its_event(
    world: World, receiver: Receiver, mischief: Mischief, posts: int, guids: int
) -> None:
    world.github.part(Hooks).disturb(mischief, event="push", nth=2, seconds=0.01)
    await push(world, "1")
    before = len(receiver.got)
    await push(world, "2")
    assert (before, len(receiver.got) - before, len(set(receiver.guids()[1:]))) == (1, posts, guids)
    await push(world, "3")
    assert len(receiver.got) == 2 + posts


async def test_a_late_webhook_arrives_after_what_happened_later(world: World, receiver: Receiver) -> None:
    world.github.part(Hooks).disturb(Mischief.LATE, seconds=0.3)
    early = world.anvil.commit("main", {"a.txt": "1"}, "Early")
    late = world.anvil.commit("main", {"a.txt": "2"}, "Late")
    await idle(world.github)
    assert [payload["after"] for payload in receiver.payloads()] == [late, early]


async def test_idle_waits_for_what_the_apps_reaction_leads_to(world: World, receiver: Receiver) -> None:
    receiver.reaction = lambda: world.anvil.commit("main", {"b.txt": "2"}, "In answer")
    await push(world)
    assert [one["head_commit"]["message"] for one in receiver.payloads()] == ["Change a.txt", "In answer"]


async def test_a_forged_delivery_is_kept_apart_from_githubs(world: World, receiver: Receiver) -> None:
    forged = Outgoing(world.app, "guid-1", "push", None, b"{}", None, None)
    one = await deliver_raw(world.github, forged, {"X-GitHub-Event": "push"})
    assert (one.status_code, one.response_body, receiver.got[0][1]) == (202, "noted", b"{}")
    assert (world.github.part(Hooks).deliveries, world.github.part(Hooks).foreign) == ([], [one])
    listed = await world.call("GET", "/app/hook/deliveries", token=world.jwt())
    assert listed.body == []


@pytest.mark.corpus
async def test_what_arrives_of_a_workflow_run_is_githubs_shape(
    world: World, receiver: Receiver, corpus: Path
) -> None:
    bundle = json.loads((corpus / "webhooks/schemas/webhooks.bundle.json").read_bytes())
    world.app.events[:] = ["check_run", "check_suite", "workflow_job", "workflow_run"]
    head = world.anvil.git.resolve("main") or ""
    complete_run(world.anvil, ".github/workflows/ci.yml", head, [PlannedJob("test", "failure")])
    await idle(world.github)
    found, seen = [], set()
    for headers, body in receiver.got:
        payload = json.loads(body)
        event, action = headers["x-github-event"], payload["action"]
        seen.add((event, action))
        schema = {"$ref": bundle["x-events"][event][action], "$defs": bundle["$defs"]}
        faults = Draft202012Validator(schema).iter_errors(payload)
        found += [f"{event}.{action} {fault.json_path}: {fault.message[:200]}" for fault in faults]
    assert {(event, "completed") for event in world.app.events} <= seen
    assert not found, "\n".join(found)
