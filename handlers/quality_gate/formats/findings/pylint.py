"""JSON of pylint: the list of `--output-format=json`, or the object of `json2`."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, after, differs, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {
    "fatal": Level.ERROR,
    "error": Level.ERROR,
    "warning": Level.WARNING,
    "convention": Level.NOTE,
    "refactor": Level.NOTE,
    "info": Level.NOTE,
    "information": Level.NOTE,
}


class _Message(msgspec.Struct):
    type: str
    path: str
    message: str
    symbol: str = ""
    old_id: str = msgspec.field(default="", name="message-id")
    new_id: str = msgspec.field(default="", name="messageId")
    line: int | None = None
    column: int | None = None
    end_line: int | None = msgspec.field(default=None, name="endLine")
    end_column: int | None = msgspec.field(default=None, name="endColumn")


class _Statistics(msgspec.Struct):
    counts: dict[str, int] = msgspec.field(default_factory=dict, name="messageTypeCount")
    modules: int | None = msgspec.field(default=None, name="modulesLinted")


class _Document(msgspec.Struct):
    messages: list[_Message]
    statistics: _Statistics


DECODER = msgspec.json.Decoder(list[_Message] | _Document)


def sniff(head: bytes) -> bool:
    """Whether the first message, or the document, has pylint's keys."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    if keys[0] == "[":
        return keys[1] >= {"message-id", "symbol"}
    return "messages" in keys[1] and ("statistics" in keys[1] or b'"messageId"' in head)


def parse(source: Source) -> Report:
    """The findings; raises `InvalidInput` where it is not JSON of pylint."""
    document, repeated = decoded(source, DECODER, "pylint")
    if isinstance(document, list):
        warnings = () if document else ("this JSON of pylint does not say how many modules it checked",)
        return _report(document, warnings=warnings, contradictions=repeated)
    declared = sum(document.statistics.counts.values())
    contradictions = repeated + differs("messages", declared, len(document.messages))
    vacuous = ("pylint checked no module",) if document.statistics.modules == 0 else ()
    return _report(document.messages, contradictions=contradictions, vacuous=vacuous)


FORMAT = Format("pylint-json", Kind.FINDINGS, sniff, parse)


def _report(
    messages: list[_Message],
    warnings: tuple[str, ...] = (),
    contradictions: tuple[str, ...] = (),
    vacuous: tuple[str, ...] = (),
) -> Report:
    fatal = sum(each.type.lower() == "fatal" for each in messages)
    if fatal:
        vacuous += (f"pylint could not check everything: {fatal} fatal messages",)
    findings = map(_finding, messages)
    return reported(
        "pylint-json", findings, warnings=warnings, contradictions=contradictions, vacuous=vacuous
    )


def _finding(message: _Message) -> Finding:
    # pylint counts columns from 0, and its end column is excluded.
    span = Span(message.line, after(message.column), message.end_line, after(message.end_column))
    rule = message.old_id or message.new_id or message.symbol
    level = LEVELS.get(message.type.lower(), Level.ERROR)
    return finding("pylint", rule, level, message.message, message.path, span)
