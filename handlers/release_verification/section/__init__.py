"""The section `release_verification` of the repository's file."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.domain.release_claims import CLAIM_NAMES

GITHUB_ACTIONS = "https://token.actions.githubusercontent.com"


def _known_claim(name: str) -> str:
    if name not in CLAIM_NAMES:
        raise ValueError(f"unknown claim; the claims are {', '.join(sorted(CLAIM_NAMES))}")
    return name


WorkflowPath = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\.github/workflows/[A-Za-z0-9._-]+\.ya?ml"
        r"|[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/\.github/workflows/[A-Za-z0-9._-]+\.ya?ml@[A-Za-z0-9._/-]+)$"
    ),
]
ClaimName = Annotated[str, AfterValidator(_known_claim)]
FileName = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^/\n]*[^/\n*?][^/\n]*$")
]


class Section(BaseModel):
    """Keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Signer(Section):
    """Who may sign an asset: one workflow, by exact name, for exactly the release's tag and commit."""

    workflow: WorkflowPath = Field(
        default=".github/workflows/release.yml",
        description="A workflow file of this repository, which must have run on the tag; or "
        "owner/repo/.github/workflows/file.yml@ref for a reusable workflow, by exact ref.",
    )
    issuer: str = Field(default=GITHUB_ACTIONS, description="Who vouched for the workflow.", min_length=1)
    predicate_type: str | None = Field(
        default=None, description="The predicate type that the attestation must have, exactly.", min_length=1
    )
    claims: dict[ClaimName, str] = Field(
        default_factory=dict,
        description="More claims of the certificate, by name, each with its exact value.",
    )


class ReleaseVerification(Section):
    """The section `release_verification`."""

    signers: tuple[Signer, ...] = Field(
        default=(Signer(),),
        min_length=1,
        max_length=10,
        description="Any one of them is enough for an asset.",
    )
    exempt: tuple[FileName, ...] = Field(
        default=(),
        max_length=50,
        description="Names of assets that need no signature; * and ? stand for parts of a name.",
    )
    match_names: bool = Field(
        default=True,
        description="Whether an attestation must call the asset by its name, not only by its digest.",
    )
    wait_minutes: int = Field(
        default=30, ge=0, le=1440, description="How long assets and signatures may arrive after the release."
    )
    max_asset_mib: int = Field(
        default=2048, ge=1, le=2048, description="The largest asset that is downloaded."
    )
    server_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.:-]+$",
        description="The address of GitHub in certificates, where it is not the one that the App talks to.",
    )
