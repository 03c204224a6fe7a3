"""Spans before a collector: they arrive by OTLP over HTTP, and one that is not there holds nobody up."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.telemetry import traces


def work(exporter: str) -> float:
    """How long a program that ends right after its last span takes, in seconds."""
    begin = time.monotonic()
    with traces.tracing(exporter), traces.span("outer"), traces.span("inner", {"verdict": "pass"}):
        pass
    return time.monotonic() - begin


async def test_spans_arrive_at_a_collector_before_the_program_ends() -> None:
    bodies: list[bytes] = []

    async def collect(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    application = web.Application()
    application.add_routes([web.post("/v1/traces", collect)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await asyncio.to_thread(work, f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces")
    finally:
        await runner.cleanup()
    (resource,) = ExportTraceServiceRequest.FromString(bodies[0]).resource_spans
    names = {one.key: one.value.string_value for one in resource.resource.attributes}
    inner, outer = resource.scope_spans[0].spans
    assert names["service.name"] == "hephaestus"
    assert (inner.name, inner.parent_span_id) == ("inner", outer.span_id)


async def test_a_collector_that_is_not_there_holds_nobody_up() -> None:
    assert await asyncio.to_thread(work, "http://127.0.0.1:9/v1/traces") < traces.FLUSH_S + 1
