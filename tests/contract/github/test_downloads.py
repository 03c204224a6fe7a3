from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from app.domain.ids import Sha256Hex
from app.domain.release import Attestation
from app.errors import Gone, InvalidInput, NotFound, TransientError
from app.standin.github.attestations import add_attestation
from app.standin.github.downloads import Downloads as Blobs
from app.standin.github.faults import Fault, Faults
from app.standin.github.releases import repository_release
from app.standin.github.workflows import latest_jobs
from tests.contract.github.seeds import failed_run
from tests.contract.github.servers import OURS, certificate, scripted, serving

if TYPE_CHECKING:
    from pathlib import Path

    from app.domain.release import Asset
    from app.ports.artifacts import Downloads
    from tests.contract.github.conftest import Client

LOG = b"##[error]boom\n" * 100_000
DIGEST = Sha256Hex("ab" * 32)
SUBJECT = f"sha256:{DIGEST}"
MANY = 64 * 1024 * 1024


def downloads(client: Client) -> Downloads:
    return client.github.downloads(client.repository)


def failed_job(client: Client) -> int:
    run = failed_run(client.world, LOG)
    return latest_jobs(client.world.anvil, run)[1].id


async def asset(client: Client, data: bytes) -> Asset:
    made = repository_release(client.world.anvil, "v1", {"a.bin": data})
    release = await client.reader.release(made.id)
    assert release is not None
    return release.assets[0]


async def test_a_log_is_streamed_to_a_file_hashed_and_removed_afterwards(client: Client) -> None:
    job = failed_job(client)
    async with downloads(client).job_log(job, MANY) as found:
        data = found.path.read_bytes()
        assert (found.size_bytes, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert data.count(b"##[error]boom") == 100_000
    assert not found.path.parent.exists()


async def test_an_artifact_has_the_digest_that_github_gave(client: Client) -> None:
    failed_job(client)
    (run,) = await client.reader.workflow_runs((await client.reader.default_branch()).sha)
    (artifact,) = await client.reader.artifacts(run.id)
    async with downloads(client).artifact(artifact, MANY) as found:
        assert found.sha256 == artifact.sha256


async def test_an_asset_comes_whole(client: Client) -> None:
    one = await asset(client, b"\x00\xff" * 500_000)
    async with downloads(client).asset(one, MANY) as found:
        assert (found.size_bytes, found.sha256) == (1_000_000, one.sha256)


@pytest.mark.parametrize("limit", [1, 999])
async def test_more_bytes_than_allowed_are_refused_and_nothing_is_left(client: Client, limit: int) -> None:
    one = await asset(client, b"x" * 1_000)
    with pytest.raises(InvalidInput, match=r"download\.too_large"):
        async with downloads(client).asset(one, limit):
            pytest.fail("given out")
    assert list(client.github._scratch.folder.rglob("body")) == []


async def test_an_asset_of_another_size_than_listed_is_refused(client: Client) -> None:
    one = await asset(client, b"x" * 1_000)
    (stored,) = next(iter(client.world.anvil.releases.values())).assets.values()
    stored.data = b"y" * 999
    with pytest.raises(InvalidInput, match=r"download\.size_mismatch"):
        async with downloads(client).asset(one, MANY):
            pytest.fail("given out")


async def test_an_expired_link_is_replaced_by_a_fresh_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = failed_job(client)
    genuine, made = Blobs.sign, []

    def first_is_dead(self: Blobs, name: str, expires: str) -> str:
        made.append(name)
        return "dead" if len(made) == 1 else genuine(self, name, expires)

    monkeypatch.setattr(Blobs, "sign", first_is_dead)
    async with downloads(client).job_log(job, MANY) as found:
        assert found.size_bytes > 0


async def test_a_log_that_is_no_longer_kept_is_gone(client: Client) -> None:
    job = failed_job(client)
    client.world.github.part(Faults).inject(Fault.GONE, path=".*/logs")
    with pytest.raises(Gone):
        async with downloads(client).job_log(job, MANY):
            pytest.fail("given out")


async def test_what_does_not_exist_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        async with downloads(client).job_log(99, MANY):
            pytest.fail("given out")


async def test_a_fresh_token_is_offered_again_for_downloads_too(client: Client) -> None:
    job = failed_job(client)
    client.world.github.settings.token_replication_delay = timedelta(seconds=0.4)
    async with downloads(client).job_log(job, MANY) as found:
        assert found.size_bytes > 0


async def test_a_bundle_is_fetched_without_a_token_and_unpacked(client: Client) -> None:
    bundle = {"mediaType": "x", "verificationMaterial": {}}
    add_attestation(
        client.world.anvil, bundle, digests=[f"sha256:{DIGEST}"], predicate_type="https://p.example"
    )
    (one,) = (await client.reader.attestations_of((SUBJECT,)))[SUBJECT].found
    assert json.loads(await downloads(client).bundle(one, 10_000)) == bundle
    with pytest.raises(InvalidInput, match=r"download\.too_large"):
        await downloads(client).bundle(one, 20)


async def test_a_bundle_behind_a_dead_link_may_be_listed_again(client: Client) -> None:
    add_attestation(client.world.anvil, {}, digests=[f"sha256:{DIGEST}"], predicate_type="https://p.example")
    (one,) = (await client.reader.attestations_of((SUBJECT,)))[SUBJECT].found
    client.world.clock.offset = timedelta(hours=2)
    with pytest.raises(TransientError, match="link_expired"):
        await downloads(client).bundle(one, 10_000)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "gopher://x"])
async def test_an_address_that_is_not_the_webs_is_refused(client: Client, url: str) -> None:
    with pytest.raises(InvalidInput, match=r"download\.insecure"):
        await downloads(client).bundle(Attestation(None, url), 10_000)


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "https://localhost/x", "https://169.254.169.254/x"]
)
async def test_a_bundle_at_a_host_that_is_not_githubs_is_refused(client: Client, url: str) -> None:
    with pytest.raises(InvalidInput, match=r"download\.foreign_host"):
        await downloads(client).bundle(Attestation(None, url), 10_000)


async def test_an_attestation_without_bundle_and_address_is_refused(client: Client) -> None:
    with pytest.raises(InvalidInput):
        await downloads(client).bundle(Attestation(None, None), 10_000)


async def test_both_steps_of_a_download_are_told_to_metrics_without_the_link(client: Client) -> None:
    one = await asset(client, b"x" * 1_000)
    client.seen.clear()
    async with downloads(client).asset(one, MANY):
        first, second = client.seen
    assert (first.route, first.status, first.downloaded_bytes) == (
        "/repos/{owner}/{repo}/releases/assets/{id}",
        302,
        0,
    )
    assert first.remaining is not None
    assert (second.route, second.status, second.downloaded_bytes) == ("(download host)", 200, 1_000)


async def test_a_clients_downloads_end_with_it(client: Client) -> None:
    folder = client.github._scratch.folder
    await client.github.aclose()
    assert not folder.exists()


async def test_bytes_without_an_announced_length_are_cut_at_the_limit(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 1_000)
        return response

    async with scripted(answer, app_keys[0], tmp_path) as world:
        with pytest.raises(InvalidInput, match=r"download\.too_large"):
            async with world.github.downloads(OURS).job_log(1, 50_000):
                pytest.fail("given out")
        assert list(world.github._scratch.folder.rglob("body")) == []


async def test_a_download_never_goes_on_from_https_to_http(app_keys: tuple[str, Any], tmp_path: Path) -> None:
    asked: list[str] = []

    async def plain(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"log")

    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{plain_url}/log"})

    application = web.Application()
    application.add_routes([web.get("/log", plain)])
    async with (
        serving(application) as plain_url,
        scripted(moved, app_keys[0], tmp_path, certificate(tmp_path)) as world,
    ):
        with pytest.raises(InvalidInput, match=r"download\.insecure"):
            async with world.github.downloads(OURS).job_log(1, MANY):
                pytest.fail("given out")
    assert asked == []
