from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.telemetry import traces
from app.telemetry.logs import about, fields_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    """Spans as they end, while traces are on."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with traces.recording(provider.get_tracer("test")):
        yield exporter


def test_off_nothing_of_opentelemetry_is_imported_and_nothing_is_said() -> None:
    program = (
        "import sys; from app.telemetry import traces, logs\n"
        "with traces.span('x', {'a': 1}, parent='" + GIVEN + "'): traces.note({'b': 2})\n"
        "assert traces.traceparent() == '' and not traces.is_on()\n"
        "with traces.tracing(''): pass\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_off_the_trace_of_a_traceparent_is_still_known() -> None:
    assert traces.trace_id(GIVEN) == TRACE
    assert traces.trace_id() == ""


def test_a_span_is_below_the_one_around_it(exported: InMemorySpanExporter) -> None:
    with traces.span("outer", {"a": 1}), traces.span("inner"):
        traces.note({"b": "two"})
    inner, outer = exported.get_finished_spans()
    assert (inner.name, outer.name) == ("inner", "outer")
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert (dict(outer.attributes or {}), dict(inner.attributes or {})) == ({"a": 1}, {"b": "two"})


def test_a_traceparent_leads_the_trace_on_in_another_process(exported: InMemorySpanExporter) -> None:
    with traces.span("here"):
        carried = traces.traceparent()
    with traces.span("there", parent=carried, links=[GIVEN]):
        assert traces.trace_id() == carried[3:35]
    here, there = exported.get_finished_spans()
    assert there.context.trace_id == here.context.trace_id
    assert there.parent is not None
    assert there.parent.span_id == here.context.span_id
    assert [f"{link.context.trace_id:032x}" for link in there.links] == [TRACE]


@pytest.mark.parametrize(
    "wrong", ["", "x", GIVEN + "0", GIVEN.upper(), f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"]
)
def test_what_is_no_traceparent_begins_a_new_trace(exported: InMemorySpanExporter, wrong: str) -> None:
    with traces.span("new", parent=wrong, links=[wrong]):
        pass
    (made,) = exported.get_finished_spans()
    assert made.parent is None
    assert made.links == ()
    assert traces.trace_id(wrong) == ""


def test_an_exception_marks_the_span_with_its_class_and_not_its_words(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="secret"), traces.span("fails"):
        raise ValueError("a secret")
    (made,) = exported.get_finished_spans()
    assert made.status.description == "ValueError"
    assert "secret" not in made.to_json()


async def test_tasks_begun_inside_a_span_are_below_it(exported: InMemorySpanExporter) -> None:
    async def work() -> None:
        with traces.span("task"):
            await asyncio.sleep(0)

    with traces.span("group"):
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            group.create_task(work())
    *tasks, group_span = exported.get_finished_spans()
    assert {one.parent.span_id for one in tasks if one.parent} == {group_span.context.span_id}


def test_spans_are_out_when_the_block_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with traces.tracing(traces.CONSOLE), traces.span("shown"):
        pass
    shown = capsys.readouterr().err
    assert '"name": "shown"' in shown
    assert '"service.name": "hephaestus"' in shown


def test_a_log_line_names_the_trace_and_what_it_is_about(exported: InMemorySpanExporter) -> None:
    record = logging.LogRecord("app.x", logging.INFO, __file__, 1, "decided", (), None)
    record.__dict__["verdict"] = "pass"
    with about(delivery_id="d-1", repo="o/r", empty=""), about(capability="gate"), traces.span("x"):
        found = fields_of(record)
    assert found == {
        "trace_id": f"{exported.get_finished_spans()[0].context.trace_id:032x}",
        "delivery_id": "d-1",
        "repo": "o/r",
        "capability": "gate",
        "verdict": "pass",
    }
    assert fields_of(record) == {"verdict": "pass"}
