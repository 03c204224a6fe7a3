"""`hephaestus release verify`: judges bundles offline; reads no credentials and no `.env`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import click

from app.cli.output import bar, with_progress
from app.cli.release_asking import verdict
from app.cli.release_output import UNDECIDED, WRONG_USAGE, exit_code, printable, show, worst
from app.cli.release_receipts import receipts, verify_receipts
from app.cli.release_requests import EMBEDDED_ROOTS, Asked, Line, ask, read_batch, refusal
from app.cli.release_simulate import simulate
from app.domain.ids import CommitSha
from app.domain.release import VerificationOutcome
from app.domain.release_codes import ReleaseCode
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier

REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
COMMIT = re.compile(r"[0-9a-f]{40}")
Open = Callable[[str | Path], BundleVerifier]
Answer = tuple[VerificationOutcome, int]
OF_FOLDERS = {
    "policy",
    "shared",
    "organisation",
    "directory",
    "repository",
    "repository_id",
    "tag",
    "commit",
    "trusted_root",
}
"""Options that go together."""
NOT_JUDGED = (
    "what only GitHub knows is not judged offline: branches, attestations, and who signed earlier releases"
)


def _verifiers() -> AbstractAsyncContextManager[Open]:
    from app.bootstrap.offline import bundle_verifiers

    return bundle_verifiers()


async def _judge_folder(folder: ReleaseFolder, hashed: Hashed) -> tuple[JudgedFile, ...]:
    from app.bootstrap.offline import judge_release_folder

    return await judge_release_folder(folder, hashed)


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    verifiers: Callable[[], AbstractAsyncContextManager[Open]] = _verifiers
    judge_folder: Callable[[ReleaseFolder, Hashed], Awaitable[tuple[JudgedFile, ...]]] = _judge_folder


@click.group()
def release() -> None:
    """Verify what a release consists of."""


release.add_command(simulate)
release.add_command(receipts)


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
    "--trusted-root", metavar="FILE|production|staging", help="Whom to trust.  [default: production]"
)
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Judge one JSON object a line instead.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Judge every file of --dir by the section release_verification of this file instead.",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder with all assets of a release and their bundles.",
)
@click.option(
    "--shared",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --policy: the file that it extends.",
)
@click.option(
    "--organisation",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --policy: the organisation's file, to whose floor it is raised.",
)
@click.option("--repository", metavar="O/R", help="With --policy: the repository that the release is of.")
@click.option("--repository-id", type=click.IntRange(min=1), metavar="N", help="With --policy: its number.")
@click.option("--tag", metavar="T", help="With --policy: the release's tag.")
@click.option("--commit", metavar="SHA", help="With --policy: the commit that the tag names.")
@click.option(
    "--receipt",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Judge again what `release receipts` printed, perhaps with --artifact or --digest.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line to standard output.")
@click.pass_context
def verify(
    context: click.Context,
    *,
    artifact: str | None,
    digest: str | None,
    bundle: str | None,
    identity: str | None,
    issuer: str | None,
    claims: tuple[str, ...],
    predicate_type: str | None,
    trusted_root: str | None,
    batch: Path | None,
    policy: Path | None,
    directory: Path | None,
    shared: Path | None,
    organisation: Path | None,
    repository: str | None,
    repository_id: int | None,
    tag: str | None,
    commit: str | None,
    receipt: Path | None,
    as_json: bool,
) -> None:
    """Judge an artifact's bundle, a batch of them, every asset of a release on disk, or a receipt.

    Exit codes: 0 verified, 1 rejected, 2 wrong usage or unreadable input, 3 undecided (unsupported, nothing to judge).
    """
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    if policy is not None or directory is not None:
        _only(context, OF_FOLDERS)
        if not (policy and directory and repository and tag and commit):
            raise click.UsageError("--policy, --dir, --repository, --tag and --commit belong together")
        folder = ReleaseFolder(
            policy=policy,
            directory=directory,
            repository=_matching(REPOSITORY, repository, "--repository", "OWNER/NAME"),
            repository_id=repository_id,
            tag=tag,
            commit=CommitSha(_matching(COMMIT, commit, "--commit", "40 hexadecimal digits")),
            trusted_root=_root(trusted_root),
            shared=shared,
            organisation=organisation,
        )
        context.exit(asyncio.run(_verify_folder(folder, tools, as_json=as_json)))
    if receipt is not None:
        _only(context, {"receipt", "artifact", "digest", "trusted_root"})
        context.exit(verify_receipts(receipt, artifact, digest, _root(trusted_root), as_json=as_json))
    if batch is not None:
        _only(context, {"batch"})
        context.exit(asyncio.run(_verify_each(_with_progress(batch), tools, as_json=as_json)))
    if not (bundle and identity and issuer and (artifact or digest)):
        raise click.UsageError(
            "give --bundle, --identity, --issuer and one of --artifact and --digest; or --batch FILE.jsonl"
        )
    _only(
        context,
        {"artifact", "digest", "bundle", "identity", "issuer", "claims", "predicate_type", "trusted_root"},
    )
    line = Line(
        artifact=artifact,
        digest=digest,
        bundle=bundle,
        identity=identity,
        issuer=issuer,
        claims=_claims(claims),
        predicate_type=predicate_type,
        trusted_root=str(_root(trusted_root)),
    )
    context.exit(asyncio.run(_verify_each([ask(line)], tools, as_json=as_json)))


async def _verify_each(asked: Iterable[Asked], tools: Tools, *, as_json: bool) -> int:
    verifiers: dict[str | Path, BundleVerifier | VerificationOutcome] = {}
    codes: set[int] = set()
    async with tools.verifiers() as open_verifier:
        for each in asked:
            outcome, code = await _judge(each, verifiers, open_verifier)
            codes.add(code)
            show(each.artifact, each.bundle, outcome, as_json=as_json)
    if not codes:
        raise click.UsageError("the batch has no line")
    return worst(codes)


async def _judge(
    asked: Asked, verifiers: dict[str | Path, BundleVerifier | VerificationOutcome], open_verifier: Open
) -> Answer:
    if isinstance(asked.question, VerificationOutcome):
        return asked.question, WRONG_USAGE if asked.is_unusable else exit_code(asked.question)
    root = asked.trusted_root
    if root not in verifiers:
        verifiers[root] = _open(root, open_verifier)
    verifier = verifiers[root]
    if isinstance(verifier, VerificationOutcome):
        return verifier, WRONG_USAGE
    outcome = await verdict(verifier, asked.question, asked.file)
    return outcome, exit_code(outcome)


def _open(root: str | Path, open_verifier: Open) -> BundleVerifier | VerificationOutcome:
    try:
        return open_verifier(root)
    except InvalidInput as error:
        return refusal(ReleaseCode.TRUST_ROOT, error.message)


async def _verify_folder(folder: ReleaseFolder, tools: Tools, *, as_json: bool) -> int:
    try:
        with bar("Verifying", _size_of(folder.directory)) as advance:
            files = await tools.judge_folder(folder, advance)
    except InvalidInput as error:
        click.echo(printable(f"Error: {error.message}"), err=True)
        return WRONG_USAGE
    click.echo(NOT_JUDGED, err=True)
    codes: set[int] = set()
    for each in files:
        if each.outcome is None:
            click.echo(printable(f"exempt: {each.artifact}: the policy asks for no signature"), err=True)
        else:
            codes.add(exit_code(each.outcome))
            show(each.artifact, each.bundle, each.outcome, as_json=as_json)
    if not codes:
        click.echo(
            "Nothing to judge: the folder has no asset that needs a signature. That is not a pass.", err=True
        )
        return UNDECIDED
    return worst(codes)


def _size_of(directory: Path) -> int | None:
    """The bytes of the files in a folder; None where it cannot be looked at, which is for others to say."""
    try:
        return sum(path.lstat().st_size for path in directory.iterdir())
    except OSError:
        return None


def _only(context: click.Context, allowed: set[str]) -> None:
    """Refuse options of another way to ask: one that is silently ignored would be a check that is not made."""
    for parameter in context.command.params:
        value = context.params.get(str(parameter.name))
        if value not in {None, ()} and parameter.name not in allowed | {"as_json"}:
            raise click.UsageError(f"{parameter.opts[0]} does not go with the other options")


def _matching(pattern: re.Pattern[str], value: str, option: str, form: str) -> str:
    if not pattern.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not of the form {form}", param_hint=option)
    return value


def _root(trusted_root: str | None) -> str | Path:
    root = trusted_root or "production"
    return root if root in EMBEDDED_ROOTS else Path(root)


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
    with batch.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    return with_progress(read_batch(batch), "Verifying", total)
