from __future__ import annotations

from app.domain.delivery import DeliveryState
from app.domain.ids import AppKey
from app.telemetry.metrics import Metrics

APP, OTHER = AppKey("api.github.com/12"), AppKey("git.example/12")


def test_every_outcome_is_on_the_page() -> None:
    metrics = Metrics()
    metrics.accepted(APP, "duplicate")
    metrics.closed(APP, DeliveryState.QUARANTINED)
    metrics.unasked(APP, "quality_gate")
    metrics.refused("missing_header")
    metrics.queue_depth(3)
    metrics.started(APP, 0.2)
    metrics.handled(APP, "quality_gate", "fail", 0.5)
    metrics.github_request(APP, 304, cache="hit")
    metrics.rate_limit(APP, "7", "core", 4999)
    metrics.effect(APP, "comment", "applied")
    page = metrics.render().decode()
    for line in (
        'hephaestus_deliveries_total{app="api.github.com/12",result="duplicate"} 1.0',
        'hephaestus_deliveries_closed_total{app="api.github.com/12",state="quarantined"} 1.0',
        'hephaestus_capability_not_asked_total{app="api.github.com/12",capability="quality_gate"} 1.0',
        'hephaestus_deliveries_refused_total{reason="missing_header"} 1.0',
        "hephaestus_queue_depth 3.0",
        'hephaestus_event_age_seconds_count{app="api.github.com/12"} 1.0',
        'hephaestus_handler_seconds_count{app="api.github.com/12",capability="quality_gate",verdict="fail"} 1.0',
        'hephaestus_github_requests_total{app="api.github.com/12",cache="hit",status="3xx"} 1.0',
        'hephaestus_github_rate_limit_remaining{app="api.github.com/12",installation="7",resource="core"} 4999.0',
        'hephaestus_effects_total{app="api.github.com/12",kind="comment",result="applied"} 1.0',
    ):
        assert line in page


def test_each_instance_counts_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.refused("late")
    assert b'reason="late"' not in second.render()


def test_a_request_without_an_answer_is_counted_apart() -> None:
    metrics = Metrics()
    metrics.github_request(APP, 0, cache="miss")
    assert b'status="none"' in metrics.render()


def test_installations_of_the_same_number_at_two_githubs_are_two() -> None:
    metrics = Metrics()
    metrics.rate_limit(APP, "7", "core", 10)
    metrics.rate_limit(OTHER, "7", "core", 20)
    page = metrics.render().decode()
    assert f'remaining{{app="{APP}",installation="7",resource="core"}} 10.0' in page
    assert f'remaining{{app="{OTHER}",installation="7",resource="core"}} 20.0' in page
