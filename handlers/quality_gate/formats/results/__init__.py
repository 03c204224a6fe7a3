"""Formats of test results."""

from __future__ import annotations

from handlers.quality_gate.formats.results import (
    ctrf,
    dart,
    gotest,
    junit,
    mocha,
    nunit,
    rspec,
    tap,
    trx,
    xunit,
)

FORMATS = (
    junit.FORMAT,
    nunit.FORMAT,
    xunit.FORMAT,
    trx.FORMAT,
    gotest.FORMAT,
    tap.FORMAT,
    ctrf.FORMAT,
    mocha.FORMAT,
    dart.FORMAT,
    rspec.FORMAT,
)
