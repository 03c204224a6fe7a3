"""The demo's transcript: lines for people, or one JSON object an event; the last one sums up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

import click


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, for people and as JSON; `scene` is 0 for what concerns all scenes."""

    scene: int
    kind: str
    text: str
    ok: bool = True
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class Transcript:
    """Prints as the scenes play, and counts."""

    as_json: bool
    events: int = 0
    wrong: int = 0

    def show(self, line: Line) -> None:
        """Prints one line now: whoever reads a pipe sees it too."""
        self.events += 1
        self.wrong += not line.ok
        if self.as_json:
            click.echo(json.dumps(asdict(line), ensure_ascii=False))
        else:
            click.echo(line.text if line.ok else f"{line.text}   ✗ not as it should be")

    def finish(self, seconds: float) -> bool:
        """Sums up: whether everything came as it should."""
        ok, rounded = self.wrong == 0, round(seconds, 1)
        if self.as_json:
            summary = {"kind": "summary", "ok": ok, "events": self.events, "seconds": rounded}
            click.echo(json.dumps(summary))
        else:
            word = "everything came as it should" if ok else f"{self.wrong} did not come as they should"
            click.echo(f"{word}, in {rounded} s")
        return ok
