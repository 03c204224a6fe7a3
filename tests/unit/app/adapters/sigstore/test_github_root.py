from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.sigstore.github_root import MAX_ROOTS, pick, split
from app.errors import InvalidInput
from tests.unit.app.adapters.sigstore.rooted import SINCE, both, changed, github, public, root

TOOL = "trust_root"


def code_of(raw: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        pick(raw)
    return refused.value.code


def test_githubs_root_is_picked_out_of_roots_of_both_domains() -> None:
    found = pick(both())
    assert json.loads(found.raw) == json.loads(github())
    assert [json.loads(each.raw) for each in split(both()).others] == [json.loads(public())]


def test_a_file_with_one_root_has_the_digest_of_the_file() -> None:
    pretty = json.dumps(json.loads(github()), indent=1).encode() + b"\n"
    assert pick(pretty) == root(pretty)


def test_what_gh_prints_twice_is_one_root() -> None:
    assert pick(github() + b"\n" + github()) == root()


def test_the_public_root_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"its authorities are of sigstore\.dev"):
        pick(public())


def test_two_roots_of_github_are_refused() -> None:
    assert code_of(github() + b"\n" + github(SINCE - timedelta(days=1))) == f"{TOOL}.several"


@pytest.mark.parametrize("logs", ["tlogs", "ctlogs"])
def test_a_root_of_github_with_logs_is_not_its_own(logs: str) -> None:
    assert code_of(changed(github(), **{logs: json.loads(public())[logs]})) == f"{TOOL}.mixed"


def test_a_root_that_mixes_github_with_others_is_refused() -> None:
    ours, theirs = json.loads(github()), json.loads(public())
    mixed = [*ours["certificateAuthorities"], *theirs["certificateAuthorities"]]
    assert code_of(changed(github(), certificateAuthorities=mixed)) == f"{TOOL}.mixed"


def test_who_only_says_in_words_that_he_is_github_is_not() -> None:
    authorities = json.loads(public())["certificateAuthorities"]
    claimed = [{**each, "subject": {"organization": "GitHub, Inc."}} for each in authorities]
    assert code_of(changed(public(), certificateAuthorities=claimed)) == f"{TOOL}.not_github"


def test_a_root_without_timestamps_cannot_be_used() -> None:
    assert code_of(changed(github(), timestampAuthorities=None)) == f"{TOOL}.unusable"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"not json",
        b"{}\n{}\n",
        b'{"certificateAuthorities":[{"certChain":{"certificates":[]}}]}',
        b'{"certificateAuthorities":[{"certChain":{"certificates":[{"rawBytes":"AAAA"}]}}]}',
        b'{"certificateAuthorities":7}',
        b'{"mediaType":"a","mediaType":"b"}',
    ],
)
def test_what_is_no_trusted_root_is_unreadable(raw: bytes) -> None:
    assert code_of(raw) == f"{TOOL}.unreadable"


def test_a_file_with_too_many_roots_is_refused() -> None:
    assert code_of(b"\n".join([github()] * (MAX_ROOTS + 1))) == f"{TOOL}.several"


@pytest.mark.corpus
def test_what_gh_really_printed_is_picked(corpus: Path) -> None:
    raw = (corpus / "sigstore" / "trust" / "github.trusted_root.json").read_bytes()
    assert pick(raw) == root(raw)
