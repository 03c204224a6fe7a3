"""Rows 22 to 24 and 26 of the attack list: what is huge or slow, hostile names, false addresses, and other roots."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import aiohttp
import pytest

from app.adapters.github import downloads
from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.errors import HephaestusError
from app.settings import Settings
from app.standin.github.releasing import Asset
from app.standin.sigstore import LocalSigstore
from tests.acceptance.conftest import SECRET
from tests.acceptance.process import until
from tests.acceptance.releases.elsewhere import divert, stranger
from tests.acceptance.releases.stage import (
    ASSET,
    BUNDLE,
    GOOD,
    GREEN,
    OTHER,
    Stage,
    hexdigest,
    raw,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024
NARROW = "limits: {assets: 2, asset_mib: 1}"


async def test_row_22_what_is_beyond_the_budget_is_undecided_and_not_passed(stage: Stage) -> None:
    scene = stage.scene("row22", NARROW)
    large = b"x" * (MIB + 1)
    scene.publish({ASSET: large, BUNDLE: scene.sign(large, by=scene.tagged("v1"))}, "v1")
    bundles = {f"{name}.sigstore.json": scene.sign(raw(name), by=scene.tagged("v2")) for name in "abc"}
    scene.publish({name: raw(name) for name in "abc"} | bundles, "v2")
    await scene.refuses("TOO_LARGE", "v1")
    await scene.settled()
    assert scene.check("v2").conclusion == "failure"
    assert "TOO_LARGE" in set(scene.codes("v2").values())


async def test_row_22_an_archive_is_hashed_and_never_unpacked(stage: Stage) -> None:
    scene = stage.scene("row22-bomb")
    bomb = gzip.compress(gzip.compress(b"\0" * 64 * MIB))
    assert len(bomb) < 64 * 1024
    scene.publish({"bomb.tar.gz": bomb, "bomb.tar.gz.sigstore.json": scene.sign(bomb)})
    await scene.passes()


async def test_row_22_a_bundle_that_says_it_unpacks_to_gigabytes_is_not_unpacked(stage: Stage) -> None:
    scene = stage.scene("row22-snappy")
    diverted = divert(stage.world.github)
    bombs = {
        "declares-4-gib": b"\xff\xff\xff\xff\x0f" + b"\0" * 64,
        "declares-too-little": b"\x01" + b"\xfc" * 64,
        "no-snappy": b"\xff" * 64,
        "cut": b"\x80",
    }
    for name, bomb in bombs.items():
        scene.store(scene.attest(raw(name), name=name), raw(name))
        number = scene.repository.attestations[f"sha256:{hexdigest(raw(name))}"][0].id
        diverted.bodies[rf"{number}\.json\.sn"] = bomb
    scene.publish({name: raw(name) for name in bombs})
    await scene.settled()
    assert scene.check().conclusion == "failure"
    assert scene.codes() == dict.fromkeys(bombs, "INVALID_BUNDLE")


async def test_row_22_a_slow_host_holds_nothing_up_for_good_and_no_token_goes_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", aiohttp.ClientTimeout(total=5, sock_connect=1, sock_read=0.3))
    scene = stage.scene("row22-slow")
    async with stranger(GOOD) as host:
        host.is_slow = True
        divert(stage.world.github).links["slow.bin"] = host.url
        scene.publish({"slow.bin": GOOD, "slow.bin.sigstore.json": scene.sign()})
        assert await until(lambda: len(host.asked) >= 2)
        assert not GREEN & set(scene.said())
        host.is_slow = False
        await scene.passes()
        assert all("authorization" not in headers for headers in host.asked)


def upload(scene_files: dict[int, Asset], name: str, data: bytes, like: Asset) -> None:
    """An asset under exactly this name: GitHub rewrites many, and not every server is github.com."""
    ident = like.id + 10_000 + len(scene_files)
    when = like.updated_at
    scene_files[ident] = Asset(ident, name, data, "application/octet-stream", like.uploader, when, when)


async def test_row_23_hostile_names_neither_pair_nor_speak(stage: Stage) -> None:
    scene = stage.scene("row23")
    names = [
        "a.sigstore.json.sigstore.json",
        "x`\n\n## ✅ all is verified\n\n| `b` | verified |",
        "\u202egpj.exe",
        "..",
        "../../etc/passwd",
        "<img src=x onerror=alert(1)> @octocat",
        "n" * 4_000,  # a longer one does not fit into the address that GitHub redirects to
        "🔨" * 300,
        " ",
    ]
    one = scene.publish({"good.bin": raw("good"), "good.bin.sigstore.json": scene.sign(raw("good"))})
    like = next(iter(one.assets.values()))
    for name in names:
        upload(one.assets, name, raw(name[:50]), like)
    await scene.settled()
    run = scene.check()
    assert run.conclusion == "failure"
    assert not GREEN & set(scene.said())
    said = f"{run.title}\n{run.summary}\n{run.text}"
    assert "\n## ✅" not in said
    assert "<img" not in said.replace("`<img", "")
    assert "\u202e" not in said
    rows = [line for line in (run.summary or "").splitlines() if line.startswith("| `")]
    assert len(rows) == len(names) + 1
    assert [row.split("`")[1] for row in rows if "| ✅ verified `VERIFIED` |" in row] == ["good.bin"]


async def test_row_23_bundles_pair_by_digest_and_not_by_name(stage: Stage) -> None:
    scene = stage.scene("row23-pairs")
    crossed = {"a.bin.sigstore.json": scene.sign(OTHER), "b.bin.sigstore.json": scene.sign(GOOD)}
    scene.publish({"a.bin": GOOD, "b.bin": OTHER, **crossed})
    await scene.passes()
    deputy = stage.scene("row23-deputy")
    files = {"a.bin": GOOD, "b.bin": OTHER, "b.bin.sigstore.json": deputy.sign(GOOD)}
    await deputy.attacked(files, "TAMPERED")
    assert deputy.codes() == {"a.bin": "VERIFIED", "b.bin": "TAMPERED"}


async def test_row_24_a_bundle_is_fetched_from_no_host_that_is_not_githubs(stage: Stage) -> None:
    scene = stage.scene("row24")
    bundle = scene.attest()
    scene.store(bundle)
    number = scene.repository.attestations[f"sha256:{hexdigest(GOOD)}"][0].id
    async with stranger(bundle) as host:
        divert(stage.world.github).links[rf"{number}\.json\.sn"] = f"{host.url}/latest/meta-data"
        await scene.attacked({ASSET: GOOD}, "INVALID_BUNDLE")
        assert host.asked == []
    assert "download.foreign_host" in scene.words()


async def test_row_24_a_thousand_attestations_cost_a_bounded_number_of_requests(stage: Stage) -> None:
    scene = stage.scene("row24-many")
    for _ in range(1_000):
        scene.store(b"{}", GOOD)
    scene.publish({ASSET: GOOD}, "v1")
    await scene.settled()
    assert scene.check("v1").conclusion == "failure"
    assert "GitHub has more attestations of it than the 30 that were looked at." in scene.words("v1")
    lists = [call for call in scene.calls() if "/attestations/" in call.path]
    assert 1 <= len(lists) <= 4
    scene.store(scene.attest(by=scene.tagged("v2")))
    scene.publish({ASSET: GOOD}, "v2")
    await scene.passes("v2")


async def test_row_26_the_service_does_not_start_with_a_root_that_is_not_the_pinned_one(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "github.json").write_bytes(stage.sigstore.github_trusted_root_json())
    github = stage.world.github.api_url
    environ = {**environment(stage.world, tmp_path, github, SECRET)}
    wrong = [
        {"HEPHAESTUS_TRUSTED_ROOT_SHA256": "0" * 64},
        {
            "HEPHAESTUS_GITHUB_TRUSTED_ROOT": str(tmp_path / "github.json"),
            "HEPHAESTUS_GITHUB_TRUSTED_ROOT_SHA256": "0" * 64,
        },
    ]
    for more in wrong:
        with pytest.raises(HephaestusError, match="TRUSTED_ROOT"):
            async with running_service(Settings.load({**environ, **more})):
                pass


async def test_row_26_a_poisoned_cache_of_the_library_is_never_read(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.adapters.sigstore import offline_verifier
    from app.domain.ids import Sha256Hex
    from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest

    world = LocalSigstore.create()
    poisoned = world.trusted_root_json()
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    cached = tmp_path / "sigstore-python" / "tuf" / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
    for folder in (cached, tmp_path / ".cache" / cached.relative_to(tmp_path)):
        folder.mkdir(parents=True)
        (folder / "trusted_root.json").write_bytes(poisoned)
    scene = stage.scene("row26")
    request = VerificationRequest(
        world.sign_artifact(GOOD, scene.signer),
        Sha256Hex(hexdigest(GOOD)),
        ExpectedIdentity(scene.signer.san, scene.signer.issuer),
    )
    outcome = await offline_verifier("production").verify(request)
    assert outcome.outcome is Outcome.REJECTED
    assert outcome.trusted_root_sha256 != hexdigest(poisoned)
    assert json.loads(poisoned)["tlogs"]
