from __future__ import annotations

import pytest

from app.errors import SettingsError
from app.settings_database import database_url


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("", "must begin with sqlite:/// or postgresql://"),
        ("mysql://us:hidden@h/x", "must begin with"),
        ("postgresql+psycopg://us:hidden@h/x", "must begin with"),
        ("sqlite://", "must begin with"),
        ("sqlite:///", "path of a file"),
        ("sqlite:///:memory:", "path of a file"),
        ("sqlite:////var/h.db?mode=memory", "path of a file alone"),
        ("postgresql://us:hidden@h:port/x", "no whole number up to 65535"),
        ("postgresql://us:hidden@h:65536/x", "no whole number up to 65535"),
        ("postgresql://us:hidden@h:0/x", "no whole number up to 65535"),
        ("postgresql://us:hidden@h:\u0665/x", "no whole number up to 65535"),
        (f"postgresql://us:hidden@h:{'9' * 5_000}/x", "no whole number up to 65535"),
        ("postgresql://us:hidden@one:1,two:2/x", "no whole number up to 65535"),
        ("postgresql://us:hid@den@h/x", "%40"),
        ("postgresql://us:hidden@[::1/x", "is no address"),
        ("postgresql://h/x?user=us&password=hidden", "before the host"),
        ("postgresql://h/x?sslpassword=hidden", "before the host"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(url: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=r"^HEPHAESTUS_DATABASE_URL ") as refused:
        database_url(url)
    assert advice in str(refused.value)
    assert "hid" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///data/h.db",
        "sqlite:////var/lib/h.db",
        "postgres://h/x",
        "postgresql:///x?host=/run/postgresql&port=5433",
        "postgresql://us:hidden@h:5432/x?sslmode=verify-full",
        "postgresql://us:a/b:c%40d@h/x",
        "postgresql://us@[::1]:5432/x",
    ],
)
def test_an_address_that_can_be_used_is_left_as_it_is(url: str) -> None:
    assert database_url(url) == url
