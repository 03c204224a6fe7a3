"""What GitHub shows of a release beside its files: the marks that people see, and that an edit of ours may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReleaseMarks:
    """A release as it was seen, without its assets; `updated_at` None where the server does not say it."""

    tag: str
    draft: bool
    prerelease: bool
    updated_at: datetime | None = None

    def are_still(self, now: ReleaseMarks) -> bool:
        """Whether nobody changed the release meanwhile, as far as GitHub says."""
        times = (self.updated_at, now.updated_at)
        is_same_time = None in times or self.updated_at == now.updated_at
        return is_same_time and (self.tag, self.draft, self.prerelease) == (
            now.tag,
            now.draft,
            now.prerelease,
        )
