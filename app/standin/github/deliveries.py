"""Webhook deliveries: what an event becomes for each App that hears of it, signed, and the record of each attempt."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.standin.github.records import App, Event, Installation, Json
from app.standin.github.shapes import accounts, repositories
from app.standin.github.state import GitHub

PAYLOAD_CAP = 25 * 1024 * 1024
"""Bigger payloads are not delivered at all."""
KEPT_FOR = timedelta(days=3)
"""How long a delivery can be seen and asked for again."""
USER_AGENT = "GitHub-Hookshot/5aadfca"


class Mischief(StrEnum):
    """What may happen to a webhook between GitHub and the App."""

    DROP = "drop"
    """Never sent and in no list, as for some events GitHub itself loses."""
    DUPLICATE = "duplicate"
    """The same delivery twice: same GUID, same bytes."""
    TWICE = "twice"
    """The same event as two deliveries with two GUIDs."""
    LATE = "late"
    """Sent ``seconds`` later, so that what happened after it arrives before it."""


@dataclass(slots=True)
class Disturbance:
    """A mischief for the deliveries of an event (empty: of any): from the ``nth`` on for ``times`` of them."""

    mischief: Mischief
    event: str = ""
    nth: int = 1
    times: int | None = 1
    seconds: float = 0.5
    seen: int = 0

    def takes(self, event: str) -> bool:
        """Counts a delivery that matches, and says whether this one is disturbed."""
        if self.event not in {"", event}:
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A webhook about to be posted to an App; signed only when it leaves, with the secret of that moment."""

    app: App
    guid: str
    event: str
    action: str | None
    body: bytes
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver, with what was sent and what came back."""

    id: int
    sent: Outgoing
    url: str
    delivered_at: datetime
    duration_s: float
    status: str
    """``OK``, or why not, in words."""
    status_code: int
    """0 when there was no answer at all."""
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: str

    @property
    def is_success(self) -> bool:
        """Whether the App answered 2xx in time."""
        return 200 <= self.status_code < 300  # noqa: PLR2004 - the range is HTTP's


@dataclass(slots=True)
class Hooks:
    """All deliveries, oldest first, what is waiting to be sent, and what disturbs the way."""

    deliveries: list[Delivery] = field(default_factory=list)
    foreign: list[Delivery] = field(default_factory=list)
    """What a stranger posted to an App under GitHub's name, oldest first; the API knows nothing of it."""
    waiting: asyncio.Queue[Outgoing] = field(default_factory=asyncio.Queue)
    disturbances: list[Disturbance] = field(default_factory=list)
    timeout_s: float = 10.0
    parallel: int = 16
    """Webhooks in the air at once; 1 keeps them in order, which GitHub does not promise."""
    config: dict[int, Json] = field(default_factory=dict)
    """App id → what `PATCH /app/hook/config` set besides address and secret."""

    def disturb(
        self,
        mischief: Mischief,
        *,
        event: str = "",
        nth: int = 1,
        times: int | None = 1,
        seconds: float = 0.5,
    ) -> None:
        """Adds a disturbance; the first that takes a delivery wins."""
        self.disturbances.append(Disturbance(mischief, event, nth, times, seconds))

    def of(self, app: App, now: datetime) -> list[Delivery]:
        """An App's deliveries that are still kept, newest first."""
        return [d for d in self.deliveries[::-1] if d.sent.app is app and now - d.delivered_at < KEPT_FOR]


def hook_id(app: App) -> int:
    """The id of an App's one webhook."""
    return app.id + 500_000_000


def signatures(body: bytes, secret: str) -> dict[str, str]:
    """Both signature headers over the exact bytes; none without a secret, as at GitHub."""
    if not secret:
        return {}
    key = secret.encode()
    return {
        "X-Hub-Signature": f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}",
        "X-Hub-Signature-256": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
    }


def headers_of(sent: Outgoing, *, secret: str) -> dict[str, str]:
    """The headers of a webhook, as GitHub sends them."""
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-GitHub-Delivery": sent.guid,
        "X-GitHub-Event": sent.event,
        "X-GitHub-Hook-ID": str(hook_id(sent.app)),
        "X-GitHub-Hook-Installation-Target-ID": str(sent.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        **signatures(sent.body, secret),
    }


def outgoing(github: GitHub, event: Event) -> Iterator[Outgoing]:
    """The webhooks that an event leads to: one for each App that hears of it, before any mischief."""
    for app in list(github.apps.values()):
        if not app.webhook_url or not _hears(app, event):
            continue
        installation = _installation(github, app, event)
        if event.repository_id is not None and installation is None:
            continue
        payload = payload_of(github, event, installation)
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > PAYLOAD_CAP:
            continue
        where = payload.get("installation", {}).get("id")
        yield Outgoing(app, str(uuid.uuid4()), event.name, event.action, body, where, event.repository_id)


def _hears(app: App, event: Event) -> bool:
    """What is meant for one App goes to it whatever it subscribed to; the rest to all subscribers."""
    return event.app_id == app.id if event.app_id is not None else event.name in app.events


def _installation(github: GitHub, app: App, event: Event) -> Installation | None:
    repository = github.repositories.get(event.repository_id or 0)
    if repository is None:
        return None
    found = (i for i in github.installations_on(repository) if i.app is app and i.suspended_at is None)
    return next(found, None)


def payload_of(github: GitHub, event: Event, installation: Installation | None) -> Json:
    """The whole payload: what happened, and where, for which installation and by whom."""
    payload: Json = {} if event.action is None else {"action": event.action}
    payload |= event.payload
    repository = github.repositories.get(event.repository_id or 0)
    if repository is not None:
        payload["repository"] = repositories.simple(repository)
        if repository.owner.type == "Organization":
            payload["organization"] = accounts.organization(github, repository.owner)
    payload["sender"] = accounts.account(github, event.sender)
    if installation is not None:
        node = accounts.node_id("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", installation.id)
        payload["installation"] = {"id": installation.id, "node_id": node}
    return payload
