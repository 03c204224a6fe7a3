"""Who may have signed: what the policy's signers come to for one tag and its commit."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.release import ExpectedIdentity
from app.domain.repo import Repository
from app.errors import InvalidInput
from handlers.release_verification.identity import (
    PUBLIC_API,
    backfill_identity,
    expected_identities,
    release_identity,
    workflow_file,
)
from handlers.release_verification.section import ReleaseVerification, Signer

ANVIL = Repository(RepositoryId(7), "forge", "anvil", InstallationId(1), owner_id=8)
COMMIT = CommitSha("a" * 40)
PUBLIC = AppKey(f"{PUBLIC_API}/1")
HERE = "https://github.com/forge/anvil"


def expected(signer: dict[str, Any], tag: str = "v1", repository: Repository = ANVIL) -> ExpectedIdentity:
    section = ReleaseVerification(signers=(Signer.model_validate(signer),))
    (found,) = expected_identities(section, PUBLIC, repository, tag, COMMIT)
    return found


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
    (found,) = expected_identities(ReleaseVerification(), AppKey(app_key), ANVIL, "v1", COMMIT)
    assert found.identity == f"{server}/forge/anvil/.github/workflows/*@refs/tags/v1"
    assert dict(found.claims)["source_repository_uri"] == f"{server}/forge/anvil"


def test_the_policy_may_name_another_address() -> None:
    section = ReleaseVerification(server_url="https://github.example")
    (found,) = expected_identities(section, PUBLIC, ANVIL, "v1", COMMIT)
    assert found.identity.startswith("https://github.example/forge/anvil/")


def test_the_default_signer_is_any_workflow_file_of_this_repository_at_the_tag_by_a_push_or_a_release() -> (
    None
):
    found = expected({})
    assert found.pattern is not None
    assert found.pattern.admits(f"{HERE}/.github/workflows/ship.yaml@refs/tags/v1")
    for stranger in (
        f"{HERE}/.github/workflows/ship.yaml@refs/tags/v10",
        f"{HERE}/.github/workflows/ship.yaml@refs/heads/v1",
        f"{HERE}/.github/workflows/deep/ship.yaml@refs/tags/v1",
        f"{HERE}-evil/.github/workflows/ship.yaml@refs/tags/v1",
        f"{HERE.upper()}/.github/workflows/ship.yaml@refs/tags/v1",
        f"https://evil.example/?{HERE}/.github/workflows/ship.yaml@refs/tags/v1",
    ):
        assert not found.pattern.admits(stranger)
    assert found.one_of == (("build_trigger", ("push", "release")),)
    assert dict(found.claims) == {
        "source_repository_uri": HERE,
        "source_repository_ref": "refs/tags/v1",
        "source_repository_digest": COMMIT,
        "source_repository_id": "7",
        "source_repository_owner_id": "8",
    }


def test_a_tag_with_an_at_sign_still_names_one_workflow() -> None:
    found = expected({}, tag="@forge/anvil@1.0.0")
    assert found.pattern is not None
    assert found.pattern.admits(f"{HERE}/.github/workflows/r.yml@refs/tags/@forge/anvil@1.0.0")
    assert workflow_file(found.identity) == f"{HERE}/.github/workflows/*"


def test_a_tag_that_git_would_not_allow_is_refused_before_it_becomes_a_wildcard() -> None:
    with pytest.raises(InvalidInput, match="not the name of a tag"):
        expected({}, tag="v*")


@pytest.mark.parametrize(
    ("signer", "identity", "is_pattern"),
    [
        (".github/workflows/r.yml", f"{HERE}/.github/workflows/r.yml@refs/tags/v1", False),
        (".github/workflows/r-*.yml", f"{HERE}/.github/workflows/r-*.yml@refs/tags/v1", True),
        (
            "acme/ci/.github/workflows/b.yml@refs/tags/v2",
            "https://github.com/acme/ci/.github/workflows/b.yml@refs/tags/v2",
            False,
        ),
    ],
)
def test_a_workflow_is_named_as_certificates_name_it(signer: str, identity: str, *, is_pattern: bool) -> None:
    found = expected({"workflow": signer})
    assert (found.identity, found.pattern is not None) == (identity, is_pattern)


def test_signer_and_source_are_two_things() -> None:
    identity = "https://github.com/acme/ci/.github/workflows/b.yml@refs/tags/v2.*"
    source = {"name": "old/anvil", "id": 70, "owner_id": 80}
    found = expected({"identity": identity, "source_repository": source, "source_ref": "refs/heads/main"})
    claims = dict(found.claims)
    assert (found.identity, found.pattern is not None) == (identity, True)
    assert claims["source_repository_uri"] == "https://github.com/old/anvil"
    assert (claims["source_repository_id"], claims["source_repository_owner_id"]) == ("70", "80")
    assert (claims["source_repository_ref"], claims["source_repository_digest"]) == (
        "refs/heads/main",
        COMMIT,
    )


def test_what_else_is_asked_for_becomes_claims() -> None:
    found = expected(
        {
            "hosted_runners_only": True,
            "builder": {"caller": ".github/workflows/release.yml", "commit": "b" * 40},
            "claims": {"workflow_name": "Release"},
            "triggers": ["workflow_dispatch"],
        }
    )
    claims = dict(found.claims)
    assert claims["runner_environment"] == "github-hosted"
    assert claims["build_config_uri"] == f"{HERE}/.github/workflows/release.yml@refs/tags/v1"
    assert (claims["build_signer_digest"], claims["workflow_name"]) == ("b" * 40, "Release")
    assert found.one_of == (("build_trigger", ("workflow_dispatch",)),)


@pytest.mark.parametrize(
    ("signer", "types"),
    [
        ({"predicate_types": ["a"]}, ("a", "-")),
        ({"predicate_types": ["a"], "plain_signatures": False}, ("a",)),
        ({"predicate_types": []}, ("-",)),
    ],
)
def test_only_what_is_named_may_be_signed(signer: dict[str, Any], types: tuple[str, ...]) -> None:
    assert expected(signer).predicate_types == types


def test_a_signer_of_nothing_is_never_one_of_everything() -> None:
    nothing = Signer().model_copy(update={"predicate_types": (), "plain_signatures": False})
    section = ReleaseVerification().model_copy(update={"signers": (nothing,)})
    (found,) = expected_identities(section, PUBLIC, ANVIL, "v1", COMMIT)
    assert found.predicate_types == ("nothing",)


def test_numbers_that_are_not_known_are_not_compared() -> None:
    unknown = Repository(RepositoryId(0), "forge", "anvil", InstallationId(0))
    assert (
        not {"source_repository_id", "source_repository_owner_id"}
        & dict(expected({}, repository=unknown).claims).keys()
    )
    assert (
        release_identity(unknown, "v1", COMMIT).release == release_identity(unknown, "v1", COMMIT, 0).release
    )


def test_githubs_attestation_is_of_this_release_of_this_repository() -> None:
    found = release_identity(ANVIL, "v1", COMMIT, 11)
    assert (found.identity, found.issuer) == ("https://dotcom.releases.github.com", None)
    assert found.release is not None
    assert (found.release.repository, found.release.tag, found.release.commit) == (
        "forge/anvil",
        "v1",
        COMMIT,
    )
    assert (found.release.repository_id, found.release.owner_id, found.release.release_id) == ("7", "8", "11")


def test_a_backfill_is_signed_by_the_pinned_workflow_started_by_hand_at_the_default_branch() -> None:
    section = ReleaseVerification.model_validate({"backfill": {"commits": ["c" * 40]}})
    found = backfill_identity(section, PUBLIC, ANVIL, "main", "https://example.test/backfill/v1")
    assert found is not None
    assert found.identity == f"{HERE}/.github/workflows/sigstore-backfill.yml@refs/heads/main"
    assert found.one_of == (("build_signer_digest", ("c" * 40,)),)
    assert dict(found.claims)["build_trigger"] == "workflow_dispatch"
    assert found.predicate_types == ("https://example.test/backfill/v1",)
    assert backfill_identity(ReleaseVerification(), PUBLIC, ANVIL, "main", "x") is None
