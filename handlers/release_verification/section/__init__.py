"""The section `release_verification` of the repository's file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from app.domain.release import Grade
from app.ports.policies import Remark
from handlers.release_verification.section.limits import Limits
from handlers.release_verification.section.rules import STRICTEST, AssetRule
from handlers.release_verification.section.signers import Builder, Signer, SourceRepository
from handlers.release_verification.section.values import (
    GITHUB_ACTIONS,
    Commit,
    Day,
    Kind,
    Login,
    OwnWorkflow,
    Section,
    SomeFiles,
    Truth,
    is_named,
    mistake,
)


class Until(Section):
    """A time in which the check only informs."""

    until: Day = Field(description="The first day, in UTC, on which the check counts.")


class Backfill(Section):
    """Who may sign assets after their release: the workflow that Hephaestus starts for it, at a pinned commit."""

    workflow: OwnWorkflow = Field(
        default=".github/workflows/sigstore-backfill.yml",
        description="The workflow file of this repository, at the default branch.",
    )
    commits: Annotated[tuple[Commit, ...], Field(max_length=20)] = Field(
        default=(),
        description="Commits of the default branch at which it may have run; those at which Hephaestus ran it by an approved "
        "plan are known without being named.",
    )
    least_evidence: Literal["E0", "E1", "E2", "E3"] = Field(
        default="E1",
        description="The least evidence for the bytes of an asset that is signed after its release.",
    )
    uploaders: Annotated[tuple[Login, ...], Field(max_length=50)] = Field(
        default=(),
        description="Accounts whose uploads may be signed after their release; left out, anybody's.",
    )


class ReleaseVerification(Section):
    """The section `release_verification`; its defaults are what `use: default` means."""

    signers: tuple[Signer, ...] = Field(
        default=(Signer(),),
        min_length=1,
        max_length=20,
        description="Any one of them is enough for provenance of an asset.",
    )
    assets: tuple[AssetRule, ...] = Field(
        default=(STRICTEST,),
        max_length=50,
        description="What assets need, by their names; the first rule that fits counts, and what fits none needs provenance.",
    )
    exempt: tuple[SomeFiles, ...] = Field(
        default=(),
        max_length=50,
        description="Names of assets that need no evidence; * and ? stand for parts of a name.",
    )
    reachable_from: Literal["protected", "any"] = Field(
        default="protected",
        description="Where the tag's commit must be: `protected` is the default branch or a protected one.",
    )
    new_signers: Literal["ask", "accept"] = Field(
        default="ask",
        description="What a workflow file that no signer names exactly, and that never signed a verified release before, means.",
    )
    informational: Truth | Until | None = Field(
        default=None,
        description="Whether the check only informs, always or until a day; left out, it does while `signers` is not written.",
    )
    backfill: Backfill | None = Field(
        default=None, description="Who may sign assets after their release; left out, nobody."
    )
    no_assets: Literal["fail", "pass"] = Field(
        default="fail", description="What a release without any asset means."
    )
    match_names: bool = Field(
        default=True,
        strict=True,
        description="Whether an attestation must call the asset by its name, not only by its digest.",
    )
    wait_minutes: int = Field(
        default=30, ge=0, le=1440, description="How long assets and signatures may arrive after the release."
    )
    watch: Literal["off", "daily"] = Field(
        default="daily", description="Whether a release is looked at again every day after its verdict."
    )
    quarantine: Literal["off", "dry-run", "on"] = Field(
        default="off",
        description="Whether a release that is refused for what was found in it becomes a prerelease that is not the latest one; "
        "`dry-run` only says so.",
    )
    quarantine_draft: bool = Field(
        default=False,
        strict=True,
        description="Whether it becomes a draft instead: downloads then answer 404, and restoring it sends `published` again.",
    )
    mark_notes: bool = Field(
        default=False,
        strict=True,
        description="Whether the verdict is written into the release's notes, too.",
    )
    limits: Limits = Field(default_factory=Limits, description="How much of a release is read.")
    server_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.:-]+$",
        description="The address of GitHub in certificates, where it is not the one that the App talks to.",
    )

    @model_validator(mode="before")
    @classmethod
    def _decides_whether_it_counts(cls, written: Any) -> Any:  # noqa: ANN401 (whatever a file has there)
        """Whoever writes who may sign wants to be told in red; who did not is only informed."""
        if isinstance(written, dict) and written.get("informational") is None:
            return {**written, "informational": "signers" not in written}
        return written

    @model_validator(mode="after")
    def _is_meaningful(self) -> Self:
        for index, rule in enumerate(self.assets):
            if self.backfill is None and Kind.BACKFILL in (rule.needs or ()):
                raise mistake(("assets", index, "needs"), "nobody may backfill: write backfill, too")
        return self

    def rule_for(self, name: str) -> tuple[int | None, AssetRule]:
        """What an asset of this name needs, and the place of that rule in `assets`; None where no rule fits."""
        for index, rule in enumerate(self.assets):
            if is_named(name, rule.files):
                return index, rule
        return None, STRICTEST

    @property
    def takes_release_attestations(self) -> bool:
        """Whether GitHub's attestation of a release is evidence for any asset."""
        return any(
            Kind.RELEASE_ATTESTATION in (rule.needs or ()) or rule.lacking({Kind.RELEASE_ATTESTATION}) == ()
            for rule in self.assets
        )

    def is_exempt(self, name: str) -> bool:
        """Whether an asset of this name needs nothing."""
        return is_named(name, self.exempt)

    def is_informational(self, today: date) -> bool:
        """Whether the check only informs on that day, in UTC."""
        if isinstance(self.informational, Until):
            return today < self.informational.until
        return bool(self.informational)

    def review(self, held: ReleaseVerification) -> tuple[Remark, ...]:
        """See `app.ports.policies.Reviewed`."""
        found = [
            Remark(("assets", later), "no asset reaches it: a rule before it fits every name", is_wrong=False)
            for index, rule in enumerate(held.assets)
            if "*" in rule.files
            for later in range(index + 1, len(held.assets))
        ]
        if self.quarantine_draft and held.quarantine == "off":
            found.append(
                Remark(("quarantine_draft",), "it has no effect while quarantine is off", is_wrong=False)
            )
        if self.backfill is None and any(rule.least is Grade.BACKFILLED for rule in held.assets):
            found.append(
                Remark(("assets",), "nobody may backfill, so only provenance is enough", is_wrong=False)
            )
        return tuple(dict.fromkeys(found))


__all__ = [
    "GITHUB_ACTIONS",
    "AssetRule",
    "Backfill",
    "Builder",
    "Kind",
    "Limits",
    "ReleaseVerification",
    "Signer",
    "SourceRepository",
    "Until",
]
