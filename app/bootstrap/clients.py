"""A client for each App of this process: tokens, cache, pacing and downloads are its own; the session is shared."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import aiohttp

from app.adapters.github import BudgetStore, GitHubClient, RequestSeen
from app.domain.ids import AppKey
from app.errors import SettingsError, TransientError
from app.ports.clock import Clock
from app.settings import Settings
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
CACHE_BYTES = 32 * 1024 * 1024
"""Bodies kept for conditional requests, of all Apps together."""


@dataclass(frozen=True)
class Clients:
    """The clients, by the App's key: whoever asks names the App that its evaluation belongs to."""

    by_app: Mapping[AppKey, GitHubClient]

    def of(self, app_key: AppKey) -> GitHubClient:
        """The client of an App.

        Raises:
            TransientError: the App is not configured here. Another worker may know it, during a deployment, or it comes back
                with the next start: so the evaluation is tried again, for hours, before it is quarantined with this reason.
        """
        client = self.by_app.get(app_key)
        if client is None:
            logger.error("app_not_configured", extra={"app": app_key})
            raise TransientError(
                "app.not_configured",
                f"the App {app_key} is not configured here: add it again, or nothing will come of what it received",
            )
        return client


def open_clients(
    stack: AsyncExitStack,
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    store: BudgetStore,
    metrics: Metrics,
) -> Clients:
    """A client for each App of the settings, closed by the stack. Raises SettingsError that names the App."""
    clients: dict[AppKey, GitHubClient] = {}
    for app in settings.apps:
        try:
            client = GitHubClient(
                session,
                app.github_url,
                app.app_id,
                app.private_key.get_secret_value(),
                clock,
                data_dir=settings.data_dir,
                cache_bytes=CACHE_BYTES // len(settings.apps),
                store=store,
                on_request=partial(note_request, metrics, app.app_key),
            )
        except SettingsError as exc:
            raise SettingsError(f"the App {app.app_key}: {exc}") from exc
        stack.push_async_callback(client.aclose)
        clients[app.app_key] = client
    return Clients(clients)


def note_request(metrics: Metrics, app_key: AppKey, seen: RequestSeen) -> None:
    """Counts a request to GitHub."""
    metrics.github_request(app_key, seen.status, cache=seen.cache.value)
    metrics.downloaded(app_key, seen.downloaded_bytes)
    if seen.remaining is not None:
        metrics.rate_limit(app_key, str(seen.installation_id or "app"), seen.resource, seen.remaining)
