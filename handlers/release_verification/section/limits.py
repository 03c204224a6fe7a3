"""How much of a release is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from handlers.release_verification.section.values import Section


class Limits(Section):
    """What verifying one release may cost; what lies beyond is undecided, which does not pass."""

    assets: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=1000, description="How many assets are verified."
    )
    total_gib: Annotated[int, Field(strict=True, ge=1, le=200)] = Field(
        default=20, description="How many GiB of assets are downloaded in one evaluation."
    )
    asset_mib: Annotated[int, Field(strict=True, ge=1, le=2048)] = Field(
        default=2048, description="The largest asset that is downloaded."
    )
    attestations: Annotated[int, Field(strict=True, ge=1, le=100)] = Field(
        default=30, description="How many attestations of one digest are tried."
    )
    minutes: Annotated[int, Field(strict=True, ge=1, le=25)] = Field(
        default=25, description="Minutes of one sitting; the next one goes on where it stopped."
    )
