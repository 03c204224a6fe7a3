"""Rules of different tools that say the same of a line, so that it counts and is shown once. Pure.

Two findings of one line are the same where their rules have one name here, or where their messages agree in everything but case,
numbers, quotes and spaces. What is not known to be the same counts twice: a gate is never greener for it.
"""

from __future__ import annotations

import re

from app.domain.findings import Finding

CODE_FAMILY = frozenset(
    {"ruff", "flake8", "pycodestyle", "pyflakes", "autoflake", "isort", "pydocstyle", "mccabe"}
)
"""Tools that give one code to one rule (https://docs.astral.sh/ruff/rules/)."""
SAME = (
    ("F401", "pylint W0611"),
    ("F403", "pylint W0401"),
    ("F811", "pylint E0102"),
    ("F821", "pylint E0602", "mypy name-defined", "pyright reportUndefinedVariable"),
    ("F841", "pylint W0612", "pyright reportUnusedVariable"),
    ("E501", "pylint C0301"),
    ("E711", "pylint C0121"),
    ("E722", "pylint W0702"),
    ("E731", "pylint C3001"),
    ("W291", "pylint C0303"),
    ("W292", "pylint C0304"),
    ("W391", "pylint C0305"),
    ("E999", "invalid-syntax", "pylint E0001", "mypy syntax"),
    ("D100", "pylint C0114"),
    ("D101", "pylint C0115"),
    ("D103", "pylint C0116"),
    ("C901", "pylint R1260"),
    ("B006", "pylint W0102"),
    ("B904", "pylint W0707"),
    ("mypy attr-defined", "pyright reportAttributeAccessIssue", "pylint E1101"),
    ("mypy arg-type", "pyright reportArgumentType"),
    ("mypy call-arg", "pyright reportCallIssue"),
    ("mypy return-value", "pyright reportReturnType"),
    ("mypy assignment", "pyright reportAssignmentType"),
    ("mypy index", "pyright reportIndexIssue"),
    ("mypy operator", "pyright reportOperatorIssue"),
    ("mypy import-not-found", "pyright reportMissingImports", "pylint E0401"),
    ("mypy import-untyped", "pyright reportMissingTypeStubs"),
    ("mypy override", "pyright reportIncompatibleMethodOverride"),
    ("mypy possibly-undefined", "pyright reportPossiblyUnbound"),
)
NAMED = {name: names[0] for names in SAME for name in names}
OF_PYLINT = re.compile(r"PL[CEFRW]\d{4}")
OF_BANDIT = re.compile(r"S\d{3}")
SHELLCHECK = re.compile(r"SC\d{4}")
NUMBERS = re.compile(r"\d+")
NOISE = re.compile(r"[\s`'\".\u2018\u2019\u201c\u201d]+")


def same_as(finding: Finding) -> str:
    """A name that findings of one line have in common where they are the same."""
    return (
        _rule(finding.tool, finding.rule)
        or "says " + NOISE.sub(" ", NUMBERS.sub("0", finding.message.casefold())).strip()
    )


def _rule(tool: str, rule: str) -> str:
    """The one name of a rule that several tools have, or nothing."""
    name = f"{tool} {rule}"
    if tool in CODE_FAMILY:
        if OF_PYLINT.fullmatch(rule):
            name = f"pylint {rule[2:]}"
        elif OF_BANDIT.fullmatch(rule):
            name = f"bandit B{rule[1:]}"
        else:
            name = rule
    elif tool in {"shellcheck", "hadolint"} and SHELLCHECK.fullmatch(rule):
        name = f"shellcheck {rule}"
    known = NAMED.get(name, "")
    is_shared = tool in CODE_FAMILY or name.startswith(("shellcheck ", "pylint ", "bandit "))
    return known or (name if is_shared and rule else "")
