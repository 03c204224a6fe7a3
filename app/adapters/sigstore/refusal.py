"""How the parts of the verifier say no: one exception, caught in one place."""

from __future__ import annotations

from app.domain.release import ClaimCheck
from app.domain.release_codes import ReleaseCode


class Refusal(Exception):
    """The bundle is not verified: rejected, or unsupported where the code says so."""

    def __init__(self, code: ReleaseCode, reason: str, claims: tuple[ClaimCheck, ...] = ()) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.claims = claims
