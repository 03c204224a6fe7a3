"""`--help` is fast because it imports nothing that only work needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.cli.root import COMMANDS
from tests.conftest import REPOSITORY

HEAVY = {
    "aiohttp",
    "alembic",
    "cryptography",
    "dbos",
    "dulwich",
    "gidgethub",
    "re2",
    "sigstore",
    "sqlalchemy",
    "sqlmodel",
}
PROGRAM = """
import json, sys
from app.cli.root import root
root(sys.argv[1:], standalone_mode=False)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [[], *[[name] for name in sorted(COMMANDS)]], ids=" ".join)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Usage:")
    assert HEAVY & set(json.loads(done.stderr)) == set()


def test_every_command_has_one_line_in_the_list() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    listed = [line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert [name for name in COMMANDS if name not in listed] == []


def test_standard_output_is_utf_8_whatever_the_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "reports", "read", "\u00e9.xml", "--json"],
        cwd=REPOSITORY,
        env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout.decode("utf-8"))["file"] == "\u00e9.xml"
