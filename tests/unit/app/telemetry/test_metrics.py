from __future__ import annotations

from app.telemetry.metrics import Metrics


def test_every_outcome_is_on_the_page() -> None:
    metrics = Metrics()
    metrics.accepted("duplicate")
    metrics.refused("missing_header")
    metrics.queue_depth(3)
    metrics.started(0.2)
    metrics.handled("quality_gate", "fail", 0.5)
    metrics.github_request(304, cached=True)
    metrics.rate_limit("7", "core", 4999)
    metrics.effect("comment", "applied")
    page = metrics.render().decode()
    for line in (
        'hephaestus_deliveries_total{result="duplicate"} 1.0',
        'hephaestus_deliveries_refused_total{reason="missing_header"} 1.0',
        "hephaestus_queue_depth 3.0",
        "hephaestus_event_age_seconds_count 1.0",
        'hephaestus_handler_seconds_count{capability="quality_gate",verdict="fail"} 1.0',
        'hephaestus_github_requests_total{cache="hit",status="3xx"} 1.0',
        'hephaestus_github_rate_limit_remaining{installation="7",resource="core"} 4999.0',
        'hephaestus_effects_total{kind="comment",result="applied"} 1.0',
    ):
        assert line in page


def test_each_instance_counts_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.refused("late")
    assert b'reason="late"' not in second.render()


def test_a_request_without_an_answer_is_counted_apart() -> None:
    metrics = Metrics()
    metrics.github_request(0, cached=False)
    assert b'status="none"' in metrics.render()
