"""The organisation's floor under a repository's section. Pure.

A section that is held is never weaker than it was, and never weaker than the floor; holding it again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.release import Grade
from app.ports.policies import FINAL, Breach
from handlers.release_verification.section import AssetRule, ReleaseVerification, Signer
from handlers.release_verification.section.signers import PROVENANCE_TYPES
from handlers.release_verification.section.strictness import OF_SIGNERS, is_within, join

if TYPE_CHECKING:
    from handlers.release_verification.section.organisation import OrganisationRelease, ReleaseMinimum

WHOLE = (
    "reachable_from",
    "new_signers",
    "informational",
    "no_assets",
    "watch",
    "quarantine",
    "match_names",
    "wait_minutes",
)
"""Keys of `minimum` that are keys of the section, too."""


class Holding:
    """A section on its way up, and where it was too weak."""

    def __init__(self, section: ReleaseVerification, floor: OrganisationRelease) -> None:
        self.section = section
        self.breaches: list[Breach] = []
        self._floor = floor

    def run(self) -> ReleaseVerification:
        """The section as it counts."""
        for final in self._floor.final:
            self._final(final)
        minimum = self._floor.minimum
        for key in WHOLE:
            self._raise(key, join(key, getattr(self.section, key), getattr(minimum, key)))
        self._signers(minimum)
        self._late_signers(minimum)
        self._rules(minimum)
        return self.section

    def _final(self, key: str) -> None:
        value = getattr(self._floor, key)
        if getattr(self.section, key) != value:
            self.breaches.append(Breach((key,), (key,), FINAL))
            self._set(key, value)

    def _signers(self, minimum: ReleaseMinimum) -> None:
        held, allowed = [], tuple(raised_signer(each, minimum) for each in minimum.signers or ())
        for index, signer in enumerate(self.section.signers):
            raised = raised_signer(signer, minimum)
            places = [key for key in OF_SIGNERS if getattr(raised, key) != getattr(signer, key)]
            self.breaches += [Breach(("signers", index, key), ("minimum", key)) for key in places]
            if not allowed or any(is_within(raised, each) for each in allowed):
                held.append(raised)
            else:
                self.breaches.append(Breach(("signers", index), ("minimum", "signers")))
        signers = tuple(held) or allowed
        if signers != self.section.signers:
            self._set("signers", signers)

    def _late_signers(self, minimum: ReleaseMinimum) -> None:
        """The workflow that signs after the release is a signer, too: where these are named, only the organisation's own."""
        allowed = self._floor.backfill
        if minimum.signers is not None and self.section.backfill not in (None, allowed):
            self.breaches.append(Breach(("backfill",), ("minimum", "signers")))
            self._set("backfill", allowed)

    def _rules(self, minimum: ReleaseMinimum) -> None:
        least = minimum.least
        if least is not None:
            self._exempt(minimum.exempt or (), ("minimum", "least" if minimum.exempt is None else "exempt"))
            rules = tuple(self._rule(index, rule, least) for index, rule in enumerate(self.section.assets))
            if rules != self.section.assets:
                self._set("assets", rules)
        elif minimum.exempt is not None:
            self._exempt(minimum.exempt, ("minimum", "exempt"))

    def _exempt(self, allowed: tuple[str, ...], place: tuple[str, ...]) -> None:
        kept = tuple(each for each in self.section.exempt if each in allowed)
        for index, each in enumerate(self.section.exempt):
            if each not in allowed:
                self.breaches.append(Breach(("exempt", index), place))
        if kept != self.section.exempt:
            self._set("exempt", kept)

    def _rule(self, index: int, rule: AssetRule, least: Grade) -> AssetRule:
        if rule.grade.rank >= least.rank:
            return rule
        self.breaches.append(Breach(("assets", index), ("minimum", "least")))
        return rule.model_copy(update={"least": least})

    def _raise(self, key: str, value: object) -> None:
        if value != getattr(self.section, key):
            self.breaches.append(Breach((key,), ("minimum", key)))
            self._set(key, value)

    def _set(self, key: str, value: object) -> None:
        self.section = self.section.model_copy(update={key: value})


def raised_signer(signer: Signer, minimum: ReleaseMinimum) -> Signer:
    """The signer, raised to what the floor asks of each; of one that may sign nothing but what the floor refuses, provenance."""
    values = {key: join(key, getattr(signer, key), getattr(minimum, key)) for key in OF_SIGNERS}
    if not values["predicate_types"] and not values["plain_signatures"]:
        values["predicate_types"] = PROVENANCE_TYPES
    changed = {key: value for key, value in values.items() if value != getattr(signer, key)}
    return signer.model_copy(update=changed) if changed else signer
