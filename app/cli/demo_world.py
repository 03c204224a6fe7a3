"""The demo's world: a GitHub with one organisation, one repository and one App; everything in it is written here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.standin.github.records import App, Installation
from app.standin.github.repository import Repository
from app.standin.github.state import GitHub
from app.standin.sigstore import GitHubIdentity, LocalSigstore

CI = ".github/workflows/ci.yml"
RELEASE = ".github/workflows/release.yml"
PERMISSIONS = {
    "actions": "write",
    "attestations": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "merge_queues": "read",
    "pull_requests": "write",
    "workflows": "write",
}
EVENTS = [
    "check_run",
    "check_suite",
    "issue_comment",
    "merge_group",
    "pull_request",
    "push",
    "release",
    "workflow_run",
]

POLICY = """\
# Policy is read from the default branch: a pull request cannot weaken the rules that judge it.
version: 1
quality_gate:
  producers:
    tests: {workflow: .github/workflows/ci.yml, artifact: test-report, format: junit}
    coverage: {workflow: .github/workflows/ci.yml, artifact: coverage, format: cobertura}
  gates:
    tests: {from: tests, min_tests: 3}
    coverage: {from: coverage, total: ">= 85%"}
release_verification:
  signers:
    - workflow: .github/workflows/release.yml
  server_url: https://github.com
remediation:
  mode: propose
"""
WORKFLOW = """\
name: CI
on: [push, pull_request]

jobs:
  test:
    runs-on: ubuntu-24.04   # pinned on purpose
    steps:
      - uses: actions/checkout@v5
      - run: python -m pytest --junit-xml report.xml --cov anvil --cov-report xml
      # keep the reports: the quality gate reads them
      - uses: actions/upload-artifact@v3
        with:
          name: test-report
          path: report.xml
"""
STRIKE = '''\
"""Striking while the iron is hot."""


def strike(times: int) -> int:
    """How deep the dent is after so many strikes."""
    return times * 2


def temper(heat: int) -> str:
    """What the smith says about the heat."""
    if heat > 900:
        return "too hot"
    if heat < 600:
        return "too cold"
    return "right"
'''
TEST = """\
from anvil.strike import strike, temper


def test_strike():
    assert strike(2) == 5


def test_too_hot():
    assert temper(1000) == "hot"


def test_right():
    assert temper(700) == "right"


def test_too_cold():
    assert temper(500) == "cold"
"""
JUNIT = b"""\
<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests">
  <testsuite name="pytest" errors="0" failures="3" skipped="0" tests="4" time="0.031">
    <testcase classname="tests.test_strike" name="test_strike" file="tests/test_strike.py" line="3" time="0.002">
      <failure message="assert 4 == 5">tests/test_strike.py:5: AssertionError</failure>
    </testcase>
    <testcase classname="tests.test_strike" name="test_too_hot" file="tests/test_strike.py" line="7" time="0.001">
      <failure message="assert 'too hot' == 'hot'">tests/test_strike.py:9: AssertionError</failure>
    </testcase>
    <testcase classname="tests.test_strike" name="test_right" file="tests/test_strike.py" line="11" time="0.001"/>
    <testcase classname="tests.test_strike" name="test_too_cold" file="tests/test_strike.py" line="15" time="0.001">
      <failure message="assert 'too cold' == 'cold'">tests/test_strike.py:17: AssertionError</failure>
    </testcase>
  </testsuite>
</testsuites>
"""
COBERTURA = b"""\
<?xml version="1.0" ?>
<coverage version="7.13" lines-valid="8" lines-covered="6" line-rate="0.75" branches-valid="4" branches-covered="3"
 branch-rate="0.75" complexity="0" timestamp="1790000000000">
  <sources><source>/home/runner/work/anvil/anvil</source></sources>
  <packages><package name="anvil" line-rate="0.75" branch-rate="0.75" complexity="0"><classes>
    <class name="strike.py" filename="anvil/strike.py" line-rate="0.75" branch-rate="0.75" complexity="0">
      <methods/>
      <lines>
        <line number="4" hits="1"/><line number="6" hits="1"/><line number="9" hits="1"/>
        <line number="11" hits="1" branch="true" condition-coverage="100% (2/2)"/><line number="12" hits="1"/>
        <line number="13" hits="1" branch="true" condition-coverage="50% (1/2)"/><line number="14" hits="0"/>
        <line number="15" hits="0"/>
      </lines>
    </class>
  </classes></package></packages>
</coverage>
"""
DEPRECATED = (
    "This request has been automatically failed because it uses a deprecated version of "
    "`actions/upload-artifact: v3`. Learn more: "
    "https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/"
)
LOG = f"""\
2026-11-20T08:15:01.1021211Z Current runner version: '2.330.0'
2026-11-20T08:15:01.1120040Z ##[group]Runner Image
2026-11-20T08:15:01.1120550Z Image: ubuntu-24.04
2026-11-20T08:15:01.1121003Z ##[endgroup]
2026-11-20T08:15:02.0410210Z Prepare all required actions
2026-11-20T08:15:02.2210510Z Getting action download info
2026-11-20T08:15:02.6530027Z ##[error]{DEPRECATED}
""".encode()


@dataclass(frozen=True)
class World:
    """What the scenes play in."""

    github: GitHub
    app: App
    installation: Installation
    repository: Repository
    sigstore: LocalSigstore
    policy_sha: str


def build(folder: Path, secret: str) -> World:
    """A fresh world: its git repositories lie in `folder`."""
    github = GitHub(folder)
    app = github.add_app(
        "hephaestus", owner="forge", permissions=PERMISSIONS, events=EVENTS, webhook_secret=secret
    )
    repository = github.add_repository(
        "forge/anvil",
        {
            "README.md": "# Anvil\n\nA small project with one fault of each kind.\n",
            "anvil/__init__.py": "",
            "anvil/strike.py": STRIKE,
            "tests/test_strike.py": TEST,
            CI: WORKFLOW,
            RELEASE: "name: Release\non:\n  push:\n    tags: ['v*']\njobs: {}\n",
            ".github/hephaestus.yml": POLICY,
        },
    )
    installation = github.add_installation(app, "forge")
    head = repository.git.refs("refs/heads/")["refs/heads/main"]
    return World(github, app, installation, repository, LocalSigstore.create(), head)


def identity(world: World, tag: str, commit: str) -> GitHubIdentity:
    """The release workflow's run on the tag, as its certificate tells it."""
    return GitHubIdentity(
        repository="forge/anvil",
        sha=commit,
        ref=f"refs/tags/{tag}",
        repository_id=world.repository.id,
        owner_id=world.repository.owner.id,
    )
