"""What people read about a release that is hidden, or cannot be. Pure; golden-tested."""

from __future__ import annotations

from datetime import datetime

from app.domain.markdown import clean, code, plain
from app.ports.records import EffectOutcome
from handlers.release_verification.quarantine_state import Quarantine
from handlers.release_verification.text import Report

IMMUTABLE = "the release is immutable, and GitHub takes no change of it"
CURED = "The release is not refused any more for what this issue says. Nobody has to do anything."
HIDDEN = "The release is hidden now. What comes next is said in its check run."
NO_TAG = "its tag is gone, and publishing it would make a new one; push the tag first"
PROBLEMS = {
    "budget.exhausted": "the breaker is out, because too many releases were hidden within an hour",
    "stale": "somebody else changed the release at the same moment",
    "immutable": IMMUTABLE,
    "github.permission": "the App lacks the permission contents: write here, or a rule of the repository keeps it out",
}
"""What codes of refusals mean to people."""
SHOWN = 20
LONGEST = 200


def problem(outcome: EffectOutcome | None) -> str:
    """Why an edit was not made, in words; empty where nobody knows."""
    if outcome is None:
        return ""
    return PROBLEMS.get(outcome.code, outcome.reason)


def _marks(*, as_draft: bool) -> str:
    if as_draft:
        return (
            "a draft: downloads answer 404 until it is restored, which sends `published` and `released` again"
        )
    return "a prerelease that is not the latest one: it can still be downloaded"


def _because(why: tuple[str, ...]) -> str:
    return "\n".join(f"- {plain(each, LONGEST)}" for each in why[:SHOWN])


def hiding(tag: str, why: tuple[str, ...], *, as_draft: bool) -> str:
    """Said with the edit, before it is known to have been made."""
    marks = _marks(as_draft=as_draft)
    return f"**Quarantine:** {code(tag)} is being made {marks}. Nothing is deleted.\n\n{_because(why)}"


def would_hide(tag: str, why: tuple[str, ...], *, as_draft: bool) -> str:
    """Said in a dry run."""
    marks = _marks(as_draft=as_draft)
    head = f"**Quarantine (dry run):** {code(tag)} would now be made {marks}. Nothing was changed."
    return f"{head}\n\n{_because(why)}"


def waiting(tag: str, why: tuple[str, ...], until: datetime, *, is_dry: bool) -> str:
    """Said while the right signature may still arrive."""
    when = f"{until:%Y-%m-%d %H:%M} UTC"
    head, verb = ("**Quarantine (dry run):**", "would be") if is_dry else ("**Quarantine:**", "is")
    return f"{head} {code(tag)} {verb} hidden after {when} if no better signature arrives.\n\n{_because(why)}"


def draft(tag: str) -> Report:
    """The check run of a draft of ours."""
    summary = f"Release {code(tag)}: a draft is not judged again. What was found before it became one stands."
    return Report("In quarantine", summary, "")


def called_back(tag: str) -> Report:
    """The check run of a release that a person shows again."""
    summary = f"Release {code(tag)}: it is judged again as soon as people see it again."
    return Report("Being restored", summary, "")


def already(tag: str) -> str:
    """Said of a prerelease."""
    return f"**Quarantine:** {code(tag)} is a prerelease already, so nothing of it was changed."


def hidden(record: Quarantine, tag: str, why: tuple[str, ...], refused: tuple[str, ...]) -> str:
    """Said while a release is hidden."""
    since, marks = f"{record.since:%Y-%m-%d %H:%M} UTC", _marks(as_draft=record.as_draft)
    back = "*Restore* puts back what was before; it takes the role maintain or admin."
    parts = [f"**In quarantine** since {since}: {code(tag)} was made {marks}. {back}"]
    if why:
        parts.append(_because(why))
    elif not record.as_draft:  # a draft is not judged
        parts.append("What it was hidden for is not found any more: a person decides.")
    if record.why:
        parts.append(f"It could not be restored: {plain(record.why, LONGEST)}. Press *Restore* again.")
    parts += [
        f"{plain(who, LONGEST)} may not restore it: that takes the role maintain." for who in refused[:SHOWN]
    ]
    return "\n\n".join(parts)


def restoring(who: str, *, is_latest: bool, was_latest: bool) -> str:
    """Said with the edit that undoes a quarantine."""
    latest = ", as the latest one" if is_latest else ""
    other = " Another release became the latest one meanwhile, and stays it."
    return (
        f"**Quarantine:** {plain(who, LONGEST)} restores this release{latest}."
        f"{other if was_latest and not is_latest else ''}"
    )


def restored(who: str, why: str) -> str:
    """Said of a release that is still refused, and that a person shows all the same."""
    by, how = plain(who, LONGEST) or "somebody", f" {why}" if why else ""
    again = "It is hidden again only for something else than it was hidden for."
    return f"**Quarantine ended:** {by} restored this release{how}. {again}"


def stopped(tag: str, why: str) -> str:
    """Said where a release is not hidden although it should be."""
    return (
        f"**Not in quarantine:** {code(tag)} should be hidden and is not: {plain(why, LONGEST)}. A person has to decide; "
        "*Re-run* tries again where it can be."
    )


def issue_title(tag: str) -> str:
    """The title of the issue."""
    return f"Release {clean(tag, 100)} must not be trusted, and is not hidden"


def issue_body(tag: str, why: str, found: tuple[tuple[str, str, str], ...]) -> str:
    """The body of the issue: what was found, as (asset, code, reason), why nothing was done, and what a person can do."""
    head = f"Hephaestus refused the release {code(tag)} for what it found in it, and could not hide it: {plain(why, LONGEST)}."
    rows = [
        f"| {code(asset, 120) if asset else 'the release'} | {code(kind)} | {plain(reason, 160)} |"
        for asset, kind, reason in found[:SHOWN]
    ]
    more = [f"… and {len(found) - SHOWN} more."] if len(found) > SHOWN else []
    advice = (
        "Look at the check run on the commit of the tag. If the release is bad, say so where people find it and publish a good "
        "one under a new version. If it is good, mend the policy and press *Re-run*; this issue is then closed."
    )
    return "\n\n".join((head, "\n".join(("| Asset | Code | Found |", "|---|---|---|", *rows)), *more, advice))
