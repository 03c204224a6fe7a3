from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.standin.github.downloads import Downloads

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World


def link(world: World, data: bytes = b"bytes") -> str:
    return world.github.part(Downloads).link(
        world.github, data, filename="job log.txt", content_type="text/plain"
    )


async def test_a_signed_link_gives_the_bytes_at_another_origin(world: World) -> None:
    url = link(world)
    assert not url.startswith(world.server.url)
    reply = await world.call("GET", url)
    assert (reply.status, reply.body) == (200, b"bytes")
    assert reply.headers["Content-Type"] == "text/plain"


async def test_a_token_sent_to_the_other_origin_is_refused(world: World) -> None:
    reply = await world.call("GET", link(world), token=await world.token())
    assert reply.status == 400
    assert b"InvalidAuthenticationInfo" in reply.body


async def test_a_link_dies_after_a_minute(world: World) -> None:
    url = link(world)
    world.clock.offset = timedelta(seconds=61)
    assert (await world.call("GET", url)).status == 403


async def test_a_link_whose_end_or_signature_was_changed_is_refused(world: World) -> None:
    url = link(world)
    for forged in (
        url.replace("?se=", "?se=9"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.split("?")[0],
    ):
        assert (await world.call("GET", forged)).status == 403


async def test_a_signed_link_to_bytes_that_are_gone_is_404(world: World) -> None:
    url = link(world)
    world.github.part(Downloads).known.clear()
    assert (await world.call("GET", url)).status == 404
