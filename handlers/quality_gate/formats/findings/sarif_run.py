"""One run of SARIF 2.1.0: what each of its results says, with what the run says about rules and artifacts."""

from __future__ import annotations

import re

import msgspec

from app.domain.findings import Finding, Level, Replacement
from app.domain.reports import Tool
from handlers.quality_gate.formats.documents import decoded_bytes
from handlers.quality_gate.formats.findings import sarif_shapes as shapes
from handlers.quality_gate.formats.findings.bounded import (
    MAX_MESSAGE,
    MAX_NAME,
    NOWHERE,
    Span,
    finding,
    place,
)
from handlers.quality_gate.formats.findings.sarif_keys import decisive_in
from handlers.quality_gate.formats.findings.sarif_paths import Paths

LEVELS = {level.value: level for level in Level}
NO_FAILURES = frozenset({"pass", "open", "informational", "notApplicable", "review"})
"""3.27.9: kinds of results that are no failures."""
PLACEHOLDER = re.compile(r"\{(\d{1,2})\}")
UNSAFE_FIXES = frozenset({"ruff"})
"""Tools that also write fixes into SARIF that they do not call safe themselves, without a mark."""
RESULT = msgspec.json.Decoder(shapes.Result)


class RunReader:
    """The findings of one run, in its order; `decisive` counts for `sarif_keys.repeated_in`.

    Raises `InvalidInput` where a result has another shape.
    """

    def __init__(self, run: shapes.Run) -> None:
        driver = run.tool.driver
        name = driver.name[:MAX_NAME].lower()
        self.tool = Tool(name, (driver.semantic_version or driver.version or "")[:100])
        self.suppressed = self.decisive = 0
        self._paths = Paths(run)
        self._components = (driver, *(run.tool.extensions or []))
        self._by_id = {
            rule.id: rule for part in reversed(self._components) for rule in part.rules or [] if rule.id
        }
        self._by_name: dict[str, shapes.Rule | None] = {}
        self.findings: list[Finding] = []
        for raw in run.results or []:
            result = decoded_bytes(raw, RESULT, "SARIF")
            self.decisive += decisive_in(result)
            if result.baseline_state == "absent":
                continue
            if result.suppressions and _are_accepted(result.suppressions):
                self.suppressed += 1
            else:
                self.findings.append(self._finding(result))

    def _finding(self, result: shapes.Result) -> Finding:
        rule = self._rule(result)
        rule_id = result.rule_id or (result.rule and result.rule.id) or (rule and rule.id) or ""
        path, span, snippet = self._where(result)
        return finding(
            self.tool.name,
            rule_id,
            _level(result, rule),
            _text(result.message, rule),
            path,
            span,
            snippet,
            self._fix(result) if result.fixes else (),
        )

    def _rule(self, result: shapes.Result) -> shapes.Rule | None:
        """The rule by its index, else by its id, whose last parts may be the result's own (3.52.4); None if unknown."""
        reference = result.rule
        index = result.rule_index
        part = self._components[0]
        if reference is not None:
            index = reference.index if reference.index is not None else index
            extension = reference.tool_component.index if reference.tool_component else None
            if extension is not None and 0 <= extension < len(self._components) - 1:
                part = self._components[extension + 1]
        if index is not None and part.rules and 0 <= index < len(part.rules):
            return part.rules[index]
        return self._named(result.rule_id or (reference.id if reference else None) or "")

    def _named(self, name: str) -> shapes.Rule | None:
        if name not in self._by_name:
            shorter = name[:MAX_NAME]
            while shorter not in self._by_id and "/" in shorter:
                shorter = shorter.rpartition("/")[0]
            self._by_name[name] = self._by_id.get(shorter)
        return self._by_name[name]

    def _where(self, result: shapes.Result) -> tuple[str | None, Span, str]:
        """The first location that names a file."""
        for location in result.locations or []:
            physical = location.physical_location
            path = self._paths.of(physical.artifact_location) if physical else None
            if physical and path:
                region = physical.region
                if region is None:
                    return path, NOWHERE, ""
                return path, _span(region), _line_of(region.snippet) if region.snippet else ""
        return None, NOWHERE, ""

    def _fix(self, result: shapes.Result) -> tuple[Replacement, ...]:
        """All pieces of the only fix; several are alternatives that a person chooses from, and offsets name no line."""
        if not result.fixes or len(result.fixes) > 1 or self.tool.name in UNSAFE_FIXES:
            return ()
        pieces = [
            self._replacement(change, each)
            for change in result.fixes[0].artifact_changes
            for each in change.replacements
        ]
        return tuple(piece for piece in pieces if piece) if all(pieces) else ()

    def _replacement(self, change: shapes.ArtifactChange, piece: shapes.Replacement) -> Replacement | None:
        region = piece.deleted_region
        path = self._paths.of(change.artifact_location)
        line, column = place(region.start_line), place(region.start_column)
        end_line = place(region.end_line) or line
        end_column = place(region.end_column)
        if not (path and line and column and end_line and end_column):
            return None
        text = (piece.inserted_content.text if piece.inserted_content else "") or ""
        return Replacement(path, line, column, end_line, end_column, text)


def _are_accepted(suppressions: list[shapes.Suppression]) -> bool:
    """3.27.23, 3.35.3: a suppression without a status is accepted."""
    return all(each.status in {None, "accepted"} for each in suppressions)


def _level(result: shapes.Result, rule: shapes.Rule | None) -> Level:
    """3.27.10: none for what is no failure, else the result's, else the rule's, else warning; an unknown word is an error."""
    if result.kind in NO_FAILURES:
        return Level.NONE
    level = result.level
    if level is None and rule and rule.default_configuration:
        level = rule.default_configuration.level
    return Level.WARNING if level is None else LEVELS.get(level, Level.ERROR)


def _text(message: shapes.Message | None, rule: shapes.Rule | None) -> str:
    """3.11.7: the text, or the rule's text of this id, with the arguments put in."""
    if message is None:
        return ""
    text = message.text or message.markdown
    if text is None and message.id is not None:
        of_rule = (rule.message_strings or {}).get(message.id) if rule else None
        text = (of_rule.text or of_rule.markdown) if of_rule else message.id
    text = (text or "")[:MAX_MESSAGE]
    return _filled(text, message.arguments) if message.arguments else text


def _filled(text: str, arguments: list[str]) -> str:
    def argument(found: re.Match[str]) -> str:
        number = int(found[1])
        return arguments[number][:MAX_NAME] if number < len(arguments) else found[0]

    return PLACEHOLDER.sub(argument, text)


def _line_of(snippet: shapes.Message) -> str:
    """The text of a snippet of one line; of several lines it would not be recognised again."""
    text = (snippet.text or "").rstrip("\n")
    return "" if "\n" in text else text


def _span(region: shapes.Region) -> Span:
    return Span(
        region.start_line, region.start_column, region.end_line or region.start_line, region.end_column
    )
