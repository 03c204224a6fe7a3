"""How many connections may be open at once, and how long one may take to say what it wants (design.md 4).

A connection that says nothing costs a stranger nothing, so it has 10 s for the head of its first request. Where no place is
left, the connection that has waited longest makes room; where all are at work, the new one is told to come again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

MAX_CONNECTIONS = 768
"""Below the 1,024 open files that most systems give a process; the database, GitHub and the sandbox need some, too."""
HEAD_TIME_S = 10.0
KEPT_TIME_S = 75.0
"""Longer than reverse proxies keep a connection to use it again, so that it is they who close it."""
LOOKS = 20
"""How often in the time of a head it is looked who is late."""
RETRY_AFTER_S = 10
REASON = "connections"
FULL = json.dumps({"error": REASON, "message": "too many connections at once; deliver again later"}).encode()
ANSWER = (
    f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_AFTER_S}\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(FULL)}\r\nConnection: close\r\n\r\n"
).encode() + FULL


class Connections:
    """The open connections of one address; `refused` hears the reason whenever one is turned away or cut off for another."""

    def __init__(
        self,
        refused: Callable[[str], None],
        most: int = MAX_CONNECTIONS,
        head_time_s: float = HEAD_TIME_S,
        kept_time_s: float = KEPT_TIME_S,
    ) -> None:
        self._refused = refused
        self._most = most
        self._head_time_s = head_time_s
        self._kept_time_s = kept_time_s
        self._open: set[asyncio.Transport] = set()
        self._waiting: dict[asyncio.Transport, float] = {}  # until when, in the order of waiting
        self._look: asyncio.TimerHandle | None = None

    def guard(self, server: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of a new connection: `server`'s own, behind this guard."""
        return lambda: Guarded(self, server)

    def middleware(self) -> Middleware:
        """Marks a connection as at work while it has a request."""

        @web.middleware
        async def at_work(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport = request.transport
            if transport is not None:
                self._waiting.pop(transport, None)
            try:
                return await handler(request)
            finally:
                if transport in self._open:
                    self._wait(transport, self._kept_time_s)

        return at_work

    def enter(self, transport: asyncio.Transport) -> bool:
        """Whether there is a place for it."""
        if len(self._open) >= self._most:
            self._refused(REASON)
            if not self._waiting:
                return False
            self._end(next(iter(self._waiting)))
        self._open.add(transport)
        self._wait(transport, self._head_time_s)
        return True

    def leave(self, transport: asyncio.Transport) -> None:
        """Its place is free."""
        self._open.discard(transport)
        self._waiting.pop(transport, None)

    def _wait(self, transport: asyncio.Transport, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting.pop(transport, None)
        self._waiting[transport] = loop.time() + seconds
        if self._look is None:
            self._look = loop.call_later(self._head_time_s / LOOKS, self._end_late_ones)

    def _end_late_ones(self) -> None:
        """One look at all now and then: a timer for each request would cost more than the request's own bookkeeping."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for transport in [each for each, until in self._waiting.items() if until <= now]:
            self._end(transport)
        again = self._head_time_s / LOOKS
        self._look = loop.call_later(again, self._end_late_ones) if self._open else None

    def _end(self, transport: asyncio.Transport) -> None:
        self.leave(transport)
        transport.abort()


class Guarded(asyncio.Protocol):
    """One connection: the server's protocol, once there is a place for it."""

    def __init__(self, connections: Connections, server: Callable[[], asyncio.Protocol]) -> None:
        self._connections = connections
        self._server = server
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A place, or a word why there is none."""
        stream = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._transport = stream
        if not self._connections.enter(stream):
            stream.write(ANSWER)
            stream.close()
            return
        self._inner = self._server()
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The place is given back."""
        if self._transport is not None:
            self._connections.leave(self._transport)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Passed on."""
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Passed on."""
        return self._inner.eof_received() if self._inner is not None else None

    def pause_writing(self) -> None:
        """Passed on."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Passed on."""
        if self._inner is not None:
            self._inner.resume_writing()
