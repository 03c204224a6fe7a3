"""An attestation is deleted once, and only where GitHub can."""

from __future__ import annotations

from app.dispatch.effects import Refused
from tests.unit.app.dispatch.effects.samples import FORGET, applied, github, perform


async def test_an_attestation_is_deleted_once() -> None:
    writer = github()
    made = await applied(FORGET, writer)
    assert (made["state"], writer.attestations) == ("deleted", set())
    await applied(FORGET, writer, made)
    assert writer.writes == ["delete_attestation"]


async def test_one_that_is_gone_already_counts_as_deleted() -> None:
    writer = github()
    writer.attestations = set()
    assert (await applied(FORGET, writer))["state"] == "gone"


async def test_a_personal_account_is_told_that_nothing_can_be_deleted() -> None:
    writer = github()
    writer.is_organisation = False
    outcome = await perform(FORGET, writer)
    assert isinstance(outcome, Refused)
    assert (outcome.code, writer.writes) == ("personal_account", [])
