"""What people read about a release: short first, then asset by asset, then claim by claim. Pure; golden-tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.decision import Reason, Verdict
from app.domain.markdown import clean, code, plain
from app.domain.release import ClaimCheck, ExpectedIdentity
from handlers.release_verification.models import ReleaseEvidence
from handlers.release_verification.verdicts import AssetVerdict, Standing

NOTHING_TO_VERIFY = "the release has no asset that could be verified"
MARKS = {
    Standing.GOOD: "✅ verified",
    Standing.EXEMPT: "⚪ exempt",
    Standing.PENDING: "⏳ pending",
    Standing.UNDECIDED: "❔ undecided",
    Standing.BROKEN: "⚠️ not judged",
    Standing.REFUSED: "❌ refused",
}
SENTENCES = {
    Verdict.PASS: "every asset was signed by whom the policy names, for this tag and its commit.",
    Verdict.WAITING: "not every asset is there yet. It is looked at again.",
    Verdict.MISSING: f"{NOTHING_TO_VERIFY}, and the time to wait for one is over.",
    Verdict.INCONCLUSIVE: "some signatures cannot be decided. They may be genuine; they do not pass.",
    Verdict.ERROR: "the verification itself failed. Nothing is known about the assets named below.",
    Verdict.ACTION_REQUIRED: "the configuration must be corrected before this can pass.",
}
SHOWN_ASSETS = 200
SHORT_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Report:
    """The three texts of a check run's output; `title` is plain text, the others Markdown."""

    title: str
    summary: str
    details: str


def retrying(reason: Reason, at: datetime) -> Report:
    """What is said while Hephaestus itself fails and tries again."""
    summary = (
        "Hephaestus could not verify this release again, so an earlier verdict no longer counts: this is neither verified nor "
        f"refused.\n\n{plain(reason.text)}\n\nNext try at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, then again until it "
        "succeeds or is given up. Nobody has to do anything."
    )
    return Report("Retrying: Hephaestus failed, not the release", summary, "")


def failed(reason: Reason) -> Report:
    """What is said when Hephaestus itself failed for good."""
    summary = (
        "Hephaestus could not verify this release again, so an earlier verdict no longer holds: this is neither verified nor "
        f"refused.\n\n{plain(reason.text)}\n\nPress *Re-run* to try again; the operator finds the details in the log."
    )
    return Report("Hephaestus failed, not the release", summary, "")


def withdrawn(tag: str, reason: Reason) -> Report:
    """What is said where an earlier verdict lies on something that is not verified any more."""
    summary = (
        f"Release {code(tag)}: an earlier verdict on this commit no longer holds: {plain(reason.text)}.\n\n"
        "Nobody has to do anything about this check run."
    )
    return Report(f"No longer holds: this commit is not verified as {clean(tag, 100)}", summary, "")


def report(evidence: ReleaseEvidence, assets: tuple[AssetVerdict, ...], verdict: Verdict) -> Report:
    """The texts for a verdict."""
    # What is wrong comes first: GitHub cuts long texts at their end.
    ordered = sorted(assets, key=lambda each: each.standing is Standing.GOOD)
    details = "\n\n".join(_asset_details(each) for each in ordered if each.standing is not Standing.EXEMPT)
    return Report(_title(assets, verdict), _summary(evidence, assets, verdict), details)


def _title(assets: tuple[AssetVerdict, ...], verdict: Verdict) -> str:
    good = sum(each.standing is Standing.GOOD for each in assets)
    match verdict:
        case Verdict.PASS:
            return f"{_count(good)} verified"
        case Verdict.WAITING:
            return "Waiting for assets"
        case Verdict.MISSING:
            return "No asset was verified"
        case Verdict.ACTION_REQUIRED:
            return "The configuration is invalid"
        case _:
            bad = [each for each in assets if each.standing in {Standing.REFUSED, Standing.BROKEN}]
            bad = bad or [each for each in assets if each.standing is Standing.UNDECIDED]
            word = "undecided" if verdict is Verdict.INCONCLUSIVE else "refused"
            word = "not judged" if verdict is Verdict.ERROR else word
            return (
                f"{len(bad)} of {_count(len(assets))} {word}: {clean(bad[0].asset.name, 60)} ({bad[0].code})"
            )


def _summary(evidence: ReleaseEvidence, assets: tuple[AssetVerdict, ...], verdict: Verdict) -> str:
    tag = evidence.release.tag if evidence.release else ""
    parts = [f"Release {code(tag)}: {_sentence(assets, verdict)}"]
    parts += _configuration(evidence)
    if assets:
        rows = [_row(each) for each in assets[:SHOWN_ASSETS]]
        parts.append("\n".join(("| Asset | SHA-256 | Verdict | Why |", "|---|---|---|---|", *rows)))
    if len(assets) > SHOWN_ASSETS:
        parts.append(f"… and {len(assets) - SHOWN_ASSETS} more assets.")
    parts += _expectation(evidence.policy.signers)
    if roots := _roots(assets):
        parts.append("Trusted root: " + ", ".join(code(f"sha256:{root}") for root in roots))
    return "\n\n".join(parts)


def _sentence(assets: tuple[AssetVerdict, ...], verdict: Verdict) -> str:
    refused = sum(each.standing is Standing.REFUSED for each in assets)
    return SENTENCES.get(verdict, f"{_count(refused)} must not be trusted as released.")


def _configuration(evidence: ReleaseEvidence) -> list[str]:
    if not evidence.policy.errors:
        return []
    lines = [
        f"- line {error.line}, column {error.column}: {plain(error.path)}: {plain(error.message)}"
        for error in evidence.policy.errors
    ]
    source = evidence.policy.source
    used = (
        f"The last good version, {code(source.commit)}, was used." if source else "No version was ever valid."
    )
    return ["\n".join(("Errors in the configuration:", *lines)), used]


def _row(each: AssetVerdict) -> str:
    digest = code(f"{each.asset.sha256[:SHORT_DIGEST]}…") if each.asset.sha256 else "unknown"
    why = "signed" if each.standing is Standing.GOOD else plain(each.reason, 160).replace("\n", " ")
    return f"| {code(each.asset.name, 120)} | {digest} | {MARKS[each.standing]} {code(each.code)} | {why} |"


def _expectation(signers: tuple[ExpectedIdentity, ...]) -> list[str]:
    if not signers:
        return []
    lines = [
        f"- {code(signer.identity)}, vouched for by {code(signer.issuer or 'nobody')}" for signer in signers
    ]
    head = "Expected signer:" if len(signers) == 1 else "Expected signers, any one of them:"
    return ["\n".join((head, *lines))]


def _roots(assets: tuple[AssetVerdict, ...]) -> list[str]:
    found = (each.bundle.trusted_root_sha256 for each in assets if each.bundle)
    return sorted({root for root in found if root})


def _asset_details(each: AssetVerdict) -> str:
    lines = [f"### {code(each.asset.name, 120)}: {each.code.value}", "", plain(each.reason)]
    if each.asset.sha256:
        lines += ["", f"Bytes: {each.asset.size_bytes}, SHA-256 {code(each.asset.sha256)}"]
    if each.bundle:
        tried = len(each.asset.bundles)
        others = f" ({tried - 1} other results not shown)" if tried > 1 else ""
        lines += ["", f"Bundle: {code(each.bundle.source, 120)}{others}"]
        if each.bundle.claims:
            lines += ["", "| Claim | Expected | Found | |", "|---|---|---|---|"]
            lines += [_claim(check) for check in each.bundle.claims]
    return "\n".join(lines)


def _claim(check: ClaimCheck) -> str:
    found = "nothing" if check.actual is None else code(check.actual, 300)
    mark = "✅" if check.ok else "❌"
    return f"| {check.claim} | {code(check.expected, 300)} | {found} | {mark} |"


def _count(number: int) -> str:
    return f"{number} asset" if number == 1 else f"{number} assets"
