"""The webhook address: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from yarl import URL

from app.bootstrap.operating import read_deliveries
from app.domain.delivery import DeliveryState
from app.ports.ledger import DeliveryRow
from app.receiver.signature import sign
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld, Running
from tests.acceptance.process import Serve, serving

CONTINUE = 100
ANSWERED_S = 0.1
CLOSED_S = 15.0
PAUSE_S = 0.005
"""So that the parts arrive one by one: a request may be at work before its body shows what it is."""


def headers(body: bytes, event: str = "check_run", guid: str | None = None) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid or str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(body, SECRET.encode()),
    }


async def post(url: str, body: bytes, given: dict[str, str]) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/webhooks/github", data=io.BytesIO(body), headers=given) as answer,
    ):
        return answer.status, json.loads(await answer.read())


async def parsed_rows(everything: Running) -> tuple[DeliveryRow, ...]:
    """The ledger's rows, as soon as each has been parsed."""
    async with asyncio.timeout(20):
        while True:
            rows = await read_deliveries(everything.settings, limit=1000)
            if all(row.state is not DeliveryState.RECEIVED for row in rows):
                return rows
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"])
async def test_a_missing_header_is_named(everything: Running, name: str) -> None:
    without = {key: value for key, value in headers(b"{}").items() if key != name}
    status, answer = await post(everything.service.url, b"{}", without)
    assert status == 400
    assert name in answer["message"]


async def test_refusals_have_their_status(everything: Running) -> None:
    url, good = everything.service.url, headers(b"{}")
    wrong = {**good, "X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert (await post(url, b"{}", wrong))[0] == 401
    assert (await post(url, b"{}", {**good, "Content-Type": "application/x-www-form-urlencoded"}))[0] == 415
    assert (await post(url, b"{}", {**good, "Content-Encoding": "gzip"}))[0] == 415
    sha1 = {key: value for key, value in good.items() if key != "X-Hub-Signature-256"}
    assert (await post(url, b"{}", {**sha1, "X-Hub-Signature": "sha1=" + "0" * 40}))[0] == 400
    huge = b" " * (26 * 1024 * 1024 + 1)
    assert (await post(url, huge, headers(huge)))[0] == 413


async def test_a_second_time_is_a_duplicate(everything: Running) -> None:
    given_headers = headers(b'{"action": "x"}')
    first = await post(everything.service.url, b'{"action": "x"}', given_headers)
    second = await post(everything.service.url, b'{"action": "x"}', given_headers)
    assert (first, second) == ((202, {"status": "accepted"}), (202, {"status": "duplicate"}))


async def test_what_cannot_be_read_is_accepted_and_quarantined(everything: Running) -> None:
    large = b'{"x": "' + b"y" * (25 * 1024 * 1024) + b'"}'
    for body in (b"{", b"\xff\xfe", b"[]", b'{"action": "completed", "check_run": 5}', large):
        assert (await post(everything.service.url, body, headers(body)))[0] == 202
    rows = await parsed_rows(everything)
    assert sorted(row.state for row in rows) == ["ignored", *["quarantined"] * 4]
    assert all(row.error for row in rows)


GOOD_HEADERS = headers(b"{}", guid="0a1b2c3d")
KNOWN_NAME = st.sampled_from(
    [
        b"Content-Encoding",
        b"Content-Type",
        b"Expect",
        b"Connection",
        b"Upgrade",
        b"Cookie",
        b"X-GitHub-Event",
        b"X-GitHub-Hook-Installation-Target-ID",
        b"traceparent",
    ]
)
ODD_NAME = st.binary(max_size=40) | st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"Host"])
LATIN = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=50)
ODD_VALUE = st.binary(max_size=200) | st.sampled_from(
    [b"chunked", b"gzip", b"100-continue", b"close", b"-1", b"9" * 30, b"0", b"h2c", b"application/json"]
)
ODD_HEADERS: st.SearchStrategy[list[tuple[bytes, bytes]]] = st.one_of(
    st.just([]),
    st.lists(st.tuples(KNOWN_NAME, LATIN.map(lambda text: text.encode("latin-1")) | ODD_VALUE), max_size=3),
    st.lists(st.tuples(KNOWN_NAME | ODD_NAME, ODD_VALUE), max_size=3),
)
POST = st.just(b"POST /webhooks/github HTTP/1.1")
FIRST_LINE = st.one_of(POST, POST, POST, st.just(b"POST /webhooks/github HTTP/1.0"), st.binary(max_size=60))
LEFT_OUT = st.just(set[str]()) | st.sets(st.sampled_from(sorted(GOOD_HEADERS)), max_size=2)
BODY = st.binary(max_size=2_000) | st.integers(0, 9_000).map(lambda size: b"{" * size)


def chunked(body: bytes) -> bytes:
    """The body in chunks, as HTTP/1.1 has them."""
    parts = [body[start : start + 700] for start in range(0, len(body), 700)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@st.composite
def a_strangers_bytes(draw: st.DrawFn) -> bytes:
    """What somebody may send: a request of ours with oddities, framed rightly, wrongly or not at all; or just bytes."""
    body = draw(BODY)
    left_out = draw(LEFT_OUT)
    lines = [b"Host: x"] + [
        f"{name}: {GOOD_HEADERS[name]}".encode() for name in GOOD_HEADERS if name not in left_out
    ]
    lines += [name + b": " + value for name, value in draw(ODD_HEADERS)]
    framing, sent = draw(
        st.sampled_from(
            [
                (b"Content-Length: %d" % len(body), body),
                (b"Content-Length: %d" % (len(body) + 5), body),
                (b"Content-Length: %d" % (len(body) // 2), body),
                (b"Transfer-Encoding: chunked", chunked(body)),
                (b"Transfer-Encoding: chunked", chunked(body)[:-4]),
                (b"Transfer-Encoding: chunked", body),
                (b"X-None: ", body),
            ]
        )
    )
    return b"\r\n".join([draw(FIRST_LINE), *draw(st.permutations([*lines, framing])), b"", sent])


async def exchange(url: str, *parts: bytes) -> list[int]:
    """The status of each answer to these bytes, sent part by part; who waits for more is told that there is none."""
    address = URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    answers = b""
    try:
        with contextlib.suppress(ConnectionError):  # closed before all was sent
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(PAUSE_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWERED_S):
                    while more := await reader.read(65_536):
                        answers += more
            if not reader.at_eof():
                writer.write_eof()
                answers += await asyncio.wait_for(reader.read(), CLOSED_S)
    finally:
        writer.transport.abort()
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answers)]


@pytest.fixture
async def serve(tmp_path: Path, new_world: NewWorld) -> AsyncIterator[Serve]:
    """The service as a process of its own: its threads draw random numbers, which hypothesis takes for a strategy's."""
    world = new_world()
    async with running(world.github) as github, serving(world, tmp_path, github.url) as one:
        await one.start()
        yield one


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=a_strangers_bytes(), cut=st.integers(0, 10_000))
@example(raw=b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nExpect: \xa0\r\nContent-Length: 0\r\n\r\n", cut=0)
async def test_a_strangers_bytes_never_cause_a_500(serve: Serve, raw: bytes, cut: int) -> None:
    statuses = await exchange(serve.url, raw[:cut], raw[cut:])
    assert all(status == CONTINUE or 400 <= status < 500 for status in statuses), statuses
    async with aiohttp.ClientSession() as session, session.get(f"{serve.url}/healthz") as health:
        assert health.status == 200
    assert [line for line in serve.log.splitlines() if '"level": "error"' in line] == []


async def test_probes_and_metrics_answer(everything: Running) -> None:
    await post(everything.service.url, b"{}", headers(b"{}"))
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{everything.service.url}/readyz") as answer:
            assert await answer.json() == {
                "status": "ready",
                "checks": {"database": True, "engine": True, "credentials": True},
            }
        async with session.get(f"{everything.service.admin_url}/metrics") as answer:
            text = await answer.text()
    (app,) = everything.settings.apps
    assert f'hephaestus_deliveries_total{{app="{app.app_key}",result="accepted"}} 1.0' in text


@pytest.mark.corpus
@pytest.mark.slow
async def test_every_real_payload_is_accepted_and_none_is_quarantined(
    everything: Running, corpus: Path
) -> None:
    folder = corpus / "webhooks"
    entries = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    for entry in entries:
        body = (folder / entry["file"]).read_bytes()
        status, _ = await post(everything.service.url, body, headers(body, entry["event"]))
        assert status == 202, entry["file"]
    rows = [row for row in await parsed_rows(everything) if row.event != "hephaestus.wake"]
    assert len(rows) == len(entries)
    assert [(row.event, row.error) for row in rows if row.state is DeliveryState.QUARANTINED] == []
    handled = {row.event for row in rows if row.state is not DeliveryState.IGNORED}
    assert {"merge_group", "pull_request", "workflow_run"} <= handled
