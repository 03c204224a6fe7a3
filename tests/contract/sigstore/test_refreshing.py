"""GitHub's root by TUF: what verifies is taken, anything else leaves the root that is in force."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result
from securesystemslib.signer._crypto_signer import CryptoSigner
from tuf.api._payload import Timestamp

from app.adapters.sigstore import refreshing
from app.adapters.sigstore.refreshing import TARGET
from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.roots import ConfiguredRoots
from app.cli.trust import trust
from app.domain.trust import RootSource
from app.errors import InvalidInput, SettingsError, TransientError
from app.settings_trust import TrustSettings
from app.testing.clock import FrozenClock
from tests.contract.sigstore.tuf_repository import DAY, FIRST, SECOND, Installation, Repository
from tests.unit.app.adapters.sigstore.rooted import NOW, public, root


async def test_the_root_that_tuf_verified_is_taken_and_kept(installation: Installation) -> None:
    roots = installation.roots()
    assert roots.refreshes
    assert roots.current().github is None
    assert await roots.refresh()
    assert roots.current().github == root(FIRST)
    assert installation.roots().current().github == root(FIRST)
    assert [(each.source, each.confirmed_at) for each in roots.facts[1:]] == [(RootSource.TUF, NOW)]


async def test_a_newer_root_is_taken_beside_the_old_one(
    installation: Installation, repository: Repository
) -> None:
    roots = installation.roots()
    await roots.refresh()
    repository.publish(SECOND)
    assert await roots.refresh()
    assert roots.current().github == root(SECOND)
    assert installation.store.path_of(root(FIRST).sha256).read_bytes() == FIRST


async def test_the_same_root_again_is_only_confirmed(installation: Installation) -> None:
    roots = installation.roots()
    await roots.refresh()
    installation.clock.advance(DAY)
    assert not await roots.refresh()
    assert [each.confirmed_at for each in roots.facts[1:]] == [NOW + DAY]
    assert [each.taken_at for each in roots.facts[1:]] == [NOW]


async def test_another_process_takes_up_what_one_refreshed(installation: Installation) -> None:
    waiting = installation.roots()
    await installation.roots().refresh()
    assert await waiting.reload()
    assert waiting.current().github == root(FIRST)
    assert not await waiting.reload()


async def test_what_was_imported_counts_until_tuf_gave_a_root(installation: Installation) -> None:
    installation.store.keep(root(SECOND), RootSource.IMPORT, NOW)
    roots = installation.roots()
    assert roots.current().github == root(SECOND)
    await roots.refresh()
    assert roots.current().github == root(FIRST)


async def refused(installation: Installation, said: str) -> None:
    """A refresh after a good one is refused, and the good root stays."""
    roots = installation.roots()
    with pytest.raises(InvalidInput, match=said) as error:
        await roots.refresh()
    assert error.value.code == "trust_root.unverified"
    assert roots.current().github == root(FIRST)


async def test_a_target_that_was_tampered_with_is_refused(
    installation: Installation, repository: Repository
) -> None:
    await installation.roots().refresh()
    repository.publish(SECOND)
    (repository.folder / "targets" / TARGET).write_bytes(SECOND[:-1] + b" ")
    await refused(installation, "LengthOrHashMismatch")


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
async def test_metadata_that_somebody_else_signed_is_refused(
    installation: Installation, repository: Repository, role: str
) -> None:
    await installation.roots().refresh()
    repository.signers[role] = CryptoSigner.generate_ed25519()
    repository.publish(SECOND)
    await refused(installation, "UnsignedMetadata")


async def test_metadata_that_is_frozen_is_refused(installation: Installation, repository: Repository) -> None:
    await installation.roots().refresh()
    repository.publish(SECOND, ends=datetime.now(UTC) - timedelta(hours=1))
    await refused(installation, "ExpiredMetadata")


async def test_metadata_that_was_rolled_back_is_refused(
    installation: Installation, repository: Repository
) -> None:
    repository.publish(FIRST)
    await installation.roots().refresh()
    older = Timestamp(1, expires=datetime.now(UTC) + DAY)
    repository.write("timestamp.json", "timestamp", older)
    await refused(installation, "BadVersionNumber")


async def test_a_repository_without_the_target_is_refused(
    installation: Installation, repository: Repository
) -> None:
    await installation.roots().refresh()
    repository.publish(SECOND, target="other.json")
    await refused(installation, "has no trusted_root.json")


async def test_a_verified_target_that_is_no_root_of_github_is_refused(
    installation: Installation, repository: Repository
) -> None:
    roots = installation.roots()
    await roots.refresh()
    repository.publish(public())
    with pytest.raises(InvalidInput, match=r"its authorities are of sigstore\.dev"):
        await roots.refresh()
    assert roots.current().github == root(FIRST)


async def test_a_bootstrap_of_another_repository_is_refused(
    tmp_path: Path, installation: Installation
) -> None:
    stranger = Repository(tmp_path / "stranger")
    stranger.publish(SECOND)
    foreign = Installation(tmp_path / "foreign", installation.tuf.url, stranger.bootstrap)
    with pytest.raises(InvalidInput, match="does not verify"):
        await foreign.roots().refresh()


@pytest.mark.parametrize("bootstrap", [b"", b"{}", b"no metadata"])
async def test_a_bootstrap_that_is_none_is_refused(
    tmp_path: Path, installation: Installation, bootstrap: bytes
) -> None:
    broken = Installation(tmp_path / "broken", installation.tuf.url, bootstrap)
    with pytest.raises(InvalidInput, match="does not verify"):
        await broken.roots().refresh()


async def test_offline_the_old_root_stays(installation: Installation, server: TestServer) -> None:
    roots = installation.roots()
    await roots.refresh()
    await server.close()
    with pytest.raises(TransientError, match="cannot refresh from"):
        await roots.refresh()
    assert roots.current().github == root(FIRST)
    assert installation.roots().current().github == root(FIRST)


async def test_a_redirection_is_not_followed(
    tmp_path: Path, repository: Repository, server: TestServer
) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound(str(server.make_url(request.path)))

    application = web.Application()
    application.router.add_get("/{path:.*}", elsewhere)
    redirecting = TestServer(application)
    await redirecting.start_server()
    found = Installation(tmp_path, str(redirecting.make_url("/")).rstrip("/"), repository.bootstrap)
    with pytest.raises(TransientError):
        await found.roots().refresh()
    await redirecting.close()
    assert repository.asked == []


async def test_two_processes_do_not_refresh_at_once(installation: Installation) -> None:
    roots = installation.roots()
    with installation.store.alone(), pytest.raises(TransientError, match="another process"):
        await roots.refresh()


async def test_without_a_repository_there_is_nothing_to_refresh(tmp_path: Path) -> None:
    roots = ConfiguredRoots(TrustSettings(), RootStore(tmp_path), FrozenClock(NOW))
    assert not roots.refreshes
    with pytest.raises(InvalidInput, match="HEPHAESTUS_GITHUB_TUF_ROOT"):
        await roots.refresh()


async def test_what_tuf_gave_does_not_count_once_it_is_off(installation: Installation) -> None:
    await installation.roots().refresh()
    off = ConfiguredRoots(TrustSettings(), installation.store, installation.clock)
    assert off.current().github is None


async def test_a_start_with_a_changed_root_is_refused(installation: Installation) -> None:
    await installation.roots().refresh()
    installation.store.path_of(root(FIRST).sha256).write_bytes(json.dumps(json.loads(FIRST)).encode())
    with pytest.raises(SettingsError, match="is not what was pinned"):
        installation.roots()


async def answering(
    tmp_path: Path, repository: Repository, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> str:
    """What a refresh from a server that answers everything so is refused with."""
    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    server = TestServer(application)
    await server.start_server()
    found = Installation(tmp_path, str(server.make_url("/")).rstrip("/"), repository.bootstrap)
    try:
        with pytest.raises(TransientError) as error:
            await found.roots().refresh()
    finally:
        await server.close()
    return str(error.value)


async def test_an_answer_that_does_not_end_is_cut_off(tmp_path: Path, repository: Repository) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"{" * 65_536)
        return response

    assert "DownloadLengthMismatch" in await answering(tmp_path, repository, endless)


async def test_an_answer_that_is_cut_short_is_an_outage(tmp_path: Path, repository: Repository) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{}")
        if request.transport is not None:
            request.transport.close()
        return response

    assert "cannot refresh from" in await answering(tmp_path, repository, short)


async def test_this_machine_is_never_reached_through_a_proxy(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert await installation.roots().refresh()


async def test_a_refresh_has_its_time(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "PATIENCE_S", -1.0)
    with pytest.raises(TransientError, match="it takes more than"):
        await installation.roots().refresh()


async def test_a_server_that_fails_is_an_outage(tmp_path: Path, repository: Repository) -> None:
    async def broken(_: web.Request) -> web.StreamResponse:
        raise web.HTTPBadGateway

    assert "status 502" in await answering(tmp_path, repository, broken)


def refreshed(tmp_path: Path, installation: Installation, bootstrap: Path) -> Result:
    """`hephaestus trust refresh` on the data directory of the installation."""
    environment = {
        "HEPHAESTUS_DATA_DIR": str(installation.store.folder.parent),
        "HEPHAESTUS_GITHUB_TUF_ROOT": str(bootstrap),
        "HEPHAESTUS_GITHUB_TUF_URL": installation.tuf.url,
        "HOME": str(tmp_path),
    }
    return CliRunner().invoke(trust, ["refresh", "--json"], env=environment)


async def test_the_command_takes_the_newest_root(
    tmp_path: Path, installation: Installation, repository: Repository
) -> None:
    bootstrap = tmp_path / "root.json"
    bootstrap.write_bytes(repository.bootstrap)
    result = await asyncio.to_thread(refreshed, tmp_path, installation, bootstrap)
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(each["domain"], each["source"]) for each in shown] == [
        ("public-good", "package"),
        ("github", "tuf"),
    ]
    assert shown[1]["sha256"] == root(FIRST).sha256
    assert installation.roots().current().github == root(FIRST)


async def test_a_tuf_root_that_is_not_there_is_named(tmp_path: Path, installation: Installation) -> None:
    result = await asyncio.to_thread(refreshed, tmp_path, installation, tmp_path / "nowhere.json")
    assert isinstance(result.exception, SettingsError)
    assert "HEPHAESTUS_GITHUB_TUF_ROOT is" in str(result.exception)
