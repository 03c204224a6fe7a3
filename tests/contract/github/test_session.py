"""The session before real sockets: a server with a private authority, and a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from app.adapters.clock import SystemClock
from app.adapters.github.exchange import RequestSeen, outgoing
from app.adapters.github.session import Proxy, open_session
from app.adapters.github.transport import Transport
from app.errors import TransientError
from tests.contract.github.servers import certificate, serving, tls_with


async def say_hello(_: web.Request) -> web.Response:
    return web.json_response({"hello": "you"})


@asynccontextmanager
async def private_github(folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """Its address, and the file with its authority."""
    path = certificate(folder)
    application = web.Application()
    application.add_routes([web.get("/app", say_hello)])
    async with serving(application, tls_with(path)) as url:
        yield url, path


def transport_over(url: str, ca_bundle: str) -> Transport:
    return Transport(open_session(ca_bundle), url, SystemClock(), lambda _: None)


async def test_a_private_authority_is_trusted_once_it_is_named(tmp_path: Path) -> None:
    async with private_github(tmp_path) as (url, authority):
        transport = transport_over(url, str(authority))
        async with transport._session:
            assert (await transport.send(outgoing("GET", "/app", {}), None)).json() == {"hello": "you"}


async def test_an_authority_that_nobody_named_is_not_trusted(tmp_path: Path) -> None:
    async with private_github(tmp_path) as (url, _):
        transport = transport_over(url, "")
        async with transport._session:
            with pytest.raises(TransientError, match=r"github\.unreachable"):
                await transport.send(outgoing("GET", "/app", {}), None)


async def test_a_request_goes_through_the_proxy_with_its_password() -> None:
    asked: list[tuple[str, str]] = []

    async def pass_on(request: web.Request) -> web.Response:
        asked.append((str(request.url), request.headers.get("Proxy-Authorization", "")))
        return web.json_response({})

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", pass_on)
    seen: list[RequestSeen] = []
    async with serving(application) as proxy_url, open_session() as session:
        proxy = Proxy(URL(proxy_url), {"Proxy-Authorization": "Basic bWU6"})
        transport = Transport(session, "http://git.example", SystemClock(), seen.append, lambda _: proxy)
        answer = await transport.send(outgoing("GET", "/app", {}), None)
    assert answer.status == 200
    assert asked == [("http://git.example/app", "Basic bWU6")]
