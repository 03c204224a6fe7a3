"""What offline commands need: no credentials, no `.env`, no database, no network; parsing in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.config.composing import Layers, compose, parse_sections
from app.config.loader import ParsedFile
from app.config.organisation import judge_organisation
from app.config.schema import file_schema, organisation_schema
from app.dispatch.effects.check_content import content
from app.domain.gates import GateFolders, GateOutcome
from app.domain.release_files import Hashed, JudgedFile, PolicyFiles, ReleaseFolder
from app.domain.remediation import Classification, Signature, SignatureCheck
from app.domain.reports import ReportNumbers
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from app.ports.policies import CheckedFile, ConfigError
from handlers.builtin import ORGANISATIONS, SECTIONS
from handlers.quality_gate.directory import evaluate_directory
from handlers.quality_gate.reports.counting import count
from handlers.quality_gate.section import QualityGate
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.section import ReleaseVerification
from handlers.remediation.checks import check as check_playbooks
from handlers.remediation.matcher import classify_file, classify_lines
from handlers.remediation.playbooks import signatures as shipped_signatures

P = ParamSpec("P")
T = TypeVar("T")


class Confined:
    """Runs functions on strangers' bytes in a process that can be killed, for commands that do one thing after the other."""

    def __init__(self, runner: asyncio.Runner, sandbox: Sandbox) -> None:
        self._runner = runner
        self._sandbox = sandbox

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Its result; raises InvalidInput as `app.ports.compute` says."""
        return self._runner.run(self._sandbox.run(function, *args, **kwargs))


@contextmanager
def confined() -> Iterator[Confined]:
    """One such process, started at the first call and ended with the block."""
    with asyncio.Runner() as runner:
        sandbox = Sandbox(workers=1)
        try:
            yield Confined(runner, sandbox)
        finally:
            runner.run(sandbox.close())


@asynccontextmanager
async def bundle_verifiers() -> AsyncIterator[Callable[[str | Path], BundleVerifier]]:
    """For `hephaestus release verify`: a verifier for each trusted root, without credentials and network."""
    sandbox = Sandbox(workers=1)
    try:
        yield lambda trusted_root: offline_verifier(trusted_root, compute=sandbox)
    finally:
        await sandbox.close()


@contextmanager
def report_reader() -> Iterator[Callable[[Path | bytes, str | None], ReportNumbers]]:
    """For `hephaestus reports read`: counts one report; raises InvalidInput for what cannot be trusted."""
    with confined() as box:
        yield lambda source, report_format: box.call(count, source, report_format)


def check_configuration(
    raw: bytes, shared: bytes | None = None, organisation: bytes | None = None
) -> CheckedFile:
    """For `hephaestus config check`: what is wrong with a file, with its place; first with what it lies on."""
    with confined() as box:
        if organisation is not None and (errors := check_organisation(organisation).errors):
            told = f"the organisation's file is invalid at line {errors[0].line}"
            return CheckedFile((ConfigError(1, 1, "", told),))
        if shared is not None and (wrong := box.call(parse_sections, shared, SECTIONS).wrong):
            told = f"the shared file is invalid at line {wrong[0].line}"
            return CheckedFile((ConfigError(1, 1, "extends", told),))
        layers = Layers(raw, shared, organisation, "the organisation's file")
        parsed = box.call(compose, layers, SECTIONS, ORGANISATIONS)
        return CheckedFile(parsed.wrong, parsed.notes)


def check_organisation(raw: bytes) -> CheckedFile:
    """For `hephaestus config check --as-organisation`: what is wrong with the organisation's file."""
    with confined() as box:
        judged = box.call(judge_organisation, raw, SECTIONS, ORGANISATIONS)
        return CheckedFile(judged.errors, judged.notes)


def evaluate_gate(policy: Layers, folders: GateFolders) -> GateOutcome:
    """For `hephaestus gate evaluate`: the gate over reports on disk; raises InvalidInput as `gate_section`."""
    with confined() as box:
        return box.call(_evaluate_gate, policy, folders)


def gate_section(policy: Layers) -> QualityGate:
    """The gate's section of a policy file. Raises InvalidInput as `_in_force`, and where there is no such section."""
    section = _in_force(policy).section("quality_gate")
    if not isinstance(section, QualityGate):
        raise InvalidInput("config.no_gate", "the policy has no section quality_gate and no use: default")
    return section


def _in_force(policy: Layers) -> ParsedFile:
    """A policy file with what it lies on, raised to the organisation's floor as the service raises it.

    Raises InvalidInput for a file that is invalid, and where what it extends is not given.
    """
    if policy.organisation is not None:
        floor = judge_organisation(policy.organisation, SECTIONS, ORGANISATIONS)
        _refuse_invalid("the organisation's file", floor.errors)
    if policy.shared is not None:
        _refuse_invalid("the shared file", parse_sections(policy.shared, SECTIONS).errors)
    parsed = compose(policy, SECTIONS, ORGANISATIONS)
    if parsed.extends is not None and policy.shared is None:
        told = f"the policy extends {parsed.extends}, whose file is not given; name it with --shared"
        raise InvalidInput("config.extends", told)
    _refuse_invalid("the policy", parsed.errors)
    if parsed.extends is None and policy.shared is not None:
        raise InvalidInput("config.extends", "the policy extends nothing: leave out --shared")
    return parsed


def _refuse_invalid(what: str, errors: tuple[ConfigError, ...]) -> None:
    if errors:
        first = errors[0]
        place = f"line {first.line}, column {first.column}"
        raise InvalidInput("config.invalid", f"{what} is invalid: {place}: {first.path}: {first.message}")


def _evaluate_gate(policy: Layers, folders: GateFolders) -> GateOutcome:
    outcome = evaluate_directory(gate_section(policy), folders)
    said = content(outcome.check)
    published = replace(
        outcome.check, title=said.title, summary=said.summary, text=said.text, annotations=said.annotations
    )
    return replace(outcome, check=published)


def configuration_schema(*, organisation: bool = False) -> dict[str, Any]:
    """For `hephaestus config schema`: the JSON Schema of the whole file, or of the organisation's."""
    return organisation_schema(SECTIONS, ORGANISATIONS) if organisation else file_schema(SECTIONS)


@contextmanager
def log_classifier() -> Iterator[Callable[[Path], Classification]]:
    """For `hephaestus logs classify`: which known failure a log shows (text, .gz, .zip); raises InvalidInput."""
    with confined() as box:
        box.call(classify_lines, ())  # imports and compiles the rules, so that no log's time includes that
        yield lambda path: box.call(classify_file, path)


def known_signatures() -> tuple[Signature, ...]:
    """The failure signatures that the package carries, by id."""
    return shipped_signatures()


def check_signatures(directory: Path | None = None) -> tuple[SignatureCheck, ...]:
    """Whether the playbooks of a folder, or the shipped ones, are in order."""
    return check_playbooks(directory)


async def release_section(files: PolicyFiles, compute: Compute) -> ReleaseVerification:
    """The section of a policy file, with what it lies on. Raises InvalidInput as `_in_force`, and where a file cannot be read."""
    layers = await asyncio.to_thread(_layers, files)
    return await compute.run(_release_section, layers)


def _layers(files: PolicyFiles) -> Layers:
    try:
        shared, organisation = (
            None if path is None else path.read_bytes() for path in (files.shared, files.organisation)
        )
        return Layers(files.own.read_bytes(), shared, organisation)
    except OSError as error:
        raise InvalidInput("input.unreadable", f"cannot read {error.filename}: {error.strerror}") from error


def _release_section(policy: Layers) -> ReleaseVerification:
    section = _in_force(policy).section("release_verification")
    if not isinstance(section, ReleaseVerification):
        raise InvalidInput(
            "config.section", "the policy has no section release_verification and no use: default"
        )
    return section


async def judge_release_folder(folder: ReleaseFolder, hashed: Hashed) -> tuple[JudgedFile, ...]:
    """Every file of a release on disk, judged by the section of the policy file that is named; `hashed` sees how far it is."""
    sandbox = Sandbox(workers=1)
    try:
        section = await release_section(folder.policy_files, sandbox)
        verifier = await asyncio.to_thread(offline_verifier, folder.trusted_root, compute=sandbox)
        return await judge_folder(folder, section, verifier, sandbox, hashed)
    finally:
        await sandbox.close()
