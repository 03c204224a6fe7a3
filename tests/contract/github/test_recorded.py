"""Every exchange that was recorded with GitHub goes through our client again: read, or refused with the right error."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.adapters.github import api, trial
from app.adapters.github.api import Api
from app.adapters.github.downloads import RepositoryDownloads
from app.adapters.github.exchange import Answer
from app.adapters.github.graphql import graphql
from app.errors import HephaestusError, InvalidInput
from app.ports.handler import Lane
from tests.contract.github.recorded import (
    LISTS,
    NOT_AS_DOCUMENTED,
    NOT_READ,
    OF_THE_APP,
    ONE,
    Exchange,
    exchanges,
    expected_kind,
    read_body,
)
from tests.contract.github.servers import OURS, Scripted, scripted, serving

pytestmark = pytest.mark.corpus

ALL = 367
GITHUB = ("https://api.github.com:443", "https://api.github.com")
KEPT = b'{"kept": true}'
ARRIVED = b'{"arrived": true}'
NOT_REPLAYED = frozenset({"date", "transfer-encoding", "content-length", "content-encoding", "connection"})
"""Said anew by the server that replays; the date of the recording would be a clock that is years slow."""


@dataclass
class Replay:
    """A GitHub that gives the answer it is told to, and a client of it for one exchange at a time."""

    world: Scripted
    url: str = ""
    elsewhere: str = ""
    """Another host, which signed links point to."""
    told: Exchange | None = None
    tokens_elsewhere: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        one = self.told
        assert one is not None
        validated = {"If-None-Match", "If-Modified-Since"} & set(request.headers)
        if one.status == 304 and not validated:
            return web.Response(body=KEPT, headers=self._headers(one) | {"content-type": "application/json"})
        if one.status in {301, 302} and len(self.world.asked) > 1:
            return web.Response(body=ARRIVED, content_type="application/json")
        return web.Response(status=one.status, body=one.body, headers=self._headers(one))

    def _headers(self, one: Exchange) -> dict[str, str]:
        found = {name: value for name, value in one.headers.items() if name not in NOT_REPLAYED}
        if one.body:
            found.setdefault("content-type", "application/json")
        for origin in GITHUB:
            if found.get("location", "").startswith(f"{origin}/"):
                found["location"] = self.url + found["location"].removeprefix(origin)
        if "location" in found and not found["location"].startswith(self.url):
            found["location"] = f"{self.elsewhere}/bytes"
        return found

    async def call(self, one: Exchange) -> Answer:
        """The answer through the client, as the App or as an installation; nothing of other exchanges is left."""
        caller = self.tell(one)
        if one.route.startswith(OF_THE_APP):
            return await self.world.github._tokens.as_app(one.request)
        return await caller.call(one.request)

    def tell(self, one: Exchange) -> Api:
        self.told = one
        self.world.asked.clear()
        self.world.clock.offset += timedelta(hours=2)
        self.world.github._cache.clear()
        return self.world.github._reading(OURS, Lane.GATE)


@pytest.fixture
async def replay(
    app_keys: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Replay]:
    monkeypatch.setattr(api, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(trial, "FRESH_S", 0.0)
    made: list[Replay] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        return await made[0].answer(request)

    async def give_bytes(request: web.Request) -> web.Response:
        made[0].tokens_elsewhere += "Authorization" in request.headers
        return web.Response(body=ARRIVED)

    application = web.Application()
    application.router.add_get("/bytes", give_bytes)
    async with serving(application) as elsewhere, scripted(answer, app_keys[0], tmp_path) as world:
        made.append(Replay(world, world.github._transport.api_url, elsewhere))
        yield made[0]


def of_status(corpus: Path, *statuses: int) -> list[Exchange]:
    return [one for one in exchanges(corpus) if one.status // 100 in statuses]


async def test_every_successful_answer_is_read(replay: Replay, corpus: Path) -> None:
    failures, refused = [], set()
    for one in of_status(corpus, 2):
        try:
            if one.route == "/graphql":
                assert await graphql(replay.tell(one), "query", {}) == one.answer["data"]
            elif isinstance(one.answer, str):
                assert (await replay.call(one)).body == one.body
            else:
                read_body(one, (await replay.call(one)).json())
        except InvalidInput as error:
            assert error.code == "github.unexpected_answer"  # noqa: PT017 -- which ones were, is asserted below
            refused.add(one.where)
        except (HephaestusError, KeyError) as error:
            failures.append(f"{one.where} {one.op}: {error!r}")
    assert not failures, "\n".join(failures)
    assert refused == NOT_AS_DOCUMENTED


async def test_every_refusal_has_the_right_class(replay: Replay, corpus: Path) -> None:
    failures = []
    for one in of_status(corpus, 4, 5):
        with pytest.raises(HephaestusError) as caught:
            await replay.call(one)
        if type(caught.value) is not expected_kind(one):
            failures.append(f"{one.where} {one.op}: {caught.value!r}")
    assert not failures, "\n".join(failures)


async def test_what_did_not_change_is_given_from_the_cache(replay: Replay, corpus: Path) -> None:
    unchanged = [one for one in of_status(corpus, 3) if one.status == 304]
    for one in unchanged:
        caller = replay.tell(one)
        assert (await caller.call(one.request)).body == KEPT
        again = await caller.call(one.request)
        assert (again.body, again.from_cache) == (KEPT, True), one.where
        assert len(replay.world.asked) == 2, one.where
    assert len(unchanged) == 11


async def test_a_move_within_github_is_followed(replay: Replay, corpus: Path) -> None:
    moved = [one for one in of_status(corpus, 3) if one.headers.get("location", "").startswith(GITHUB)]
    for one in moved:
        assert (await replay.call(one)).body == ARRIVED, one.where
        assert len(replay.world.asked) == 2, one.where
    assert len(moved) == 3


async def test_a_link_to_another_host_is_followed_without_the_token(replay: Replay, corpus: Path) -> None:
    links = [
        one for one in of_status(corpus, 3) if one.status == 302 and GITHUB[1] not in one.headers["location"]
    ]
    for one in links:
        github = replay.world.github
        caller = replay.tell(one)
        downloads = RepositoryDownloads(caller, github._transport, OURS, github._scratch.folder)
        async with downloads._download(replace(one.request, cached=False), 1_000, None) as found:
            assert found.path.read_bytes() == ARRIVED, one.where
    assert len(links) == 4
    assert replay.tokens_elsewhere == 0


def test_each_exchange_is_in_one_of_these_tests(corpus: Path) -> None:
    counted = Counter(one.status // 100 for one in exchanges(corpus))
    assert counted.total() == ALL
    assert counted[3] == 11 + 3 + 4
    assert counted[2] + counted[3] + counted[4] + counted[5] == ALL


def test_no_table_names_a_route_that_was_not_recorded(corpus: Path) -> None:
    recorded = {one.route for one in exchanges(corpus)}
    assert set(ONE) | set(LISTS) <= recorded
    assert {one.op for one in exchanges(corpus) if one.status < 300} >= NOT_READ
