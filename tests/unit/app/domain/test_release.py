"""What is proven of an asset is ordered."""

from __future__ import annotations

from app.domain.release import Grade


def test_grades_are_ordered_from_nothing_to_provenance() -> None:
    assert sorted(Grade, key=lambda grade: grade.rank) == [
        Grade.UNSIGNED,
        Grade.CHECKSUM_ONLY,
        Grade.RELEASE_ATTESTED,
        Grade.BACKFILLED,
        Grade.PROVENANCE_VERIFIED,
    ]
