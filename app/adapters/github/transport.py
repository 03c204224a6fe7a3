"""Sends one request over one shared session: headers, time limits, redirects, and the vendor's errors translated.

What gidgethub leaves to the app (github-platform gaps G9, G15, G16): the API version on every call, bytes instead of text,
and time limits. gidgethub's sansio part makes the URL and the headers.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from urllib.parse import urlsplit

import aiohttp
from gidgethub import sansio
from yarl import URL

from app.adapters.github.exchange import Answer, CacheMode, Outgoing, RequestSeen
from app.adapters.github.session import Proxies, proxy_for
from app.errors import PermanentError, TransientError
from app.ports.clock import Clock
from app.telemetry import traces

USER_AGENT = "hephaestus-github-app"
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
REDIRECTS = 3
ANSWER_LIMIT = 64 * 1024 * 1024
STATUS = "http.response.status_code"
_MOVED = frozenset({301, 302, 307, 308})
_OWN_PORT = {"https": ":443", "http": ":80"}


class Transport:
    """One attempt at a time; retries, tokens and pacing are decided above it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        clock: Clock,
        on_request: Callable[[RequestSeen], None],
        proxies: Proxies = proxy_for,
    ) -> None:
        self._session, self._proxies = session, proxies
        self.api_url = api_url.rstrip("/")
        self.clock = clock
        self.seen = on_request

    @property
    def graphql_url(self) -> str:
        """`/graphql` on github.com; beside `/api/v3` on Enterprise Server."""
        return f"{self.api_url.removesuffix('/v3')}/graphql"

    def address(self, request: Outgoing) -> str:
        """The whole URL of a request, its path already quoted. Raises PermanentError for a foreign origin."""
        if request.route == "/graphql":
            return self.graphql_url
        url = URL(sansio.format_url(request.path, None, base_url=self.api_url), encoded=True)
        if not self.is_ours(str(url)):
            raise PermanentError("github.foreign_url", "GitHub pointed to another host than its API's")
        return str(url.extend_query(request.query) if request.query else url)

    def is_ours(self, url: str) -> bool:
        """Whether the URL has the API's own origin: only there may a token go."""
        return _origin(url) == _origin(self.api_url)

    def headers(self, request: Outgoing, token: str | None) -> dict[str, str]:
        """What every request carries."""
        made = sansio.create_headers(USER_AGENT, accept=request.accept)
        made["x-github-api-version"] = request.version
        if token is not None:
            made["authorization"] = f"Bearer {token}"
        return made

    async def send(
        self,
        request: Outgoing,
        token: str | None,
        *,
        extra: dict[str, str] | None = None,
        installation_id: int | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises TransientError where none came, or not all of it."""
        headers = {**self.headers(request, token), **(extra or {})}
        url = self.address(request)
        for _ in range(REDIRECTS):
            with span_of(request):
                answer = await self._once(request, url, headers, installation_id)
                traces.note({STATUS: answer.status})
            target = answer.headers.get("location", "")
            if answer.status not in _MOVED or not target or not self.is_ours(target):
                return answer
            url = target
        raise PermanentError("github.redirects", f"GitHub redirects {request.what} in a circle")

    async def _once(
        self, request: Outgoing, url: str, headers: dict[str, str], installation_id: int | None
    ) -> Answer:
        started = self.clock.monotonic()
        answer = Answer(0, {}, b"")
        try:
            async with self.open(request.method, url, headers, TIMEOUT, request.json) as response:
                body = await _read(response)
                found = {name.lower(): value for name, value in response.headers.items()}
                answer = Answer(response.status, found, body)
                return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            message = f"no whole answer came to {request.what} ({type(exc).__name__})"
            raise TransientError("github.unreachable", message) from exc
        finally:
            self.seen(seen(request, answer, self.clock.monotonic() - started, installation_id))

    def open(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        timeout: aiohttp.ClientTimeout,
        json: object | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """One request, through a proxy where the environment names one; redirects are the caller's."""
        where = URL(url, encoded=True)
        proxy = self._proxies(where)
        if proxy is not None and where.scheme == "http":
            # There is no CONNECT to carry them: the proxy reads the request itself.
            headers = {**headers, **proxy.headers}
        return self._session.request(
            method,
            where,
            headers=headers,
            json=json,
            timeout=timeout,
            allow_redirects=False,
            proxy=None if proxy is None else proxy.url,
            proxy_headers=None if proxy is None else proxy.headers,
        )


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host; GitHub's redirects were seen to name the port that goes without saying."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower().removesuffix(_OWN_PORT.get(parts.scheme, ""))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(256 * 1024):
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise PermanentError(
                "github.too_large", f"an answer of GitHub is larger than {ANSWER_LIMIT} bytes"
            )
    return bytes(body)


def span_of(request: Outgoing) -> AbstractContextManager[None]:
    """The span of one attempt, named by the route: paths and links may say more than a trace should."""
    name = f"github {request.method} {request.route}"
    return traces.span(name, {"http.request.method": request.method}, kind="client")


def seen(request: Outgoing, answer: Answer, duration_s: float, installation_id: int | None) -> RequestSeen:
    """What metrics are told about an attempt."""
    remaining = answer.headers.get("x-ratelimit-remaining", "")
    return RequestSeen(
        request.method,
        request.route,
        answer.status,
        duration_s,
        installation_id,
        answer.headers.get("x-ratelimit-resource", ""),
        int(remaining) if remaining.isdecimal() else None,
        CacheMode.HIT if answer.status == 304 else CacheMode.MISS,  # noqa: PLR2004 -- HTTP's own number
    )
