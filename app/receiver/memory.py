"""How many unverified bytes may be in memory at once: a stranger's slow, large bodies must not fill it.

The first 256 KiB of a body are its own, as long as not too many requests are read at once; GitHub's bodies are rarely larger.
What goes beyond is shared by all, so that strangers with large bodies only turn away other large bodies.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from app.errors import RejectedDelivery

MAX_BODY = 26 * 1024 * 1024
OWN_BYTES = 256 * 1024
MAX_AT_ONCE = 512
MAX_SHARED = 96 * 1024 * 1024
BODY_TIME_S = 10.0
RETRY_AFTER_S = 10
CHUNK_OVERHEAD = 64


class UnverifiedBytes:
    """Counts bytes as they arrive, not as they are announced: at most 512 * 256 KiB + 96 MiB by default."""

    def __init__(self, max_at_once: int = MAX_AT_ONCE, max_shared: int = MAX_SHARED) -> None:
        self._max_at_once = max_at_once
        self._max_shared = max_shared
        self._at_once = 0
        self._shared = 0

    async def read(self, request: web.Request) -> bytes:
        """The body: at most 26 MiB, within 10 s; it no longer counts, so it has to be verified before the next await.

        Raises:
            RejectedDelivery: 400 where it ends early, 408, 413, or 503 where too much arrives at once.
        """
        if (request.content_length or 0) > MAX_BODY:
            raise too_large()
        if request.content.is_eof():  # as a rule it came with its head
            return request.content.read_nowait()
        if self._at_once >= self._max_at_once:
            raise RejectedDelivery(
                503, "busy", "too many requests at once; deliver again later", retry_after_s=RETRY_AFTER_S
            )
        self._at_once += 1
        try:
            async with asyncio.timeout(BODY_TIME_S):
                return await self._collect(request)
        except TimeoutError as exc:
            raise RejectedDelivery(408, "slow_body", "the body did not arrive within 10 s") from exc
        except (ConnectionError, web.RequestPayloadError) as exc:
            raise RejectedDelivery(400, "cut_body", "the connection ended within the body") from exc
        finally:
            self._at_once -= 1

    async def _collect(self, request: web.Request) -> bytes:
        chunks: list[bytes] = []
        size = held = shared = 0
        try:
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > MAX_BODY:
                    raise too_large()
                held += len(chunk) + CHUNK_OVERHEAD  # many small pieces take more than their bytes
                more = max(0, held - OWN_BYTES) - shared
                if self._shared + more > self._max_shared:
                    raise RejectedDelivery(
                        503, "memory", "too many unverified bytes; deliver again later", RETRY_AFTER_S
                    )
                shared += more
                self._shared += more
                chunks.append(chunk)
            return b"".join(chunks)
        finally:
            self._shared -= shared


def too_large() -> RejectedDelivery:
    """GitHub itself sends at most 25 MB."""
    return RejectedDelivery(413, "too_large", "the body is larger than 26 MiB")
