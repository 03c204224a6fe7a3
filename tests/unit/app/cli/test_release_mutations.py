"""Whatever is changed in a genuine bundle, `release verify` does not call it verified, but where no signature covers it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.sigstore import offline_verifier
from app.cli.release import Tools, release
from app.domain.ids import CommitSha
from app.domain.release import Outcome
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.section import ReleaseVerification
from tests.unit.app.adapters.sigstore.mutants import Path_, at, differences, mutants

P = ParamSpec("P")
T = TypeVar("T")
ARTIFACT = b"release bytes"
WORLD = LocalSigstore.create()
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
SUBJECT = ("tool", sha256(ARTIFACT).hexdigest())
STAMPS: Path_ = ("verificationMaterial", "timestampVerificationData")
ENTRY: Path_ = ("verificationMaterial", "tlogEntries", 0)
ANYWHERE: tuple[Path_, ...] = (("mediaType",), ("dsseEnvelope", "signatures", 0, "keyid"))
NOT_COVERED: dict[Form, tuple[Path_, ...]] = {
    Form.REKOR_V1: (*ANYWHERE, STAMPS),
    Form.REKOR_V2: (*ANYWHERE, STAMPS, (*ENTRY, "logIndex"), (*ENTRY, "logId", "keyId")),
}
"""What no signature covers, as docs/reference/release-codes.md lists it: hints, and what lies around a timestamp."""
GENUINE = {
    form: WORLD.attest([SUBJECT], "https://slsa.dev/provenance/v1", {}, IDENTITY, form)
    for form in NOT_COVERED
}


async def no_folder(folder: ReleaseFolder, hashed: Hashed) -> tuple[JudgedFile, ...]:
    raise AssertionError(f"nobody asked for {folder} and {hashed}")


TOOLS = Tools(lambda: nullcontext(offline_verifier), no_folder)


def is_covered(form: Form, mutant: bytes) -> bool:
    """Whether anything differs that a signature covers; of a checkpoint, lines of other signers may differ."""
    try:
        changed = json.loads(mutant)
    except ValueError:
        return True
    paths = [
        path
        for path in differences(json.loads(GENUINE[form]), changed)
        if not is_same_note(path, form, changed)
    ]
    return any(not any(path[: len(each)] == each for each in NOT_COVERED[form]) for path in paths)


def is_same_note(path: Path_, form: Form, changed: dict[str, Any]) -> bool:
    if path[-2:] != ("checkpoint", "envelope"):
        return False
    documents = (json.loads(GENUINE[form]), changed)
    notes = [str(at(document, path)).partition("\n\n")[0] for document in documents]
    return notes[0] == notes[1]


@pytest.mark.parametrize("form", NOT_COVERED)
def test_no_changed_field_of_a_bundle_is_printed_as_verified(form: Form, tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(ARTIFACT)
    (tmp_path / "root.json").write_bytes(WORLD.trusted_root_json())
    changed = [GENUINE[form], *(json.dumps(each).encode() for _, each in mutants(json.loads(GENUINE[form])))]
    lines = []
    for number, raw in enumerate(changed):
        (tmp_path / f"{number}.json").write_bytes(raw)
        line = {"artifact": "tool", "bundle": f"{number}.json", "trusted_root": "root.json"}
        lines.append(json.dumps(line | {"identity": IDENTITY.san, "issuer": IDENTITY.issuer}))
    (tmp_path / "batch.jsonl").write_text("\n".join(lines))
    asked = ["verify", "--batch", str(tmp_path / "batch.jsonl"), "--json"]
    result = CliRunner().invoke(release, asked, obj=TOOLS)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, len(told)) == (1, len(changed))
    assert told[0]["outcome"] == "verified"
    assert len(changed) > 100
    wrong = [
        raw
        for raw, line in zip(changed, told, strict=True)
        if line["outcome"] == "verified" and is_covered(form, raw)
    ]
    assert wrong == []
    assert {line["code"] for line in told} & {"VERIFIER_ERROR"} == set()


class Here:
    """Reads strangers' bytes in this process, as a test may."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    root = tmp_path_factory.mktemp("root") / "root.json"
    root.write_bytes(WORLD.trusted_root_json())
    return offline_verifier(root)


def judged(folder: Path, verifier: BundleVerifier) -> list[Outcome]:
    asked = ReleaseFolder(folder, folder, "octo/tool", 1001, "v1.0.0", CommitSha("1" * 40), "production")
    found = asyncio.run(judge_folder(asked, ReleaseVerification(), verifier, Here(), lambda _: None))
    return [each.outcome.outcome for each in found if each.outcome is not None and each.artifact == "tool"]


@given(data=st.data())
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_change_of_a_bundles_bytes_in_a_folder_covers_its_asset(
    data: st.DataObject, verifier: BundleVerifier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    form = data.draw(st.sampled_from(list(NOT_COVERED)))
    raw = bytearray(GENUINE[form])
    start = data.draw(st.integers(0, len(raw) - 1))
    end = min(len(raw), start + data.draw(st.integers(0, 3)))
    raw[start:end] = data.draw(st.binary(max_size=3))
    folder = tmp_path_factory.mktemp("release")
    (folder / "tool").write_bytes(ARTIFACT)
    (folder / "tool.sigstore.json").write_bytes(raw)
    (outcome,) = judged(folder, verifier)
    assert outcome is not Outcome.VERIFIED or not is_covered(form, bytes(raw))


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_change_of_the_assets_own_bytes_is_covered(
    data: st.DataObject, verifier: BundleVerifier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    form = data.draw(st.sampled_from(list(NOT_COVERED)))
    changed = data.draw(st.binary(min_size=1, max_size=30).filter(lambda raw: raw != ARTIFACT))
    folder = tmp_path_factory.mktemp("release")
    (folder / "tool").write_bytes(changed)
    (folder / "tool.sigstore.json").write_bytes(GENUINE[form])
    assert judged(folder, verifier) == [Outcome.REJECTED]
