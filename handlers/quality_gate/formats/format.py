"""What a report format is: how a file of it is recognised, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.reports import Report
from handlers.quality_gate.formats.guarded import guarded
from handlers.quality_gate.formats.source import Source


class Kind(StrEnum):
    """What a format reports; one format may serve gates of one kind only."""

    TESTS = "tests"
    COVERAGE = "coverage"
    FINDINGS = "findings"
    AUDIT = "audit"
    COMPONENTS = "components"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of reports.

    `sniff` is asked about the first `source.HEAD_BYTES` bytes of a file and says yes only where no other format is meant.
    `parse` raises `InvalidInput` for what is not this format, or cannot be trusted. `named_only` is a text that cannot be told
    from others by its content: it is read only where a policy or a person names the format.
    """

    name: str
    kind: Kind
    sniff: Callable[[bytes], bool]
    parse: Callable[[Source], Report]
    named_only: bool = False

    def read(self, source: Source) -> Report:
        """What `parse` gives, or a refusal where the reader itself fails (`guarded`)."""
        return guarded(f"reader of {self.name}")(self.parse)(source)

    @property
    def tool(self) -> str:
        """Whose format it is, for a report that names nobody: `ruff` of `ruff-json`."""
        return self.name.removesuffix("-json").removesuffix("-jsonl").removesuffix("-text")
