"""Traces: spans by hand from receipt to record, one trace a delivery also across processes.

Off until `tracing` (or a test) gives a tracer: then a span costs a call and an `if`, and nothing of OpenTelemetry is imported.
Spans hold names, ids, numbers and verdicts; never a payload, a token, an address with a secret, or the text of an exception.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanContext, Tracer

Facts = Mapping[str, str | int | float | bool]
Kind = Literal["internal", "server", "client"]
FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
"""https://www.w3.org/TR/trace-context/#traceparent-header"""
CONSOLE = "console"
FLUSH_S = 3.0
UNNAMED = "unknown_service"
_OFF: AbstractContextManager[None] = nullcontext()
_tracers: list[Tracer] = []
"""The last one is in use."""


def span(
    name: str,
    facts: Facts | None = None,
    *,
    kind: Kind = "internal",
    parent: str = "",
    links: Iterable[str] = (),
) -> AbstractContextManager[None]:
    """A span around a block, below the current one or below `parent`, a traceparent of another process.

    `links` are traceparents of others whose matter this also is; `facts` are the span's attributes. An exception marks the
    span with its class alone.
    """
    return _span(_tracers[-1], name, kind, parent, links, facts) if _tracers else _OFF


def note(facts: Facts) -> None:
    """Adds to the current span what became known meanwhile."""
    if _tracers:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(facts)


def traceparent() -> str:
    """The current span for another process, empty where there is none."""
    context = _current()
    if context is None:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def trace_id(given: str = "") -> str:
    """The current trace's id, else that of the traceparent `given`, else empty."""
    context = _current()
    if context is not None:
        return f"{context.trace_id:032x}"
    form = FORM.fullmatch(given)
    return form[1] if form else ""


def is_on() -> bool:
    """Whether spans are recorded."""
    return bool(_tracers)


@contextmanager
def recording(tracer: Tracer) -> Iterator[None]:
    """Spans of the whole process go to this tracer until the block ends."""
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)


@contextmanager
def tracing(exporter: str) -> Iterator[None]:
    """Exports spans until the block ends: to `console`, or to an OTLP endpoint (HTTP); an empty `exporter` does nothing."""
    if not exporter:
        yield
        return
    provider = _provider(exporter)
    try:
        with recording(provider.get_tracer("hephaestus")):
            yield
    finally:
        # A collector that does not answer must not hold up the end of the process.
        ending = threading.Thread(target=provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        ending.join(FLUSH_S)


def _provider(exporter: str) -> TracerProvider:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

    chosen: SpanExporter
    if exporter == CONSOLE:
        chosen = ConsoleSpanExporter(out=sys.stderr)
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        chosen = OTLPSpanExporter(endpoint=exporter)
    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, UNNAMED)).startswith(UNNAMED):
        # Neither OTEL_SERVICE_NAME nor OTEL_RESOURCE_ATTRIBUTES names the service.
        resource = resource.merge(Resource({SERVICE_NAME: "hephaestus"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(chosen))
    return provider


@contextmanager
def _span(
    tracer: Tracer,
    name: str,
    kind: Kind,
    parent: str,
    links: Iterable[str],
    facts: Facts | None,
) -> Iterator[None]:
    from opentelemetry import trace

    theirs = _remote(parent)
    context = None if theirs is None else trace.set_span_in_context(trace.NonRecordingSpan(theirs))
    others = [trace.Link(one) for one in map(_remote, links) if one is not None]
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=trace.SpanKind[kind.upper()],
        attributes=facts,
        links=others,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield
        except BaseException as exc:
            made.set_status(trace.StatusCode.ERROR, type(exc).__name__)
            raise


def _current() -> SpanContext | None:
    if not _tracers:
        return None
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    return context if context.is_valid else None


def _remote(given: str) -> SpanContext | None:
    form = FORM.fullmatch(given)
    if form is None:
        return None
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(
        int(form[1], 16), int(form[2], 16), is_remote=True, trace_flags=TraceFlags(int(form[3], 16))
    )
