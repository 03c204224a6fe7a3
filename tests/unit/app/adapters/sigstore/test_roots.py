from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from app.adapters.sigstore import SigstoreVerifier, offline_verifier
from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.roots import ConfiguredRoots, given_roots
from app.adapters.sigstore.trust import TrustedRoots
from app.adapters.sigstore.trusted_root import REVIEWED_AT, load
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, TrustDomain, VerificationRequest
from app.domain.trust import RootFacts, RootSource
from app.errors import InvalidInput, SettingsError
from app.settings_trust import TrustSettings
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.testing.clock import FrozenClock
from tests.unit.app.adapters.sigstore.rooted import NOW, SINCE, both, github, public, root

SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)


def roots(tmp_path: Path, settings: TrustSettings) -> ConfiguredRoots:
    return ConfiguredRoots(settings, RootStore(tmp_path / "data"), FrozenClock(NOW))


def written(tmp_path: Path, raw: bytes) -> Path:
    file = tmp_path / "root.json"
    file.write_bytes(raw)
    return file


def only(facts: tuple[RootFacts, ...]) -> RootFacts:
    (one,) = facts
    return one


def test_by_default_the_reviewed_root_of_the_package_is_trusted_and_no_other(tmp_path: Path) -> None:
    found = roots(tmp_path, TrustSettings())
    facts = only(found.facts)
    assert found.current() == TrustedRoots(load())
    assert (facts.source, facts.confirmed_at) == (RootSource.PACKAGE, REVIEWED_AT)
    assert not (tmp_path / "data").exists()


def test_a_file_of_the_public_kind_is_confirmed_when_it_was_written(tmp_path: Path) -> None:
    file = written(tmp_path, public())
    facts = only(roots(tmp_path, TrustSettings(str(file), load().sha256)).facts)
    assert (facts.source, facts.place) == (RootSource.FILE, str(file))
    assert facts.confirmed_at == datetime.fromtimestamp(file.stat().st_mtime, UTC)


def test_a_file_of_githubs_root_is_trusted_by_its_digest(tmp_path: Path) -> None:
    settings = TrustSettings(github=written(tmp_path, both()), github_sha256=load_github(tmp_path))
    found = roots(tmp_path, settings)
    assert found.current().github is not None
    assert [each.domain for each in found.facts] == [TrustDomain.PUBLIC_GOOD, TrustDomain.GITHUB]


def load_github(tmp_path: Path) -> str:
    given = given_roots(written(tmp_path, both())).github
    assert given is not None
    return given.sha256


def test_a_root_of_another_digest_than_was_set_stops_the_start(tmp_path: Path) -> None:
    settings = TrustSettings(github=written(tmp_path, github()), github_sha256="a" * 64)
    with pytest.raises(
        SettingsError, match=r"HEPHAESTUS_GITHUB_TRUSTED_ROOT is .* which is not pinned: review it"
    ):
        roots(tmp_path, settings)


@pytest.mark.parametrize(
    "settings",
    [
        TrustSettings("production", "a" * 64),
        TrustSettings("/nowhere/root.json"),
    ],
)
def test_a_public_root_that_cannot_be_used_stops_the_start(tmp_path: Path, settings: TrustSettings) -> None:
    with pytest.raises(SettingsError, match=f"HEPHAESTUS_TRUSTED_ROOT is {settings.public_good}"):
        roots(tmp_path, settings)


def test_a_root_without_logs_is_no_public_root(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HEPHAESTUS_TRUSTED_ROOT"):
        roots(tmp_path, TrustSettings(str(written(tmp_path, github()))))


def test_an_imported_root_that_was_changed_stops_the_start(tmp_path: Path) -> None:
    store = RootStore(tmp_path / "data")
    store.keep(root(), RootSource.IMPORT, NOW)
    store.path_of(root().sha256).write_bytes(b"{}")
    with pytest.raises(SettingsError, match="what was imported cannot be used"):
        roots(tmp_path, TrustSettings())


async def test_what_is_imported_later_is_taken_up_by_a_reload(tmp_path: Path) -> None:
    found, store = roots(tmp_path, TrustSettings()), RootStore(tmp_path / "data")
    store.keep(root(), RootSource.IMPORT, NOW)
    assert await found.reload()
    assert found.current().github == root()
    assert not await found.reload()


async def test_a_reload_that_cannot_be_trusted_leaves_what_is_in_force(tmp_path: Path) -> None:
    store = RootStore(tmp_path / "data")
    store.keep(root(), RootSource.IMPORT, NOW)
    found = roots(tmp_path, TrustSettings())
    store.path_of(root().sha256).write_bytes(github(SINCE - timedelta(days=1)))
    with pytest.raises(InvalidInput):
        await found.reload()
    assert found.current().github == root()


def test_a_file_of_both_kinds_gives_both(tmp_path: Path) -> None:
    found = given_roots(written(tmp_path, both()))
    assert found.github is not None
    assert {found.public_good.sha256, found.github.sha256} == {
        root(line).sha256 for line in both().splitlines()
    }


def test_a_file_of_the_public_kind_alone_gives_no_root_of_github(tmp_path: Path) -> None:
    assert given_roots(written(tmp_path, public())) == TrustedRoots(load())


def test_a_file_of_githubs_root_alone_is_all_that_is_trusted(tmp_path: Path) -> None:
    assert given_roots(written(tmp_path, github())) == TrustedRoots(root(), root())


@pytest.mark.parametrize("name", ["production", "staging"])
def test_the_roots_of_the_package_are_given_by_name(name: str) -> None:
    assert given_roots(name) == TrustedRoots(load(name))


def test_several_roots_of_one_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="several roots of one kind"):
        given_roots(written(tmp_path, both() + both()))


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW)


def request(sigstore: LocalSigstore) -> VerificationRequest:
    """About a file that a workflow of a private repository signed."""
    digest = sha256(b"tool").hexdigest()
    bundle = sigstore.attest([("tool", digest)], SLSA, {}, IDENTITY, Form.GITHUB)
    expected = ExpectedIdentity(IDENTITY.san, IDENTITY.issuer)
    return VerificationRequest(bundle, Sha256Hex(digest), expected)


async def test_what_githubs_root_vouches_for_is_verified_once_that_is_imported(
    tmp_path: Path, sigstore: LocalSigstore
) -> None:
    found, store = roots(tmp_path, TrustSettings()), RootStore(tmp_path / "data")
    verifier, asked = SigstoreVerifier(found.current), request(sigstore)
    before = await verifier.verify(asked)
    assert (before.outcome, before.code) == (Outcome.UNSUPPORTED, "TRUST_ROOT_ABSENT")
    assert "hephaestus trust import" in before.reason
    imported = root(sigstore.github_trusted_root_json())
    store.keep(imported, RootSource.IMPORT, NOW)
    await found.reload()
    after = await verifier.verify(asked)
    assert (after.outcome, after.trusted_root_sha256) == (Outcome.VERIFIED, imported.sha256)


async def test_a_file_with_githubs_root_verifies_offline(tmp_path: Path, sigstore: LocalSigstore) -> None:
    file = written(tmp_path, sigstore.github_trusted_root_json())
    outcome = await offline_verifier(file).verify(request(sigstore))
    assert (outcome.outcome, outcome.trust_domain) == (Outcome.VERIFIED, TrustDomain.GITHUB)


async def test_with_githubs_root_alone_nothing_of_the_public_kind_is_verified(
    tmp_path: Path, sigstore: LocalSigstore
) -> None:
    file = written(tmp_path, sigstore.github_trusted_root_json())
    bundle = sigstore.sign_artifact(b"tool", IDENTITY)
    outcome = await offline_verifier(file).verify(replace(request(sigstore), bundle=bundle))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")
