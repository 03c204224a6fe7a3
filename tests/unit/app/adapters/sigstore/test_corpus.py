"""Every case of the public corpus gets its verdict."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import TrustedRoots
from app.adapters.sigstore.trusted_root import load
from app.domain.ids import Sha256Hex
from app.domain.release import (
    ExpectedIdentity,
    Outcome,
    TrustDomain,
    VerificationOutcome,
    VerificationRequest,
)

VERDICTS = {
    "valid": Outcome.VERIFIED,
    "invalid": Outcome.REJECTED,
    "unsupported": Outcome.UNSUPPORTED,
}
ANY_SHA256 = "0" * 64


def verdict(corpus: Path, case: dict[str, Any], *, with_githubs_root: bool = False) -> VerificationOutcome:
    folder = corpus / "sigstore"
    github = load(folder / "trust" / "github.trusted_root.json") if with_githubs_root else None
    root = (
        case["trust_root"] if case["trust_root"] in {"production", "staging"} else folder / case["trust_root"]
    )
    policy = dict(case.get("policy") or {})
    predicate_type = policy.pop("predicate_type", None)
    digest = (case["digest"] or f"sha256:{ANY_SHA256}").removeprefix("sha256:")
    expected = ExpectedIdentity(
        case["identity"] or "",
        case.get("issuer") or "",
        tuple(policy.items()),
        (predicate_type,) if predicate_type else (),
    )
    request = VerificationRequest((folder / case["path"]).read_bytes(), Sha256Hex(digest), expected)
    return judge(TrustedRoots(load(root), github), request)


@pytest.mark.corpus
def test_every_case_of_the_corpus_gets_its_verdict(corpus: Path) -> None:
    cases = json.loads((corpus / "sigstore" / "index.json").read_bytes())["cases"]
    outcomes = {case["id"]: verdict(corpus, case) for case in cases}
    wrong = {
        case["id"]: (case["expected"], outcomes[case["id"]])
        for case in cases
        if outcomes[case["id"]].outcome is not VERDICTS[case["expected"]]
    }
    assert wrong == {}
    assert Counter(case["expected"] for case in cases) == {"valid": 13, "invalid": 35, "unsupported": 4}


@pytest.mark.corpus
def test_githubs_root_decides_the_case_that_it_signed_and_no_other(corpus: Path) -> None:
    cases = json.loads((corpus / "sigstore" / "index.json").read_bytes())["cases"]
    without = {case["id"]: verdict(corpus, case).outcome for case in cases}
    decided = {case["id"]: verdict(corpus, case, with_githubs_root=True) for case in cases}
    changed = {name: each for name, each in decided.items() if each.outcome is not without[name]}
    assert list(changed) == ["github-attest-demo-tsa-only"]
    (outcome,) = changed.values()
    assert (outcome.outcome, outcome.trust_domain) == (Outcome.VERIFIED, TrustDomain.GITHUB)
    assert outcome.transparency is False
    assert "no transparency log" in outcome.reason


@pytest.mark.corpus
def test_the_corpus_names_the_code_of_some_cases(corpus: Path) -> None:
    cases = json.loads((corpus / "sigstore" / "index.json").read_bytes())["cases"]
    named = {case["id"]: case["expected_code"] for case in cases if "expected_code" in case}
    codes = {case["id"]: verdict(corpus, case).code for case in cases if case["id"] in named}
    # The corpus was named when nobody could decide this form; now only the root is missing.
    assert named["github-attest-demo-tsa-only"] == "UNSUPPORTED_NO_TLOG_GITHUB_TSA"
    assert codes == named | {"github-attest-demo-tsa-only": "TRUST_ROOT_ABSENT"}
    assert len(named) == 5


@pytest.mark.corpus
def test_no_case_needs_the_verifier_to_fail(corpus: Path) -> None:
    cases = json.loads((corpus / "sigstore" / "index.json").read_bytes())["cases"]
    assert "VERIFIER_ERROR" not in {verdict(corpus, case).code for case in cases}
