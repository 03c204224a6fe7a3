"""Who may sign, and from which source: two things, since a reusable workflow signs for whoever calls it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from handlers.release_verification.section.values import (
    GITHUB_ACTIONS,
    OWN,
    TAG,
    ClaimName,
    Commit,
    IdentityText,
    OwnWorkflow,
    RepositoryName,
    Section,
    SourceRef,
    WorkflowName,
    mistake,
)

Trigger = Literal["push", "release", "workflow_dispatch", "workflow_run", "repository_dispatch", "schedule"]
PROVENANCE_TYPES = ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2")
ELSEWHERE = {
    "source_repository_uri": "source_repository",
    "source_repository_id": "source_repository",
    "source_repository_owner_uri": "source_repository",
    "source_repository_owner_id": "source_repository",
    "source_repository_ref": "source_ref",
    "source_repository_digest": "nothing: it is always the commit of the tag",
    "build_trigger": "triggers",
    "trigger": "triggers",
    "runner_environment": "hosted_runners_only",
    "build_config_uri": "builder.caller",
    "build_signer_digest": "builder.commit",
}
"""Claims that another key says: said twice, one of them would be overlooked."""


class SourceRepository(Section):
    """The repository whose sources are released, where certificates do not name this one (such as its name of before)."""

    name: RepositoryName = Field(description="Its name in certificates, owner/name.")
    id: Annotated[int, Field(strict=True, ge=1)] = Field(
        description="Its number: names can be taken over after a rename, numbers cannot."
    )
    owner_id: Annotated[int, Field(strict=True, ge=1)] = Field(description="Its owner's number.")


class Builder(Section):
    """What ran, beyond the workflow whose job signed."""

    caller: OwnWorkflow | None = Field(
        default=None,
        description="The workflow file of the source repository that was started, at the source's ref: other workflows may call "
        "the one that signs.",
    )
    commit: Commit | None = Field(
        default=None, description="The commit of the workflow whose job signed, for one that is pinned."
    )


class Signer(Section):
    """Who may sign an asset: a workflow, and the source it ran for; the source's commit is always that of the release's tag."""

    workflow: WorkflowName = Field(
        default=OWN,
        description="`own`: any workflow file of the source repository at the source's ref; or one of its files, in whose name "
        "`*` stands for a part; or OWNER/REPOSITORY/.github/workflows/FILE.yml@REF of a reusable workflow, with its exact ref.",
    )
    identity: IdentityText | None = Field(
        default=None,
        description="Instead of `workflow`: the whole identity in certificates, in whose file and ref `*` stands for a part.",
    )
    source_repository: SourceRepository | None = Field(
        default=None, description="The repository that was built; left out, this one with its numbers."
    )
    source_ref: SourceRef = Field(
        default=TAG,
        description="What was built: `tag`, the release's own, or `refs/heads/NAME` of a branch that is protected and has "
        "the tag's commit.",
    )
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)] = Field(
        default=("push", "release"), description="Events of which one must have started the run."
    )
    hosted_runners_only: bool = Field(
        default=False, strict=True, description="Whether only runners that GitHub hosts may have signed."
    )
    predicate_types: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=300)], ...], Field(max_length=20)
    ] = Field(
        default=PROVENANCE_TYPES,
        description="What an attestation may say, exactly; an empty list refuses every attestation.",
    )
    plain_signatures: bool = Field(
        default=True,
        strict=True,
        description="Whether a signature of the file itself counts, too, which says nothing but who signed.",
    )
    builder: Builder = Field(default_factory=Builder, description="What else must have run.")
    issuer: str = Field(
        default=GITHUB_ACTIONS,
        description="Who vouched for the workflow, exactly.",
        min_length=1,
        max_length=300,
    )
    claims: dict[ClaimName, Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=dict,
        description="More claims of the certificate, by name, each with its exact value.",
        max_length=20,
    )

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if self.identity is not None and self.workflow != OWN:
            raise mistake("workflow", "it is written twice: leave out workflow, or identity")
        for name in self.claims:
            if name in ELSEWHERE:
                raise mistake(
                    ("claims", name), f"this claim is not written here; what says it is {ELSEWHERE[name]}"
                )
        if not self.predicate_types and not self.plain_signatures:
            raise mistake(
                "predicate_types", "nothing could be signed: name a type, or allow plain_signatures"
            )
        if "-" in self.predicate_types:
            raise mistake(
                "predicate_types",
                "a type is an address; for signatures of the file itself write plain_signatures",
            )
        return self
