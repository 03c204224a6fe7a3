"""The trusted roots in force: looked at by upkeep and by people, refreshed beside verification and never inside it."""

from __future__ import annotations

from typing import Protocol

from app.domain.trust import RootFacts


class Roots(Protocol):
    """Loaded roots. Whoever verifies takes those of the moment."""

    @property
    def facts(self) -> tuple[RootFacts, ...]:
        """What is known of each root in force, the public-good one first."""
        ...

    @property
    def refreshes(self) -> bool:
        """Whether `refresh` has anywhere to ask."""
        ...

    async def reload(self) -> bool:
        """Takes up what was imported or refreshed by another process since; whether a root changed.

        Raises:
            InvalidInput: what lies there cannot be trusted; the roots in force stay.
        """
        ...

    async def refresh(self) -> bool:
        """Asks GitHub's TUF repository for the newest root, and takes it where TUF verifies it; whether it changed.

        Raises:
            TransientError: it cannot be reached, or another process asks just now.
            InvalidInput: what it gives does not verify, is too old, or is no root of GitHub. The root in force stays.
        """
        ...
