"""JSON of detect-secrets, a scan or a baseline. No secret is kept, nor its hash: only its type and where it is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import MAX_NAME, Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source


class _Secret(msgspec.Struct):
    type: str
    line_number: int | None = None
    is_verified: bool = False
    is_secret: bool | None = None


class _Plugin(msgspec.Struct):
    name: str = ""


class _Document(msgspec.Struct):
    results: dict[str, list[_Secret]]
    plugins_used: list[_Plugin]
    version: str = ""


DECODER = msgspec.json.Decoder(_Document)


def sniff(head: bytes) -> bool:
    """Whether it is an object with the first keys of detect-secrets."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and keys[1] >= {"version", "plugins_used"}


def parse(source: Source) -> Report:
    """The secrets; vacuous where no detector was on. Raises `InvalidInput` where it is not JSON of detect-secrets."""
    document, repeated = decoded(source, DECODER, "detect-secrets")
    return reported(
        "detect-secrets-json",
        _findings(document),
        tools=(Tool("detect-secrets", document.version[:MAX_NAME]),),
        suppressed=sum(each.is_secret is False for found in document.results.values() for each in found),
        contradictions=repeated,
        vacuous=() if document.plugins_used else ("detect-secrets ran without a detector",),
    )


FORMAT = Format("detect-secrets-json", Kind.FINDINGS, sniff, parse)


def _findings(document: _Document) -> Iterator[Finding]:
    for path, secrets in document.results.items():
        for secret in secrets:
            if secret.is_secret is False:
                continue  # a person has said in the audit of the baseline that it is none
            says = "a secret that works" if secret.is_verified else "what looks like a secret"
            message = f"{says}: {secret.type}"
            yield finding("detect-secrets", secret.type, Level.ERROR, message, path, Span(secret.line_number))
