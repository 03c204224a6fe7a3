"""Servers of one test each: with a private authority, or a GitHub whose answers the test writes itself."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.github import GitHubClient, MemoryBudgets, open_session
from app.domain.ids import InstallationId, RepositoryId
from app.domain.repo import Repository

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
OURS = Repository(RepositoryId(1), "o", "r", InstallationId(7))
MINTING = re.compile("/app/installations/([78])/access_tokens")


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


def tls_with(path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate of `certificate`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@dataclass
class MovedClock:
    """The real time and what a test adds to it."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return time.monotonic() + self.offset.total_seconds()


@dataclass
class Scripted:
    """Our client of a GitHub that a test wrote, and what was asked but for tokens: method and path."""

    github: GitHubClient
    clock: MovedClock
    asked: list[str]


@asynccontextmanager
async def scripted(
    answering: Answering, pem: str, folder: Path, authority: Path | None = None
) -> AsyncIterator[Scripted]:
    """A GitHub that gives installations 7 and 8 the tokens `token-7` and `token-8`, and to all else the test's answers.

    With TLS and this certificate if there is an `authority`.
    """
    asked: list[str] = []
    clock = MovedClock()

    async def answer(request: web.Request) -> web.StreamResponse:
        if (asking := MINTING.fullmatch(request.path)) is not None:
            expires_at = (clock.now() + timedelta(hours=1)).isoformat()
            minted = {"token": f"token-{asking[1]}", "expires_at": expires_at}
            return web.json_response(minted, status=201)
        if request.path == "/installation/token":
            return web.Response(status=204)
        asked.append(f"{request.method} {request.path}")
        return await answering(request)

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", answer)
    tls = None if authority is None else tls_with(authority)
    async with serving(application, tls) as url, open_session(str(authority or "")) as session:
        github = GitHubClient(session, url, 1, pem, clock, data_dir=folder / "data", store=MemoryBudgets())
        yield Scripted(github, clock, asked)
        await github.aclose()
