"""Which signatures a log shows: all patterns at once, in time linear in the log (RE2), line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import re2

from app.domain.markdown import clean
from app.domain.remediation import Classification, Match, Remedy
from handlers.remediation.logs import Counted, sources
from handlers.remediation.playbooks import Playbook, quiet_options, shipped
from handlers.remediation.zones import Zones, normalised

KEPT_MATCHES = 5
"""Of each signature; a log may repeat one line a million times."""
PRECEDENCE = {Remedy.EDIT: 0, Remedy.RERUN: 1, Remedy.EXPLAIN: 2}


class Ruleset:
    """The patterns of some playbooks, compiled together."""

    def __init__(self, playbooks: tuple[Playbook, ...]) -> None:
        self._playbooks = {each.id: each for each in playbooks}
        # RE2's objects are typed Any: the package ships no annotations.
        self._rules: list[tuple[Playbook, Any]] = [
            (each, re2.compile(pattern, options=quiet_options()))
            for each in playbooks
            for pattern in each.match.any
        ]
        self._exceptions = {
            each.id: [re2.compile(pattern, options=quiet_options()) for pattern in each.match.unless]
            for each in playbooks
        }
        self._set = re2.Set.SearchSet(quiet_options())
        for _, rule in self._rules:
            self._set.Add(rule.pattern)
        self._set.Compile()

    def classify(self, logs: Iterable[tuple[str, Iterable[bytes]]]) -> Classification:
        """The matches of all logs, each a name and its raw lines; `size_bytes` counts lines as given."""
        matches: list[Match] = []
        kept: Counter[str] = Counter()
        size_bytes = lines = 0
        for source, raw_lines in logs:
            zones = Zones()
            for number, raw in enumerate(raw_lines, 1):
                size_bytes += len(raw)
                lines += 1
                line = normalised(raw)
                zone = zones.of(line)
                for index in sorted(self._set.Match(line.text) or ()):
                    playbook, rule = self._rules[index]
                    if zone not in playbook.match.zones or kept[playbook.id] >= KEPT_MATCHES:
                        continue
                    if any(each.search(line.text) for each in self._exceptions[playbook.id]):
                        continue
                    if matches and (matches[-1].signature, matches[-1].line) == (playbook.id, number):
                        continue  # another pattern of the same signature
                    kept[playbook.id] += 1
                    captures = _captures(rule, line.text)
                    matches.append(Match(playbook.id, number, clean(line.text), zone, captures, source))
        return Classification(
            self.best({each.signature for each in matches}), tuple(matches), size_bytes, lines
        )

    def best(self, found: set[str]) -> str | None:
        """The one signature to act on: causes before symptoms, what mends before what only tells."""
        superseded = {other for each in found for other in self._playbooks[each].supersedes}
        candidates = (found - superseded) or found
        return min(
            candidates, key=lambda each: (PRECEDENCE[self._playbooks[each].remedy.kind], each), default=None
        )


def _captures(rule: Any, text: str) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 (RE2 ships no types)
    found = rule.search(text)
    return tuple(
        (name, clean(value, 200)) for name, value in sorted(found.groupdict().items()) if value is not None
    )


@cache
def shipped_rules() -> Ruleset:
    """The rules of the playbooks that the package carries; compiled once a process."""
    return Ruleset(shipped())


def classify_file(path: Path) -> Classification:
    """What the shipped signatures say of a log (text, .gz, .zip); made to run in the compute pool.

    Raises:
        InvalidInput: `log.unreadable` or `log.too_large`.
    """
    opened: list[Counted] = []

    def logs() -> Iterator[tuple[str, Counted]]:
        for name, lines in sources(path):
            opened.append(lines)
            yield name, lines

    found = shipped_rules().classify(logs())
    return replace(found, size_bytes=sum(each.size_bytes for each in opened))


def classify_lines(lines: tuple[str, ...]) -> Classification:
    """The same for lines that came another way, such as a job's annotations."""
    return shipped_rules().classify([("", (line.encode() for line in lines))])
