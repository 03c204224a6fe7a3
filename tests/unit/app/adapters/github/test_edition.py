from __future__ import annotations

import pytest

from app.adapters.github.edition import Edition

NEWER = "2026-03-10"


class Meta:
    """What `GET /meta` says, and how often it was asked."""

    def __init__(self, **said: str) -> None:
        self.said, self.asked = said, 0

    async def __call__(self) -> dict[str, str]:
        self.asked += 1
        return self.said


@pytest.mark.parametrize("api_url", ["https://api.github.com", "https://api.forge.ghe.com"])
async def test_what_github_runs_itself_knows_the_newer_version_unasked(api_url: str) -> None:
    meta = Meta()
    assert await Edition(api_url).version(NEWER, meta) == NEWER
    assert meta.asked == 0


async def test_enterprise_server_gets_the_version_that_all_its_releases_understand() -> None:
    edition, meta = Edition("https://git.example/api/v3"), Meta(installed_version="3.19.2")
    assert [await edition.version(NEWER, meta) for _ in range(3)] == ["2022-11-28"] * 3
    assert meta.asked == 1


async def test_a_server_that_names_no_version_is_like_github_com() -> None:
    assert await Edition("http://127.0.0.1:1").version(NEWER, Meta()) == NEWER


@pytest.mark.parametrize("api_url", ["https://api.github.com.evil.example", "https://notapi.github.com"])
async def test_a_host_that_only_looks_like_github_is_asked(api_url: str) -> None:
    meta = Meta(installed_version="3.19.2")
    assert await Edition(api_url).version(NEWER, meta) == "2022-11-28"
