"""The world of the stand-in: who exists, what is installed where, which repositories there are, what has happened.

Plain mutable state; the modules beside this one read and change it while they answer requests. `GitHub` and
`Repository` also carry the small API with which tests and the demo seed it.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.standin.github import keys, pushes
from app.standin.github.git import GitStore
from app.standin.github.records import (
    Account,
    App,
    Event,
    Installation,
    Json,
    Settings,
    Token,
)
from app.standin.github.repository import Repository

__all__ = ["ACTIONS_APP_ID", "GitHub", "Repository", "wall_clock"]

Part = TypeVar("Part")

ACTIONS_APP_ID = 15368
"""The id of the App `github-actions`, the same on every github.com."""


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class GitHub:
    """The whole stand-in; `server.running` puts it on loopback and fills in the base addresses."""

    git_root: Path
    clock: Callable[[], datetime] = wall_clock
    settings: Settings = field(default_factory=Settings)
    accounts: dict[int, Account] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    """Former full name in lower case → repository id: answered with 301."""
    tokens: dict[str, Token] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    outbox: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    """Events whose webhooks are still to be sent."""
    api_url: str = "http://api.standin.invalid"
    html_url: str = "http://standin.invalid/_"
    git_url: str = "http://standin.invalid"
    uploads_url: str = "http://uploads.standin.invalid"
    downloads_url: str = "http://downloads.standin.invalid"
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000_001))
    _parts: dict[type, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.git_root.mkdir(parents=True, exist_ok=True)
        github = self.add_account("github", "Organization")
        self.add_app(
            "github-actions",
            owner=github,
            app_id=ACTIONS_APP_ID,
            permissions={"checks": "write"},
            events=[],
            public_key=keys.unused(),
        )

    def now(self) -> datetime:
        """The stand-in's time, cut to seconds as in GitHub's answers."""
        return self.clock().replace(microsecond=0)

    def next_id(self) -> int:
        """A number no other thing here has as its id."""
        return next(self._ids)

    def part(self, kind: type[Part]) -> Part:
        """The one instance of a module's own state (`kind()` on first use): limits, faults, deliveries."""
        if kind not in self._parts:
            self._parts[kind] = kind()
        found = self._parts[kind]
        assert isinstance(found, kind)  # noqa: S101 -- narrows the registry's type
        return found

    def close(self) -> None:
        """Closes the files of every git repository; they open again when needed."""
        for repository in self.repositories.values():
            repository.git.close()

    # Looking up

    def account(self, login: str) -> Account | None:
        """The account of that login, whatever its case."""
        return next((a for a in self.accounts.values() if a.login.lower() == login.lower()), None)

    def repository(self, full_name: str) -> Repository | None:
        """The repository of that present name, whatever its case."""
        wanted = full_name.lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == wanted), None)

    def installation_of(self, app: App, account: Account) -> Installation | None:
        """Where the App is installed on the account."""
        found = (i for i in self.installations.values() if i.app is app and i.account is account)
        return next(found, None)

    def installations_on(self, repository: Repository) -> list[Installation]:
        """All installations, suspended ones too, that cover the repository."""
        return [i for i in self.installations.values() if self.covers(i, repository)]

    @staticmethod
    def covers(installation: Installation, repository: Repository) -> bool:
        """Whether the installation includes the repository."""
        if installation.account is not repository.owner:
            return False
        return installation.repository_ids is None or repository.id in installation.repository_ids

    # Telling

    def emit(
        self,
        event: str,
        action: str | None,
        payload: Json,
        repository: Repository | None,
        *,
        sender: Account | None = None,
        app_id: int | None = None,
    ) -> None:
        """Records that something happened and queues its webhooks; `payload` without installation, repository, sender."""
        who = sender or (repository.owner if repository else next(iter(self.accounts.values())))
        happened = Event(
            event, action, payload, repository.id if repository else None, who, self.now(), app_id
        )
        self.events.append(happened)
        self.outbox.put_nowait(happened)

    # Seeding

    def add_account(self, login: str, kind: str = "User", *, email: str = "") -> Account:
        """A new user, organisation or bot; the existing one if the login is taken."""
        if (known := self.account(login)) is not None:
            return known
        number = self.next_id()
        mail = email or f"{number}+{login}@users.noreply.github.com"
        account = Account(number, login, kind, login, mail)  # type: ignore[arg-type]  # any of the three words
        self.accounts[number] = account
        return account

    def add_app(
        self,
        slug: str,
        *,
        owner: Account | str,
        permissions: Mapping[str, str],
        events: list[str],
        webhook_url: str = "",
        webhook_secret: str = "",
        public_key: RSAPublicKey | None = None,
        app_id: int | None = None,
        name: str = "",
    ) -> App:
        """Registers an App with its bot account; without a public key it makes a key pair and keeps the private half."""
        pem, public = ("", public_key) if public_key is not None else keys.key_pair()
        maker = self.add_account(owner) if isinstance(owner, str) else owner
        app = App(
            id=app_id or self.next_id(),
            slug=slug,
            name=name or slug,
            owner=maker,
            bot=self.add_account(f"{slug}[bot]", "Bot"),
            client_id=f"Iv23li{secrets.token_hex(7)}",
            public_key=public,
            permissions={"metadata": "read", **permissions},
            events=list(events),
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            created_at=self.now(),
            private_key_pem=pem,
        )
        self.apps[app.id] = app
        return app

    def add_installation(
        self,
        app: App,
        account: Account | str,
        *,
        repositories: list[Repository] | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> Installation:
        """Installs an App on an account, on all its repositories or the ones given, with the App's permissions or fewer."""
        where = self.add_account(account, "Organization") if isinstance(account, str) else account
        installation = Installation(
            id=self.next_id(),
            app=app,
            account=where,
            permissions=dict(app.permissions if permissions is None else {"metadata": "read", **permissions}),
            events=list(app.events),
            created_at=self.now(),
            repository_ids=None if repositories is None else {r.id for r in repositories},
        )
        self.installations[installation.id] = installation
        return installation

    def add_repository(
        self,
        full_name: str,
        files: Mapping[str, bytes | str] | None = None,
        *,
        private: bool = False,
        default_branch: str = "main",
        parent: Repository | None = None,
    ) -> Repository:
        """A repository with one first commit of the files (none: an empty repository); its owner is made if new."""
        owner_login, _, name = full_name.partition("/")
        owner = self.add_account(owner_login, "Organization")
        number = self.next_id()
        store = GitStore.create(self.git_root / owner.login / f"{name}.git", default_branch)
        repository = Repository(number, owner, name, private, default_branch, store, self, self.now(), parent)
        self.repositories[number] = repository
        if files:
            pushes.first_commit(repository, files)
        return repository

    def rename(self, repository: Repository, new_name: str) -> None:
        """Renames a repository; its former name answers 301 from now on."""
        self.renamed[repository.full_name.lower()] = repository.id
        repository.name = new_name
        repository.git.move(self.git_root / repository.owner.login / f"{new_name}.git")

    def add_user_token(self, account: Account, *, lifetime: timedelta | None = None) -> str:
        """A personal token of an account; it may do what the account may do."""
        value = f"ghp_{secrets.token_hex(18)}"
        expires_at = None if lifetime is None else self.clock() + lifetime
        self.tokens[value] = Token(value, {}, expires_at, self.clock(), account=account)
        return value
