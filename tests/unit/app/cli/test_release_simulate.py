"""`hephaestus release simulate` over releases on disk: what is listed, what is said, and how it exits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli.release import release
from app.cli.release_simulate import as_text, exit_code
from app.domain.ids import CommitSha
from app.domain.simulations import SimulatedAsset, SimulatedRelease, Simulation
from app.standin.sigstore import GitHubIdentity, LocalSigstore

TOOL = b"release bytes"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
POLICY = "version: 1\nrelease_verification: {signers: [{workflow: .github/workflows/release.yml}]}\n"
WORLD = LocalSigstore.create()


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: the first by the release workflow, the second by another one."""
    folder = tmp_path_factory.mktemp("releases")
    (folder / "root.json").write_bytes(WORLD.trusted_root_json())
    lines = []
    for tag, workflow in (("v2", "release.yml"), ("v1", "old.yml")):
        identity = replace(IDENTITY, ref=f"refs/tags/{tag}", workflow=f".github/workflows/{workflow}")
        (folder / tag).mkdir()
        (folder / tag / "tool").write_bytes(TOOL)
        (folder / tag / "tool.sigstore.json").write_bytes(WORLD.sign_artifact(TOOL, identity))
        lines.append(json.dumps({"tag": tag, "commit": "1" * 40, "dir": tag}))
    (folder / "releases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def run(releases: Path, tmp_path: Path, *more: str, policy: str = POLICY, root: Path | None = None) -> Result:
    (tmp_path / "policy.yml").write_text(policy, encoding="utf-8")
    return CliRunner().invoke(
        release,
        [
            *(
                "simulate",
                "--policy",
                str(tmp_path / "policy.yml"),
                "--dir",
                str(releases),
                "--repo",
                "octo/tool",
            ),
            *("--trusted-root", str(root or releases / "root.json"), *more),
        ],
    )


def verdicts(result: Result) -> list[tuple[str, str]]:
    told: dict[str, Any] = json.loads(result.stdout)
    return [(each["tag"], each["now"]) for each in told["verdicts"]]


def test_a_policy_is_tried_on_each_release_of_the_list(releases: Path, tmp_path: Path) -> None:
    result = run(releases, tmp_path, "--json")
    assert (verdicts(result), result.exit_code) == ([("v2", "pass"), ("v1", "fail")], 1)
    told = json.loads(result.stdout)
    assert (told["releases"], told["judged"], told["blocked"]) == (2, 2, 0)
    assert [(each["name"], each["code"]) for each in told["verdicts"][1]["assets"]] == [("tool", "IDENTITY")]


def test_only_the_last_ones_are_tried_each_by_the_whole_policy(releases: Path, tmp_path: Path) -> None:
    policy = "version: 1\nrelease_verification: {signers: [{source_ref: tag}], new_signers: accept}\n"
    result = run(releases, tmp_path, "--json", "--last", "1", policy=policy)
    assert (verdicts(result), result.exit_code) == ([("v2", "pass")], 0)


def test_people_are_told_release_by_release(releases: Path, tmp_path: Path) -> None:
    result = run(releases, tmp_path)
    assert result.stdout == ""
    assert "v2 (111111111111): pass\n" in result.stderr
    assert "v1 (111111111111): fail\n  tool (IDENTITY): identity: expected" in result.stderr


@pytest.mark.parametrize(
    "listing",
    [
        '{"tag": "v1", "commit": "HEAD", "dir": "v1"}',
        '{"tag": "v1", "commit": "%s", "dir": "../v1"}' % ("1" * 40),
        '{"tag": "v1", "commit": "%s"}' % ("1" * 40),
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_list_that_is_none_is_refused_with_its_line(tmp_path: Path, releases: Path, listing: str) -> None:
    (tmp_path / "releases.jsonl").write_text(listing, encoding="latin-1")
    result = run(tmp_path, tmp_path, "--json", root=releases / "root.json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, "simulate.listing")
    assert "releases.jsonl:1:" in json.loads(result.stdout)["error"]["message"]


def test_a_folder_without_a_list_and_an_invalid_policy_are_refused(tmp_path: Path, releases: Path) -> None:
    root = releases / "root.json"
    assert "cannot read" in run(tmp_path, tmp_path, root=root).stderr
    result = run(releases, tmp_path, policy="version: 1\nrelease_verification: {signer: []}\n")
    assert (result.exit_code, "line 2, column 24" in result.stderr) == (2, True)


def test_what_a_policy_lies_on_is_named_or_it_is_refused(tmp_path: Path, releases: Path) -> None:
    own = "version: 1\nextends: octo/policies\n"
    assert "name it with --shared" in run(releases, tmp_path, policy=own).stderr
    (tmp_path / "shared.yml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "floor.yml").write_text(
        "version: 1\nrelease_verification: {minimum: {plain_signatures: false}}\n", encoding="utf-8"
    )
    shared = ("--shared", str(tmp_path / "shared.yml"))
    floor = ("--organisation", str(tmp_path / "floor.yml"))
    held = run(releases, tmp_path, "--json", *shared, *floor, policy=own)
    assert verdicts(held) == [("v2", "fail"), ("v1", "fail")]


@pytest.mark.parametrize("options", [["--dir", "."], ["--repository-id", "7"]])
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "policy.yml").write_text(POLICY, encoding="utf-8")
    result = CliRunner().invoke(release, ["simulate", "--policy", str(tmp_path / "policy.yml"), *options])
    assert result.exit_code == 2


COMMIT = CommitSha("1" * 40)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Simulation((SimulatedRelease("v1", COMMIT, "pass", "fail"),)), 1),
        (Simulation((SimulatedRelease("v1", COMMIT, "fail", "fail"),)), 0),
        (Simulation((SimulatedRelease("v1", COMMIT, "fail", "pass"),)), 0),
        (Simulation((SimulatedRelease("v1", COMMIT, "pass", None, unknown=("x",)),)), 3),
        (Simulation((), 2), 3),
    ],
)
def test_only_a_release_that_would_be_blocked_is_bad_news(found: Simulation, code: int) -> None:
    assert exit_code(found) == code


def test_what_is_not_known_is_said_and_no_name_writes_lines_of_its_own() -> None:
    assets = tuple(
        SimulatedAsset(f"a\n{number}", "IDENTITY", "no", is_partial=not number) for number in range(22)
    )
    told = as_text(
        Simulation(
            (SimulatedRelease("v1", COMMIT, "pass", None, assets, ("moved",), ("not kept",)),), unreadable=1
        )
    )
    assert "v1 (111111111111): pass would be unknown\n  moved\n  not kept\n" in told
    assert "1 more have no evidence" in told
    assert "  and 2 more assets" in told
    assert "GitHub may have more evidence" in told
