"""Tokens: the App's JWT, and installation tokens narrowed to repositories and permissions.

Tokens are opaque, of any length. One request mints for all who wait for the same scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AwareDatetime

from app.adapters.github.errors import PERMISSION, classify
from app.adapters.github.exchange import Answer, Outgoing, outgoing
from app.adapters.github.governor import Governor
from app.adapters.github.models import Lenient, read
from app.adapters.github.times import TOLERATED, skew
from app.adapters.github.transport import Transport
from app.errors import AccessDenied, HephaestusError, SettingsError, TransientError

JWT_LIFE = timedelta(minutes=9)
BACKDATED = timedelta(seconds=60)
REFRESH_BEFORE = timedelta(minutes=5)
OK = 300
REVOKED_AT_ONCE = 10
NOT_A_KEY = (
    "the private key (HEPHAESTUS_PRIVATE_KEY, or in HEPHAESTUS_APPS_FILE) is not an RSA key in PEM form without a password: "
    "use the whole .pem file that GitHub gave for the App"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may be used for; empty permissions mean all that the installation was granted.

    Repositories are given by their ids; by `repository_names`, below the installation's account, only where no id is known.
    """

    installation_id: int
    repository_ids: tuple[int, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()
    lenient: bool = False
    """Whether permissions that were not granted may be left out (reading) instead of refused (writing)."""
    repository_names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """For caches."""
        repositories = ",".join(map(str, self.repository_ids))
        permissions = ",".join(f"{name}:{level}" for name, level in self.permissions)
        names = ",".join(self.repository_names)
        return f"{self.installation_id}|{repositories}|{permissions}|{names}"


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token; its value never appears in a repr. `minted_s` is on the monotonic clock."""

    value: str
    expires_at: datetime
    minted_s: float


class _Minted(Lenient):
    token: str
    expires_at: AwareDatetime


class _Installation(Lenient):
    permissions: dict[str, str]


def rsa_key(pem: str) -> RSAPrivateKey:
    """The App's private key. Raises SettingsError for anything but an RSA key without a password, in PEM."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise SettingsError(NOT_A_KEY) from exc
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError(NOT_A_KEY)
    return key


class TokenBroker:
    """Mints, keeps and refreshes; one for an App."""

    def __init__(self, transport: Transport, governor: Governor, app_id: int, private_key_pem: str) -> None:
        self._transport, self._governor = transport, governor
        self._app_id, self._key = app_id, rsa_key(private_key_pem)
        self._clock = transport.clock
        self._skew = timedelta()
        self._jwt: tuple[str, datetime] | None = None
        self._tokens: dict[Scope, Token] = {}
        self._locks: dict[Scope, asyncio.Lock] = {}

    def app_jwt(self) -> str:
        """The App's JWT, made once in seven minutes."""
        now = self._clock.now() + self._skew
        if self._jwt is not None and now < self._jwt[1]:
            return self._jwt[0]
        claims = {"iat": now - BACKDATED, "exp": now + JWT_LIFE, "iss": str(self._app_id)}
        made = jwt.encode(claims, self._key, algorithm="RS256")
        self._jwt = (made, now + JWT_LIFE - timedelta(minutes=2))
        return made

    async def token(self, scope: Scope) -> Token:
        """A token good for five minutes at least."""
        if (found := self._good(scope)) is not None:
            return found
        async with self._locks.setdefault(scope, asyncio.Lock()):
            if (found := self._good(scope)) is None:
                self._forget_expired()
                found = self._tokens[scope] = await self._mint(scope)
            return found

    def drop(self, scope: Scope, token: Token) -> None:
        """Forgets a token that GitHub refused, unless another took its place already."""
        if self._tokens.get(scope) is token:
            del self._tokens[scope]

    async def revoke(self, within_s: float) -> None:
        """Forgets all tokens, and has GitHub forget them as far as it answers in time; never fails.

        What is not revoked expires within the hour.
        """
        now, places = self._clock.now() + self._skew, asyncio.Semaphore(REVOKED_AT_ONCE)
        valid = [(scope, token) for scope, token in self._tokens.items() if token.expires_at > now]
        self._tokens.clear()
        self._jwt = None
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
                for scope, token in valid:
                    group.create_task(self._revoke(scope, token, places))

    async def _revoke(self, scope: Scope, token: Token, places: asyncio.Semaphore) -> None:
        request = outgoing("DELETE", "/installation/token", {})
        async with places:
            with suppress(HephaestusError):
                await self._transport.send(request, token.value, installation_id=scope.installation_id)

    def is_fresh(self, token: Token, seconds: float) -> bool:
        """Whether it was minted less than `seconds` ago: GitHub's replicas may not know it yet."""
        return self._clock.monotonic() - token.minted_s < seconds

    async def as_app(self, request: Outgoing) -> Answer:
        """A successful answer to a request with the JWT; corrects a wrong clock by GitHub's once.

        Raises as `classify` does; a limit holds for all requests with the JWT, which then raise TransientError unasked.
        """
        await self._governor.admit_app(request)
        answer = await self._transport.send(request, self.app_jwt())
        if answer.status == 401 and self._corrected(answer.headers):  # noqa: PLR2004 -- HTTP's own number
            answer = await self._transport.send(request, self.app_jwt())
        if answer.status >= OK:
            raise await self._failure(request, answer)
        return answer

    async def _failure(self, request: Outgoing, answer: Answer) -> HephaestusError:
        now = self._clock.now()
        error = classify(answer.status, answer.headers, answer.body, what=request.what, now=now)
        if isinstance(error, TransientError):
            await self._governor.refused(None, request, error, answer.headers)
        return error

    def _good(self, scope: Scope) -> Token | None:
        found = self._tokens.get(scope)
        now = self._clock.now() + self._skew
        return found if found is not None and found.expires_at - REFRESH_BEFORE > now else None

    def _forget_expired(self) -> None:
        for scope in [scope for scope in self._tokens if self._good(scope) is None]:
            del self._tokens[scope]
        for scope in [
            one for one, lock in self._locks.items() if one not in self._tokens and not lock.locked()
        ]:
            del self._locks[scope]

    async def _mint(self, scope: Scope) -> Token:
        try:
            return await self._ask(scope, dict(scope.permissions))
        except AccessDenied as exc:
            if exc.code != PERMISSION or not scope.lenient:
                raise
        request = outgoing("GET", "/app/installations/{id}", {"id": scope.installation_id})
        granted = read(_Installation, (await self.as_app(request)).json()).permissions
        return await self._ask(scope, {name: level for name, level in scope.permissions if name in granted})

    async def _ask(self, scope: Scope, permissions: Mapping[str, str]) -> Token:
        body: dict[str, object] = {}
        if scope.repository_ids:
            body["repository_ids"] = list(scope.repository_ids)
        if scope.repository_names:
            body["repositories"] = list(scope.repository_names)
        if permissions:
            body["permissions"] = dict(permissions)
        route = "/app/installations/{id}/access_tokens"
        request = outgoing("POST", route, {"id": scope.installation_id}, json=body)
        minted = read(_Minted, (await self.as_app(request)).json())
        return Token(minted.token, minted.expires_at, self._clock.monotonic())

    def _corrected(self, headers: Mapping[str, str]) -> bool:
        found = skew(headers, self._clock.now())
        if abs(found - self._skew) < TOLERATED:
            return False
        self._skew, self._jwt = found, None
        return True
