"""Row 25 of the attack list: whatever fails, nothing ends green, and once it works again the release is judged."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.adapters.sigstore import SigstoreVerifier
from app.cli.demo_world import identity
from app.domain.release import VerificationOutcome, VerificationRequest
from app.standin.github.contract import Contract
from app.standin.github.faults import Fault, Faults
from app.standin.github.releases import repository_release
from app.standin.github.releasing import Release
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import checks, serving, until
from tests.acceptance.releases.elsewhere import divert, stranger
from tests.acceptance.releases.stage import ASSET, BUNDLE, GOOD, GREEN, Scene, Stage, hexdigest, raw

PATHS = {
    "policy": "/contents/.*",
    "release": r"/releases/\d+",
    "tag": "/git/ref.*",
    "branches": "/compare/.*",
    "asset": r"/releases/assets/\d+",
    "attestations": "/attestations/.*",
}
OFTEN = (Fault.BAD_GATEWAY, Fault.CUT_BODY, Fault.NOT_FOUND, Fault.TOO_MANY_REQUESTS)
RARE = (Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.GONE, Fault.CONFLICT, Fault.SECONDARY_LIMIT)
CASES = [(fault, place) for place in PATHS for fault in OFTEN] + [(fault, "asset") for fault in RARE]
HURRY_S = 60.0


def attested(scene: Scene) -> Release:
    """A genuine release whose evidence takes every kind of request; the branch has gone on since."""
    scene.store(scene.attest())
    scene.repository.commit("main", {"b.txt": "b\n"}, "Go on")
    return scene.publish({ASSET: GOOD})


def is_green(scene: Scene) -> bool:
    return bool(scene.runs()) and scene.check().conclusion == "success"


@pytest.mark.asyncio(loop_scope="module")
async def test_no_failure_of_github_ends_green_and_all_is_judged_once_it_is_over(stage: Stage) -> None:
    faults = stage.world.github.part(Faults)
    scenes, rules, releases = {}, {}, {}
    for number, (fault, place) in enumerate(CASES):
        name = f"fault{number}"
        scene = scenes[name] = stage.scene(name)
        path = f"/(repos/{name}/tool|repositories/{scene.repository.id}){PATHS[place]}"
        rules[name] = faults.inject(fault, path=path, times=None, seconds=1)
        releases[name] = attested(scene)
    assert await until(lambda: all(rule.hits for rule in rules.values()), HURRY_S), [
        CASES[int(name.removeprefix("fault"))] for name, rule in rules.items() if not rule.hits
    ]
    assert [name for name, scene in scenes.items() if GREEN & set(scene.said())] == []
    faults.clear()
    for name, one in releases.items():
        scenes[name].touch(one)
    assert await until(lambda: all(map(is_green, scenes.values())), HURRY_S), [
        (CASES[int(name.removeprefix("fault"))], scene.words() if scene.runs() else "nothing")
        for name, scene in scenes.items()
        if not is_green(scene)
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_no_failure_of_the_storage_behind_github_ends_green(stage: Stage) -> None:
    scene = stage.scene("storage")
    diverted = divert(stage.world.github)
    addresses = {
        "closed": "http://127.0.0.1:1/bundle",
        "nowhere": "http://127.0.0.1:65536/bundle",
        "empty": "",
        "no-scheme": "//127.0.0.1/bundle",
        "file": "file:///etc/passwd",
    }
    bodies = {"no-json": b"\x05\x10hello", "cut": b"", "html": b"<html>502</html>"}
    names = [*addresses, *bodies]
    for name in names:
        scene.store(scene.attest(raw(name), name=name), raw(name))
        number = scene.repository.attestations[f"sha256:{hexdigest(raw(name))}"][0].id
        if name in addresses:
            diverted.links[rf"{number}\.json\.sn"] = addresses[name]
        else:
            diverted.bodies[rf"{number}\.json\.sn"] = bodies[name]
    one = scene.publish({name: raw(name) for name in names})
    calls = stage.world.github.part(Contract).calls
    assert await until(lambda: any("/storage/attestations/bulk-list" in call.path for call in calls))
    await asyncio.sleep(1)
    assert not GREEN & set(scene.said())
    diverted.links.clear()
    diverted.bodies.clear()
    scene.touch(one)
    assert await until(lambda: is_green(scene), HURRY_S), scene.words() if scene.runs() else "nothing"


EXCEPTIONS = (
    ValueError,
    TypeError,
    KeyError,
    RecursionError,
    MemoryError,
    OSError,
    AssertionError,
    NotImplementedError,
    UnicodeError,
    StopAsyncIteration,
    TimeoutError,
)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_exception_of_any_kind_in_the_verifier_never_ends_green(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = {kind.__name__: stage.scene(f"raises-{kind.__name__.lower()}") for kind in EXCEPTIONS}
    by_digest = {hexdigest(raw(kind.__name__)): kind for kind in EXCEPTIONS}
    raised: list[str] = []

    async def failing(self: SigstoreVerifier, request: VerificationRequest) -> VerificationOutcome:  # noqa: ARG001 (the verifier's shape)
        raised.append(by_digest[request.sha256].__name__)
        raise by_digest[request.sha256]("out of nowhere")

    releases = {}
    with monkeypatch.context() as patch:
        patch.setattr(SigstoreVerifier, "verify", failing)
        for name, scene in scenes.items():
            files = {ASSET: raw(name), BUNDLE: scene.sign(raw(name))}
            releases[name] = scene.publish(files)
        assert await until(lambda: set(raised) == set(scenes), HURRY_S)
        assert [name for name, scene in scenes.items() if GREEN & set(scene.said())] == []
    for name, scene in scenes.items():
        scene.touch(releases[name])
    assert await until(lambda: all(map(is_green, scenes.values())), HURRY_S)


async def test_a_service_that_is_killed_in_mid_download_begins_anew_and_then_judges(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    async with (
        running(world.github) as github,
        stranger(GOOD) as host,
        serving(world, tmp_path, github.url) as serve,
    ):
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        host.is_slow = True
        divert(world.github).links["slow.bin"] = host.url
        await serve.start()
        bundle = world.sigstore.sign_artifact(GOOD, identity(world, "v1", world.policy_sha))
        files = {"slow.bin": GOOD, "slow.bin.sigstore.json": bundle}
        repository_release(world.repository, "v1", files, target=world.policy_sha)
        assert await until(lambda: bool(host.asked))
        await serve.kill()
        assert [run.conclusion for run in checks(world, world.repository, world.policy_sha)] in ([], [None])
        host.is_slow = False
        await serve.start()

        def conclusions() -> list[str | None]:
            return [run.conclusion for run in checks(world, world.repository, world.policy_sha)]

        assert await until(lambda: "success" in conclusions(), HURRY_S)
        assert len(host.asked) >= 2
