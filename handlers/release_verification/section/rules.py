"""What evidence an asset needs, by its name; of several rules the first that fits counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.domain.release import Grade
from handlers.release_verification.section.values import FileGlob, Kind, Section, mistake

Least = Literal[Grade.CHECKSUM_ONLY, Grade.RELEASE_ATTESTED, Grade.BACKFILLED, Grade.PROVENANCE_VERIFIED]
GRADES = {
    Kind.SIGNED_CHECKSUMS: Grade.CHECKSUM_ONLY,
    Kind.RELEASE_ATTESTATION: Grade.RELEASE_ATTESTED,
    Kind.BACKFILL: Grade.BACKFILLED,
    Kind.PROVENANCE: Grade.PROVENANCE_VERIFIED,
}


class AssetRule(Section):
    """What assets of some names need; with both keys, both must hold."""

    files: Annotated[tuple[FileGlob, ...], Field(min_length=1, max_length=50)] = Field(
        description="Names of assets; * and ? stand for parts of a name."
    )
    least: Least | None = Field(default=None, description="The least grade of its evidence.")
    needs: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=4)] | None = Field(
        default=None, description="Kinds of evidence, all of which it needs, each verified by itself."
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.least is None and self.needs is None:
            raise mistake(
                (), "the rule asks for nothing: name least or needs; what needs no evidence belongs to exempt"
            )
        return self

    @property
    def grade(self) -> Grade:
        """The grade that an asset has at least that has all that the rule asks for."""
        asked = [GRADES[kind] for kind in self.needs or ()]
        return max((*asked, self.least or Grade.UNSIGNED), key=lambda grade: grade.rank)

    def lacking(self, kinds: Collection[Kind]) -> tuple[str, ...]:
        """What verified evidence of these kinds lacks, in words of the policy; empty where the rule is met."""
        found = max((GRADES[kind] for kind in kinds), key=lambda grade: grade.rank, default=Grade.UNSIGNED)
        missing = [kind.value for kind in self.needs or () if kind not in kinds]
        if self.least is not None and found.rank < self.least.rank:
            missing.append(f"{self.least.value} (it is {found.value})")
        return tuple(missing)


STRICTEST = AssetRule(files=("*",), least=Grade.PROVENANCE_VERIFIED)
"""What an asset needs that no rule names."""
