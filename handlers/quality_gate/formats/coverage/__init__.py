"""Formats of coverage."""

from __future__ import annotations

from handlers.quality_gate.formats.coverage import cobertura, coveragepy

FORMATS = (cobertura.FORMAT, coveragepy.FORMAT)
