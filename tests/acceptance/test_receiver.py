"""The webhook address: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bootstrap.operating import read_deliveries
from app.domain.delivery import DeliveryState
from app.ports.ledger import DeliveryRow
from app.receiver.signature import sign
from tests.acceptance.conftest import SECRET, Running


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


NAME = st.sampled_from(
    ["X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256", "Content-Type", "X-Any"]
)
VALUE = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=50)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.dictionaries(NAME, VALUE), body=st.binary(max_size=200))
async def test_a_strangers_bytes_never_cause_a_500(
    everything: Running, given: dict[str, str], body: bytes
) -> None:
    url = f"{everything.service.url}/webhooks/github"
    headers_given = {"Content-Type": "application/json", **given}
    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(url, data=body, headers=headers_given) as answer:
                status = answer.status
        except aiohttp.ClientConnectionError:
            status = 400  # the server answered and closed before the body was sent: a refusal, too
    assert 400 <= status < 500


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
