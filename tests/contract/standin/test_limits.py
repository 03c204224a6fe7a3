"""Rate limits and conditional requests, as a client meets them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from app.standin.github.faults import Fault, Faults
from app.standin.github.limits import Limits, resource_of

if TYPE_CHECKING:
    from tests.contract.standin.conftest import Reply, World

BASE = "/repos/forge/anvil"


def used(reply: Reply) -> int:
    return int(reply.headers["X-RateLimit-Used"])


async def test_every_answer_says_what_is_left(world: World) -> None:
    token = await world.token()
    first = await world.call("GET", BASE, token=token)
    second = await world.call("GET", f"{BASE}/pulls/99", token=token)
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Resource"]) == ("5000", "core")
    assert (used(second), second.status) == (used(first) + 1, 404)
    assert int(second.headers["X-RateLimit-Remaining"]) == 5000 - used(second)


async def test_each_installation_and_resource_has_its_own_hour(world: World) -> None:
    other = world.github.add_installation(world.app, "elsewhere")
    here, there = await world.token(), await world.token(other)
    for _ in range(3):
        await world.call("GET", BASE, token=here)
    assert used(await world.call("GET", BASE, token=there)) == 1
    asked = await world.call("POST", "/graphql", token=here, json={"query": "{ viewer { login } }"})
    assert (asked.headers["X-RateLimit-Resource"], used(asked)) == ("graphql", 1)


async def test_an_exhausted_hour_refuses_until_it_is_over(world: World) -> None:
    token = await world.token()
    key = f"installation:{world.installation.id}"
    world.github.part(Limits).primary_of[key] = 1
    assert (await world.call("GET", BASE, token=token)).status == 200
    refused = await world.call("GET", BASE, token=token)
    assert refused.status == 403
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.body["message"] == f"API rate limit exceeded for installation ID {world.installation.id}."
    world.clock.offset = timedelta(hours=1, seconds=1)
    assert (await world.call("GET", BASE)).status == 200


async def test_limits_may_answer_429(world: World) -> None:
    limits = world.github.part(Limits)
    limits.too_many_status, limits.anonymous = 429, 0
    assert (await world.call("GET", BASE)).status == 429


async def test_an_unchanged_answer_is_304_and_costs_nothing(world: World) -> None:
    token = await world.token()
    first = await world.call("GET", f"{BASE}/pulls", token=token)
    again = await world.call("GET", f"{BASE}/pulls", token=token, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, used(again)) == (304, b"", used(first))
    world.anvil.commit("fix", {"a": "b"}, "Fix")
    world.anvil.open_pull("Fix", "fix")
    changed = await world.call(
        "GET", f"{BASE}/pulls", token=token, **{"If-None-Match": first.headers["ETag"]}
    )
    assert (changed.status, used(changed)) == (200, used(first) + 1)


async def test_a_304_is_given_even_past_the_limit(world: World) -> None:
    token = await world.token()
    first = await world.call("GET", BASE, token=token)
    world.github.part(Limits).exhaust(f"installation:{world.installation.id}", "core", world.github.clock())
    again = await world.call("GET", BASE, token=token, **{"If-None-Match": first.headers["ETag"]})
    other = await world.call("GET", BASE, token=token, **{"If-None-Match": '"other"'})
    assert (again.status, other.status) == (304, 403)


async def test_the_etag_varies_with_the_token(world: World) -> None:
    one, two = await world.token(), await world.token()
    mine = await world.call("GET", BASE, token=one)
    asked = await world.call("GET", BASE, token=two, **{"If-None-Match": mine.headers["ETag"]})
    assert asked.status == 200
    assert asked.headers["ETag"] != mine.headers["ETag"]


async def test_what_has_a_date_can_be_asked_for_by_date(world: World) -> None:
    """Last-Modified holds across tokens, which is why a client should prefer it."""
    world.anvil.commit("fix", {"a": "b"}, "Fix")
    world.anvil.open_pull("Fix", "fix")
    first = await world.call("GET", f"{BASE}/pulls/1", token=await world.token())
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert (await world.call("GET", f"{BASE}/pulls/1", token=await world.token(), **since)).status == 304
    bad = {"If-Modified-Since": "yesterday"}
    assert (await world.call("GET", f"{BASE}/pulls/1", **bad)).status == 200


async def test_content_creation_stops_at_eighty_a_minute_and_five_hundred_an_hour(world: World) -> None:
    token, limits = await world.token(), world.github.part(Limits)
    limits.creations_a_minute, limits.creations_an_hour = 2, 3

    async def create() -> Reply:
        return await world.call("POST", f"{BASE}/issues", token=token, json={"title": "t"})

    assert [(await create()).status for _ in range(3)] == [201, 201, 403]
    world.clock.offset = timedelta(minutes=1, seconds=1)
    assert (await create()).status == 201
    refused = await create()
    assert "content creation" in refused.body["message"]
    assert 3_000 < int(refused.headers["Retry-After"]) <= 3_600
    check = {"name": "gate", "head_sha": world.anvil.git.resolve("main")}
    assert (await world.call("POST", f"{BASE}/check-runs", token=token, json=check)).status == 201


async def test_points_are_spent_faster_by_writes(world: World) -> None:
    token, limits = await world.token(), world.github.part(Limits)
    limits.points_a_minute = 7
    issue = {"title": "t"}
    assert (await world.call("POST", f"{BASE}/issues", token=token, json=issue)).status == 201
    assert (await world.call("POST", f"{BASE}/issues", token=token, json=issue)).status == 403
    assert (await world.call("GET", BASE, token=token)).status == 200
    assert limits.refused == 1


async def test_too_many_requests_at_once_are_refused(world: World) -> None:
    token = await world.token()
    world.github.part(Limits).concurrent = 2
    world.github.part(Faults).inject(Fault.SLOW, times=None, seconds=0)
    world.github.part(Limits).running[f"installation:{world.installation.id}"] = 2
    assert (await world.call("GET", BASE, token=token)).status == 403
    world.github.part(Limits).running.clear()
    replies = await asyncio.gather(*(world.call("GET", BASE, token=token) for _ in range(2)))
    assert [reply.status for reply in replies] == [200, 200]


async def test_asking_for_the_limits_is_free(world: World) -> None:
    token = await world.token()
    await world.call("GET", BASE, token=token)
    await world.call("GET", "/rate_limit", token=token)
    reply = await world.call("GET", "/rate_limit", token=token)
    assert reply.body["resources"]["core"]["used"] == 1
    assert reply.body["rate"] == reply.body["resources"]["core"]
    newer = await world.call("GET", "/rate_limit", token=token, **{"X-GitHub-Api-Version": "2026-03-10"})
    assert "rate" not in newer.body


async def test_meta_says_where_webhooks_come_from(world: World) -> None:
    assert (await world.call("GET", "/meta")).body["hooks"] == ["127.0.0.0/8", "::1/128"]


def test_conversions_of_manifests_have_their_own_resource() -> None:
    assert resource_of("/app-manifests/x/conversions") == "integration_manifest"
    assert resource_of("/search/issues") == "search"
