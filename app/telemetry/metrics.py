"""A metric for every outcome, also the refused ones; Prometheus' text format. Labels never hold what a stranger sent.

What belongs to an App is counted under its key first: installations of two GitHubs may have the same number. A refused request
belongs to nobody, and the queue is one for all.
"""

from __future__ import annotations

import math

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from app.domain.delivery import DeliveryState
from app.domain.ids import AppKey

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)


class Metrics:
    """The metrics of one service, in a registry of their own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._deliveries = Counter(
            "hephaestus_deliveries",
            "Verified deliveries by what became of them",
            ["app", "result"],
            registry=registry,
        )
        self._closed = Counter(
            "hephaestus_deliveries_closed",
            "Deliveries by what they came to in the ledger; one that is tried again is counted again",
            ["app", "state"],
            registry=registry,
        )
        self._unasked = Counter(
            "hephaestus_capability_not_asked",
            "Deliveries of which a capability could not say whether they concern it",
            ["app", "capability"],
            registry=registry,
        )
        self._refused = Counter(
            "hephaestus_deliveries_refused", "Refused requests by reason", ["reason"], registry=registry
        )
        self._depth = Gauge(
            "hephaestus_queue_depth", "Deliveries and evaluations that wait", registry=registry
        )
        self._age = Histogram(
            "hephaestus_event_age_seconds",
            "Age of the oldest event when its evaluation starts",
            ["app"],
            buckets=SECONDS,
            registry=registry,
        )
        self._handler = Histogram(
            "hephaestus_handler_seconds",
            "Time of an evaluation",
            ["app", "capability", "verdict"],
            buckets=SECONDS,
            registry=registry,
        )
        self._requests = Counter(
            "hephaestus_github_requests",
            "Requests to GitHub by status class and cache mode (kept: answered from the cache, none was sent)",
            ["app", "status", "cache"],
            registry=registry,
        )
        self._downloaded = Counter(
            "hephaestus_github_downloaded_bytes",
            "Bytes of logs, artifacts, assets and bundles",
            ["app"],
            registry=registry,
        )
        self._remaining = Gauge(
            "hephaestus_github_rate_limit_remaining",
            "What is left of the hour",
            ["app", "installation", "resource"],
            registry=registry,
        )
        self._effects = Counter(
            "hephaestus_effects", "Effects by kind and result", ["app", "kind", "result"], registry=registry
        )

        self._root_age = Gauge(
            "hephaestus_trusted_root_confirmed_seconds",
            "Time since the trusted root was last confirmed",
            ["domain"],
            registry=registry,
        )
        self._root_left = Gauge(
            "hephaestus_trusted_root_left_seconds",
            "Time until the newest authority of the trusted root ends; negative where it has ended",
            ["domain"],
            registry=registry,
        )
        self._refreshes = Counter(
            "hephaestus_trusted_root_refreshes",
            "Refreshes of GitHub's trusted root by result",
            ["result"],
            registry=registry,
        )

    def accepted(self, app: AppKey, result: str) -> None:
        """A verified delivery: accepted, duplicate or resumed."""
        self._deliveries.labels(app, result).inc()

    def closed(self, app: AppKey, state: DeliveryState) -> None:
        """A delivery was closed: done, ignored, failed or quarantined."""
        self._closed.labels(app, state.value).inc()

    def unasked(self, app: AppKey, capability: str) -> None:
        """A capability failed before it said whether a delivery concerns it."""
        self._unasked.labels(app, capability).inc()

    def refused(self, reason: str) -> None:
        """A request that is no delivery of ours; `reason` is one of our own words."""
        self._refused.labels(reason).inc()

    def queue_depth(self, depth: float) -> None:
        """How much waits now; NaN where nobody knows."""
        self._depth.set(depth)

    def started(self, app: AppKey, age_s: float) -> None:
        """An evaluation starts."""
        self._age.labels(app).observe(max(0.0, age_s))

    def handled(self, app: AppKey, capability: str, verdict: str, seconds: float) -> None:
        """An evaluation ended."""
        self._handler.labels(app, capability, verdict).observe(seconds)

    def github_request(self, app: AppKey, status: int, *, cache: str) -> None:
        """An answer of GitHub; status 0 means that none came, cache `kept` that nothing was sent."""
        answer = f"{status // 100}xx" if status else "none"
        self._requests.labels(app, answer, cache).inc()

    def downloaded(self, app: AppKey, size_bytes: int) -> None:
        """A download came whole."""
        self._downloaded.labels(app).inc(size_bytes)

    def rate_limit(self, app: AppKey, installation: str, resource: str, remaining: int) -> None:
        """What GitHub says is left."""
        self._remaining.labels(app, installation, resource).set(remaining)

    def effect(self, app: AppKey, kind: str, result: str) -> None:
        """An effect was settled."""
        self._effects.labels(app, kind, result).inc()

    def root_age(self, domain: str, confirmed_s: float, left_s: float | None) -> None:
        """How old the trusted root of a domain is, and how long it will do."""
        self._root_age.labels(domain).set(confirmed_s)
        self._root_left.labels(domain).set(math.nan if left_s is None else left_s)

    def root_refreshed(self, result: str) -> None:
        """GitHub's trusted root was asked for: taken, unchanged or failed."""
        self._refreshes.labels(result).inc()

    def render(self) -> bytes:
        """The page `/metrics`."""
        return generate_latest(self.registry)
