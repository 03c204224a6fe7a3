from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from app.adapters.github.exchange import Outgoing, outgoing
from app.adapters.github.transport import Transport
from app.errors import InvalidInput, PermanentError
from tests.unit.app.adapters.github.clock import StillClock

if TYPE_CHECKING:
    import aiohttp

COM, SERVER = "https://api.github.com", "https://git.example/api/v3"


def transport(api_url: str = COM) -> Transport:
    return Transport(cast("aiohttp.ClientSession", None), api_url, StillClock(), lambda _: None)


@pytest.mark.parametrize("api_url", [COM, f"{COM}/", SERVER, f"{SERVER}/"])
def test_paths_are_put_below_the_base_address(api_url: str) -> None:
    asked = outgoing("GET", "/repos/{owner}/{repo}", {"owner": "o", "repo": "r"}, query=(("ref", "a b&c"),))
    assert transport(api_url).address(asked) == f"{api_url.rstrip('/')}/repos/o/r?ref=a+b%26c"


@pytest.mark.parametrize(
    ("api_url", "expected"), [(COM, f"{COM}/graphql"), (SERVER, "https://git.example/api/graphql")]
)
def test_graphql_lies_beside_rest_on_a_server_of_ones_own(api_url: str, expected: str) -> None:
    assert transport(api_url).address(Outgoing("POST", "/graphql", "/graphql")) == expected


@pytest.mark.parametrize("path", ["https://evil.example/x", "//evil.example/x", "http://api.github.com/x"])
def test_a_token_never_goes_to_another_origin(path: str) -> None:
    made = transport()
    try:
        address = made.address(Outgoing("GET", "/x", path))
    except PermanentError:
        return
    assert made.is_ours(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{COM}/x", True),
        (f"{COM}:443/x", True),
        ("https://API.github.com/x", True),
        (f"{COM}:80/x", False),
        (f"{COM}:8443/x", False),
        ("http://api.github.com:443/x", False),
        ("https://api.github.com:443@evil.example/x", False),
        ("https://me@api.github.com/x", False),
        ("https://api.github.com.evil.example/x", False),
    ],
)
def test_the_apis_origin_is_known_with_and_without_its_port(url: str, *, expected: bool) -> None:
    assert transport().is_ours(url) is expected


def test_every_request_names_the_version_of_the_api() -> None:
    headers = transport().headers(outgoing("GET", "/app", {}, version="2026-03-10"), "secret")
    assert headers["x-github-api-version"] == "2026-03-10"
    assert headers["authorization"] == "Bearer secret"
    assert "authorization" not in transport().headers(outgoing("GET", "/app", {}), None)


@pytest.mark.parametrize("name", ["..", ".", "", "a/../b", "/a", "a//b"])
def test_a_segment_that_climbs_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        outgoing("GET", "/contents/{path}", {"path": name})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a b", "/branches/a%20b"),
        ("x?y#z", "/branches/x%3Fy%23z"),
        ("feature/one", "/branches/feature/one"),
        ("{owner}", "/branches/%7Bowner%7D"),
        ("%2e%2e", "/branches/%252e%252e"),
    ],
)
def test_names_are_quoted_into_the_path(name: str, path: str) -> None:
    asked = outgoing("GET", "/branches/{branch}", {"branch": name, "owner": "o"})
    assert asked.path == path
    assert transport().address(asked) == COM + path
