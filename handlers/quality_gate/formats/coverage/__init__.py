"""Formats of coverage."""

from __future__ import annotations

from handlers.quality_gate.formats.coverage import (
    clover,
    cobertura,
    coveragepy,
    gocover,
    jacoco,
    lcov,
    opencover,
)

FORMATS = (
    cobertura.FORMAT,
    coveragepy.FORMAT,
    lcov.FORMAT,
    jacoco.FORMAT,
    clover.FORMAT,
    opencover.FORMAT,
    gocover.FORMAT,
)
