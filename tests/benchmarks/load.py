"""A load of signed deliveries that costs little itself: each connection sends the next as soon as it has its answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import statistics
import time
import uuid
from dataclasses import dataclass
from typing import cast

import uvloop

SECRET = b"a secret of this benchmark"
CONNECTIONS = 16
PATH = "/webhooks/github"


@dataclass(frozen=True)
class Load:
    """What came of it."""

    requests: int
    elapsed_s: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.elapsed_s


class Caller(asyncio.Protocol):
    """One connection that is kept alive."""

    def __init__(self, body: bytes, until: float, times: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._body, self._until, self._times = body, until, times
        signature = "sha256=" + hmac.digest(SECRET, body, hashlib.sha256).hex()
        self._head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n"
            f"X-GitHub-Event: push\r\nX-GitHub-Hook-ID: 1\r\nX-GitHub-Hook-Installation-Target-ID: 1\r\n"
            f"X-GitHub-Hook-Installation-Target-Type: integration\r\nX-Hub-Signature-256: {signature}\r\n"
            "X-GitHub-Delivery: "
        ).encode()
        self._answer = b""
        self._begin = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end or len(body) < content_length(head):
            return
        if not head.startswith(b"HTTP/1.1 20"):
            self._fail(RuntimeError(f"the server answered {self._answer[:300]!r}"))
            return
        now = time.perf_counter()
        self._times.append(now - self._begin)
        if now < self._until:
            self._send()
            return
        self._transport.close()
        if not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        self._answer, self._begin = b"", time.perf_counter()
        self._transport.writelines([self._head, f"{uuid.uuid4()}\r\n\r\n".encode(), self._body])

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def content_length(head: bytes) -> int:
    """What the answer's head announces."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def load(port: int, body: bytes, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Runs the load for so long against a server on loopback."""

    async def run() -> Load:
        loop, times = asyncio.get_running_loop(), list[float]()
        begin = time.perf_counter()
        callers = [
            (await loop.create_connection(lambda: Caller(body, begin + seconds, times), "127.0.0.1", port))[1]
            for _ in range(connections)
        ]
        await asyncio.gather(*(caller.done for caller in callers))
        elapsed = time.perf_counter() - begin
        hundredths = statistics.quantiles(times, n=100)
        return Load(len(times), elapsed, hundredths[49] * 1000, hundredths[98] * 1000)

    return uvloop.run(run())
