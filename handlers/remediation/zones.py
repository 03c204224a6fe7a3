"""A raw log line's text without what runners and tools put around it, and the part of the log it belongs to.

Half of all false positives come from text that is only the echo of a step's script; others from post steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.markdown import ANSI
from app.domain.remediation import Zone

PREFIX = re.compile(
    r"^\s{0,8}(?:([^\t]{0,300})\t[^\t]{0,300}\t)?\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?"
)
"""`job<TAB>step<TAB>` of `gh run view --log`, then the runner's timestamp."""
ECHO_COLOUR = ("\x1b[36;1m", "[36;1m")
"""The runner prints a step's script in this colour; copies of logs often lose the escape character."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without prefixes and colours; `job` is empty where the log names none."""

    text: str
    job: str
    echoed: bool


def normalised(raw: bytes) -> Line:
    """A line of a log in UTF-8 (other bytes replaced), with or without its line end."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff")
    job = ""
    if prefix := PREFIX.match(text):
        job = prefix[1] or ""
        text = text[prefix.end() :]
    echoed = text.startswith(ECHO_COLOUR)
    if "\x1b" in text:
        text = ANSI.sub("", text)
    return Line(text, job, echoed)


class Zones:
    """Follows a log from its first line and says of each line where it lies.

    A log that does not begin with the runner's own first line is an excerpt: it counts as output until it says otherwise.
    """

    def __init__(self) -> None:
        self._zone = Zone.OUTPUT
        self._job = ""

    def of(self, line: Line) -> Zone:
        """The zone of the next line."""
        if line.job != self._job:  # several jobs in one file
            self._job, self._zone = line.job, Zone.OUTPUT
        if line.text.startswith("##[group]Run "):
            self._zone = Zone.ECHO
        elif line.text == "##[endgroup]" and self._zone is Zone.ECHO:
            self._zone = Zone.OUTPUT
            return Zone.ECHO
        elif line.text.startswith("Current runner version:"):
            self._zone = Zone.SETUP
        elif line.text == "Post job cleanup." and self._zone is not Zone.ECHO:
            self._zone = Zone.POST
        return Zone.ECHO if line.echoed else self._zone
