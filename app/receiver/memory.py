"""How many unverified bytes may be in memory at once: a stranger's slow, large bodies must not fill it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from app.errors import RejectedDelivery

MAX_BODY = 26 * 1024 * 1024
MAX_UNVERIFIED = 256 * 1024 * 1024
BODY_TIME_S = 10.0


class UnverifiedBytes:
    """Counts bytes as they arrive, not as they are announced; over the cap new bytes are turned away with 503."""

    def __init__(self, limit: int = MAX_UNVERIFIED) -> None:
        self._limit = limit
        self._held = 0

    @property
    def held(self) -> int:
        """Bytes held now."""
        return self._held

    @asynccontextmanager
    async def body(self, request: web.Request) -> AsyncIterator[bytearray]:
        """The body, at most 26 MiB, within 10 s."""
        if (request.content_length or 0) > MAX_BODY:
            raise too_large()
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(BODY_TIME_S):
                    await self._read(request, body)
            except TimeoutError as exc:
                raise RejectedDelivery(408, "slow_body", "the body did not arrive within 10 s") from exc
            yield body
        finally:
            self._held -= len(body)

    async def _read(self, request: web.Request, body: bytearray) -> None:
        async for chunk in request.content.iter_any():
            if len(body) + len(chunk) > MAX_BODY:
                raise too_large()
            if self._held + len(chunk) > self._limit:
                raise RejectedDelivery(
                    503, "memory", "too many unverified bytes at once; deliver again later", retry_after_s=10
                )
            body += chunk
            self._held += len(chunk)


def too_large() -> RejectedDelivery:
    """GitHub itself sends at most 25 MB."""
    return RejectedDelivery(413, "too_large", "the body is larger than 26 MiB")
