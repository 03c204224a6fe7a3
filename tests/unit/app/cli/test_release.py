"""`hephaestus release verify` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.cli.release import Tools, release
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.identity import GITHUB_ACTIONS
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.section import ReleaseVerification

ARTIFACT = b"release bytes"
DIGEST = sha256(ARTIFACT).hexdigest()
SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
WORLD = LocalSigstore.create()


async def judge_by_default_policy(folder: ReleaseFolder, hashed: Hashed) -> tuple[JudgedFile, ...]:
    section = ReleaseVerification.model_validate_json(folder.policy.read_bytes())
    sandbox = Sandbox(workers=1)
    try:
        return await judge_folder(folder, section, offline_verifier(folder.trusted_root), sandbox, hashed)
    finally:
        await sandbox.close()


TOOLS = Tools(lambda: nullcontext(offline_verifier), judge_by_default_policy)
KEYS = ["artifact", "bundle", "outcome", "code", "reason", "claims", "digest", "trusted_root_sha256"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "tool": ARTIFACT,
        "root.json": WORLD.trusted_root_json(),
        "good.json": WORLD.attest([("tool", DIGEST)], SLSA, {}, IDENTITY),
        "github.json": WORLD.attest([("tool", DIGEST)], SLSA, {}, IDENTITY, Form.GITHUB),
        "broken.json": b"{}",
    }
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(release, ["verify", *map(str, arguments)], obj=TOOLS)


def single(folder: Path, *more: str, bundle: str = "good.json", identity: str = IDENTITY.san) -> Result:
    return run(
        *("--artifact", folder / "tool", "--bundle", folder / bundle, "--identity", identity),
        *("--issuer", GITHUB_ACTIONS, "--trusted-root", folder / "root.json", *more),
    )


def batch(folder: Path, *lines: dict[str, Any] | bytes) -> tuple[Result, list[dict[str, Any]]]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (folder / "batch.jsonl").write_bytes(b"\n".join(raw))
    result = run("--batch", folder / "batch.jsonl", "--json")
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def line(**changes: object) -> dict[str, Any]:
    given = {
        "artifact": "tool",
        "bundle": "good.json",
        "identity": IDENTITY.san,
        "issuer": GITHUB_ACTIONS,
        "trusted_root": "root.json",
    }
    return {key: value for key, value in (given | changes).items() if value is not ...}


def test_a_good_bundle_exits_0_with_one_json_object_on_one_line(folder: Path) -> None:
    result = single(folder, "--json", "--claim", "build_trigger=push", "--predicate-type", SLSA)
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert list(document) == KEYS
    assert (document["outcome"], document["code"]) == ("verified", "VERIFIED")
    assert document["digest"] == f"sha256:{DIGEST}"
    assert document["trusted_root_sha256"] == sha256(WORLD.trusted_root_json()).hexdigest()
    assert {"claim": "build_trigger", "expected": "push", "actual": "push", "ok": True} in document["claims"]


def test_text_for_people_goes_to_standard_error(folder: Path) -> None:
    result = single(folder, identity=IDENTITY.san + "0")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "rejected:" in result.stderr
    assert f"expected {IDENTITY.san}0\n    found    {IDENTITY.san}\n" in result.stderr


def test_what_cannot_be_decided_exits_3(folder: Path) -> None:
    result = single(folder, "--json", bundle="github.json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (3, "unsupported")


def test_a_digest_stands_for_the_file(folder: Path) -> None:
    arguments = ["--bundle", folder / "good.json", "--identity", IDENTITY.san, "--issuer", GITHUB_ACTIONS]
    arguments += ["--trusted-root", folder / "root.json"]
    assert run(*arguments, "--digest", f"sha256:{DIGEST}").exit_code == 0
    assert run(*arguments, "--digest", "sha256:" + "0" * 64).exit_code == 1
    assert run(*arguments, "--digest", "sha512:" + "0" * 128).exit_code == 3
    assert run(*arguments, "--digest", "nonsense").exit_code == 2
    assert run(*arguments, "--digest", "sha256:" + "0" * 64, "--artifact", folder / "tool").exit_code == 1


def test_a_certificate_without_an_issuer_is_asked_for_with_a_dash(folder: Path) -> None:
    arguments = ["--bundle", folder / "good.json", "--identity", IDENTITY.san, "--issuer", "-", "--json"]
    arguments += ["--digest", f"sha256:{DIGEST}", "--trusted-root", folder / "root.json"]
    result = run(*arguments)
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "ISSUER")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give --bundle"),
        (["--claim", "x"], "NAME=VALUE"),
        (["--claim", "sha=1", "--claim", "sha=2"], "twice with different values"),
        (["--batch", "absent.jsonl"], "does not exist"),
        (["--tag", "v1"], "--tag does not go with the other options"),
        (["--dir", "."], "--artifact does not go with the other options"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(folder: Path, arguments: list[str], words: str) -> None:
    result = run(*arguments) if not arguments or arguments[0] == "--batch" else single(folder, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_folder_needs_a_policy_and_what_the_release_claims_to_be(folder: Path) -> None:
    result = run("--dir", folder, "--repository", "octo/tool")
    assert result.exit_code == 2
    assert "belong together" in result.stderr


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--bundle", "absent.json", "cannot read"),
        ("--artifact", "absent", "cannot read"),
        ("--trusted-root", "absent.json", "cannot read the trusted root"),
        ("--claim", "made_up=1", "the claims are: build_config_digest"),
    ],
)
def test_unreadable_input_exits_2(folder: Path, option: str, value: str, words: str) -> None:
    result = single(folder, option, value)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_batch_goes_on_and_exits_with_the_worst(folder: Path) -> None:
    result, documents = batch(
        folder,
        line(),
        line(bundle="github.json"),
        line(bundle="absent.json"),
        b"not json",
        b"",
        line(identity="someone else"),
        line(
            artifact=...,
            digest=f"sha256:{DIGEST}",
            claims={"source_repository_id": 1001, "predicate_type": SLSA},
        ),
    )
    assert [document["code"] for document in documents] == [
        "VERIFIED",
        "TRUST_ROOT_ABSENT",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "IDENTITY",
        "VERIFIED",
    ]
    assert all(list(document) == KEYS for document in documents)
    assert result.exit_code == 1


@pytest.mark.parametrize("raw", [b"[]", b"3", b"null", b"{", b'{"bundle": 1, "bundle": 2}'])
def test_a_line_of_a_batch_that_is_no_object_is_named(folder: Path, raw: bytes) -> None:
    _, (_, document) = batch(folder, line(), raw)
    assert document["reason"].startswith("line 2 is not a JSON object")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{}], 0),
        ([{}, {"bundle": "github.json"}], 3),
        ([{"bundle": "github.json"}, {"bundle": "absent.json"}], 2),
        ([{"bundle": "absent.json"}, {"bundle": "broken.json"}], 1),
    ],
)
def test_the_exit_code_is_1_before_2_before_3_before_0(
    folder: Path, lines: list[dict[str, object]], code: int
) -> None:
    result, documents = batch(folder, *(line(**changes) for changes in lines))
    assert (result.exit_code, len(documents)) == (code, len(lines))


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": ...},
        {"identity": None},
        {"identity": ""},
        {"issuer": ...},
        {"issuer": None},
        {"artifact": ...},
        {"artifact": None, "digest": None},
        {"claims": {"made_up": "x"}},
        {"claims": {"sha": None}},
        {"claims": []},
        {"unknown": 1},
        {"predicate_type": "other"},
        {"trusted_root": "staging"},
        {"trusted_root": "tool"},
    ],
)
def test_what_is_left_out_or_unknown_never_verifies(folder: Path, changes: dict[str, object]) -> None:
    result, documents = batch(folder, line(**changes))
    assert [document["outcome"] for document in documents] == ["rejected"]
    assert result.exit_code in {1, 2}


def test_an_empty_batch_is_wrong_usage(folder: Path) -> None:
    result, documents = batch(folder)
    assert (result.exit_code, documents) == (2, [])


def test_a_line_with_a_key_twice_is_refused(folder: Path) -> None:
    result, documents = batch(folder, b'{"bundle": "good.json", "bundle": "broken.json"}')
    assert (result.exit_code, documents[0]["code"]) == (2, "INVALID_REQUEST")


def test_a_name_cannot_write_lines_of_its_own(folder: Path) -> None:
    (folder / "a\nverified: b\x1b[2J").write_bytes(ARTIFACT + b"!")
    result = run(
        *("--artifact", folder / "a\nverified: b\x1b[2J", "--bundle", folder / "good.json", "--issuer", "-"),
        *("--identity", "x", "--trusted-root", folder / "root.json"),
    )
    assert "\x1b" not in result.stderr
    assert not any(text.startswith("verified") for text in result.stderr.splitlines())


def on_disk(folder: Path, policy: dict[str, object], *more: object, **files: bytes) -> Result:
    release = folder / "release"
    release.mkdir()
    for name, raw in files.items():
        (release / name.replace("__", ".")).write_bytes(raw)
    (folder / "policy").write_text(json.dumps(policy), encoding="utf-8")
    return run(
        *("--policy", folder / "policy", "--dir", release, "--repository", "octo/tool", "--tag", "v1.0.0"),
        *("--commit", "1" * 40, "--trusted-root", folder / "root.json", "--json", *more),
    )


def test_a_release_on_disk_is_judged_file_by_file(folder: Path) -> None:
    bundle = (folder / "good.json").read_bytes()
    result = on_disk(
        folder, {}, "--repository-id", 1001, tool=ARTIFACT, extra=b"x", tool__sigstore__json=bundle
    )
    documents = [json.loads(text) for text in result.stdout.splitlines()]
    assert [(each["artifact"], each["code"], each["bundle"]) for each in documents] == [
        ("extra", "UNCOVERED", None),
        ("tool", "VERIFIED", "tool.sigstore.json"),
    ]
    assert all(list(each) == KEYS for each in documents)
    assert result.exit_code == 1


def test_a_changed_file_on_disk_is_tampered(folder: Path) -> None:
    bundle = (folder / "good.json").read_bytes()
    result = on_disk(folder, {}, tool=ARTIFACT + b"!", tool__sigstore__json=bundle)
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "TAMPERED")


def test_another_repository_number_on_disk_is_refused(folder: Path) -> None:
    bundle = (folder / "good.json").read_bytes()
    result = on_disk(folder, {}, "--repository-id", 7, tool=ARTIFACT, tool__sigstore__json=bundle)
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "SOURCE_REPO")


@pytest.mark.parametrize("files", [{}, {"notes": b"x"}])
def test_a_folder_with_nothing_to_judge_is_undecided(folder: Path, files: dict[str, bytes]) -> None:
    result = on_disk(folder, {"exempt": ["notes"]}, **files)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "That is not a pass" in result.stderr


def test_a_folder_with_a_link_is_refused(folder: Path) -> None:
    (folder / "release").mkdir()
    (folder / "release" / "tool").symlink_to(folder / "tool")
    (folder / "policy").write_text("{}", encoding="utf-8")
    result = run(
        *("--policy", folder / "policy", "--dir", folder / "release", "--repository", "octo/tool"),
        *("--tag", "v1.0.0", "--commit", "1" * 40, "--trusted-root", folder / "root.json"),
    )
    assert result.exit_code == 2
    assert "is not a file" in result.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--commit", "HEAD"), ("--repository", "tool"), ("--repository-id", "0")]
)
def test_what_names_a_release_must_be_exact(folder: Path, option: str, value: str) -> None:
    assert on_disk(folder, {}, option, value, tool=ARTIFACT).exit_code == 2


@pytest.mark.corpus
def test_the_corpus_as_a_batch(corpus: Path, tmp_path: Path) -> None:
    cases = json.loads((corpus / "sigstore" / "index.json").read_bytes())["cases"]
    inside = corpus / "sigstore"
    lines = [
        {
            "artifact": str(inside / case["artifact"]) if case["artifact"] else None,
            "digest": case["digest"],
            "bundle": str(inside / case["path"]),
            "identity": case["identity"],
            "issuer": case.get("issuer"),
            "claims": case.get("policy"),
            "trusted_root": case["trust_root"]
            if case["trust_root"] in {"production", "staging"}
            else str(inside / case["trust_root"]),
        }
        for case in cases
    ]
    result, documents = batch(tmp_path, *lines)
    outcomes = {"valid": "verified", "invalid": "rejected", "unsupported": "unsupported"}
    assert [each["outcome"] for each in documents] == [outcomes[case["expected"]] for case in cases]
    assert result.exit_code == 1
