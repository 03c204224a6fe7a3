"""`/healthz` (the process lives), `/readyz` (database, engine, credentials), `/metrics` (on the admin address)."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from app.errors import HephaestusError

logger = logging.getLogger(__name__)
CHECK_S = 5.0
KEPT_S = 2.0
Check = Callable[[], Awaitable[None]]
Warnings = Callable[[], tuple[str, ...]]
"""What somebody should look after, though all works, as sentences that anybody may read."""


def nothing() -> tuple[str, ...]:
    """All is well."""
    return ()


class Health:
    """Probes; a check that raises or takes more than five seconds is not ready.

    Anybody may ask, and the checks write to the database and ask GitHub: an answer holds for two seconds, whoever asks.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        *,
        warnings: Warnings = nothing,
        check_s: float = CHECK_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._warnings = warnings
        self._check_s = check_s
        self._monotonic = monotonic
        self._one_at_a_time = asyncio.Lock()
        self._known: dict[str, bool] = {}
        self._known_until = 0.0

    def routes(self) -> list[web.RouteDef]:
        """The public probes."""
        return [web.get("/healthz", self.healthz), web.get("/readyz", self.readyz)]

    async def healthz(self, _: web.Request) -> web.Response:
        """Always 200 while the loop turns."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _: web.Request) -> web.Response:
        """200, or 503 with the names of what is not ready; the reasons are in the log, not here. Warnings change no status."""
        status = await self.status()
        ready = all(status.values())
        body: dict[str, object] = {"status": "ready" if ready else "not ready", "checks": status}
        if warnings := self._warnings():
            body["warnings"] = warnings
        return web.Response(
            status=200 if ready else 503, text=json.dumps(body), content_type="application/json"
        )

    async def status(self) -> dict[str, bool]:
        """What is ready, by name."""
        async with self._one_at_a_time:
            if not self._known or self._monotonic() >= self._known_until:
                results = await asyncio.gather(*(self._passes(name) for name in self._checks))
                self._known = dict(zip(self._checks, results, strict=True))
                self._known_until = self._monotonic() + KEPT_S
            return self._known

    async def _passes(self, name: str) -> bool:
        try:
            async with asyncio.timeout(self._check_s):
                await self._checks[name]()
        except (HephaestusError, TimeoutError) as exc:
            error = str(exc) or f"no answer within {self._check_s:g} s"
            logger.warning("not_ready", extra={"check": name, "error": error})
            return False
        except Exception:
            logger.exception("not_ready", extra={"check": name, "error": "unexpected, see the traceback"})
            return False
        return True
