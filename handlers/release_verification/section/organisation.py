"""The section `release_verification` of the organisation's file: the same keys, and the floor under all repositories."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.ports.policies import Breach
from handlers.release_verification.section import ReleaseVerification, Signer, Until
from handlers.release_verification.section.floors import Holding
from handlers.release_verification.section.rules import Least
from handlers.release_verification.section.signers import Trigger
from handlers.release_verification.section.values import Section, SomeFiles, Truth

KeyName = Literal[
    "signers",
    "assets",
    "exempt",
    "reachable_from",
    "new_signers",
    "informational",
    "backfill",
    "no_assets",
    "match_names",
    "wait_minutes",
    "watch",
    "quarantine",
    "quarantine_draft",
    "mark_notes",
    "limits",
    "server_url",
]


class ReleaseMinimum(Section):
    """The least that every repository must ask for."""

    signers: Annotated[tuple[Signer, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="The only signers; a repository's own must be as strict as one of them."
    )
    least: Least | None = Field(
        default=None, description="The least grade of every asset; without `exempt` none may be exempted."
    )
    exempt: Annotated[tuple[SomeFiles, ...], Field(max_length=50)] | None = Field(
        default=None, description="The only exemptions, word by word."
    )
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)] | None = Field(
        default=None, description="The only events that may start a signer's run."
    )
    predicate_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="The only types of attestations."
    )
    hosted_runners_only: Literal[True] | None = Field(
        default=None, description="Only runners that GitHub hosts may sign."
    )
    plain_signatures: Literal[False] | None = Field(
        default=None, description="Signatures of the file itself do not count."
    )
    reachable_from: Literal["protected", "any"] | None = Field(
        default=None, description="Where the tag's commit must be."
    )
    new_signers: Literal["ask", "accept"] | None = Field(
        default=None, description="What a new workflow file means."
    )
    informational: Truth | Until | None = Field(
        default=None,
        description="With `false` the check counts; with a day it does from then on at the latest.",
    )
    no_assets: Literal["fail", "pass"] | None = Field(
        default=None, description="What a release without any asset means."
    )
    match_names: Literal[True] | None = Field(
        default=None, description="An attestation must call the asset by its name."
    )
    wait_minutes: Annotated[int, Field(strict=True, ge=0, le=1440)] | None = Field(
        default=None, description="How long assets and signatures may arrive at most."
    )
    watch: Literal["off", "daily"] | None = Field(
        default=None, description="Whether a release is looked at again every day."
    )
    quarantine: Literal["off", "dry-run", "on"] | None = Field(
        default=None,
        description="What at least becomes of a release that is refused for what was found in it.",
    )


class OrganisationRelease(ReleaseVerification):
    """The section `release_verification` of the organisation's file; it lies beneath each repository's own section."""

    final: Annotated[tuple[KeyName, ...], Field(max_length=20)] = Field(
        default=(), description="Keys that no repository may say otherwise."
    )
    minimum: ReleaseMinimum = Field(
        default_factory=ReleaseMinimum, description="What every repository must ask for at least."
    )

    @property
    def is_stated(self) -> bool:
        """See `Floor`."""
        return bool(self.final or self.minimum != ReleaseMinimum())

    def beneath(self, written: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 (the port's shape)
        """See `Floor`: all that the organisation writes but the floor itself."""
        return {key: value for key, value in written.items() if key not in {"final", "minimum"}}

    def hold(self, section: ReleaseVerification) -> tuple[ReleaseVerification, tuple[Breach, ...]]:
        """See `Floor`."""
        holding = Holding(section, self)
        return holding.run(), tuple(holding.breaches)
