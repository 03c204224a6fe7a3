"""What people are told where GitHub refuses an effect because the App lacks a permission.

The ledger has the reason for whoever runs the App; the people of the repository see a check run in the place of what they
would have seen, with what would have to be granted.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from app.dispatch.effects.outcome import Cursor, Refused, digest
from app.dispatch.effects.publish_check_run import publish_check_run
from app.domain.effects import PublishCheckRun
from app.domain.markdown import code
from app.errors import PermanentError
from app.ports.github_writer import GitHubWriter

logger = logging.getLogger(__name__)
WAY_OUT = (
    "Where a permission is missing, whoever runs the App adds it in the App's settings at GitHub, and an owner of this account "
    "accepts it. Then run the failed jobs again."
)


@dataclass
class Told:
    """The progress of a check run that has no row of its own: found again at GitHub by an external id that is always the same."""

    lease: Callable[[], Awaitable[None]]
    cursor: Cursor
    previous: Cursor | None = field(default=None, init=False)
    abandoned: Cursor | None = field(default=None, init=False)

    async def fence(self) -> None:
        """Raises LeaseLost where this executor must not write any more."""
        await self.lease()

    async def save(self, cursor: Cursor) -> None:
        """Nothing outlives a crash; the next attempt asks GitHub."""
        self.cursor = cursor


def with_needs(refused: Refused, permissions: Mapping[str, str]) -> Refused:
    """The refusal with the permissions that the effect needs; GitHub does not always say which one is missing."""
    return replace(refused, reason=f"{refused.reason}; it needs {', '.join(named(permissions))}")


def named(permissions: Mapping[str, str]) -> list[str]:
    """`contents: write`, as GitHub's manifest of an App has it."""
    return [f"{name}: {level}" for name, level in permissions.items()]


async def explain(
    check: PublishCheckRun, refused: Refused, writer: GitHubWriter, lease: Callable[[], Awaitable[None]]
) -> None:
    """Publishes the check run once a commit, with the refusal; where GitHub refuses this too, the ledger alone has the reason.

    Raises:
        TransientError: apply the effect again; what was published is found again.
    """
    answer = f"GitHub's answer, and what the App needs: {code(refused.reason, limit=1000)}."
    full = replace(check, summary=f"{check.summary}\n\n{answer}\n\n{WAY_OUT}")
    try:
        await publish_check_run(full, writer, Told(lease, {"external_id": digest("instead", check.key)}))
    except PermanentError as exc:
        logger.warning("refusal_not_published", extra={"code": exc.code})
