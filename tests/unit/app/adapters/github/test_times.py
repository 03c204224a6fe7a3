from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from app.adapters.github.times import pause_end, reset_at, skew
from tests.unit.app.adapters.github.clock import StillClock

NOW = StillClock().now()


def epoch(**from_now: float) -> str:
    return str(int((NOW + timedelta(**from_now)).timestamp()))


@pytest.mark.parametrize("seconds", [-7200, -31, 31, 7200])
def test_githubs_clock_is_read_from_its_answer(seconds: int) -> None:
    theirs = NOW + timedelta(seconds=seconds)
    assert skew({"date": format_datetime(theirs, usegmt=True)}, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("date", ["", "soon", format_datetime(NOW + timedelta(seconds=29), usegmt=True)])
def test_no_date_or_nearly_ours_corrects_nothing(date: str) -> None:
    assert skew({"date": date}, NOW) == timedelta()


def test_a_date_without_a_zone_is_utc() -> None:
    assert skew({"date": "Mon, 02 Nov 2026 11:00:00 -0000"}, NOW) == timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "٣", "9" * 5000])
def test_a_pause_that_is_no_number_of_seconds_is_none(text: str) -> None:
    assert pause_end({"retry-after": text}, NOW) is None


def test_a_pause_is_a_day_at_most() -> None:
    assert pause_end({"retry-after": "9999999999"}, NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize("text", ["", "soon", epoch(seconds=-5), epoch(seconds=0), "9" * 5000])
def test_a_reset_that_is_none_or_over_is_none(text: str) -> None:
    assert reset_at({"x-ratelimit-reset": text}, NOW) is None


def test_a_reset_is_an_hour_away_at_most() -> None:
    assert reset_at({"x-ratelimit-reset": "9999999999"}, NOW) == NOW + timedelta(hours=1)
