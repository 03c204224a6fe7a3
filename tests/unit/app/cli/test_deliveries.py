from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner

from app.cli.deliveries import as_object, block, deliveries
from app.domain.decision import Reason
from app.domain.delivery import DeliveryState, Source
from app.domain.ids import AppKey, DeliveryId
from app.ports.ledger import DeliveryRow, EffectRow, HandlerRow

FAILED = HandlerRow(
    "quality_gate",
    "fail",
    "done",
    (Reason("tests.failed", "3 tests failed"),),
    (
        EffectRow("publish_check_run", "applied"),
        EffectRow("comment", "refused", "pull.gone: no such pull request"),
    ),
)
WAITING = HandlerRow("remediation", None, "queued", (), ())
ROW = DeliveryRow(
    app_key=AppKey("api.github.com/1"),
    id=DeliveryId("a0d1"),
    source=Source.GITHUB,
    event="check_run",
    action="completed",
    repository="forge/anvil",
    state=DeliveryState.RUNNING,
    attempts=2,
    received_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    handlers=(FAILED, WAITING),
    error="the database is away",
)


def test_a_delivery_for_people_has_its_attempts_reasons_and_effects() -> None:
    assert block(ROW).splitlines() == [
        "a0d1  check_run.completed  forge/anvil  running",
        "  of api.github.com/1, received 2026-11-23 09:30:00 UTC from github, attempts: 2",
        "  error: the database is away",
        "  quality_gate: fail (done)",
        "    3 tests failed [tests.failed]",
        "    publish check run: applied",
        "    comment: refused (pull.gone: no such pull request)",
        "  remediation: undecided (queued)",
    ]


def test_a_note_is_told_to_people_and_machines() -> None:
    note = "switched off: remediation (HEPHAESTUS_MODE_REMEDIATION=off)"
    told = replace(ROW, note=note)
    assert f"  {note}" in block(told).splitlines()
    assert as_object(told)["note"] == note


def test_a_refused_effect_of_a_delivery_as_json_has_its_reason() -> None:
    first, *_ = cast("list[dict[str, object]]", as_object(ROW)["handlers"])
    assert first["effects"] == [
        {"kind": "publish_check_run", "state": "applied", "reason": None},
        {"kind": "comment", "state": "refused", "reason": "pull.gone: no such pull request"},
    ]


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_is_none_is_wrong_usage(tmp_path: Path, limit: str) -> None:
    result = CliRunner(env={"HEPHAESTUS_DATA_DIR": str(tmp_path)}).invoke(
        deliveries, ["list", "--limit", limit]
    )
    assert (result.exit_code, "--limit" in result.stderr) == (2, True)
