"""A running stand-in with one App, one installation and one repository; every call is held to GitHub's contract."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest

from app.standin.github.contract import Contract
from app.standin.github.keys import key_pair
from app.standin.github.records import App, Installation
from app.standin.github.server import Server, running
from app.standin.github.state import GitHub, Repository
from tests.held_to_contract import hold, kept

PERMISSIONS = {
    "actions": "write",
    "attestations": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
}
FILES: dict[str, bytes | str] = {
    "README.md": "# Anvil\n",
    "anvil/__init__.py": "",
    "anvil/strike.py": "import os\n\n\ndef strike(times):\n    return times * 2\n",
    ".github/workflows/ci.yml": "name: CI\non: [push]\n",
}


@dataclass
class Reply:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class Clock:
    """A clock that a test moves."""

    offset: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass
class World:
    """The stand-in and a client of it."""

    github: GitHub
    server: Server
    session: aiohttp.ClientSession
    clock: Clock
    app: App
    pem: str
    installation: Installation
    anvil: Repository

    def jwt(self, **claims: object) -> str:
        now = int(time.time())
        return jwt.encode(
            {"iat": now - 60, "exp": now + 540, "iss": str(self.app.id), **claims},
            self.pem,
            algorithm="RS256",
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: object = None,
        accept: str = "",
        **headers: str,
    ) -> Reply:
        sent = {"Accept": accept or "application/vnd.github+json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.server.url + path
        async with self.session.request(
            method, url, json=json, headers=sent, allow_redirects=False
        ) as response:
            raw = await response.read()
            is_json = response.content_type == "application/json" and raw
            return Reply(response.status, response.headers, await response.json() if is_json else raw)

    async def token(self, installation: Installation | None = None, **narrowing: object) -> str:
        place = (installation or self.installation).id
        reply = await self.call(
            "POST", f"/app/installations/{place}/access_tokens", token=self.jwt(), json=narrowing or None
        )
        assert reply.status == 201, reply.body
        return str(reply.body["token"])

    def forgive_requests(self) -> None:
        """Takes back what the contract check says of requests: for tests that send wrong ones on purpose."""
        found = self.github.part(Contract).deviations
        found[:] = [one for one in found if one.side != "request"]

    def events(self, name: str) -> list[str | None]:
        return [event.action for event in self.github.events if event.name == name]


@pytest.fixture(scope="session")
def app_keys() -> tuple[str, Any]:
    return key_pair()


@pytest.fixture
async def world(
    tmp_path: Path, app_keys: tuple[str, Any], request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    clock = Clock()
    github = GitHub(tmp_path / "git", clock=clock)
    hold(github)
    pem, public = app_keys
    app = github.add_app(
        "hephaestus", owner="smith", permissions=PERMISSIONS, events=["push", "check_run"], public_key=public
    )
    anvil = github.add_repository("forge/anvil", FILES)
    installation = github.add_installation(app, "forge")
    async with running(github) as server, aiohttp.ClientSession() as session:
        yield World(github, server, session, clock, app, pem, installation, anvil)
    # The stand-in can do more than the app asks for: its own tests call what the subset of descriptions leaves out.
    kept([github], described=request.path.parent.name != "standin")
