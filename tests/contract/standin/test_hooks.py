"""Webhooks as the stand-in sends them, to a receiver on loopback that a test tells how to answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.standin.github.deliveries import Hooks
from app.standin.github.sender import Sender, sending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.contract.standin.conftest import Reply, World

SECRET = "it's a secret"


@dataclass
class Receiver:
    """An App's endpoint: keeps what it gets and answers as told."""

    status: int = 202
    delay_s: float = 0
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.delay_s)
        self.got.append((request.headers.copy(), body))
        return web.Response(status=self.status, text="noted", headers={"Location": "/elsewhere"})

    @property
    def guids(self) -> list[str]:
        return [headers["X-GitHub-Delivery"] for headers, _ in self.got]

    @property
    def events(self) -> list[str]:
        return [headers["X-GitHub-Event"] for headers, _ in self.got]


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    endpoint = Receiver()
    application = web.Application()
    application.router.add_post("/webhooks", endpoint.handle)
    async with TestServer(application) as server:
        world.app.webhook_url, world.app.webhook_secret = str(server.make_url("/webhooks")), SECRET
        while not world.github.outbox.empty():
            world.github.outbox.get_nowait()
            world.github.outbox.task_done()
        yield endpoint


@pytest.fixture
async def sender(world: World, receiver: Receiver) -> AsyncIterator[Sender]:
    assert receiver.got == []
    async with sending(world.github, timeout_s=0.5) as running:
        yield running


async def say(world: World, sender: Sender, event: str = "push", times: int = 1) -> None:
    """Lets something happen that the App hears of."""
    for number in range(times):
        world.github.emit(event, None, {"ref": f"refs/heads/n{number}"}, world.anvil)
    await sender.wait_idle()


async def log(world: World, query: str = "") -> Reply:
    return await world.call("GET", f"/app/hook/deliveries{query}", token=world.jwt())


async def test_a_webhook_is_signed_over_its_exact_bytes(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    await say(world, sender)
    headers, body = receiver.got[0]
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert headers["X-Hub-Signature"].startswith("sha1=")
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(world.app.id)
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert headers["X-GitHub-Hook-ID"].isdecimal()
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["Content-Type"] == "application/json"


async def test_a_payload_names_installation_repository_organization_and_sender(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    world.anvil.commit("main", {"a.txt": "ä"}, "Größe")
    await sender.wait_idle()
    body = json.loads(receiver.got[0][1])
    assert body["installation"]["id"] == world.installation.id
    assert body["repository"]["full_name"] == "forge/anvil"
    assert body["organization"]["login"] == "forge"
    assert body["sender"]["login"] == "forge"
    assert body["head_commit"]["message"] == "Größe"


async def test_an_app_hears_only_of_what_it_subscribes_to(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    await say(world, sender, "label")
    world.github.emit("push", None, {}, world.github.add_repository("other/place"))
    await sender.wait_idle()
    assert receiver.got == []


async def test_an_event_for_one_app_reaches_it_without_a_subscription(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    world.github.emit("check_suite", "requested", {}, world.anvil, app_id=world.app.id)
    world.github.emit("installation", "created", {"installation": {"id": 7}}, None, app_id=world.app.id)
    world.github.emit("check_suite", "requested", {}, world.anvil, app_id=world.app.id + 1)
    await sender.wait_idle()
    assert sorted(receiver.events) == ["check_suite", "installation"]
    assert {d.installation_id for d in sender.hooks.log.values()} == {7, world.installation.id}


async def test_a_suspended_installation_gets_nothing(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    world.installation.suspended_at = world.github.now()
    await say(world, sender)
    assert receiver.got == []


async def test_a_delivery_is_kept_with_request_and_response(world: World, sender: Sender) -> None:
    await say(world, sender)
    (listed,) = (await log(world)).body
    assert (listed["status"], listed["status_code"], listed["event"]) == ("OK", 202, "push")
    assert (listed["installation_id"], listed["repository_id"]) == (world.installation.id, world.anvil.id)
    one = (await world.call("GET", f"/app/hook/deliveries/{listed['id']}", token=world.jwt())).body
    assert one["request"]["payload"]["ref"] == "refs/heads/n0"
    assert one["request"]["headers"]["X-GitHub-Delivery"] == listed["guid"]
    assert one["response"]["payload"] == "noted"
    assert one["response"]["headers"]["Content-Length"] == "5"


@pytest.mark.parametrize("status", [302, 401, 500])
async def test_any_answer_but_2xx_is_a_failure_and_is_not_tried_again(
    world: World, sender: Sender, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    await say(world, sender)
    (listed,) = (await log(world, "?status=failure")).body
    assert (listed["status"], listed["status_code"]) == (f"Invalid HTTP Response: {status}", status)
    assert len(receiver.got) == 1


async def test_an_answer_that_comes_too_late_is_a_failure(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    receiver.delay_s = 5
    await say(world, sender)
    (listed,) = (await log(world)).body
    assert (listed["status"], listed["status_code"]) == ("timed out", 504)


async def test_an_app_that_is_away_is_a_failure(world: World, sender: Sender) -> None:
    world.app.webhook_url = "http://127.0.0.1:9/webhooks"
    await say(world, sender)
    (listed,) = (await log(world)).body
    assert (listed["status"], listed["status_code"]) == ("failed to connect to host", 502)


async def test_a_redelivery_keeps_guid_and_bytes_and_gets_a_new_id(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    receiver.status = 500
    await say(world, sender)
    receiver.status = 202
    (first,) = (await log(world)).body
    asked = await world.call("POST", f"/app/hook/deliveries/{first['id']}/attempts", token=world.jwt())
    assert (asked.status, asked.body) == (202, {})
    await sender.wait_idle()
    again, before = (await log(world)).body
    assert (again["guid"], again["redelivery"], again["status_code"]) == (first["guid"], True, 202)
    assert before == first
    assert again["id"] > first["id"]
    assert receiver.got[0][1] == receiver.got[1][1]


async def test_the_log_pages_from_new_to_old_by_cursor(world: World, sender: Sender) -> None:
    await say(world, sender, times=5)
    page, seen = await log(world, "?per_page=2"), []
    while True:
        seen += [one["id"] for one in page.body]
        if "Link" not in page.headers:
            break
        url = page.headers["Link"].partition(">")[0][1:]
        page = await world.call("GET", url, token=world.jwt())
    assert seen == sorted(sender.hooks.log, reverse=True)
    assert len(seen) == 5


async def test_a_cursor_nobody_gave_out_and_an_unknown_status_are_refused(
    world: World, sender: Sender
) -> None:
    await say(world, sender)
    assert (await log(world, "?cursor=zebra")).status == 422
    assert (await log(world, "?status=weird")).status == 422
    world.forgive_requests()


async def test_a_delivery_is_forgotten_after_three_days(world: World, sender: Sender) -> None:
    await say(world, sender)
    (listed,) = (await log(world)).body
    world.clock.offset = timedelta(days=3, minutes=1)
    assert sender.hooks.of(world.app, world.github.now()) == []
    assert listed["id"] in sender.hooks.log


async def test_another_app_sees_nothing_of_the_log(world: World, sender: Sender) -> None:
    await say(world, sender)
    other = world.github.add_app("other", owner="smith", permissions={}, events=[])
    assert sender.hooks.of(other, world.github.now()) == []


async def test_a_dropped_delivery_never_arrives_but_can_be_sent_again(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    sender.hooks.disturb("drop", "push")
    await say(world, sender)
    assert receiver.got == []
    (lost,) = (await log(world)).body
    await world.call("POST", f"/app/hook/deliveries/{lost['id']}/attempts", token=world.jwt())
    await sender.wait_idle()
    assert receiver.guids == [lost["guid"]]


async def test_a_duplicate_arrives_twice_under_one_guid(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    sender.hooks.disturb("duplicate")
    await say(world, sender)
    assert len(receiver.guids) == 2
    assert len(set(receiver.guids)) == 1


async def test_a_held_delivery_is_overtaken_by_the_next(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    sender.hooks.disturb("hold")
    await say(world, sender, times=2)
    assert [json.loads(body)["ref"] for _, body in receiver.got] == ["refs/heads/n1", "refs/heads/n0"]


async def test_a_held_delivery_goes_out_in_the_end_when_nothing_follows(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    sender.hooks.disturb("hold")
    await say(world, sender)
    assert len(receiver.got) == 1


async def test_a_forged_delivery_goes_out_as_given_and_is_not_logged(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    forged = {"X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=00"}
    assert await sender.deliver_raw(world.app.webhook_url, forged, b"{}") == (202, b"noted")
    assert receiver.got[0][1] == b"{}"
    assert receiver.got[0][0]["X-Hub-Signature-256"] == "sha256=00"
    assert world.github.part(Hooks).log == {}


async def test_the_configuration_shows_no_secret_and_can_be_changed(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    shown = (await world.call("GET", "/app/hook/config", token=world.jwt())).body
    assert shown == {
        "url": world.app.webhook_url, "content_type": "json", "secret": "********", "insecure_ssl": "0"
    }  # fmt: skip
    changed = await world.call("PATCH", "/app/hook/config", token=world.jwt(), json={"secret": "another"})
    assert changed.status == 200
    await say(world, sender)
    headers, body = receiver.got[0]
    digest = hmac.new(b"another", body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"


async def test_an_app_without_a_secret_gets_unsigned_webhooks(
    world: World, sender: Sender, receiver: Receiver
) -> None:
    world.app.webhook_secret = ""
    await say(world, sender)
    assert "X-Hub-Signature-256" not in receiver.got[0][0]


async def test_the_log_is_for_apps_only(world: World) -> None:
    reply = await world.call("GET", "/app/hook/deliveries", token=await world.token())
    assert reply.status == 401
