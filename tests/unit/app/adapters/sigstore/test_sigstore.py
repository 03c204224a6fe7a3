from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from app.adapters.sigstore import offline_verifier
from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import TrustedRoots
from app.adapters.sigstore.trusted_root import load
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest
from app.errors import InvalidInput, TransientError
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from app.standin.sigstore.identity import GITHUB_ACTIONS

P = ParamSpec("P")
T = TypeVar("T")

ARTIFACT = b"release bytes"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
WORLD = LocalSigstore.create()
REQUEST = VerificationRequest(
    WORLD.sign_artifact(ARTIFACT, IDENTITY),
    Sha256Hex(sha256(ARTIFACT).hexdigest()),
    ExpectedIdentity(IDENTITY.san, GITHUB_ACTIONS),
)


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    path = tmp_path / "trusted_root.json"
    path.write_bytes(WORLD.trusted_root_json())
    return path


class RunHere:
    """Compute without a process."""

    def __init__(self) -> None:
        self.calls = 0

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        self.calls += 1
        return function(*args, **kwargs)


class Failing:
    """Compute whose process is killed, or that cannot start one."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:  # noqa: ARG002 (the port's shape)
        raise self.error


async def test_a_bundle_is_verified_in_a_thread_or_through_compute(root_file: Path) -> None:
    compute = RunHere()
    outcomes = [
        await offline_verifier(root_file).verify(REQUEST),
        await offline_verifier(root_file, compute=compute).verify(REQUEST),
    ]
    assert [each.outcome for each in outcomes] == [Outcome.VERIFIED, Outcome.VERIFIED]
    assert compute.calls == 1


async def test_threads_may_share_a_verifier(root_file: Path) -> None:
    shared = offline_verifier(root_file)
    outcomes = await asyncio.gather(*(shared.verify(REQUEST) for _ in range(20)))
    assert {each.outcome for each in outcomes} == {Outcome.VERIFIED}


async def test_a_judgement_that_had_to_be_killed_is_a_refusal(root_file: Path) -> None:
    compute = Failing(InvalidInput("compute.timeout", "took too long"))
    outcome = await offline_verifier(root_file, compute=compute).verify(REQUEST)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "VERIFIER_ERROR")
    assert "took too long" in outcome.reason


async def test_a_pool_that_cannot_work_is_an_error_of_ours(root_file: Path) -> None:
    compute = Failing(TransientError("compute.unavailable", "no process"))
    with pytest.raises(TransientError):
        await offline_verifier(root_file, compute=compute).verify(REQUEST)


@pytest.mark.parametrize("digest", ["", "abc", "G" * 64, "A" * 64])
async def test_a_digest_that_is_none_is_refused(root_file: Path, digest: str) -> None:
    request = VerificationRequest(REQUEST.bundle, Sha256Hex(digest), REQUEST.expected)
    outcome = await offline_verifier(root_file).verify(request)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_REQUEST")


@pytest.mark.parametrize("digest", ["", "a" * 64, "A" * 128])
async def test_a_second_digest_that_is_none_is_refused(root_file: Path, digest: str) -> None:
    request = VerificationRequest(REQUEST.bundle, REQUEST.sha256, REQUEST.expected, sha512=digest)
    outcome = await offline_verifier(root_file).verify(request)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_REQUEST")


def test_a_judgement_can_be_sent_to_another_process_and_back(root_file: Path) -> None:
    roots = TrustedRoots(load(root_file))
    function, arguments = pickle.loads(pickle.dumps((judge, (roots, REQUEST))))  # noqa: S301 (our own bytes)
    outcome = function(*arguments)
    assert pickle.loads(pickle.dumps(outcome)) == judge(roots, REQUEST)  # noqa: S301 (likewise)
