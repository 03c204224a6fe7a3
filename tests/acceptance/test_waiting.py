"""More deliveries than may wait are turned away so that they come again; none that was accepted is lost."""

from __future__ import annotations

import asyncio
import io
import uuid
from pathlib import Path

import aiohttp

from app.receiver.signature import sign
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import serving

AT_ONCE = 60
PARSED_WITHIN_S = 10.0
BODY = b'{"action": "x"}'


async def deliver(session: aiohttp.ClientSession, port: int, guid: str) -> tuple[int, str | None]:
    """Status and `Retry-After` of a good delivery."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "check_run",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": sign(BODY, SECRET.encode()),
    }
    url = f"http://127.0.0.1:{port}/webhooks/github"
    async with session.post(url, data=io.BytesIO(BODY), headers=headers) as answer:
        return answer.status, answer.headers.get("Retry-After")


async def test_who_finds_too_many_waiting_is_asked_to_come_again(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    few = {"HEPHAESTUS_MAX_WAITING": "2"}
    async with running(world.github) as github, serving(world, tmp_path, github.url, **few) as serve:
        await serve.start()
        guids = [str(uuid.uuid4()) for _ in range(AT_ONCE)]
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector) as session:
            answers = await asyncio.gather(*(deliver(session, serve.port, guid) for guid in guids))
            accepted = {guid for guid, (status, _) in zip(guids, answers, strict=True) if status == 202}
            assert {answer for answer in answers if answer[0] != 202} == {(503, "30")}
            assert accepted
            (refused, *_) = set(guids) - accepted
            async with asyncio.timeout(PARSED_WITHIN_S):
                while await deliver(session, serve.port, refused) != (202, None):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.05)
        stored = {guid for (guid,) in serve.rows("select guid from delivery")}
    assert accepted <= stored
    assert stored & set(guids) == accepted | {refused}
