"""What the stand-in remembers besides git: accounts, apps, checks, pull requests, issues and their comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Json = dict[str, Any]
"""One JSON object, as it goes over the wire."""

Level = Literal["read", "write", "admin"]
LEVELS: dict[str, int] = {"none": 0, "read": 1, "write": 2, "admin": 3}
"""Permission levels in rising order."""


@dataclass(slots=True)
class Account:
    """A user, an organisation or a bot."""

    id: int
    login: str
    type: Literal["User", "Organization", "Bot"]
    name: str = ""
    email: str = ""


@dataclass(slots=True)
class App:
    """A registered GitHub App; only its public key is needed, the private one is kept where the stand-in made it."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    client_id: str
    public_key: RSAPublicKey
    permissions: dict[str, str]
    events: list[str]
    webhook_url: str
    webhook_secret: str
    created_at: datetime
    private_key_pem: str = ""
    client_secret: str = ""
    external_url: str = ""
    description: str = ""


@dataclass(slots=True)
class Installation:
    """An App on an account: all its repositories, or the ones listed."""

    id: int
    app: App
    account: Account
    permissions: dict[str, str]
    events: list[str]
    created_at: datetime
    repository_ids: set[int] | None = None
    """None: all repositories of the account, also future ones."""
    suspended_at: datetime | None = None
    suspended_by: Account | None = None


@dataclass(slots=True)
class Token:
    """An access token of an installation (`installation` set) or of a person (`account` set)."""

    value: str
    permissions: dict[str, str]
    expires_at: datetime | None
    usable_at: datetime
    """Before this moment the token is answered 401: replication at GitHub takes up to some seconds."""
    installation: Installation | None = None
    account: Account | None = None
    repository_ids: set[int] | None = None
    """None: everything the installation or the person may see."""


@dataclass(slots=True)
class Event:
    """Something that GitHub would send webhooks about; `payload` still lacks installation, repository and sender."""

    name: str
    action: str | None
    payload: Json
    repository_id: int | None
    sender: Account
    at: datetime
    app_id: int | None = None
    """Only this App hears of it (rerequested, requested_action, installation events); None: all that subscribe."""


@dataclass(slots=True)
class CheckSuite:
    """The check runs of one App on one commit."""

    id: int
    app: App
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None


@dataclass(slots=True)
class CheckRun:
    """One check run; `annotations` only ever grows, as at GitHub."""

    id: int
    suite: CheckSuite
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    started_at: datetime
    completed_at: datetime | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)

    @property
    def app(self) -> App:
        """The App that owns the run: the only one that may change it."""
        return self.suite.app


@dataclass(slots=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(slots=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    issue_number: int
    user: Account
    body: str
    created_at: datetime
    updated_at: datetime
    app: App | None = None


@dataclass(slots=True)
class Issue:
    """An issue; pull requests share its numbers, state, labels and comments, and point to it."""

    id: int
    number: int
    title: str
    body: str | None
    user: Account
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    app: App | None = None


@dataclass(slots=True)
class PullRequest:
    """A pull request: an issue plus two branches."""

    id: int
    issue: Issue
    head_repository_id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False
    maintainer_can_modify: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None

    @property
    def number(self) -> int:
        """The number, unique among issues and pull requests of the repository."""
        return self.issue.number


@dataclass(slots=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(slots=True)
class Settings:
    """What a test or the demo may switch in the whole stand-in."""

    token_lifetime: timedelta = timedelta(hours=1)
    token_replication_delay: timedelta = timedelta()
    drafts_allowed: bool = True
    """False: drafts answer 422, as in plans without them."""
