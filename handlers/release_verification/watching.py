"""What the last verdict rested on, and when it is held against GitHub again: nobody announces a replaced asset. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from app.domain.decision import Verdict
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import Asset, Grade

WATCH = "watch"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=1)
WHOLE_AFTER = timedelta(days=7)
"""So long the same answers of GitHub are enough; then evidence is looked for anew, since an attestation can be deleted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An asset that passed: the bytes a verdict is bound to, what they rested on, and when that was first so.

    `before` is the digest of the verified bytes that these took the place of.
    """

    id: int
    name: str
    size_bytes: int
    recorded: Sha256Hex | None
    updated_at: datetime | None
    sha256: Sha256Hex | None
    grade: Grade
    source: str
    at: datetime
    before: Sha256Hex | None = None

    def is_still(
        self,
        ident: int,
        size_bytes: int,
        recorded: Sha256Hex | None,
        updated_at: datetime | None,
        sha256: Sha256Hex | None,
    ) -> bool:
        """Whether GitHub shows the same file, and its bytes, where they are known, are the same."""
        facts = (self.id, self.size_bytes, self.recorded, self.updated_at)
        return facts == (ident, size_bytes, recorded, updated_at) and sha256 in {self.sha256, None}


@dataclass(frozen=True, slots=True)
class Watch:
    """What the last verdict rested on. `commit` is what `tag` named when the whole release passed first, at `passed_at`.

    `settled_at` is since when GitHub has shown the same, `looked_at` when all evidence was read last.
    """

    verdict: Verdict
    fingerprint: str
    settled_at: datetime
    looked_at: datetime
    seen: tuple[Seen, ...] = ()
    tag: str = ""
    commit: CommitSha | None = None
    passed_at: datetime | None = None

    def next_look(self, now: datetime) -> datetime:
        """Later and later after the verdict, then daily."""
        return now + min(max(now - self.settled_at, FIRST_PAUSE), LONGEST_PAUSE)

    def is_enough(self, fingerprint: str, now: datetime) -> bool:
        """Whether a pass still holds, where GitHub shows this; what did not pass may be cured by what is not shown."""
        is_same = self.verdict is Verdict.PASS and fingerprint == self.fingerprint
        return is_same and now - self.looked_at < WHOLE_AFTER


def fingerprint_of(assets: Sequence[Asset], *more: str) -> str:
    """A digest of all that GitHub shows of a release on which a verdict rests; `more` is what does not lie in its assets."""
    facts = [
        [each.id, each.name, each.size_bytes, each.sha256, each.state, each.updated_at.isoformat()]
        for each in sorted(assets, key=lambda asset: asset.id)
    ]
    return sha256(json.dumps([facts, more]).encode()).hexdigest()
