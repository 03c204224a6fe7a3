"""What offline commands need: no credentials, no `.env`, no database, no network."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from app.adapters.sigstore import offline_verifier
from app.config.loader import parse_sections
from app.config.schema import file_schema
from app.domain.gates import GateOutcome
from app.domain.release_files import JudgedFile, ReleaseFolder
from app.domain.remediation import Classification, Signature, SignatureCheck
from app.domain.reports import Report
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from app.ports.policies import ConfigError
from handlers import BUILTIN
from handlers.quality_gate import formats
from handlers.quality_gate.directory import evaluate_directory
from handlers.quality_gate.models import QualityGate
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.models import ReleaseVerification
from handlers.remediation.checks import check as check_playbooks
from handlers.remediation.matcher import classify_file
from handlers.remediation.playbooks import signatures as shipped_signatures

SECTIONS = {name: builtin.section for name, builtin in BUILTIN.items()}


def offline_bundle_verifier(trusted_root: str | Path = "production") -> BundleVerifier:
    """For `hephaestus release verify`: no credentials, no network."""
    return offline_verifier(trusted_root)


def read_report(name: str, raw: bytes, report_format: str | None) -> Report:
    """For `hephaestus reports read`: one report, counted; raises InvalidInput for what cannot be trusted."""
    return formats.read_report(name, raw, report_format)


def check_configuration(raw: bytes) -> tuple[ConfigError, ...]:
    """For `hephaestus config check`: what is wrong with a file, with its place."""
    return parse_sections(raw, SECTIONS).errors


def evaluate_gate(policy: bytes, reports: Path) -> GateOutcome:
    """For `hephaestus gate evaluate`: the gate over reports on disk; raises InvalidInput for a policy that has none."""
    parsed = parse_sections(policy, SECTIONS)
    if parsed.errors:
        first = parsed.errors[0]
        place = f"line {first.line}, column {first.column}"
        raise InvalidInput("config.invalid", f"the policy is invalid: {place}: {first.path}: {first.message}")
    section = parsed.section("quality_gate")
    if not isinstance(section, QualityGate):
        raise InvalidInput("config.no_gate", "the policy has no section quality_gate and no use: default")
    return evaluate_directory(section, reports)


def configuration_schema() -> dict[str, Any]:
    """For `hephaestus config schema`: the JSON Schema of the whole file."""
    return file_schema(SECTIONS)


def classify_log(path: Path) -> Classification:
    """Which known failure a log shows (text, .gz, .zip); raises InvalidInput."""
    return classify_file(path)


def known_signatures() -> tuple[Signature, ...]:
    """The failure signatures that the package carries, by id."""
    return shipped_signatures()


def check_signatures(directory: Path | None = None) -> tuple[SignatureCheck, ...]:
    """Whether the playbooks of a folder, or the shipped ones, are in order."""
    return check_playbooks(directory)


async def judge_release_folder(folder: ReleaseFolder) -> tuple[JudgedFile, ...]:
    """Every file of a release on disk, judged by the section of the policy file that is named."""
    parsed = parse_sections(await asyncio.to_thread(folder.policy.read_bytes), SECTIONS)
    section = parsed.section("release_verification")
    if parsed.errors:
        first = parsed.errors[0]
        raise InvalidInput("config.invalid", f"{folder.policy}:{first.line}:{first.column}: {first.message}")
    if not isinstance(section, ReleaseVerification):
        raise InvalidInput("config.section", f"{folder.policy} has no section release_verification")
    verifier = await asyncio.to_thread(offline_verifier, folder.trusted_root)
    return await judge_folder(folder, section, verifier)
