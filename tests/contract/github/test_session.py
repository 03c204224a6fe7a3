"""The session before real sockets: a server with a private authority, and a proxy."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from app.adapters.clock import SystemClock
from app.adapters.github.exchange import RequestSeen, outgoing
from app.adapters.github.session import Proxy, open_session
from app.adapters.github.transport import Transport
from app.errors import TransientError


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(made.public_bytes(pem) + plain)
    return path


@asynccontextmanager
async def serving(handler: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    runner = web.AppRunner(handler, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def say_hello(_: web.Request) -> web.Response:
    return web.json_response({"hello": "you"})


@asynccontextmanager
async def private_github(folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """Its address, and the file with its authority."""
    path, context = certificate(folder), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    application = web.Application()
    application.add_routes([web.get("/app", say_hello)])
    async with serving(application, context) as url:
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
