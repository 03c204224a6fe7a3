"""Which GitHub this is: github.com knows newer versions of the API per call, Enterprise Server says its own in `/meta`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from app.adapters.github.exchange import VERSION
from app.adapters.github.models import Lenient, read


class _Meta(Lenient):
    """`api-overview`; only Enterprise Server names a version (`3.19.2`)."""

    installed_version: str | None = None


class Edition:
    """Asked once, when a call first needs a newer version of the API than every GitHub understands."""

    def __init__(self, api_url: str) -> None:
        host = urlsplit(api_url).hostname or ""
        self._asked = host == "api.github.com" or host.endswith(".ghe.com")
        """What GitHub runs itself is always the newest edition: no need to ask."""
        self._lock = asyncio.Lock()
        self._server: str | None = None

    async def version(self, wanted: str, get_meta: Callable[[], Awaitable[Any]]) -> str:
        """`wanted`, or on Enterprise Server the version that all of its releases understand."""
        async with self._lock:
            if not self._asked:
                self._server = read(_Meta, await get_meta()).installed_version
                self._asked = True
        return wanted if self._server is None else VERSION
