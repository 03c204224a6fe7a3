"""What the ledger remembers about a repository, for capabilities that must look back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, CommitSha, RepositoryId
from app.domain.receipts import VerifiedSigner
from app.domain.repo import Subject


def said_name(app_key: AppKey, repository_id: RepositoryId, once: str) -> str:
    """The kept position (`Ledger.cursor`) that says so."""
    return f"{app_key}|{repository_id}|said|{once}"


@dataclass(frozen=True, slots=True)
class EffectOutcome:
    """What became of an effect: its result, or why it was refused (`code: sentence`)."""

    is_applied: bool
    reason: str = ""
    result: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        return self.reason.partition(":")[0]


class Records(Protocol):
    """Reads our own records of one repository."""

    async def pulls_with_head_sha(self, sha: CommitSha) -> tuple[PullRequestChanged, ...]:
        """The newest event of each pull request whose head it says is this commit; the only way for forks (design.md 4).

        The newest first, with the repository as it is named now; also closed ones. Forgotten after the retention time.
        """
        ...

    async def subjects_of_effects(self, capability: str, key_prefix: str) -> tuple[Subject, ...]:
        """The subjects that led to effects of a capability whose key begins so, as far back as the ledger goes."""
        ...

    async def was_said(self, once: str) -> bool:
        """Whether a check run with `once` of this name was ever published in the repository; never forgotten."""
        ...

    async def effects_applied(self, key: str, within: timedelta) -> int:
        """How many effects with this key were applied in the window, whatever subject led to them."""
        ...

    async def evidence_of_closed_pulls(self, capability: str, limit: int) -> tuple[bytes, ...]:
        """The evidence, as JSON, that a capability's newest finished evaluation of a commit rested on, the newest first.

        Of commits that were the last head of a pull request which is closed or merged now; one for each commit. What was too
        large to be kept, or is forgotten after the retention time, is left out.
        """
        ...

    async def was_applied(self, subject: Subject, key: str) -> bool:
        """Whether an effect with this key was applied for the subject, as far back as the ledger goes."""
        ...

    async def effect_outcome(self, subject: Subject, key: str) -> EffectOutcome | None:
        """What became of the newest effect with this key of the subject; None where it is not settled, or forgotten."""
        ...

    async def states(
        self, capability: str, subjects: tuple[Subject, ...]
    ) -> tuple[tuple[Subject, bytes], ...]:
        """What a capability keeps for other subjects, as the JSON of its state; in their order, only those that have one.

        Subjects of another App or repository have none here. Parts that only save work may be forgotten (`SPARES_WORK`).
        """
        ...

    async def verified_signers(self) -> tuple[VerifiedSigner, ...]:
        """Who signed assets of the repository that count as verified, by release, as far back as receipts are kept.

        The release that is judged now is among them where it was verified before; an asset whose verdict changed is not.
        """
        ...
