"""`hephaestus release verify`: judges bundles offline; reads no credentials and no `.env`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import click

from app.cli.release_requests import Asked, Line, ask, read_batch, refusal
from app.domain.release import Outcome, VerificationOutcome
from app.domain.release_codes import ReleaseCode
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier

VerifierFactory = Callable[[str | Path], BundleVerifier]

NEGATIVE, WRONG_USAGE, UNDECIDED, WELL = 1, 2, 3, 0
WORST_FIRST = (NEGATIVE, WRONG_USAGE, UNDECIDED, WELL)


@click.group()
def release() -> None:
    """Verify what a release consists of."""


@release.command()
@click.option("--artifact", metavar="FILE", help="The file that was signed.")
@click.option("--digest", metavar="ALG:HEX", help="Its digest, instead of the file: sha256:...")
@click.option("--bundle", metavar="FILE", help="The Sigstore bundle or PEP 740 attestation.")
@click.option("--identity", metavar="SAN", help="Who must have signed, exactly.")
@click.option(
    "--issuer", metavar="URL", help="Who must have vouched for it; - for certificates without an issuer."
)
@click.option(
    "--claim", "claims", multiple=True, metavar="NAME=VALUE", help="A claim of the certificate, exactly."
)
@click.option("--predicate-type", metavar="URI", help="The predicate type of the attestation, exactly.")
@click.option(
    "--trusted-root",
    default="production",
    show_default=True,
    metavar="FILE|production|staging",
    help="Whom to trust.",
)
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Judge one JSON object a line instead.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line to standard output.")
@click.pass_context
def verify(
    context: click.Context,
    artifact: str | None,
    digest: str | None,
    bundle: str | None,
    identity: str | None,
    issuer: str | None,
    claims: tuple[str, ...],
    predicate_type: str | None,
    trusted_root: str,
    batch: Path | None,
    *,
    as_json: bool,
) -> None:
    """Judge an artifact's bundle, or a batch of them.

    Exit codes: 0 verified, 1 rejected, 2 wrong usage or unreadable input, 3 undecided (unsupported).
    """
    single = (artifact, digest, bundle, identity, issuer, predicate_type, *claims)
    if batch is not None:
        if any(single):
            raise click.UsageError("--batch takes everything from its lines: leave the other options out")
        asked: Iterable[Asked] = _with_progress(batch)
    else:
        if not bundle or not identity or not issuer or not (artifact or digest):
            raise click.UsageError(
                "give --bundle, --identity, --issuer and one of --artifact and --digest; or --batch FILE.jsonl"
            )
        line = Line(
            artifact=artifact,
            digest=digest,
            bundle=bundle,
            identity=identity,
            issuer=issuer,
            claims=_claims(claims),
            predicate_type=predicate_type,
            trusted_root=trusted_root,
        )
        asked = [ask(line)]
    factory: VerifierFactory = context.obj if callable(context.obj) else _offline_verifier
    codes = asyncio.run(_judge_all(asked, factory, as_json=as_json))
    if not codes:
        raise click.UsageError("the batch has no line")
    context.exit(next(code for code in WORST_FIRST if code in codes))


async def _judge_all(asked: Iterable[Asked], factory: VerifierFactory, *, as_json: bool) -> set[int]:
    verifiers: dict[str | Path, BundleVerifier | VerificationOutcome] = {}
    codes: set[int] = set()
    for each in asked:
        outcome, code = await _judge(each, verifiers, factory)
        codes.add(code)
        if as_json:
            click.echo(_as_json(each, outcome))
        else:
            click.echo(_as_text(each, outcome), err=True)
    return codes


async def _judge(
    asked: Asked, verifiers: dict[str | Path, BundleVerifier | VerificationOutcome], factory: VerifierFactory
) -> tuple[VerificationOutcome, int]:
    if isinstance(asked.question, VerificationOutcome):
        return asked.question, WRONG_USAGE if asked.is_unusable else _exit_code(asked.question)
    root = asked.trusted_root
    if root not in verifiers:
        verifiers[root] = _open(root, factory)
    verifier = verifiers[root]
    if isinstance(verifier, VerificationOutcome):
        return verifier, WRONG_USAGE
    outcome = await verifier.verify(asked.question)
    return outcome, _exit_code(outcome)


def _open(root: str | Path, factory: VerifierFactory) -> BundleVerifier | VerificationOutcome:
    try:
        return factory(root)
    except InvalidInput as error:
        return refusal(ReleaseCode.TRUST_ROOT, error.message)


def _exit_code(outcome: VerificationOutcome) -> int:
    match outcome.outcome:
        case Outcome.VERIFIED:
            return WELL
        case Outcome.UNSUPPORTED:
            return UNDECIDED
        case Outcome.REJECTED:
            return NEGATIVE


def _as_json(asked: Asked, outcome: VerificationOutcome) -> str:
    document = {
        "artifact": asked.artifact,
        "bundle": asked.bundle,
        "outcome": outcome.outcome.value,
        "code": outcome.code,
        "reason": outcome.reason,
        "claims": [asdict(check) for check in outcome.claims],
        "digest": outcome.digest or None,
        "trusted_root_sha256": outcome.trusted_root_sha256,
    }
    return json.dumps(document, ensure_ascii=False)


def _as_text(asked: Asked, outcome: VerificationOutcome) -> str:
    what = asked.artifact or outcome.digest or asked.bundle or "a line of the batch"
    lines = [f"{outcome.outcome.value}: {what} ({outcome.code}): {outcome.reason}"]
    for check in outcome.claims:
        if not check.ok:
            found = "nothing" if check.actual is None else check.actual
            lines += [f"  {check.claim}", f"    expected {check.expected}", f"    found    {found}"]
    return "\n".join(_printable(line) for line in lines)


def _printable(line: str) -> str:
    """Without control characters: a file's name or a certificate must not move the cursor or write a line of its own."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def _claims(pairs: tuple[str, ...]) -> dict[str, str | None]:
    claims: dict[str, str | None] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name or not value:
            raise click.BadParameter(f"{pair!r} is not of the form NAME=VALUE", param_hint="--claim")
        if claims.setdefault(name, value) != value:
            raise click.BadParameter(f"{name} is given twice with different values", param_hint="--claim")
    return claims


def _with_progress(batch: Path) -> Iterable[Asked]:
    if not sys.stderr.isatty():
        return read_batch(batch)
    from rich.console import Console
    from rich.progress import track

    with batch.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    return track(read_batch(batch), "Verifying", total=total, console=Console(stderr=True), transient=True)


def _offline_verifier(trusted_root: str | Path) -> BundleVerifier:
    from app.bootstrap import offline_bundle_verifier

    return offline_bundle_verifier(trusted_root)
