"""`hephaestus release receipts` and `release verify --receipt`: what was decided of assets, for others to judge again."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import click

from app.cli.output import NEGATIVE, UNDECIDED, WELL, WRONG_USAGE, show, worst
from app.cli.running import ENV_FILE
from app.domain.ids import Sha256Hex
from app.domain.receipts import ReplayedReceipt
from app.domain.release import Outcome
from app.errors import InvalidInput, NotFound

DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
CODES = {Outcome.VERIFIED: WELL, Outcome.REJECTED: NEGATIVE, Outcome.UNSUPPORTED: UNDECIDED}


@click.command()
@click.argument("what", metavar="GUID|OWNER/NAME")
@click.argument("tag", required=False, metavar="[TAG]")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="A file for each receipt."
)
@click.option("--app", metavar="KEY", help="Of which App, where several verified it: host/id.")
@ENV_FILE
def receipts(what: str, tag: str | None, out: Path | None, app: str | None, env_file: Path | None) -> None:
    """Print the receipts of a release, one JSON object a line: by its repository and tag, or by a delivery.

    A receipt holds the asset's digest, its bundles, who had to have signed, and the verdict: `release verify --receipt` judges it
    again without this ledger. It outlives the deliveries.

    Exit codes: 0 they were printed, 2 there are none.
    """
    from app.bootstrap.operating import load_settings
    from app.bootstrap.receipts import receipts_of_delivery, receipts_of_tag

    if (tag is not None) != ("/" in what):
        raise click.UsageError("give the GUID of a delivery, or OWNER/NAME and the TAG of a release")
    settings = load_settings(env_file, credentials=False)
    context = click.get_current_context()
    try:
        asked = receipts_of_delivery(settings, what, app) if tag is None else None
        found = asyncio.run(asked or receipts_of_tag(settings, what, tag or "", app))
    except (InvalidInput, NotFound) as error:
        click.echo(f"hephaestus: {error}", err=True)
        context.exit(WRONG_USAGE)
    for each in found:
        if out is None:
            click.echo(each.content)
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / each.file_name).write_bytes(each.content + b"\n")
            click.echo(str(out / each.file_name), err=True)
    if not found:
        click.echo(
            "hephaestus: no receipt is kept of that: was the release verified by this service?", err=True
        )
    context.exit(WELL if found else WRONG_USAGE)


def verify_receipts(
    receipt: Path, artifact: str | None, digest: str | None, trusted_root: str | Path, *, as_json: bool
) -> int:
    """Judges the receipts of a file again; the exit code."""
    from app.bootstrap.receipts import judge_receipts

    try:
        found = asyncio.run(judge_receipts(receipt, trusted_root, _digest_of(artifact, digest)))
    except InvalidInput as error:
        document = {"ok": False, "error": {"code": error.code, "message": error.message}}
        show(document, f"hephaestus: {error.message} [{error.code}]", as_json=as_json)
        return WRONG_USAGE
    for each in found:
        show(as_object(each), as_text(each), as_json=as_json)
    return worst([exit_code(each) for each in found])


def exit_code(replayed: ReplayedReceipt) -> int:
    """What the receipt says, where that is so: a refusal that comes out the same is still a refusal."""
    if replayed.same is None:
        return UNDECIDED
    return CODES[replayed.outcome] if replayed.same else NEGATIVE


def as_object(replayed: ReplayedReceipt) -> dict[str, object]:
    """A receipt that was judged again, as JSON."""
    then, now = replayed.roots
    return {
        "repository": replayed.repository,
        "tag": replayed.tag,
        "commit": replayed.commit,
        "artifact": replayed.asset,
        "digest": f"sha256:{replayed.sha256}",
        "signers": list(replayed.signers),
        "outcome": replayed.outcome.value,
        "code": replayed.code,
        "grade": replayed.grade,
        "same": replayed.same,
        "differences": list(replayed.differences),
        "undecided": list(replayed.undecided),
        "trusted_roots_sha256": {"then": list(then), "now": list(now)},
        "versions": {
            name: {"then": was or None, "now": is_now or None} for name, was, is_now in replayed.versions
        },
    }


def as_text(replayed: ReplayedReceipt) -> str:
    """A receipt that was judged again, for people."""
    word = {True: "the same", False: "different", None: "undecided"}[replayed.same]
    asset = f"{replayed.asset} (sha256:{replayed.sha256}) of {replayed.repository} {replayed.tag}"
    lines = [f"{word}: {asset}: {replayed.outcome.value} {replayed.code}, {replayed.grade}"]
    lines += [f"  must have been signed by {each}" for each in replayed.signers]
    lines += [f"  different: {each}" for each in replayed.differences]
    lines += [f"  undecided: {each}" for each in replayed.undecided]
    then, now = replayed.roots
    if then != now and now:
        lines.append(f"  trusted root then sha256:{', '.join(then) or 'none'}; now sha256:{', '.join(now)}")
    lines += [
        f"  {name} was {was or 'unknown'}, is {is_now or 'unknown'}"
        for name, was, is_now in replayed.versions
        if was != is_now
    ]
    return "\n".join(lines)


def _digest_of(artifact: str | None, digest: str | None) -> Sha256Hex | None:
    if digest is not None:
        found = DIGEST.fullmatch(digest)
        if found is None or artifact is not None:
            raise click.UsageError("give the artifact, or its digest as sha256: and 64 hexadecimal digits")
        return Sha256Hex(found[1])
    if artifact is None:
        return None
    try:
        with Path(artifact).open("rb") as file:
            return Sha256Hex(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise InvalidInput("artifact.unreadable", f"cannot read {artifact}: {error.strerror}") from error
