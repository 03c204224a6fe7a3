"""What `hephaestus gate verify`, `export` and `backtest` need: kept verdicts, of the ledger or of a file; GitHub is not asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from app.adapters.database.judged import histories, judged_repositories, kept_verdicts
from app.bootstrap.offline import confined, gate_section
from app.bootstrap.operating import opened_database
from app.bootstrap.replaying import found
from app.config.composing import Layers
from app.domain.verdicts import Backtest, KeptVerdict, ReplayedVerdict
from app.errors import InvalidInput
from app.settings import Settings
from handlers.quality_gate.backtest.ledger import backtest
from handlers.quality_gate.backtest.replaying import replayed

CAPABILITY = "quality_gate"
KIND = "hephaestus/gate-verdict"
MAX_BYTES = 256 * 1024 * 1024


class Exported(BaseModel):
    """An exported verdict: what was decided, on what, and the bytes of the check run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    version: int
    evaluation: str
    verdict: str
    reasons: tuple[tuple[str, str], ...]
    evidence: dict[str, Any] | None
    check_runs: tuple[str, ...]


EXPORTED: TypeAdapter[Exported] = TypeAdapter(Exported)


async def verdicts_of(settings: Settings, guid: str, app: str | None = None) -> tuple[KeptVerdict, ...]:
    """What the gate decided on a delivery's commits. Raises as `app.bootstrap.replaying.found`."""
    async with opened_database(settings) as database:
        _, delivery = await found(database, guid, app)
        return await database.read(lambda connection: kept_verdicts(connection, CAPABILITY, delivery))


def exported(kept: KeptVerdict) -> str:
    """A kept verdict as one JSON document."""
    evidence = None if kept.evidence is None else json.loads(kept.evidence)
    document = Exported(
        kind=KIND,
        version=1,
        evaluation=kept.evaluation,
        verdict=kept.verdict,
        reasons=kept.reasons,
        evidence=evidence,
        check_runs=kept.checks,
    )
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=1)


def verify_file(path: Path) -> ReplayedVerdict:
    """An exported verdict, decided again. Raises InvalidInput for a file that is none."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput("verdict.unreadable", f"cannot read {path}: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput("verdict.too_large", f"{path} is larger than {MAX_BYTES >> 20} MiB")
    with confined() as box:
        return box.call(_verify, raw, str(path))


def verify(kept: KeptVerdict) -> ReplayedVerdict:
    """A verdict of our own ledger, decided again."""
    return replayed(kept)


def _verify(raw: bytes, name: str) -> ReplayedVerdict:
    try:
        document = EXPORTED.validate_python(from_json(raw, allow_inf_nan=False))
    except (ValidationError, ValueError):
        raise InvalidInput("verdict.unreadable", f"{name} is no verdict that gate export wrote") from None
    if (document.kind, document.version) != (KIND, 1):
        raise InvalidInput("verdict.unreadable", f"{name} is no verdict that gate export wrote")
    evidence = None if document.evidence is None else json.dumps(document.evidence).encode()
    return replayed(
        KeptVerdict(document.evaluation, document.verdict, document.reasons, evidence, document.check_runs)
    )


async def try_policy(settings: Settings, policy: Path, repository: str | None, limit: int) -> Backtest:
    """A policy file tried on the newest commits of a repository. Raises InvalidInput where none, or several, are meant."""
    raw = await asyncio.to_thread(policy.read_bytes)
    async with opened_database(settings) as database:
        known = await database.read(lambda connection: judged_repositories(connection, CAPABILITY))
        meant = [each for each in known if repository in {None, each[1].full_name}]
        if len(meant) != 1:
            names = ", ".join(sorted({each.full_name for _, each in known})) or "none"
            raise InvalidInput(
                "backtest.repository", f"name one repository with --repository; evidence is kept of: {names}"
            )
        ((app_key, one),) = meant
        stored = await database.read(
            lambda connection: histories(connection, CAPABILITY, app_key, one, limit)
        )
    return await asyncio.to_thread(_tried, raw, stored)


def _tried(raw: bytes, stored: tuple[tuple[bytes, ...], ...]) -> Backtest:
    with confined() as box:
        section = box.call(gate_section, Layers(raw))
    return backtest(section, stored)
