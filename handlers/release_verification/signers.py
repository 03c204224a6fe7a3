"""Workflows that never signed a verified release before, and the people who let them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from app.domain.effects import CheckButton
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.identity import workflow_file
from handlers.release_verification.models import AcceptedSigner, Click, ReleaseEvidence
from handlers.release_verification.verdicts import AssetVerdict, Standing

ACCEPT = "signer-"
DIGITS = 13
SIGNED = frozenset({Standing.GOOD, Standing.ASKED})
KEEPERS = frozenset({"admin", "maintain"})


def strangers_in(evidence: ReleaseEvidence, assets: Sequence[AssetVerdict]) -> tuple[str, ...]:
    """The workflows that only a pattern admits, that signed no verified release before, and that nobody accepted."""
    let = {each.signer for each in accepted(evidence, assets)}
    return tuple(signer for signer in _unknown(evidence, assets) if signer not in let)


def asked_for(verdict: AssetVerdict, strangers: tuple[str, ...]) -> AssetVerdict:
    """The verdict on an asset, which a person has to confirm where a stranger signed it."""
    bundle = verdict.bundle
    if (
        verdict.standing is not Standing.GOOD
        or bundle is None
        or workflow_file(bundle.signer) not in strangers
    ):
        return verdict
    reason = f"{workflow_file(bundle.signer)} never signed a verified release before"
    return replace(verdict, standing=Standing.ASKED, code=ReleaseCode.NEW_SIGNER, reason=reason)


def accepted(evidence: ReleaseEvidence, assets: Sequence[AssetVerdict]) -> tuple[AcceptedSigner, ...]:
    """Whom people accepted, with what they press for now; a press counts for exactly the workflows it was shown for."""
    unknown = _unknown(evidence, assets)
    for click in evidence.clicks:
        if unknown and click.identifier == identifier(unknown) and may_accept(click):
            fresh = (AcceptedSigner(each, click.by, click.by_id, evidence.now) for each in unknown)
            return (*evidence.accepted, *fresh)
    return evidence.accepted


def _unknown(evidence: ReleaseEvidence, assets: Sequence[AssetVerdict]) -> tuple[str, ...]:
    section = evidence.policy.section
    if section is None or section.new_signers != "ask" or evidence.known_signers is None:
        return ()
    known = {*evidence.known_signers, *(each.signer for each in evidence.accepted)}
    found = (
        workflow_file(each.bundle.signer)
        for each in assets
        if each.standing in SIGNED and each.bundle is not None and each.bundle.is_by_pattern
    )
    return tuple(sorted({signer for signer in found if signer not in known}))


def refusals(evidence: ReleaseEvidence) -> tuple[str, ...]:
    """Who pressed without the right to."""
    asked = (
        click for click in evidence.clicks if click.identifier.startswith(ACCEPT) and not may_accept(click)
    )
    return tuple(
        f"{click.by} may not accept a signer: it takes the role maintain or admin" for click in asked
    )


def may_accept(click: Click) -> bool:
    """Whether the person's role at that moment is enough."""
    return click.role in KEEPERS


def identifier(strangers: Iterable[str]) -> str:
    """The button's, for these workflows and no others."""
    return ACCEPT + sha256("\n".join(strangers).encode()).hexdigest()[:DIGITS]


def button(strangers: tuple[str, ...]) -> CheckButton:
    """What lets a person accept them."""
    label = "Accept signer" if len(strangers) == 1 else "Accept signers"
    return CheckButton(label, "Let these workflows sign releases", identifier(strangers))
