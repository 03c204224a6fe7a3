from __future__ import annotations

from pathlib import Path

import pytest
from yarl import URL

from app.adapters.github.session import open_session, proxy_for
from app.errors import SettingsError

GITHUB = URL("https://api.github.com/app")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_without_a_proxy_in_the_environment_the_way_is_straight(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("HTTPS_PROXY", raising=False)
    assert proxy_for(GITHUB) is None


def test_the_proxy_of_the_scheme_is_used(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    found = proxy_for(GITHUB)
    assert found is not None
    assert found.url == URL("http://proxy.example:3128")
    assert proxy_for(URL("http://git.example")) is None


def test_a_password_goes_to_the_proxy_in_a_header_and_shows_nowhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://me:p%40ss@proxy.example:3128")
    found = proxy_for(GITHUB)
    assert found is not None
    assert found.headers == {"Proxy-Authorization": "Basic bWU6cEBzcw=="}
    assert "p%40ss" not in repr(found)
    assert "Basic" not in repr(found)


def test_hosts_in_no_proxy_are_reached_directly(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    environment.setenv("NO_PROXY", "git.example")
    assert proxy_for(URL("https://git.example/api/v3")) is None
    assert proxy_for(GITHUB) is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_never_behind_a_proxy(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxy_for(URL(f"http://{host}:8080/")) is None


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_bundle_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"HEPHAESTUS_CA_BUNDLE names .*ca\.pem"):
        open_session(str(bundle))
