from __future__ import annotations

import pytest

from app.adapters.github.bundle_hosts import is_bundle_host

PUBLIC, RESIDENT, OWN = (
    "https://api.github.com",
    "https://api.octocorp.ghe.com",
    "https://git.acme.example/api/v3",
)
BLOB = "https://tmaproduction.blob.core.windows.net/attestations/1/2026/8/1.json.sn?sig=x"


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        (BLOB, PUBLIC),
        (BLOB, RESIDENT),
        (BLOB, OWN),
        ("https://objects.githubusercontent.com/x", PUBLIC),
        ("https://api.github.com/x", PUBLIC),
        ("https://storage.octocorp.ghe.com/x", RESIDENT),
        ("https://git.acme.example/storage/x", OWN),
        ("https://media.git.acme.example/x", OWN),
        ("http://127.0.0.1:8081/x", "http://127.0.0.1:8080"),
    ],
)
def test_a_bundle_is_fetched_from_githubs_storage_or_the_servers_own(url: str, api_url: str) -> None:
    assert is_bundle_host(url, api_url)


@pytest.mark.parametrize("api_url", [PUBLIC, OWN])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://evilblob.core.windows.net.evil.example/x",
        "https://blob.core.windows.net/x",
        "https://notgithub.com/x",
        "https://acme.example/x",
        "https://notgit.acme.example/x",
        "https://169.254.169.254/latest/meta-data",
        "http://tmaproduction.blob.core.windows.net/x",
        "https://tmaproduction.blob.core.windows.net:8443/x",
        "https://tmaproduction.blob.core.windows.net:x/x",
        "https://user@tmaproduction.blob.core.windows.net/x",
        "https://:@tmaproduction.blob.core.windows.net/x",
        "https://tmaproduction.blob.core.windows.net@evil.example/x",
        "https://evil.example/tmaproduction.blob.core.windows.net",
        "https://evil.example#.github.com",
        "https://[::1]/x",
        "https://[/x",
        "https:///x",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_host_is_asked_for_a_bundle(url: str, api_url: str) -> None:
    assert not is_bundle_host(url, api_url)


def test_without_a_host_of_the_api_no_host_is_its_own() -> None:
    assert not is_bundle_host("https:///x", "")
    assert not is_bundle_host("https://evil.example/x", "")
    assert is_bundle_host(BLOB, "")
