"""`/healthz` (the process lives), `/readyz` (database, engine, credentials), `/metrics` (on the admin address)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from app.errors import HephaestusError

CHECK_S = 5.0
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Health:
    """Probes; a check that raises or takes more than five seconds is not ready."""

    checks: Mapping[str, Check]

    def routes(self) -> list[web.RouteDef]:
        """The public probes."""
        return [web.get("/healthz", self.healthz), web.get("/readyz", self.readyz)]

    async def healthz(self, _: web.Request) -> web.Response:
        """Always 200 while the loop turns."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _: web.Request) -> web.Response:
        """200, or 503 with the names of what is not ready; the reasons are in the log, not here."""
        results = await asyncio.gather(*(self._passes(check) for check in self.checks.values()))
        status = dict(zip(self.checks, results, strict=True))
        ready = all(status.values())
        body = {"status": "ready" if ready else "not ready", "checks": status}
        return web.Response(
            status=200 if ready else 503, text=json.dumps(body), content_type="application/json"
        )

    @staticmethod
    async def _passes(check: Check) -> bool:
        try:
            async with asyncio.timeout(CHECK_S):
                await check()
        except (HephaestusError, TimeoutError):
            return False
        return True
