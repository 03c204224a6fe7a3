"""What people read about a release: short first, then asset by asset, then claim by claim. Pure; golden-tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.decision import Reason, Verdict
from app.domain.markdown import clean, code, plain
from app.domain.release import ClaimCheck, ExpectedIdentity
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.judgement import NOTHING_TO_VERIFY, Judgement
from handlers.release_verification.models import ReleaseEvidence, Unfinished
from handlers.release_verification.signers import refusals
from handlers.release_verification.verdicts import AssetVerdict, Standing

MARKS = {
    Standing.GOOD: "✅ verified",
    Standing.EXEMPT: "⚪ exempt",
    Standing.ASKED: "👤 to accept",
    Standing.PENDING: "⏳ pending",
    Standing.UNDECIDED: "❔ undecided",
    Standing.BROKEN: "⚠️ not judged",
    Standing.REFUSED: "❌ refused",
}
SENTENCES = {
    Verdict.PASS: "every asset has the evidence that the policy asks for, for this tag and its commit.",
    Verdict.WAITING: "not every asset is there yet. It is looked at again.",
    Verdict.MISSING: f"{NOTHING_TO_VERIFY}, and the time to wait for one is over.",
    Verdict.INCONCLUSIVE: "some signatures cannot be decided. They may be genuine; they do not pass.",
    Verdict.ERROR: "the verification itself failed. Nothing is known about the assets named below.",
    Verdict.ACTION_REQUIRED: "the configuration must be corrected before this can pass.",
}
STRANGERS = (
    "its assets are signed as the policy asks, but by a workflow that never signed a verified release before. Somebody with the "
    "role maintain or admin must accept it, or name it exactly in the policy."
)
NO_LOG = "no transparency log"
TITLES: dict[str, str] = {
    Verdict.WAITING: "Waiting for assets",
    Verdict.MISSING: "No asset was verified",
    Verdict.ACTION_REQUIRED: "The configuration is invalid",
    ReleaseCode.TAG_MOVED: "The tag was moved after the release was verified",
    ReleaseCode.UNREACHABLE: "The tag's commit is in no protected branch",
}
WORDS = {Verdict.INCONCLUSIVE: "undecided", Verdict.ERROR: "not judged"}
SHOWN_ASSETS = 200
SHORT_DIGEST = 16
SHOWN_LISTS = 5


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


def unfinished(tag: str, what: Unfinished) -> Report:
    """What is said while not every asset is read."""
    summary = (
        f"Release {code(tag)}: {_count(what.left)} still to be read ({plain(what.why)}). Nothing is said of any of them before "
        f"all are.\n\nIt goes on at {what.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC. Nobody has to do anything."
    )
    return Report(f"Reading: {_count(what.left)} left", summary, "")


def report(evidence: ReleaseEvidence, judgement: Judgement) -> Report:
    """The texts for a judgement."""
    assets = judgement.assets
    # What is wrong comes first: GitHub cuts long texts at their end.
    ordered = sorted(assets, key=lambda each: each.standing is Standing.GOOD)
    details = "\n\n".join(_asset_details(each) for each in ordered if each.standing is not Standing.EXEMPT)
    title = _title(judgement)
    if evidence.policy.is_informational and judgement.verdict not in {
        Verdict.PASS,
        Verdict.WAITING,
        Verdict.ERROR,
    }:
        title = f"informational: {title}"
    return Report(title, _summary(evidence, judgement), details)


def _title(judgement: Judgement) -> str:
    good = sum(each.standing is Standing.GOOD for each in judgement.assets)
    if judgement.verdict is Verdict.PASS:
        return f"{_count(good)} verified"
    if judgement.strangers and judgement.verdict is Verdict.ACTION_REQUIRED:
        return "A person must accept who signed"
    of_release = next((reason.code for reason in _of_release(judgement)), "")
    return TITLES.get(of_release) or TITLES.get(judgement.verdict) or _first_bad(judgement)


def _first_bad(judgement: Judgement) -> str:
    assets = judgement.assets
    bad = [each for each in assets if each.standing in {Standing.REFUSED, Standing.BROKEN}]
    bad = bad or [each for each in assets if each.standing is Standing.UNDECIDED]
    word = WORDS.get(judgement.verdict, "refused")
    return f"{len(bad)} of {_count(len(assets))} {word}: {clean(bad[0].asset.name, 60)} ({bad[0].code})"


def _summary(evidence: ReleaseEvidence, judgement: Judgement) -> str:
    tag = evidence.release.tag if evidence.release else ""
    assets = judgement.assets
    parts = [f"Release {code(tag)}: {_sentence(judgement)}"]
    parts += [f"**{plain(reason.text)}**" for reason in _of_release(judgement)]
    parts += _configuration(evidence)
    if assets:
        rows = [_row(each) for each in assets[:SHOWN_ASSETS]]
        head = ("| Asset | SHA-256 | Verdict | Grade | Signer, or why not |", "|---|---|---|---|---|")
        parts.append("\n".join((*head, *rows)))
    if len(assets) > SHOWN_ASSETS:
        parts.append(f"… and {len(assets) - SHOWN_ASSETS} more assets.")
    if said := [*judgement.notes, *refusals(evidence)]:
        parts.append("\n".join(f"- {plain(each)}" for each in said))
    parts += _expectation(evidence.policy.signers)
    if roots := _roots(assets):
        parts.append("Trusted root: " + ", ".join(code(f"sha256:{root}") for root in roots))
    return "\n\n".join(parts)


def _of_release(judgement: Judgement) -> list[Reason]:
    """What is wrong with the release as a whole, and not with one of its assets."""
    named = {f"{each.asset.name}: {each.reason}" for each in judgement.assets}
    return [
        reason
        for reason in judgement.reasons
        if reason.text not in named and reason.text != NOTHING_TO_VERIFY
    ]


def _sentence(judgement: Judgement) -> str:
    if judgement.strangers:
        return STRANGERS
    refused = sum(each.standing is Standing.REFUSED for each in judgement.assets)
    if judgement.verdict is Verdict.PASS and not judgement.assets:
        return "it has no asset, which the policy lets pass."
    what = (
        f"{_count(refused)} must not be trusted as released."
        if refused
        else "it must not be trusted as released."
    )
    return SENTENCES.get(judgement.verdict, what)


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
    why = _signer(each) if each.standing is Standing.GOOD else plain(each.reason, 160).replace("\n", " ")
    verdict = f"{MARKS[each.standing]} {code(each.code)}"
    return f"| {code(each.asset.name, 120)} | {digest} | {verdict} | {each.grade.value} | {why} |"


def _signer(each: AssetVerdict) -> str:
    if each.bundle is None:
        return ""
    said = [code(each.bundle.signer, 200)] if each.bundle.signer else []
    said += [f"by way of {code(each.listed_in, 120)}"] if each.listed_in and not _speaks_itself(each) else []
    said += [NO_LOG] if each.bundle.transparency is False else []
    return ", ".join(said) or "signed"


def _speaks_itself(each: AssetVerdict) -> bool:
    return each.bundle in each.asset.bundles


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
    if each.before is not None and each.before.sha256 != each.asset.sha256:
        was = f"{each.before.at:%Y-%m-%d %H:%M:%S} UTC: SHA-256 {code(each.before.sha256 or 'unknown')}"
        lines += ["", f"Verified before, on {was}"]
    if each.asset.listings:
        lists = ", ".join(
            f"{code(one.file, 120)} {code(one.sha256)}" for one in each.asset.listings[:SHOWN_LISTS]
        )
        lines += ["", f"Listed in: {lists}"]
    if each.asset.unread:
        lines += ["", *(f"- {plain(problem)}" for problem in each.asset.unread)]
    if each.asset.is_cut:
        lines += [
            "",
            f"GitHub has more attestations of it than the {each.asset.attestations} that were looked at.",
        ]
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
    mark = ("✅" if check.ok else "❌") if check.verified else "not verified"
    return f"| {check.claim} | {code(check.expected, 300)} | {found} | {mark} |"


def _count(number: int) -> str:
    return f"{number} asset" if number == 1 else f"{number} assets"
