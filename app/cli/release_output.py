"""What `hephaestus release verify` prints, and how it exits."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict

import click

from app.cli.output import bars_aside
from app.domain.release import ClaimCheck, Outcome, VerificationOutcome

WELL, NEGATIVE, WRONG_USAGE, UNDECIDED = 0, 1, 2, 3
WORST_FIRST = (NEGATIVE, WRONG_USAGE, UNDECIDED, WELL)


def worst(codes: Collection[int]) -> int:
    """The exit code for several: 1 before 2 before 3 before 0."""
    return next(code for code in WORST_FIRST if code in codes)


def exit_code(outcome: VerificationOutcome) -> int:
    """The exit code for one outcome."""
    match outcome.outcome:
        case Outcome.VERIFIED:
            return WELL
        case Outcome.UNSUPPORTED:
            return UNDECIDED
        case Outcome.REJECTED:
            return NEGATIVE


def show(artifact: str | None, bundle: str | None, outcome: VerificationOutcome, *, as_json: bool) -> None:
    """One JSON object on one line of standard output, or text for people on standard error."""
    what = artifact or outcome.digest or bundle or "a line of the batch"
    with bars_aside():
        if as_json:
            click.echo(_as_json(artifact, bundle, outcome))
        else:
            click.echo(_as_text(what, outcome), err=True)


def printable(line: str) -> str:
    """Without control characters: a file's name or a certificate must not move the cursor or write a line of its own."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def _as_json(artifact: str | None, bundle: str | None, outcome: VerificationOutcome) -> str:
    document = {
        "artifact": artifact,
        "bundle": bundle,
        "outcome": outcome.outcome.value,
        "code": outcome.code,
        "reason": outcome.reason,
        "claims": [_claim(check) for check in outcome.claims],
        "digest": outcome.digest or None,
        "trusted_root_sha256": outcome.trusted_root_sha256,
    }
    return json.dumps(document, ensure_ascii=False)


def _claim(check: ClaimCheck) -> dict[str, str | bool | None]:
    """With `verified` only where it is false: read from what no signature vouches for."""
    claim = asdict(check)
    if check.verified:
        del claim["verified"]
    return claim


def _as_text(what: str, outcome: VerificationOutcome) -> str:
    lines = [f"{outcome.outcome.value}: {what} ({outcome.code}): {outcome.reason}"]
    for check in outcome.claims:
        if not check.ok:
            found = "nothing" if check.actual is None else check.actual
            name = check.claim if check.verified else f"{check.claim} (not verified)"
            lines += [f"  {name}", f"    expected {check.expected}", f"    found    {found}"]
    return "\n".join(printable(line) for line in lines)
