"""A release on disk: whose bytes are read where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.domain.ids import CommitSha
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.errors import InvalidInput
from app.ports.compute import Compute
from app.standin.sigstore import LocalSigstore
from app.standin.sigstore.envelope import PublishedRelease
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.pairing import candidates
from handlers.release_verification.section import ReleaseVerification
from tests.unit.handlers.release_verification.published import COMMIT, IDENTITY, TOOL, hexdigest

P = ParamSpec("P")
T = TypeVar("T")


class Watched:
    """A sandbox that tells what was run in it; `refusal` is what becomes of everything."""

    def __init__(
        self, sandbox: Sandbox, refusal: InvalidInput | None = None, *, run_here: bool = False
    ) -> None:
        self.ran: list[object] = []
        self._runs_here = run_here
        self._sandbox = sandbox
        self._refusal = refusal

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        self.ran.append(function)
        if self._refusal is not None:
            raise self._refusal
        if self._runs_here:
            return function(*args, **kwargs)
        return await self._sandbox.run(function, *args, **kwargs)


def nobody(_: int) -> None:
    """Nobody looks how far it is."""


async def judged(
    folder: Path,
    compute: Compute,
    sigstore: LocalSigstore,
    hashed: Hashed = nobody,
    bundle: bytes = b"",
    section: ReleaseVerification | None = None,
) -> tuple[JudgedFile, ...]:
    roots = (sigstore.trusted_root_json(), sigstore.github_trusted_root_json())
    (folder / "root.json").write_bytes(b"\n".join(roots))
    release = folder / "release"
    release.mkdir()
    (release / "tool").write_bytes(TOOL)
    (release / "tool.sigstore.json").write_bytes(bundle or sigstore.sign_artifact(TOOL, IDENTITY))
    asked = ReleaseFolder(
        folder / "policy", release, "octo/tool", None, "v1.0.0", CommitSha(COMMIT), folder / "root.json"
    )
    verifier = offline_verifier(folder / "root.json")
    return await judge_folder(asked, section or ReleaseVerification(), verifier, compute, hashed)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create()


async def test_what_looks_like_a_bundle_is_read_where_it_can_be_killed(
    tmp_path: Path, sigstore: LocalSigstore
) -> None:
    sandbox = Sandbox(workers=1)
    try:
        compute = Watched(sandbox)
        (tool,) = await judged(tmp_path, compute, sigstore)
    finally:
        await sandbox.close()
    assert compute.ran == [candidates]
    assert tool.outcome is not None
    assert (tool.artifact, tool.outcome.code) == ("tool", "VERIFIED")


async def test_a_file_that_kills_its_reader_is_no_bundle_and_covers_nothing(
    tmp_path: Path, sigstore: LocalSigstore
) -> None:
    compute = Watched(Sandbox(workers=1), InvalidInput("compute.memory", "too much"))
    found = await judged(tmp_path, compute, sigstore)
    codes = {each.artifact: each.outcome.code for each in found if each.outcome}
    assert codes == {"tool": "UNCOVERED", "tool.sigstore.json": "UNCOVERED"}


async def test_how_far_it_is_is_told_in_bytes(tmp_path: Path, sigstore: LocalSigstore) -> None:
    sandbox, pieces = Sandbox(workers=1), list[int]()
    try:
        await judged(tmp_path, sandbox, sigstore, pieces.append)
    finally:
        await sandbox.close()
    assert sum(pieces) == sum(path.stat().st_size for path in (tmp_path / "release").iterdir())


def released(sigstore: LocalSigstore, tag: str = "v1.0.0") -> bytes:
    """GitHub's attestation of the release."""
    release = PublishedRelease(
        repository="octo/tool",
        tag=tag,
        commit=COMMIT,
        release_id=11,
        repository_id=1001,
        owner_id=2002,
        assets=[("tool", hexdigest(TOOL))],
    )
    return sigstore.attest_release(release.statement())


@pytest.mark.parametrize(
    ("tag", "section", "code"),
    [
        ("v1.0.0", {"assets": [{"files": ["*"], "least": "release-attested"}]}, "VERIFIED"),
        ("v1.0.0", {"assets": [{"files": ["*"], "needs": ["release-attestation"]}]}, "VERIFIED"),
        ("v1.0.1", {"assets": [{"files": ["*"], "least": "release-attested"}]}, "REF"),
        ("v1.0.0", {}, "IDENTITY"),
        (
            "v1.0.0",
            {"assets": [{"files": ["*"], "needs": ["release-attestation", "provenance"]}]},
            "UNCOVERED",
        ),
    ],
)
async def test_githubs_attestation_of_the_release_counts_only_where_a_rule_takes_it(
    tmp_path: Path, sigstore: LocalSigstore, tag: str, section: dict[str, Any], code: str
) -> None:
    compute = Watched(Sandbox(workers=1), run_here=True)
    policy = ReleaseVerification.model_validate(section)
    (tool,) = await judged(tmp_path, compute, sigstore, bundle=released(sigstore, tag), section=policy)
    assert tool.outcome is not None
    assert tool.outcome.code == code


async def test_a_source_branch_is_taken_to_be_protected_where_nobody_can_be_asked(
    tmp_path: Path, sigstore: LocalSigstore
) -> None:
    compute = Watched(Sandbox(workers=1), run_here=True)
    section = ReleaseVerification.model_validate({"signers": [{"source_ref": "refs/heads/main"}]})
    bundle = sigstore.sign_artifact(TOOL, replace(IDENTITY, ref="refs/heads/main"))
    (tool,) = await judged(tmp_path, compute, sigstore, bundle=bundle, section=section)
    assert tool.outcome is not None
    assert tool.outcome.code == "VERIFIED"
