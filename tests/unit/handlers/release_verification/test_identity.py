from __future__ import annotations

import pytest

from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository
from handlers.release_verification.identity import expected_identities
from handlers.release_verification.section import ReleaseVerification

ANVIL = Repository(RepositoryId(7), "forge", "anvil", InstallationId(1), owner_id=8)


def identity(app_key: str, section: ReleaseVerification) -> str:
    (found,) = expected_identities(section, AppKey(app_key), ANVIL, "v1", CommitSha("a" * 40))
    claims = dict(found.claims)
    assert found.identity.startswith(claims["source_repository_uri"] + "/")
    return found.identity


@pytest.mark.parametrize(
    ("app_key", "server"),
    [
        ("api.github.com/1", "https://github.com"),
        ("api.octocorp.ghe.com/1", "https://octocorp.ghe.com"),
        ("git.example/1", "https://git.example"),
        ("api.git.example:8443/1", "https://api.git.example:8443"),
        ("api.ghe.com.example/1", "https://api.ghe.com.example"),
    ],
)
def test_certificates_name_the_github_that_people_see_not_its_api(app_key: str, server: str) -> None:
    expected = f"{server}/forge/anvil/.github/workflows/*@refs/tags/v1"
    assert identity(app_key, ReleaseVerification()) == expected


def test_the_policy_may_name_another_address() -> None:
    section = ReleaseVerification(server_url="https://github.example")
    assert identity("git.example/1", section).startswith("https://github.example/forge/anvil/")
