"""One trace follows a delivery from its receipt to its record, through the ledger and the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.cli.demo_scenes import Stage, quality_gate
from app.telemetry import traces
from tests.acceptance.conftest import Running

HOPS = {"receive /webhooks/github", "dispatch", "evaluate", "gather", "decide", "plan", "apply", "record"}


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    """Spans as they end, while traces are on."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with traces.recording(provider.get_tracer("test")):
        yield exporter


def by_trace(spans: tuple[ReadableSpan, ...]) -> dict[int, list[ReadableSpan]]:
    found: dict[int, list[ReadableSpan]] = defaultdict(list)
    for span in spans:
        found[span.context.trace_id].append(span)
    return found


async def test_one_trace_holds_every_hop_of_a_delivery(
    exported: InMemorySpanExporter, everything: Running
) -> None:
    stage = Stage(everything.world, everything.github_url)
    assert all([line.ok async for line in quality_gate(stage)])
    published = await stage.wait(lambda: recorded(exported))
    assert published is not None
    for spans in published:
        names = {span.name for span in spans}
        assert names >= HOPS
        assert names & {
            "github POST /repos/{owner}/{repo}/check-runs",
            "github PATCH /repos/{owner}/{repo}/check-runs/{id}",
        }
        known = {span.context.span_id for span in spans}
        roots = [span.name for span in spans if span.parent is None]
        assert roots == ["receive /webhooks/github"]
        assert [span.name for span in spans if span.parent and span.parent.span_id not in known] == []


def recorded(exported: InMemorySpanExporter) -> list[list[ReadableSpan]] | None:
    """The traces in which a check run was published, once none of them is still growing."""
    traced = by_trace(exported.get_finished_spans()).values()
    published = [spans for spans in traced if any(one.name == "apply publish_check_run" for one in spans)]
    ended = all(any(one.name == "evaluate" for one in spans) for spans in published)
    return published if published and ended else None
