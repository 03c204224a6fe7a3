"""Which patterns are refused, and that those that are not admit nobody else than they seem to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_patterns import (
    LONGEST,
    IdentityPattern,
    LoosePatternError,
    compile_pattern,
    lint,
)

GOOD = "https://github.com/acme/forge/.github/workflows/release-*.yml@refs/tags/v*"
WORDS = (
    "acme",
    "acme*",
    "*",
    "forge",
    "attacker",
    ".github",
    "workflows",
    "release.yml",
    "*.yml",
    "release-*.yml",
)
MORE = (
    "refs/tags/v*",
    "refs/tags/*",
    "refs/heads/main",
    "refs/heads/release/*",
    "refs/*",
    "*",
    "a" * 40,
    ".*",
    "v1.0",
)
OUTLINE = re.compile(r"https://([^/@]+)/([^/@]+)/([^/@]+)/\.github/workflows/([^/@]+)@(.+)")
IDENTITIES = st.builds(
    "{}{}/{}/{}/{}@{}".format,
    st.sampled_from(["https://", "http://", "https://evil.example/"]),
    st.sampled_from(["github.com", "github.com.evil", "evil.example"]),
    st.sampled_from(["acme", "acme-evil", "attacker"]),
    st.sampled_from(["forge", "forge-evil", "forge/fork"]),
    st.sampled_from(
        [
            ".github/workflows/release-1.yml",
            ".github/workflows/evil.yml",
            ".github/workflows/release.yml.evil",
        ]
    ),
    st.sampled_from(
        ["refs/tags/v1", "refs/tags/v1/x", "refs/tags/evil", "refs/heads/v1", "refs/pull/7/merge", "b" * 40]
    ),
)
PATTERNS = st.builds(
    "https://{}/{}/{}/{}@{}".format,
    st.sampled_from(["github.com", "github.com", "*", "github.*"]),
    st.just("acme") | st.sampled_from(WORDS),
    st.just("forge") | st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("/".join)
    | st.just(".github/workflows/release-*.yml"),
    st.sampled_from(MORE),
)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "https://github.com/acme/forge/.github/workflows/release.yml@refs/tags/v1.*",
        "https://github.com/acme/forge/.github/workflows/release.yml@refs/heads/release/*",
        "https://github.com/acme/forge/.github/workflows/release.yml@refs/tags/@acme/forge@1.0.0",
        f"https://github.com/acme/forge/.github/workflows/release.yaml@{'a' * 40}",
    ],
)
def test_what_says_whom_it_admits_is_accepted(text: str) -> None:
    assert lint(text) == ()
    assert compile_pattern(text) == IdentityPattern(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://github.com/*/forge/.github/workflows/r.yml@refs/tags/v1", "the owner cannot be a pattern"),
        (
            "https://github.com/acme*/forge/.github/workflows/r.yml@refs/tags/v1",
            "the owner cannot be a pattern",
        ),
        (
            "https://github.com/acme/*/.github/workflows/r.yml@refs/tags/v1",
            "the repository cannot be a pattern",
        ),
        ("https://*/acme/forge/.github/workflows/r.yml@refs/tags/v1", "the host cannot be a pattern"),
        ("https://github.com/acme/forge/.github/workflows/*@refs/tags/v1", "a workflow is a file"),
        (
            "https://github.com/acme/forge/.github/workflows/*.yml@refs/tags/v1",
            "the workflow's file must begin",
        ),
        ("https://github.com/acme/forge/.github/*/r.yml@refs/tags/v1", "a workflow is a file"),
        ("https://github.com/acme/forge/.github/workflows/r.yml", "it has no @"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@*", "the ref must be written as"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/*/v1", "the ref must be written as"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@v1", "the ref must be written as"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/tags/", "the ref must be written as"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/tags/*", "after refs/tags/"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/heads/*/x", "after refs/heads/"),
        ("^https://github.com/acme/forge/.github/workflows/r.yml@refs/tags/v1$", "^ has no meaning here"),
        ("https://github.com/acme/forge/.github/workflows/r.*@refs/tags/v1", ".* has no meaning here"),
        (r"https://github\.com/acme/forge/.github/workflows/r.yml@refs/tags/v1", "\\ has no meaning here"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/tags/v[0-9]", "[ has no meaning here"),
        ("https://github.com/acme/forge/.github/workflows/a**b.yml@refs/tags/v1", "it has **"),
        ("https://github.com/acme/forge/.github/workflows/a*b*.yml@refs/tags/v*.1*", "more than 3 *"),
        ("http://github.com/acme/forge/.github/workflows/r.yml@refs/tags/v1", "an identity reads"),
        ("someone@acme.example", "an identity reads"),
        ("https://github.com/acme/forge/.github/workflows/r.yml@refs/tags/v1 ", "cannot be seen"),
        ("https://github.com/\u0430cme/forge/.github/workflows/r.yml@refs/tags/v1", "not ASCII"),
        ("x" * (LONGEST + 1), "longer than"),
    ],
)
def test_what_is_loose_is_refused_and_named(text: str, told: str) -> None:
    (problem, *_) = lint(text)
    assert told in problem.message
    with pytest.raises(LoosePatternError, match=re.escape(told)):
        compile_pattern(text)


def test_a_refusal_shows_whom_the_pattern_would_admit() -> None:
    (problem,) = lint("https://github.com/*/forge/.github/workflows/release.yml@refs/tags/v1")
    assert str(problem) == (
        "the owner cannot be a pattern; it would admit "
        "https://github.com/attacker/forge/.github/workflows/release.yml@refs/tags/v1, "
        "https://github.com/acme-evil/forge/.github/workflows/release.yml@refs/tags/v1, "
        "https://github.com/evil/forge/.github/workflows/release.yml@refs/tags/v1"
    )


@given(PATTERNS)
def test_what_a_refusal_of_a_wildcard_shows_is_really_admitted(text: str) -> None:
    for problem in lint(text):
        if "cannot be a pattern" in problem.message or "must begin with" in problem.message:
            assert problem.admits
            assert all(IdentityPattern(text).admits(each) for each in problem.admits)


@given(PATTERNS, IDENTITIES)
def test_no_accepted_pattern_admits_another_owner_repository_workflow_or_kind_of_ref(
    text: str, identity: str
) -> None:
    if lint(text) or not IdentityPattern(text).admits(identity):
        return
    written, found = OUTLINE.fullmatch(text), OUTLINE.fullmatch(identity)
    assert written is not None
    assert found is not None
    assert found.groups()[:3] == written.groups()[:3]
    for mine, theirs in zip(written.groups()[3:], found.groups()[3:], strict=True):
        head, _, rest = mine.partition("*")
        assert theirs.startswith(head)
        assert theirs.endswith(rest.rpartition("*")[2])
        assert theirs.count("/") == mine.count("/")
    assert found[5].split("/")[:2] == written[5].split("/")[:2]


@given(st.text(alphabet="release-/@:. \nyml", max_size=12))
def test_a_star_never_crosses_a_segment(part: str) -> None:
    before, after = GOOD.split("*", 1)
    admitted = IdentityPattern(GOOD).admits(before + part + after.replace("*", "1"))
    assert admitted == (re.fullmatch(r"[^/@:\s]+", part) is not None)


def test_an_identity_longer_than_any_is_not_admitted() -> None:
    assert not IdentityPattern(GOOD).admits(GOOD.replace("*", "1" * LONGEST))
