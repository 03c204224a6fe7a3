"""What is proven of an asset is ordered."""

from __future__ import annotations

from dataclasses import replace

from app.domain.release import ClaimCheck, Grade, Outcome, VerificationOutcome, closest


def test_grades_are_ordered_from_nothing_to_provenance() -> None:
    assert sorted(Grade, key=lambda grade: grade.rank) == [
        Grade.UNSIGNED,
        Grade.CHECKSUM_ONLY,
        Grade.RELEASE_ATTESTED,
        Grade.BACKFILLED,
        Grade.PROVENANCE_VERIFIED,
    ]


def outcome(code: str, *checks: ClaimCheck) -> VerificationOutcome:
    is_verified = code == "VERIFIED"
    return VerificationOutcome(
        Outcome.VERIFIED if is_verified else Outcome.REJECTED, code, "", checks, "sha256:0", None
    )


RIGHT, WRONG = ClaimCheck("identity", "a", "a", ok=True), ClaimCheck("issuer", "a", "b", ok=False)


def test_of_several_outcomes_the_verified_one_is_closest() -> None:
    verified = outcome("VERIFIED", RIGHT)
    assert closest([outcome("REF", WRONG), verified, outcome("TIME")]) is verified


def test_of_several_refusals_the_one_with_the_fewest_wrong_claims_is_closest() -> None:
    near, far = outcome("REF", RIGHT, WRONG), outcome("IDENTITY", WRONG, WRONG)
    unread, unproven = outcome("INVALID_BUNDLE"), outcome("TAMPERED", *(replace(RIGHT, verified=False),) * 2)
    assert closest([unread, far, unproven, near]) is near
    assert closest([unread, unproven]) is unproven
