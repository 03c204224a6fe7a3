"""Links that lead to where an attacker, or a broken host, would have them lead."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from app.standin.github.downloads import MINUTE_S, Downloads
from app.standin.github.state import GitHub


@dataclass(slots=True)
class Diverted(Downloads):
    """The blob host, but for files whose names fit: for these, `links` says the address, or `bodies` the bytes."""

    links: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def link(
        self,
        github: GitHub,
        data: bytes | Callable[[], bytes],
        *,
        filename: str,
        content_type: str = "application/octet-stream",
        lifetime_s: int = MINUTE_S,
    ) -> str:
        """As `Downloads`."""
        for pattern, address in self.links.items():
            if re.fullmatch(pattern, filename):
                return address
        found = [body for pattern, body in self.bodies.items() if re.fullmatch(pattern, filename)]
        told = found[0] if found else data
        return Downloads.link(
            self, github, told, filename=filename, content_type=content_type, lifetime_s=lifetime_s
        )


def divert(github: GitHub) -> Diverted:
    """The stand-in's blob host from now on."""
    known = github.part(Downloads)
    made = known if isinstance(known, Diverted) else Diverted(known.key, known.known)
    github._parts[Downloads] = made
    return made


@dataclass
class Stranger:
    """A host that nobody knows: it keeps what it was asked, and may never come to an end."""

    body: bytes
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    is_slow: bool = False
    _end: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        response = web.StreamResponse()
        response.content_length = len(self.body)
        await response.prepare(request)
        await response.write(self.body[: len(self.body) // 2])
        if self.is_slow:
            await self._end.wait()
        else:
            await response.write(self.body[len(self.body) // 2 :])
        return response


@asynccontextmanager
async def stranger(body: bytes) -> AsyncIterator[Stranger]:
    """Serves at another name than the stand-in, on loopback."""
    found = Stranger(body)
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = f"http://localhost:{runner.addresses[0][1]}"
        yield found
    finally:
        found._end.set()
        await runner.cleanup()
