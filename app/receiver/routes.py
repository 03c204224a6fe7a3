"""Delivery: `POST /webhooks/github`. Headers are checked first, then the signature of the exact bytes, then the row."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import HttpVersion11, web

from app.domain.delivery import OWN_IDS, Acceptance, Delivery, Source
from app.domain.ids import AppKey, DeliveryId, Sha256Hex
from app.errors import RejectedDelivery, TransientError
from app.ports.clock import Clock
from app.ports.ledger import Inbox
from app.receiver.memory import UnverifiedBytes
from app.receiver.signature import verify
from app.telemetry.metrics import Metrics

PATH = "/webhooks/github"
REQUIRED = ("X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256")
RETRY_AFTER_S = 30
TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
OUR_NAMES = ("hephaestus", *OWN_IDS)
JSON = {"Content-Type": "application/json"}
ANSWERS = {acceptance: json.dumps({"status": acceptance.value}).encode() for acceptance in Acceptance}


@dataclass(frozen=True, slots=True)
class ReceivingApp:
    """An App whose webhooks come here."""

    app_key: AppKey
    app_id: str
    secrets: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Verifies, stores, answers."""

    apps: Sequence[ReceivingApp]
    inbox: Inbox
    clock: Clock
    metrics: Metrics
    accepted: Callable[[], None]
    draining: Callable[[], bool]
    memory: UnverifiedBytes

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.post(PATH, self.receive, expect_handler=expect)]

    async def receive(self, request: web.Request) -> web.Response:
        """202 after the commit, or a 4xx/503 that says what to do; a stranger's bytes never cause a 500."""
        try:
            app_key, acceptance = await self._accept(request)
        except RejectedDelivery as exc:
            self.metrics.refused(exc.reason)
            headers = {"Retry-After": str(exc.retry_after_s)} if exc.retry_after_s else None
            return answer(exc.status, {"error": exc.reason, "message": exc.message}, headers)
        self.metrics.accepted(app_key, acceptance.value)
        if acceptance is not Acceptance.DUPLICATE:
            self.accepted()
        return web.Response(status=202, body=ANSWERS[acceptance], headers=JSON)

    async def _accept(self, request: web.Request) -> tuple[AppKey, Acceptance]:
        if self.draining():
            raise RejectedDelivery(
                503, "stopping", "the service is stopping; deliver again later", retry_after_s=RETRY_AFTER_S
            )
        check_headers(request.headers)
        candidates = self._candidates(request.headers.get("X-GitHub-Hook-Installation-Target-ID"))
        body = await self.memory.read(request)
        signature = request.headers["X-Hub-Signature-256"]
        app = next((app for app in candidates if verify(body, signature, app.secrets)), None)
        if app is None:
            raise RejectedDelivery(
                401, "signature", "the signature does not fit the body and any active secret"
            )
        delivery = self._delivery(request.headers, app, body)
        try:
            return app.app_key, await self.inbox.accept(delivery)
        except TransientError as exc:
            raise RejectedDelivery(503, exc.code, exc.message, retry_after_s=RETRY_AFTER_S) from exc

    def _candidates(self, target_id: str | None) -> Sequence[ReceivingApp]:
        """With several Apps the target id chooses whose secrets may have signed; it proves nothing by itself."""
        if len(self.apps) == 1:
            return self.apps
        return [app for app in self.apps if app.app_id == target_id]

    def _delivery(self, headers: Mapping[str, str], app: ReceivingApp, body: bytes) -> Delivery:
        return Delivery(
            app_key=app.app_key,
            id=DeliveryId(headers["X-GitHub-Delivery"]),
            source=Source.GITHUB,
            event=headers["X-GitHub-Event"],
            body=body,
            body_sha256=Sha256Hex(hashlib.sha256(body).hexdigest()),
            received_at=self.clock.now(),
            hook_id=short(headers.get("X-GitHub-Hook-ID")),
            target_id=short(headers.get("X-GitHub-Hook-Installation-Target-ID")),
            traceparent=short(headers.get("traceparent")),
        )


def check_headers(headers: Mapping[str, str]) -> None:
    """Everything that can be refused before a byte of the body is read."""
    if "Content-Encoding" in headers:
        raise RejectedDelivery(415, "content_encoding", "send the body without Content-Encoding")
    content_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise RejectedDelivery(415, "content_type", "set the webhook's content type to application/json")
    for name in REQUIRED:
        if not headers.get(name):
            raise RejectedDelivery(400, "missing_header", f"the header {name} is missing")
    for name in REQUIRED[:2]:
        if TOKEN.fullmatch(headers[name]) is None:
            raise RejectedDelivery(400, "invalid_header", f"the header {name} is not one of GitHub's")
    if any(headers[name].startswith(OUR_NAMES) for name in REQUIRED[:2]):
        raise RejectedDelivery(400, "invalid_header", "these names are our own, not GitHub's")


async def expect(request: web.Request) -> None:
    """Lets a body come that waits for our word. aiohttp's own refusal repeats the header, and fails where that is no text."""
    if request.version < HttpVersion11:
        return
    if request.headers["Expect"].lower() != "100-continue":
        raise web.HTTPExpectationFailed(text="Expect: only 100-continue is understood")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # what follows is the answer's beginning


def short(value: str | None) -> str:
    """A header that is kept for people; anything odd is not kept."""
    return value if value is not None and TOKEN.fullmatch(value) else ""


def answer(status: int, content: Mapping[str, str], headers: Mapping[str, str] | None = None) -> web.Response:
    """A small JSON answer."""
    return web.Response(
        status=status, body=json.dumps(dict(content)).encode(), headers={**JSON, **(headers or {})}
    )
