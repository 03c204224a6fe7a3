from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.ids import Sha256Hex
from app.domain.release import TrustDomain
from app.domain.trust import MENDS, UNCONFIRMED_FOR, AuthorityKind, RootFacts, RootSource, Window

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)


def window(kind: AuthorityKind, end: datetime) -> Window:
    return Window(kind, "CN=root", NOW - 900 * DAY, end)


CERTIFICATES = window(AuthorityKind.CERTIFICATES, NOW + 30 * DAY)
TIMESTAMPS = window(AuthorityKind.TIMESTAMPS, NOW + 20 * DAY)
FACTS = RootFacts(
    TrustDomain.GITHUB,
    Sha256Hex("a" * 64),
    RootSource.IMPORT,
    "somewhere",
    NOW - 100 * DAY,
    NOW - DAY,
    (CERTIFICATES, TIMESTAMPS),
)


def test_a_root_does_until_the_first_kind_of_authority_has_none_left() -> None:
    older = window(AuthorityKind.TIMESTAMPS, NOW - 300 * DAY)
    assert replace(FACTS, windows=(CERTIFICATES, TIMESTAMPS, older)).ends_at == TIMESTAMPS.end


def test_a_root_without_timestamps_does_until_its_newest_certificates_end() -> None:
    assert replace(FACTS, windows=(CERTIFICATES,)).ends_at == CERTIFICATES.end


def test_a_root_without_authorities_has_no_end() -> None:
    empty = replace(FACTS, windows=())
    assert empty.ends_at is None
    assert empty.alarms(NOW) == ()


def test_a_root_that_was_confirmed_lately_raises_no_alarm() -> None:
    assert FACTS.alarms(NOW) == ()
    assert replace(FACTS, confirmed_at=NOW - UNCONFIRMED_FOR).alarms(NOW) == ()


def test_a_root_that_nobody_confirmed_for_a_quarter_raises_an_alarm() -> None:
    (said,) = replace(FACTS, confirmed_at=NOW - UNCONFIRMED_FOR - DAY).alarms(NOW)
    assert said.startswith("the trusted root of github was last confirmed 91 days ago: run gh attestation")


def test_a_root_whose_newest_authority_has_ended_raises_an_alarm() -> None:
    (said,) = FACTS.alarms(TIMESTAMPS.end)
    assert said.startswith("the newest authority of the trusted root of github ended on 2026-12-14: ")


@pytest.mark.parametrize("source", RootSource)
def test_an_alarm_says_what_to_do_whatever_the_root_comes_from(source: RootSource) -> None:
    (said,) = replace(FACTS, source=source).alarms(TIMESTAMPS.end)
    assert said.endswith(MENDS[source])
