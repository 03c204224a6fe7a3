"""Formats of test results."""

from __future__ import annotations

from handlers.quality_gate.formats.results import junit

FORMATS = (junit.FORMAT,)
