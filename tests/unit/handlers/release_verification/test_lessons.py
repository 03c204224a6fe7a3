"""What verifiers of signatures got wrong before, by class of mistake: each of them is closed here.

Published ones are, for example: CVE-2026-39395 (a payload that cannot be parsed), CVE-2025-25204 (nothing is left to judge),
CVE-2026-24122 (a check is left out for one form), CVE-2026-44310 (a crash that exits with 0), and identities that are regular
expressions without an end.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.adapters.sigstore import offline_verifier
from app.cli.release import Tools, release
from app.domain.decision import Verdict
from app.domain.release import VerificationOutcome, VerificationRequest
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import Form, LocalSigstore
from handlers.release_verification.section import ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    IDENTITY,
    NOW,
    SLSA,
    TOOL,
    Outcome,
    Published,
    codes,
    hexdigest,
    signed,
)

WORLD = LocalSigstore.create(NOW)
SUBJECTS = [("tool", hexdigest(TOOL))]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("root") / "roots.jsonl"
    path.write_bytes(b"\n".join((WORLD.trusted_root_json(), WORLD.github_trusted_root_json())))
    return offline_verifier(path)


@pytest.fixture
def outcome(verifier: BundleVerifier, tmp_path: Path) -> Outcome:
    return Outcome(verifier, tmp_path)


def attested(*bundles: bytes) -> Published:
    return Published({"tool": TOOL}, {hexdigest(TOOL): list(bundles)})


@pytest.mark.parametrize("form", [Form.REKOR_V1, Form.REKOR_V2, Form.GITHUB])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"{}",
        b"not json",
        b'{"_type":"https://in-toto.io/Statement/v1","subject":[]}',
        b'{"_type":"https://in-toto.io/Statement/v1","subject":null,"predicateType":"x","predicate":{}}',
    ],
)
async def test_a_a_signed_payload_that_cannot_be_parsed_is_no_success(
    outcome: Outcome, form: Form, payload: bytes
) -> None:
    decision = await outcome.of(attested(WORLD.attest_payload(payload, IDENTITY, form)))
    assert decision.verdict in {Verdict.FAIL, Verdict.INCONCLUSIVE}


async def test_b_nothing_left_to_judge_is_no_success(outcome: Outcome) -> None:
    of_others = WORLD.attest(SUBJECTS, "https://example.com/test-result/v1", {}, IDENTITY)
    assert codes(await outcome.of(attested())) == ["UNCOVERED"]
    assert codes(await outcome.of(attested(of_others))) == ["PREDICATE"]
    only_bundles = Published({"tool.sigstore.json": WORLD.sign_artifact(TOOL, IDENTITY)})
    assert (await outcome.of(only_bundles)).verdict is Verdict.WAITING
    nobody = ReleaseVerification(signers=(Signer(predicate_types=(), plain_signatures=True),))
    statement = WORLD.attest(SUBJECTS, SLSA, {}, IDENTITY)
    assert (await outcome.of(replace(attested(statement), section=nobody))).verdict is Verdict.FAIL


@pytest.mark.parametrize("form", list(Form))
async def test_c_no_check_is_left_out_for_any_form(outcome: Outcome, form: Form) -> None:
    wrong = {
        "SOURCE_REPO": replace(IDENTITY, repository_id=666),
        "TRIGGER": replace(IDENTITY, event="schedule"),
        "TAG_MOVED": replace(IDENTITY, sha="2" * 40),
        "IDENTITY": replace(IDENTITY, workflow=".github/workflows/evil.yml"),
    }
    for code, signer in wrong.items():
        decision = await outcome.of(attested(WORLD.attest(SUBJECTS, SLSA, {}, signer, form)))
        assert (decision.verdict, codes(decision)) == (Verdict.FAIL, [code])
    other = attested(WORLD.attest([("tool", "0" * 64)], SLSA, {}, IDENTITY, form))
    assert codes(await outcome.of(other)) == ["SUBJECT_MISMATCH"]
    other_kind = attested(WORLD.attest(SUBJECTS, "https://example.com/v1", {}, IDENTITY, form))
    assert codes(await outcome.of(other_kind)) == ["PREDICATE"]


class Failing:
    """A verifier that ends in an exception."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:  # noqa: ARG002 (the port's shape)
        raise self.error


async def no_folder(folder: ReleaseFolder, hashed: Hashed) -> tuple[JudgedFile, ...]:
    raise AssertionError(f"nobody asked for {folder} and {hashed}")


@pytest.mark.parametrize(
    "error",
    [ValueError(), RecursionError(), MemoryError(), AssertionError(), KeyboardInterrupt(), SystemExit(3)],
)
def test_d_an_exception_never_exits_with_0(error: BaseException, tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(TOOL)
    (tmp_path / "bundle.json").write_bytes(WORLD.sign_artifact(TOOL, IDENTITY))
    tools = Tools(lambda: nullcontext(lambda _: Failing(error)), no_folder)
    asked = ["verify", "--artifact", str(tmp_path / "tool"), "--bundle", str(tmp_path / "bundle.json")]
    asked += ["--identity", IDENTITY.san, "--issuer", IDENTITY.issuer, "--json"]
    result = CliRunner().invoke(release, asked, obj=tools)
    assert result.exit_code != 0
    assert "verified" not in [json.loads(line)["outcome"] for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    "workflow",
    [
        ".github/workflows/releaseXyml",
        ".github/workflows/release.yml.evil",
        ".github/workflows/release.yml%0A",
        ".github/workflows/Release.yml",
        "x/.github/workflows/release.yml",
    ],
)
@pytest.mark.parametrize("pattern", [".github/workflows/release.yml", ".github/workflows/rel*.yml"])
async def test_e_what_names_a_signer_is_no_regular_expression(
    outcome: Outcome, workflow: str, pattern: str
) -> None:
    section = ReleaseVerification(signers=(Signer(workflow=pattern),))
    genuine = replace(signed(WORLD), section=section)
    assert (await outcome.of(genuine)).verdict is Verdict.PASS
    lookalike = replace(signed(WORLD, replace(IDENTITY, workflow=workflow)), section=section)
    assert codes(await outcome.of(lookalike)) == ["IDENTITY"]
