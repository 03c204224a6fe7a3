"""Versions that a repository's files declare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.quality_gate.declarations import BY_NAME, Declared, read_files
from handlers.quality_gate.declarations.names import KNOWN
from handlers.quality_gate.declarations.pyproject import pep_440

PYPROJECT = """[project]
name = "tool"
dependencies = [
  "aiohttp>=3.14",
  "tomli>=2; python_version < '3.11'",
  "plain",
  "here @ https://example.org/here.whl",
]
[project.optional-dependencies]
demo = ["dulwich>=1.2,<2"]
[dependency-groups]
check = ["ruff==0.14.1"]
dev = [{ include-group = "check" }]
"""
POETRY = """[tool.poetry.dependencies]
python = "^3.11"
flask = "^2.3"
rich = { version = "~13.1", markers = "sys_platform == 'linux'" }
[tool.poetry.group.dev.dependencies]
black = "24.1.0"
local = { path = "../local" }
"""
REQUIREMENTS = """# what is needed
-r other.txt
aiohttp>=3.14  # the server
rich ; python_version > "3"
ruff == 0.14.1
"""
LOCK = """aiohttp==3.14.5 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via tool
ruff==0.14.1 --hash=sha256:cc
"""
UV = """version = 1

[[package]]
name = "aiohttp"
version = "3.14.5"

[[package]]
name = "tool"
version = "0.1.0"
source = { editable = "." }

[[package]]
name = "ruff"
version = "0.14.1"
"""
NPM = """{
  "name": "app", "lockfileVersion": 3,
  "packages": {
    "": {"name": "app"},
    "node_modules/eslint": {
      "version": "9.1.0"
    },
    "node_modules/@types/node": {"version": "20.0.0"},
    "node_modules/eslint/node_modules/chalk": {"version": "4.0.0"}
  }
}
"""
HOOKS = """repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.14.1
    hooks: [{id: ruff}]
  - repo: https://github.com/pre-commit/mirrors-mypy
    rev: 0123456789abcdef0123456789abcdef01234567  # frozen: v1.19.0
    hooks: [{id: mypy}]
  - repo: local
    hooks: [{id: own}]
"""


def read(name: str, text: str) -> list[tuple[str, str, int]]:
    found = read_files(((name, text.encode()),))
    assert not found.problems
    return [(each.tool, each.specifier, each.line) for each in found.entries]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            [
                ("aiohttp", ">=3.14", 4),
                ("tomli", ">=2", 5),
                ("dulwich", "<2,>=1.2", 10),
                ("ruff", "==0.14.1", 12),
            ],
        ),
        (
            "pyproject.toml",
            POETRY,
            [("flask", ">=2.3,<3", 3), ("rich", ">=13.1,<13.2", 4), ("black", "==24.1.0", 6)],
        ),
        ("requirements.txt", REQUIREMENTS, [("aiohttp", ">=3.14", 3), ("ruff", "==0.14.1", 5)]),
        ("requirements/dev.lock", LOCK, [("aiohttp", "==3.14.5", 1), ("ruff", "==0.14.1", 5)]),
        ("uv.lock", UV, [("aiohttp", "==3.14.5", 4), ("ruff", "==0.14.1", 13)]),
        ("package-lock.json", NPM, [("eslint", "==9.1.0", 5), ("@types/node", "==20.0.0", 8)]),
        (".pre-commit-config.yaml", HOOKS, [("ruff", "==0.14.1", 3), ("mypy", "==1.19.0", 6)]),
        (".tool-versions", "python 3.11.7 3.12.0\nnodejs lts # newest\n", [("python", "==3.11.7", 1)]),
    ],
    ids=["pep 621", "poetry", "requirements", "hashes", "uv", "npm", "hooks", "tool versions"],
)
def test_what_a_file_declares_is_read_with_its_line(
    name: str, text: str, expected: list[tuple[str, str, int]]
) -> None:
    assert read(name, text) == expected


def test_a_lock_pins_and_requirements_do_not() -> None:
    files = (("requirements.txt", REQUIREMENTS.encode()), ("requirements/dev.lock", LOCK.encode()))
    found = read_files(files).entries
    assert {(each.path, each.is_pin) for each in found} == {
        ("requirements.txt", False),
        ("requirements/dev.lock", True),
    }


def test_a_marker_is_a_condition() -> None:
    found = read_files((("pyproject.toml", PYPROJECT.encode()),)).entries
    assert [each.tool for each in found if each.is_conditional] == ["tomli"]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("^0.3.1", ">=0.3.1,<0.4"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("~1", ">=1,<2"),
        (">=1, <2", ">=1,<2"),
        ("1.2.*", "==1.2.*"),
        ("*", ""),
    ],
)
def test_constraints_of_poetry_become_those_of_python(constraint: str, expected: str) -> None:
    assert pep_440(constraint) == expected


def test_each_name_that_can_be_read_has_a_reader() -> None:
    assert tuple(BY_NAME) == KNOWN


def test_a_file_of_another_kind_is_a_problem() -> None:
    (problem,) = read_files((("web/package.json", b"{}"),)).problems
    assert problem.startswith("web/package.json cannot be read for versions")


def test_a_file_that_cannot_be_read_is_a_problem_and_the_others_are_read() -> None:
    found = read_files((("pyproject.toml", b"[project"), ("uv.lock", UV.encode()), ("x.txt", b"\xff")))
    assert [each.tool for each in found.entries] == ["aiohttp", "ruff"]
    assert [each.split(" ")[0] for each in found.problems] == ["pyproject.toml", "x.txt"]


@given(name=st.sampled_from([*BY_NAME, "requirements.txt"]), text=st.text(max_size=400))
def test_whatever_a_file_holds_is_read_or_a_problem(name: str, text: str) -> None:
    found = read_files(((name, text.encode("utf-8", "replace")),))
    assert all(isinstance(each, Declared) for each in found.entries)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-lock.json", "[" * 100_000),
        ("package-lock.json", "[]"),
        ("pyproject.toml", "project = 3\ntool = []"),
        ("uv.lock", "package = [1]"),
    ],
)
def test_another_shape_is_no_accident(name: str, text: str) -> None:
    assert not read_files(((name, text.encode()),)).entries
