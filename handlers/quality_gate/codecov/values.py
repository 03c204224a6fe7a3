"""Values of a `codecov.yml`: percentages, patterns of paths, and where its plain values are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

Path = tuple[str | int, ...]
PLAIN = re.compile(r"[A-Za-z0-9_.@/ *?-]+")
IS_FILE = re.compile(r"\.[A-Za-z0-9]{1,8}$")
WHOLE = Decimal(100)
SMALLEST = Decimal("0.0001")
"""What our thresholds can say exactly."""


def percentage(value: object) -> Decimal | None:
    """A number, with or without a percent sign; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip().removesuffix("%").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_exact(number: Decimal) -> bool:
    """Whether a threshold of ours can say it."""
    return 0 <= number <= WHOLE and number % SMALLEST == 0


def shown(number: Decimal) -> str:
    """Without zeros at its end."""
    return format(number.normalize(), "f")


def globs_of(pattern: str) -> tuple[str, ...]:
    """A path pattern of Codecov's as globs; a folder stands for all below it. Empty where no glob means the same."""
    text = pattern.strip().removeprefix("./").removeprefix("/")
    if not text or ".*" in text or not PLAIN.fullmatch(text) or text.startswith(".."):
        return ()
    if text.endswith("/"):
        return (f"{text}**",)
    if "*" in text or "?" in text or IS_FILE.search(text):
        return (text,)
    return (f"{text}/**",)


def leaves(value: Any, path: Path) -> Iterable[Path]:  # noqa: ANN401 (a YAML value)
    """Where plain values are, or empty ones."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    entries = list(inner)
    if not entries and path:
        yield path
    for key, each in entries:
        yield from leaves(each, (*path, key))
