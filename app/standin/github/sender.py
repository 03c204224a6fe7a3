"""Posts webhooks to the Apps: at once, each with ten seconds to answer, and never a second time by itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus

import aiohttp

from app.standin.github.deliveries import Delivery, Hooks, Mischief, Outgoing, headers_of, outgoing
from app.standin.github.state import GitHub

ANSWER_CAP = 64 * 1024
"""Bytes of an App's answer that the record keeps."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a post: the status is 0 when nothing did."""

    status: str
    status_code: int
    headers: dict[str, str]
    body: str


@asynccontextmanager
async def sending(github: GitHub) -> AsyncIterator[None]:
    """Sends what the outbox holds and will hold, until the block ends; what is in the air then is given up."""
    task = asyncio.create_task(_run(github))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def idle(github: GitHub) -> None:
    """Waits until everything is delivered, or has failed to be; also what an App's reaction led to meanwhile."""
    known = -1
    while known != len(github.events):
        known = len(github.events)
        await github.outbox.join()
        await github.part(Hooks).waiting.join()


async def _run(github: GitHub) -> None:
    hooks = github.part(Hooks)
    places = asyncio.Semaphore(hooks.parallel)
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        group.create_task(_address(github, hooks))
        while True:
            sent = await hooks.waiting.get()
            group.create_task(_send(github, hooks, session, places, sent))


async def _address(github: GitHub, hooks: Hooks) -> None:
    """Turns events into webhooks as they happen."""
    while True:
        event = await github.outbox.get()
        for sent in outgoing(github, event):
            for one in disturbed(hooks, sent):
                hooks.waiting.put_nowait(one)
        github.outbox.task_done()


def disturbed(hooks: Hooks, sent: Outgoing) -> list[Outgoing]:
    """What really leaves for one webhook: itself, unless a disturbance takes it."""
    found = next((d for d in hooks.disturbances if d.takes(sent.event)), None)
    if found is None:
        return [sent]
    return {
        Mischief.DROP: [],
        Mischief.DUPLICATE: [sent, sent],
        Mischief.TWICE: [sent, replace(sent, guid=str(uuid.uuid4()))],
        Mischief.LATE: [replace(sent, delay_s=found.seconds)],
    }[found.mischief]


async def _send(
    github: GitHub, hooks: Hooks, session: aiohttp.ClientSession, places: asyncio.Semaphore, sent: Outgoing
) -> None:
    try:
        await asyncio.sleep(sent.delay_s)
        async with places:
            headers = headers_of(sent, secret=sent.app.webhook_secret)
            hooks.deliveries.append(await _attempt(github, session, sent, headers))
    finally:
        hooks.waiting.task_done()


async def _attempt(
    github: GitHub, session: aiohttp.ClientSession, sent: Outgoing, headers: Mapping[str, str]
) -> Delivery:
    url = sent.app.webhook_url
    started_at, started = github.now(), time.perf_counter()
    answer = await _post(session, url, sent.body, headers, github.part(Hooks).timeout_s)
    return Delivery(
        id=github.next_id(),
        sent=sent,
        url=url,
        delivered_at=started_at,
        duration_s=round(time.perf_counter() - started, 3),
        status=answer.status,
        status_code=answer.status_code,
        request_headers=dict(headers),
        response_headers=answer.headers,
        response_body=answer.body,
    )


async def _post(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float
) -> Answer:
    limit = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with session.post(
            url,
            data=body,
            headers=headers,
            timeout=limit,
            allow_redirects=False,
            skip_auto_headers=["Accept-Encoding"],
        ) as response:
            raw = await response.content.read(ANSWER_CAP)
            text = raw.decode("utf-8", "replace")
            # Not `response.ok`: a redirect is not followed and has failed.
            good = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
            status = "OK" if good else f"Invalid HTTP Response: {response.status}"
            return Answer(status, response.status, dict(response.headers), text)
    except TimeoutError:
        return Answer("timed out", 504, {}, "")
    except (aiohttp.ClientError, OSError):
        return Answer("failed to connect to host", 502, {}, "")


async def deliver_raw(github: GitHub, sent: Outgoing, headers: Mapping[str, str]) -> Delivery:
    """Posts any bytes under any headers to an App: what a forger would do. Kept apart, since GitHub did not send it."""
    async with aiohttp.ClientSession() as session:
        one = await _attempt(github, session, sent, headers)
    github.part(Hooks).foreign.append(one)
    return one
