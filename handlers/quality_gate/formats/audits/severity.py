"""Severities from the words, scores and vectors that reports give; what nobody says stays unknown."""

from __future__ import annotations

from types import MappingProxyType

from cvss import CVSS2, CVSS3, CVSS4, CVSSError

from app.domain.audits import Severity

WORDS = MappingProxyType(
    {
        "critical": Severity.CRITICAL,
        "high": Severity.HIGH,
        "important": Severity.HIGH,
        "moderate": Severity.MEDIUM,
        "medium": Severity.MEDIUM,
        "low": Severity.LOW,
        "negligible": Severity.LOW,
        "info": Severity.LOW,
        "informational": Severity.LOW,
        "none": Severity.NONE,
    }
)
"""Words of npm, GitHub, Red Hat, CycloneDX and CVSS; information counts as low: it was worth a line to somebody."""
STEPS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
"""The scale of CVSS 3.1 and 4.0 (section 5, "Qualitative Severity Rating Scale"), also used for scores of version 2."""
MAX_VECTOR = 400
ORDER = tuple(Severity)


def of_word(word: str | None) -> Severity:
    """The severity that a word names, in any case."""
    return WORDS.get((word or "").strip().lower(), Severity.UNKNOWN)


def of_score(score: float | None) -> Severity:
    """The severity of a CVSS score from 0 to 10; unknown for other numbers."""
    if score is None or not 0 <= score <= 10:  # noqa: PLR2004 (the scale of CVSS)
        return Severity.UNKNOWN
    return next((severity for least, severity in STEPS if score >= least), Severity.NONE)


def of_cvss(text: str | None) -> Severity:
    """The severity of a CVSS vector of version 2, 3 or 4 by its base score, or of a score written as text."""
    vector = (text or "").strip()
    if not vector or len(vector) > MAX_VECTOR:
        return Severity.UNKNOWN
    reader = CVSS4 if vector.startswith("CVSS:4") else CVSS3 if vector.startswith("CVSS:3") else CVSS2
    try:
        return of_score(float(reader(vector).base_score))
    except CVSSError:
        return _of_number(vector)


def highest(*severities: Severity) -> Severity:
    """The highest severity that is known, `UNKNOWN` where none is."""
    known = [each for each in severities if each is not Severity.UNKNOWN]
    return min(known, key=ORDER.index, default=Severity.UNKNOWN)


def _of_number(text: str) -> Severity:
    try:
        return of_score(float(text))
    except ValueError:
        return Severity.UNKNOWN
