"""What a commit was found to have, small enough to be kept for its descendants: `measuring` finds it, gates compare with it.

The sums are whole numbers from which every metric and every rule about partial lines follows, so that a drop stays exact after
the lines themselves are forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from app.domain.coverage import LineMap

BASE64: dict[str, str] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True, slots=True)
class CoverageSums:
    """Lines that ran, that could have, and that ran by some of their branches only; branches taken, and all; files."""

    covered: int = 0
    valid: int = 0
    partial: int = 0
    branches_covered: int = 0
    branches_valid: int = 0
    files: int = 0


def sums_of(lines: LineMap) -> CoverageSums:
    """The sums over all files."""
    totals = lines.totals()
    return CoverageSums(
        covered=totals.lines_covered,
        valid=totals.lines_valid,
        partial=sum(file.partial.bit_count() for file in lines.files.values()),
        branches_covered=totals.branches_covered,
        branches_valid=totals.branches_valid,
        files=totals.files,
    )


@dataclass(frozen=True, slots=True)
class MeasuredCoverage:
    """What one workflow's reports of one format cover; `lines` is a packed `LineMap`, None where it is not kept any more.

    `outside` are the sums of files that the repository does not have: none of them is in `sums`. `variants` are packed
    `LineMap`s of files whose reports differ in which lines could run (`Reports.variants`). `measured_at` is when the oldest
    artifact of these reports was made, None where nobody says.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    workflow: str
    format: str
    sums: CoverageSums
    lines: bytes | None = None
    outside: CoverageSums = CoverageSums()
    variants: tuple[bytes, ...] = ()
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MeasuredTests:
    """How many tests ran in one workflow, and the hashes of their names (`app.domain.hashes`) as long as they are kept."""

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    workflow: str
    ran: int
    names: bytes | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a commit was found to have, for the verdicts on its descendants; only what was believed.

    `reported` are (gate, workflow) of the evidence; `tools` are (gate, workflow, tool) that left findings, or none.
    `findings` are fingerprints with repetition (`fingerprints.joined_all`) of what counts, by gate; a gate without an entry had
    none recorded. `audited` are hashes of the names of audited dependencies (`packages.dependency`), None where none were
    recorded; `audited_number` is how many.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    reported: tuple[tuple[str, str], ...] = ()
    coverage: tuple[MeasuredCoverage, ...] = ()
    tests: tuple[MeasuredTests, ...] = ()
    findings: tuple[tuple[str, bytes], ...] = ()
    audited: bytes | None = None
    audited_number: int = 0
    tools: tuple[tuple[str, str, str], ...] = ()

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that had evidence."""
        return tuple(dict.fromkeys(gate for gate, _ in self.reported))

    @property
    def lasting(self) -> Measured:
        """What of it is kept for long: numbers, without lines, names and fingerprints."""
        return replace(
            self,
            coverage=tuple(replace(each, lines=None, variants=()) for each in self.coverage),
            tests=tuple(replace(each, names=None) for each in self.tests),
            findings=(),
            audited=None,
        )
